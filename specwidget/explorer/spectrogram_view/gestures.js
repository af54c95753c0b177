// Pointer and wheel on the stage: where they point, and what they ask for.
import { partAt, placeIn } from "./layout.js";

const CLICK = 4; // CSS pixels that a click may move
const THIN = 8; // CSS pixels below which a box means one axis alone
const SPEED = 0.0022;

// The factor by which a turn of the wheel zooms.
export const factorOf = ({ deltaY, deltaMode }) =>
  Math.min(Math.max(Math.exp(deltaY * (deltaMode === 1 ? 16 : 1) * SPEED), 0.5), 2);

// Which axes a box between two points of a plot is meant for; null where it is no more than a click.
export function meant(plot, from, to) {
  const [across, up] = [Math.abs(to.across - from.across) * plot.width, Math.abs(to.up - from.up) * plot.height];
  if (Math.hypot(across, up) < CLICK) return null;
  return { time: across >= THIN || across >= up, frequency: up >= THIN || up > across };
}

// What a turn of the wheel means over a part of the stage: {zoom: "time" | "frequency"} or {pan: share}, or null where
// the page is to scroll.
export function wheelOf(part, event) {
  if (!part) return null;
  const pinch = event.ctrlKey || event.metaKey;
  if (part.part === "frequency") return { zoom: "frequency" };
  if (part.part === "time") return { zoom: "time" };
  if (pinch) return { zoom: event.shiftKey || part.part === "spectrum" ? "frequency" : "time" };
  return Math.abs(event.deltaX) > Math.abs(event.deltaY) ? { pan: event.deltaX } : null;
}

// `place()` gives the layout, null before there is a picture. `on` has hover, click, drag, box, pan, zoom; zoom and pan
// return whether anything has moved, so that the page scrolls on where nothing has.
export function listen(stage, place, on) {
  let held = null;

  const pointOf = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const partOf = (event) => (place() ? partAt(place(), ...pointOf(event)) : null);

  function down(event) {
    const part = partOf(event);
    if (!part || event.button > 1) return;
    if (event.button === 1) event.preventDefault();
    held = {
      part,
      x: event.clientX,
      y: event.clientY,
      isPan: event.button === 1 || event.altKey || part.part !== "plot",
      moved: false,
    };
    stage.setPointerCapture(event.pointerId);
  }

  function move(event) {
    if (!held) return on.hover(partOf(event));
    const plot = place().plots[held.part.panel];
    if (held.isPan) return slide(event, plot);
    const to = placeIn(plot, ...pointOf(event));
    const axes = meant(plot, held.part, to);
    held.moved ||= axes !== null;
    on.drag(axes ? { panel: held.part.panel, from: held.part, to, ...axes } : null);
  }

  function slide(event, plot) {
    const [across, up] = [(event.clientX - held.x) / plot.width, (event.clientY - held.y) / plot.height];
    if (!held.moved && Math.hypot(across * plot.width, up * plot.height) < CLICK) return;
    held.moved = true;
    [held.x, held.y] = [event.clientX, event.clientY];
    on.pan(["plot", "time"].includes(held.part.part) ? -across : 0, held.part.part === "time" ? 0 : up);
  }

  function up(event) {
    if (!held) return;
    const { part, isPan, moved } = held;
    held = null;
    on.drag(null);
    if (!moved) return void (part.part === "plot" && on.click(part));
    if (isPan) return;
    const plot = place().plots[part.panel];
    const to = placeIn(plot, ...pointOf(event));
    const axes = meant(plot, part, to);
    if (axes) on.box(part, to, axes);
  }

  function wheel(event) {
    const part = partOf(event);
    const does = wheelOf(part, event);
    if (!does || (event.deltaY === 0 && !does.pan)) return;
    const moved = does.pan ? on.pan(does.pan / place().plotWidth, 0) : on.zoom(does.zoom, part, factorOf(event));
    if (moved) event.preventDefault();
  }

  const handlers = {
    pointerdown: down,
    pointermove: move,
    pointerup: up,
    pointercancel: () => {
      held = null;
      on.drag(null);
    },
    pointerleave: () => held || on.hover(null),
    wheel,
    dblclick: (event) => ["time", "frequency"].includes(partOf(event)?.part) && on.whole(partOf(event).part),
  };
  for (const [name, handler] of Object.entries(handlers)) stage.addEventListener(name, handler, { passive: false });
  return {
    // Escape takes back a box under way.
    cancel() {
      const had = held !== null;
      held = null;
      on.drag(null);
      return had;
    },
  };
}
