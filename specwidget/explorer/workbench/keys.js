// Keys that are the explorer's never reach the notebook's own shortcuts, and those with Ctrl or Cmd always do.

// JupyterLab's attribute on the element that has the focus: its shortcuts leave such an element alone.
const MARK = "lmSuppressShortcuts";
// With Ctrl or Cmd, these are the explorer's; anything else, such as saving the notebook, is the notebook's.
const OWN_WITH_CTRL = new Set(["z", "y"]);

/**
 * Whether a key press inside the explorer is kept from the notebook.
 *
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} event
 */
export function isOwnKey({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  // Shift+Enter and Alt+Enter run the cell, as everywhere in a notebook.
  if (key === "Enter" && (shiftKey || altKey)) return false;
  // With Ctrl and Alt a key is typed by AltGr.
  if ((ctrlKey || metaKey) && !altKey) return OWN_WITH_CTRL.has(key.toLowerCase());
  return true;
}

/**
 * Keep the explorer's keys from the notebook; return how to stop.
 *
 * @param {HTMLElement} root
 */
export function keepKeys(root) {
  // A click beside the controls focuses the root, and not the notebook: keys then have the explorer as their target.
  root.tabIndex = -1;
  /** @type {HTMLElement | null} */
  let marked = null;
  const mark = (event) => {
    // A mark that stayed would keep every key of what is inside from the notebook, too.
    if (marked) delete marked.dataset[MARK];
    marked = null;
    const target = /** @type {HTMLElement} */ (event.target);
    if (!root.contains(target)) return;
    delete target.dataset[MARK];
    if (!isOwnKey(event)) return;
    target.dataset[MARK] = "true";
    marked = target;
  };
  // Before JupyterLab, which listens to the document.
  window.addEventListener("keydown", mark, true);
  return () => window.removeEventListener("keydown", mark, true);
}
