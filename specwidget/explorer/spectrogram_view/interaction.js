// Pointer, wheel and keys on the spectrogram: what each means, and who is told.
import { clampToPlot, partAt } from "./layout.js";

const CLICK = 4; // CSS pixels that a pointer may move in a click
const THIN = 8; // CSS pixels below which a box selects one axis alone
const WHEEL_SPEED = 0.0022; // natural logarithm of the zoom factor for each pixel of a wheel's turn
const LINE = 16; // pixels of a wheel's turn that is given in lines

/** Each action with its keys, what it does, and how the help writes its keys. */
const KEYS = [
  { action: "play", keys: [" "], does: "play or pause", label: "Space" },
  { action: "reconstruction", keys: ["k", "K"], does: "play the reconstruction or the original sound", label: "K" },
  { action: "loop", keys: ["l", "L"], does: "loop the visible part", label: "L" },
  { action: "seek", keys: ["p", "P"], does: "move the playhead to the cursor", label: "P" },
  { action: "pin", keys: ["Enter"], does: "pin the cursor, or remove the pin", label: "Enter" },
  { action: "clear", keys: ["Escape"], does: "remove pins, then the cursor", label: "Esc" },
  { action: "timeIn", keys: ["+", "="], does: "zoom time", label: "+ \u2212" },
  { action: "timeOut", keys: ["-", "_", "\u2212"] },
  { action: "frequencyIn", keys: ["]", "}"], does: "zoom frequency", label: "] [" },
  { action: "frequencyOut", keys: ["[", "{"] },
  { action: "reset", keys: ["0"], does: "show all", label: "0" },
];

const PANS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** Help on keys and gestures, as [what to press or do, what it does]. */
export const HELP = [
  ["Arrows", "move the cursor by frame and bin; with Shift by ten"],
  ["Home, End", "first and last frame; with Shift lowest and highest bin"],
  ["Click", "pin the cursor; two pins show their difference"],
  ["Drag", "zoom into a box"],
  ["Ctrl + wheel", "zoom time; with Shift frequency"],
  ["Wheel over an axis", "zoom that axis; elsewhere the page scrolls"],
  ["Drag an axis, Alt + arrows", "pan"],
  ...KEYS.filter(({ label }) => label).map(({ label, does }) => [label, does]),
];

/**
 * The action of a key, or null. Keys with Ctrl or Meta belong to the browser and the page; Alt with an arrow pans.
 *
 * @param {{key: string, altKey?: boolean, ctrlKey?: boolean, metaKey?: boolean}} event
 * @returns {string | null}
 */
export function actionForKey({ key, altKey, ctrlKey, metaKey }) {
  // With Ctrl and Alt a key is typed by AltGr, as brackets are on many keyboards.
  if (metaKey || (ctrlKey && !altKey)) return null;
  if (altKey && PANS[key]) return PANS[key];
  return KEYS.find(({ keys }) => keys.includes(key))?.action ?? null;
}

/** The factor by which a turn of the wheel zooms. */
export const wheelZoom = ({ deltaY, deltaMode }) =>
  Math.min(Math.max(Math.exp(deltaY * (deltaMode === 1 ? LINE : 1) * WHEEL_SPEED), 0.5), 2);

/**
 * What a turn of the wheel does over a part of the stage; null where the page scrolls.
 *
 * @param {Pick<StagePoint, "part"> | null} point
 * @returns {{zoom: "time" | "frequency"} | {pan: number} | null}
 */
export function wheelAction(point, event) {
  if (!point) return null;
  // Browsers report a pinch as a wheel with Ctrl.
  const isPinch = event.ctrlKey || event.metaKey;
  if (point.part === "frequency") return { zoom: "frequency" };
  if (point.part === "time") return { zoom: "time" };
  if (isPinch) return { zoom: event.shiftKey || point.part === "spectrum" ? "frequency" : "time" };
  return Math.abs(event.deltaX) > Math.abs(event.deltaY) ? { pan: event.deltaX } : null;
}

/**
 * The axes that a box between two points of a plot selects; null where it is no more than a click.
 *
 * @returns {GestureAxes | null}
 */
export function boxAxes(plot, from, to) {
  const [across, up] = [Math.abs(to.across - from.across) * plot.width, Math.abs(to.up - from.up) * plot.height];
  if (Math.hypot(across, up) < CLICK) return null;
  return { time: across >= THIN || across >= up, frequency: up >= THIN || up > across };
}

/**
 * Follow the pointer and the wheel on an element. `on` has hover, click, drag, box, pan, zoom and showAll; zoom and pan
 * return whether anything moved, so that the page scrolls where nothing did.
 *
 * @param {HTMLElement} element
 * @param {() => Pick<Layout, "plots" | "spectra" | "left" | "plotWidth"> | null} getLayout Null before there is a picture.
 */
export function attachPointer(element, getLayout, on) {
  /** @type {{part: StagePoint, x: number, y: number, isPan: boolean, hasMoved: boolean} | null} */
  let held = null;

  const pointerPosition = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const pointOf = (event) => {
    const layout = getLayout();
    const [x, y] = pointerPosition(event);
    return layout ? partAt(layout, x, y) : null;
  };
  const endOf = (plot, event) => {
    const [x, y] = pointerPosition(event);
    return clampToPlot(plot, x, y);
  };

  function down(event) {
    const part = pointOf(event);
    if (!part || event.button > 1) return;
    if (event.button === 1) event.preventDefault();
    const isPan = event.button === 1 || event.altKey || part.part !== "plot";
    held = { part, x: event.clientX, y: event.clientY, isPan, hasMoved: false };
    element.setPointerCapture(event.pointerId);
  }

  function move(event) {
    const layout = getLayout();
    if (!held || !layout) return on.hover(pointOf(event));
    const plot = layout.plots[held.part.panel];
    if (held.isPan) return pan(event, plot, held);
    const to = endOf(plot, event);
    const axes = boxAxes(plot, held.part, to);
    held.hasMoved ||= axes !== null;
    on.drag(axes ? { panel: held.part.panel, from: held.part, to, ...axes } : null);
  }

  function pan(event, plot, start) {
    const [across, up] = [(event.clientX - start.x) / plot.width, (event.clientY - start.y) / plot.height];
    if (!start.hasMoved && Math.hypot(across * plot.width, up * plot.height) < CLICK) return;
    start.hasMoved = true;
    [start.x, start.y] = [event.clientX, event.clientY];
    on.pan(["plot", "time"].includes(start.part.part) ? -across : 0, start.part.part === "time" ? 0 : up);
  }

  function up(event) {
    if (!held) return;
    const { part, isPan, hasMoved } = held;
    held = null;
    on.drag(null);
    if (!hasMoved) {
      if (part.part === "plot") on.click(part);
      return;
    }
    const layout = getLayout();
    if (isPan || !layout) return;
    const plot = layout.plots[part.panel];
    const to = endOf(plot, event);
    const axes = boxAxes(plot, part, to);
    if (axes) on.box(part, to, axes);
  }

  /** Forget a gesture under way; return whether there was one. */
  function cancel() {
    const wasHeld = held !== null;
    held = null;
    on.drag(null);
    return wasHeld;
  }

  function wheel(event) {
    const point = pointOf(event);
    const action = wheelAction(point, event);
    const layout = getLayout();
    if (!action || !layout || (event.deltaY === 0 && !("pan" in action && action.pan))) return;
    const hasMoved =
      "pan" in action ? on.pan(action.pan / layout.plotWidth, 0) : on.zoom(action.zoom, point, wheelZoom(event));
    if (hasMoved) event.preventDefault();
  }

  function zoomOut(event) {
    const part = pointOf(event)?.part;
    if (part === "time" || part === "frequency") on.showAll(part);
  }

  const handlers = {
    pointerdown: down,
    pointermove: move,
    pointerup: up,
    pointercancel: cancel,
    pointerleave: () => held || on.hover(null),
    wheel,
    dblclick: zoomOut,
  };
  for (const [name, handler] of Object.entries(handlers)) element.addEventListener(name, handler, { passive: false });
  return { cancel };
}
