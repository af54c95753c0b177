// @ts-nocheck
// A plot: curves over an axis, with a cursor that the pointer and the keys move, read out as text.
import { h as element } from "./dom.js";
import { linearTicks } from "./scales.js";

const TICK = 4;
const STYLES = { solid: [], dashed: [5, 4] };

// Where the plot stands on a canvas of `width` x `height`.
export function plotBox(width, height, hasTitle) {
  const [left, right, top, bottom] = [52, 10, hasTitle ? 24 : 8, 40];
  return { x: left, y: top, width: Math.max(16, width - left - right), height: Math.max(16, height - top - bottom) };
}

// The pixel of a value on an axis {low, high} that is `size` pixels long, kept on the canvas where it is infinite.
export function placeOn({ low, high }, value, size) {
  const place = ((value - low) / (high - low)) * size;
  return Math.max(-size, Math.min(2 * size, place));
}

// The value of a curve {first, step, low} at a place of its axis: that of the nearest point, NaN beyond its ends.
export function valueAt({ first, step, low }, place) {
  const i = Math.round((place - first) / step);
  return i >= 0 && i < low.length ? low[i] : NaN;
}

// A canvas that is drawn again when its size or the theme changes. `draw(context, width, height, look)` uses CSS pixels;
// `context.ratio` tells how many device pixels one has.
export function makeCanvas(attributes, draw) {
  const canvas = element("canvas", attributes);
  const context = canvas.getContext("2d");
  let look = null;
  function redraw() {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return;
    look ??= readLook(canvas);
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = look.font;
    draw(context, width, height, look, ratio);
  }
  const sizes = new ResizeObserver(redraw);
  sizes.observe(canvas);
  // In the next frame: while a theme is changing, sizes and colours are those of neither.
  let frame = 0;
  const recolour = () => {
    look = null;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(redraw);
  };
  const themes = new MutationObserver(recolour);
  // A theme's colours may come before or after its name: the style sheet gives the canvas' own colour a transition to tell,
  // but where motion is to be reduced; there the arrival of a style sheet tells.
  for (const name of ["transitionrun", "transitionend", "transitioncancel"]) canvas.addEventListener(name, recolour);
  const arrived = ({ target }) => target instanceof HTMLLinkElement && recolour();
  document.addEventListener("load", arrived, true);
  themes.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"],
  });
  return {
    el: canvas,
    redraw,
    dispose() {
      cancelAnimationFrame(frame);
      document.removeEventListener("load", arrived, true);
      sizes.disconnect();
      themes.disconnect();
    },
  };
}

function readLook(node) {
  const style = getComputedStyle(node);
  const get = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  return {
    ink: get("--sw-ink", "#212121"),
    muted: get("--sw-muted", "#5c5c5c"),
    line: get("--sw-line", "#bdbdbd"),
    hair: get("--sw-hair", "#e0e0e0"),
    first: get("--sw-accent", "#0b57b0"),
    second: get("--sw-second", "#a34a00"),
    font: `11px ${get("--sw-font", "system-ui, sans-serif")}`,
  };
}

// A plot with its readout. `show(spec)` takes { label, x, y, curves, points, marks, step, describe }:
// axes {low, high, title}; curves {first, step, low, high, colour, style}, of which `colour` names one of the look;
// points [{x, y}]; marks [x] are drawn as dotted lines; `step` is what an arrow key moves by, `describe(x)` says what is there.
export function makePlot(title, hint) {
  let spec = null;
  let cursor = null;
  const readout = element("output", { class: "specwidget-reading", "aria-live": "off", text: hint });
  const view = makeCanvas({ role: "img", tabindex: 0, "aria-label": title }, (context, width, height, look) => {
    if (spec) drawPlot(context, plotBox(width, height, spec.title), spec, cursor, look);
  });
  const canvas = view.el;

  function move(place, live) {
    readout.setAttribute("aria-live", live ? "polite" : "off");
    cursor = place === null ? null : Math.min(spec.x.high, Math.max(spec.x.low, place));
    tell();
    view.redraw();
  }
  function tell() {
    readout.textContent = cursor === null || !spec ? hint : spec.describe(cursor);
  }
  canvas.addEventListener("pointermove", (event) => {
    if (!spec) return;
    const box = plotBox(canvas.clientWidth, canvas.clientHeight, spec.title);
    const across = (event.clientX - canvas.getBoundingClientRect().left - box.x) / box.width;
    const place = spec.x.low + across * (spec.x.high - spec.x.low);
    move(across < 0 || across > 1 ? null : Math.round(place / spec.step) * spec.step, false);
  });
  canvas.addEventListener("pointerleave", () => spec && move(null, false));
  canvas.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const end = { Home: "low", End: "high" }[event.key];
    if (!spec || (!by && !end)) return;
    event.preventDefault();
    event.stopPropagation();
    const from = cursor ?? Math.round((spec.x.low + spec.x.high) / 2 / spec.step) * spec.step;
    move(end ? spec.x[end] : from + by * spec.step * (event.shiftKey ? 10 : 1), true);
  });
  return {
    el: element("figure", { class: "specwidget-plot" }, [canvas, readout]),
    dispose: view.dispose,
    show(next) {
      spec = next;
      canvas.setAttribute("aria-label", `${next.label} Arrow keys move a cursor.`);
      if (cursor !== null) cursor = Math.min(next.x.high, Math.max(next.x.low, cursor));
      tell();
      view.redraw();
    },
  };
}

function drawPlot(context, box, spec, cursor, look) {
  context.lineWidth = 1;
  drawPlotAxes(context, box, spec, look);
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  const across = (value) => box.x + placeOn(spec.x, value, box.width);
  const up = (value) => box.y + box.height - placeOn(spec.y, value, box.height);
  for (const mark of spec.marks ?? []) stroke(context, look.muted, [2, 3], () => vertical(context, across(mark), box));
  for (const curve of [...spec.curves].reverse()) {
    context.lineWidth = curve.width ?? 1.5;
    stroke(context, look[curve.colour], STYLES[curve.style ?? "solid"], () => trace(context, curve, across, up));
  }
  context.lineWidth = 1;
  context.fillStyle = look.first;
  for (const { x, y } of spec.points ?? []) {
    context.beginPath();
    context.arc(across(x), up(y), 2.5, 0, 2 * Math.PI);
    context.fill();
  }
  if (cursor !== null) stroke(context, look.ink, [], () => vertical(context, Math.round(across(cursor)) + 0.5, box));
  context.restore();
}

// One line through lowest and highest values: where points are finer than the screen it fills what they cover.
function trace(context, { first, step, low, high }, across, up) {
  for (let i = 0; i < low.length; i++) {
    const x = across(first + i * step);
    context.lineTo(x, up(low[i]));
    if (high[i] !== low[i]) context.lineTo(x, up(high[i]));
  }
}

// Frame, ticks and titles; a bare plot has no lines across.
export function drawPlotAxes(context, box, { x, y, title, isBare = false }, look) {
  context.strokeStyle = look.hair;
  context.fillStyle = look.muted;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of y.ticks ?? linearTicks(y.low, y.high, box.height / 40)) {
    const at = Math.round(box.y + box.height - placeOn(y, tick.value, box.height)) + 0.5;
    if (!isBare && at > box.y + 1 && at < box.y + box.height - 1)
      stroke(context, look.hair, [], () => horizontal(context, at, box));
    context.fillText(tick.label, box.x - TICK - 3, at);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  const bottom = box.y + box.height;
  for (const tick of linearTicks(x.low, x.high, box.width / 48)) {
    const at = Math.round(box.x + placeOn(x, tick.value, box.width)) + 0.5;
    stroke(context, look.line, [], () => {
      context.moveTo(at, bottom);
      context.lineTo(at, bottom + TICK);
    });
    context.fillText(tick.label, at, bottom + TICK + 3);
  }
  context.fillText(x.title, box.x + box.width / 2, bottom + 24);
  stroke(context, look.line, [], () => context.rect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1));
  context.save();
  context.translate(9, box.y + box.height / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = "middle";
  context.fillText(y.title, 0, 0);
  context.restore();
  if (title) {
    context.fillStyle = look.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(title, box.x, box.y - 12, box.width + 8);
  }
}

function stroke(context, colour, dashes, path) {
  context.strokeStyle = colour;
  context.setLineDash(dashes);
  context.beginPath();
  path();
  context.stroke();
  context.setLineDash([]);
}

function vertical(context, x, box) {
  context.moveTo(x, box.y);
  context.lineTo(x, box.y + box.height);
}

function horizontal(context, y, box) {
  context.moveTo(box.x, y);
  context.lineTo(box.x + box.width, y);
}
