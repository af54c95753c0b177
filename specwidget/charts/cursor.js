// The cursor of a chart, moved by the pointer and the arrow keys.
import { axesScales } from "./canvas_renderer.js";
import { hasColours } from "./layout.js";
import { clipTo, strokeLine, strokeWithHalo } from "./paths.js";
import { moved, snap } from "./readout.js";

const KEYS = {
  ArrowLeft: { axis: "x", by: -1 },
  ArrowRight: { axis: "x", by: 1 },
  ArrowDown: { axis: "y", by: -1 },
  ArrowUp: { axis: "y", by: 1 },
  Home: { axis: "x", end: 0 },
  End: { axis: "x", end: 1 },
};

// Draw a cursor {x, y}: a line, or a crosshair on an image.
export function drawCursor(context, box, axes, cursor, theme) {
  const { x, y } = axesScales(axes);
  const [across, up] = [x.toUnit(cursor.x), cursor.y === null ? 0 : y.toUnit(cursor.y)];
  const at = [box.x + across * box.width, box.y + (1 - up) * box.height].map((pixel) => Math.round(pixel) + 0.5);
  context.save();
  clipTo(context, box);
  if (cursor.y === null) {
    context.strokeStyle = theme.ink;
    strokeLine(context, at[0], box.y, at[0], box.y + box.height);
  } else {
    strokeWithHalo(context, () => {
      context.rect(at[0], box.y, 0, box.height);
      context.rect(box.x, at[1], box.width, 0);
    });
  }
  context.restore();
}

// The values of both axes at a pointer event over a canvas; null outside of the plot, which is `box` in CSS pixels.
export function pointAt(event, canvas, axes, box) {
  const { left, top } = canvas.getBoundingClientRect();
  const across = (event.clientX - left - box.x) / box.width;
  const up = 1 - (event.clientY - top - box.y) / box.height;
  if (across < 0 || across > 1 || up < 0 || up > 1) return null;
  const { x, y } = axesScales(axes);
  return { x: x.invert(across), y: y.invert(up) };
}

const stepOf = (step, axis) => (typeof step === "object" ? step?.[axis] : axis === "x" ? step : 0);

// The cursor at a point under the pointer. `step` is a number, or {x, y}.
export function cursorAt(point, axes, step) {
  if (!point || hasColours(axes)) return point;
  const by = stepOf(step, "x");
  return { x: by ? Math.round(point.x / by) * by : snap(axes, point.x), y: null };
}

// The cursor after a key event; null where the key does not move it. Without a cursor it starts in the middle.
export function cursorAfterKey(event, cursor, axes, step) {
  const key = KEYS[event.key];
  const isPlane = hasColours(axes);
  if (!key || event.ctrlKey || event.metaKey || event.altKey || (key.axis === "y" && !isPlane)) return null;
  const { x, y } = axesScales(axes);
  const snapTo = (value) => (isPlane ? value : snap(axes, value));
  const start = (scale, by) => (by ? Math.round(scale.invert(0.5) / by) * by : snapTo(scale.invert(0.5)));
  const from = cursor ?? { x: start(x, stepOf(step, "x")), y: isPlane ? start(y, stepOf(step, "y")) : null };
  const scale = key.axis === "x" ? x : y;
  const by = (key.by ?? 0) * (event.shiftKey ? 10 : 1);
  const value = by ? moved(scale, from[key.axis], by, stepOf(step, key.axis), snapTo) : scale.domain[key.end];
  return { ...from, [key.axis]: value };
}

// The cursor clipped to other axes.
export function clipCursor(cursor, axes) {
  const { x, y } = axesScales(axes);
  const clip = (scale, value) => Math.min(scale.domain[1], Math.max(scale.domain[0], value));
  return { x: clip(x, cursor.x), y: hasColours(axes) ? clip(y, cursor.y ?? y.invert(0.5)) : null };
}
