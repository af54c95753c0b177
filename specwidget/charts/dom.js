// The helper that creates the elements of a view.

/**
 * Create an element. An attribute that is true is an empty one; false, null and undefined leave it out; `text` is the text
 * content.
 *
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {(Node | string)[]} children
 * @returns {any} An HTMLElement; which one follows from the tag, and tsc does not know it.
 */
export function h(tag, attributes = {}, children = []) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  // JupyterLab handles the arrow keys itself, unless the focused element says that it needs them.
  if (["input", "select", "button"].includes(tag) || "tabindex" in attributes)
    node.dataset.lmSuppressShortcuts = "true";
  node.append(...children);
  return node;
}
