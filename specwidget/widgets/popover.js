// A button that opens a panel over the page. The panel is in the browser's top layer, as the notebook clips and transforms
// what lies in its cells.
import { h } from "../charts/dom.js";

const GAP = 4; // pixels between button and panel
const EDGE = 8; // pixels between panel and window

/**
 * Create a button and its panel.
 *
 * @param {{
 *   id: string, title: string, text?: string, html?: string, name?: string, tooltip?: string, children: Node[],
 * }} about `title` names the panel; `html` is an icon in place of `text`; `name` is a class.
 * @returns {{button: any, panel: any}} Both belong into the page.
 */
export function createPopover({ id, title, text, html, name = "", tooltip = title, children }) {
  const heading = h("h3", { text: title, id: `${id}-title` });
  const panel = h(
    "div",
    { class: `specwidget-popover ${name}`, id, popover: "auto", role: "dialog", "aria-labelledby": heading.id },
    [heading, ...children],
  );
  const button = h("button", {
    type: "button",
    class: "specwidget-button",
    "aria-label": text === title ? null : title,
    "aria-haspopup": "dialog",
    "aria-expanded": "false",
    title: tooltip,
    text,
  });
  if (html) button.innerHTML = html;
  button.popoverTargetElement = panel;
  panel.addEventListener("beforetoggle", (/** @type {any} */ { newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") requestAnimationFrame(() => place(panel, button));
  });
  return { button, panel };
}

// Below the button, or above it where there is more room, and inside the window.
function place(panel, button) {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, scrollHeight: height } = panel;
  const below = window.innerHeight - anchor.bottom - GAP - EDGE;
  const above = anchor.top - GAP - EDGE;
  const isBelow = height <= below || below >= above;
  const room = Math.max(isBelow ? below : above, 0);
  const left = Math.max(EDGE, Math.min(anchor.left, window.innerWidth - width - EDGE));
  panel.style.left = `${left}px`;
  panel.style.maxHeight = `${room}px`;
  panel.style.top = `${isBelow ? anchor.bottom + GAP : anchor.top - GAP - Math.min(height, room)}px`;
}
