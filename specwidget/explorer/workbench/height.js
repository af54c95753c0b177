// The height of the explorer: as high as the window that it scrolls in, or as high as the user has made it.
import { h } from "../../charts/dom.js";

const SCROLLERS = [
  // A notebook of JupyterLab or Notebook 7; an output in a tab of its own has no cells beside it.
  { selector: ".jp-LinkedOutputView", lowest: 360 },
  { selector: ".jp-WindowedPanel-outer, .jp-NotebookPanel-notebook", lowest: 480 },
];
const HIGHEST = 920;
const MARGIN = 20; // pixels of the window that are left to what is around
const IGNORED = 3; // pixels of a change that is followed by none: a scroll bar comes and goes
const NUDGE = 24; // pixels for an arrow key

/**
 * The height in a window of `room` pixels.
 *
 * @param {number} room
 * @param {number} lowest
 */
export const fittingHeight = (room, lowest) => Math.round(Math.min(Math.max(room - MARGIN, lowest), HIGHEST));

/**
 * Keep the height of the explorer's root. A given height of 0 fits it to the window.
 *
 * @param {HTMLElement} root
 * @param {() => number} given
 * @param {(height: number) => void} onChange
 * @returns {{update: () => void, stop: () => void}}
 */
export function keepHeight(root, given, onChange) {
  const found = SCROLLERS.map(({ selector, lowest }) => ({ scroller: root.closest(selector), lowest }));
  const { scroller, lowest } = found.find(({ scroller }) => scroller) ?? { scroller: null, lowest: 480 };
  let room = 0;
  const update = () => {
    const height = given() || fittingHeight(room, lowest);
    root.style.setProperty("--sw-height", `${height}px`);
    onChange(height);
  };
  const measure = () => {
    const now = scroller ? scroller.clientHeight : window.innerHeight;
    if (Math.abs(now - room) < IGNORED || now === 0) return;
    room = now;
    update();
  };
  // The window, never ourselves: our height follows from it.
  const sizes = new ResizeObserver(measure);
  if (scroller) sizes.observe(scroller);
  else window.addEventListener("resize", measure);
  measure();
  return {
    update,
    stop() {
      sizes.disconnect();
      window.removeEventListener("resize", measure);
    },
  };
}

/**
 * Create the lower edge of the explorer, which the pointer drags and the arrow keys move. Escape fits it to the window.
 *
 * @param {number[]} range Lowest and highest height, pixels.
 * @param {() => number} current The height now.
 * @param {(height: number) => void} set 0 fits the explorer to the window.
 */
export function createHeightHandle([lowest, highest], current, set) {
  const el = h("div", {
    class: "specwidget-height",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "horizontal",
    "aria-label": "Height of the explorer",
    "aria-valuemin": lowest,
    "aria-valuemax": highest,
    "aria-valuenow": lowest,
    title: "Drag to change the height; double-click to fit the window.",
  });
  const clamp = (height) => Math.round(Math.min(Math.max(height, lowest), highest));
  /** @type {{y: number, height: number} | null} */
  let held = null;
  el.addEventListener("pointerdown", (event) => {
    held = { y: event.clientY, height: current() };
    el.setPointerCapture(event.pointerId);
  });
  el.addEventListener("pointermove", (event) => held && set(clamp(held.height + event.clientY - held.y)));
  for (const name of ["pointerup", "pointercancel"]) el.addEventListener(name, () => (held = null));
  el.addEventListener("dblclick", () => set(0));
  el.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -NUDGE, ArrowDown: NUDGE }[event.key];
    if (by) set(clamp(current() + by));
    else if (event.key === "Escape") set(0);
    else return;
    event.preventDefault();
  });
  return el;
}
