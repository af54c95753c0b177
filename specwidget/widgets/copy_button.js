// A button that copies a text, or selects it where the page has no access to the clipboard.
import { h } from "../charts/dom.js";

const CONFIRMATION = 1500; // ms

/**
 * Create the button.
 *
 * @param {HTMLElement} source Holds the text.
 * @param {string} what Names it in the tooltip and to screen readers.
 */
export function createCopyButton(source, what) {
  const button = h("button", { type: "button", class: "specwidget-button", text: "Copy", title: `Copy ${what}.` });
  const status = h("span", { class: "specwidget-hidden", role: "status" });
  let timer;
  button.addEventListener("click", async () => {
    const done = await copyText(source);
    button.textContent = done;
    status.textContent = done === "Copied" ? `Copied ${what}.` : `Selected ${what}: copy it with your keyboard.`;
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = "Copy";
      status.textContent = "";
    }, CONFIRMATION);
  });
  return h("span", { class: "specwidget-copy" }, [button, status]);
}

async function copyText(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return "Copied";
  } catch {
    // Without a secure origin there is no clipboard, and a browser may deny it: the user copies the selection.
    getSelection()?.selectAllChildren(source);
    return "Selected";
  }
}
