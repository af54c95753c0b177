// A chart: one pair of axes with its title and legend, and a cursor that the pointer and the arrow keys move, whose values
// are read out as text.
import { createCanvas } from "./canvas.js";
import { axesScales, drawChart, drawItems } from "./canvas_renderer.js";
import { h } from "./dom.js";
import { hasColours, leftMargin, legendEntries, plotBox } from "./layout.js";
import { clipTo, strokeLine, strokeWithHalo } from "./paths.js";
import { describe, moved, snap } from "./readout.js";

const UNIT_HEIGHT = 210; // of the plot and its ticks, for axes of height 1
const LABELS_HEIGHT = 50;
const LEGEND_FIELDS = ["kind", "label", "colour", "style", "marker", "fill"];
const KEYS = {
  ArrowLeft: { axis: "x", by: -1 },
  ArrowRight: { axis: "x", by: 1 },
  ArrowDown: { axis: "y", by: -1 },
  ArrowUp: { axis: "y", by: 1 },
  Home: { axis: "x", end: 0 },
  End: { axis: "x", end: 1 },
};

/**
 * Create a chart.
 *
 * @param {{
 *   palette?: Palette, hint?: string, hasCursor?: boolean,
 *   onCursor?: (cursor: any, isKey: boolean) => void, onDraw?: () => void,
 * }} options `hint` is what the readout says without a cursor. `onCursor` is called with the cursor {x, y} or null, and
 *   whether a key moved it, in place of the readout. Without `hasCursor` the chart is a picture alone.
 */
export function createChart({ palette, hint = "", hasCursor = true, onCursor, onDraw = () => {} } = {}) {
  const title = h("h4");
  const legend = h("ul", { class: "specwidget-legend" });
  const readout = h("output", { class: "specwidget-reading", "aria-live": "off", text: hint });
  const attributes = hasCursor ? { role: "img", tabindex: 0 } : { role: "img" };
  const view = createCanvas(attributes, { draw, drawOverlay, palette });
  const hasReadout = hasCursor && !onCursor;
  const el = h("figure", { class: "specwidget-chart" }, [title, legend, view.el, ...(hasReadout ? [readout] : [])]);
  /** @type {ChartAxes | any} */
  let axes = null;
  /** @type {ShowOptions} */
  let options = {};
  /** @type {ChartCursor | null} */
  let cursor = null;
  /** @type {any[]} */
  let marks = [];

  const boxOf = (size) => plotBox(size, options.hasBar ?? hasColours(axes), options.margin ?? leftMargin([axes]));

  function draw(context, size, theme) {
    if (!axes) return;
    drawChart(context, boxOf(size), axes, theme, size.ratio);
    onDraw();
  }
  function drawOverlay(context, size, theme) {
    if (!axes) return;
    const box = boxOf(size);
    if (marks.length) drawItems(context, box, { ...axes, items: marks }, theme, size.ratio);
    if (cursor) drawCursor(context, box, theme, cursor);
  }
  function drawCursor(context, box, theme, at) {
    const { x, y } = axesScales(axes);
    const [across, up] = [x.toUnit(at.x), at.y === null ? NaN : y.toUnit(at.y)];
    const [left, top] = [box.x + across * box.width, box.y + (1 - up) * box.height].map(
      (pixel) => Math.round(pixel) + 0.5,
    );
    context.save();
    clipTo(context, box);
    if (at.y === null) {
      context.strokeStyle = theme.ink;
      strokeLine(context, left, box.y, left, box.y + box.height);
    } else {
      strokeWithHalo(context, () => {
        context.rect(left, box.y, 0, box.height);
        context.rect(box.x, top, box.width, 0);
      });
    }
    context.restore();
  }

  const isPlane = () => hasColours(axes);
  const stepOf = (axis) => (typeof options.step === "object" ? options.step?.[axis] : axis === "x" ? options.step : 0);
  const snapTo = (value) => (isPlane() ? value : snap(axes, value));
  function setCursor(next, isKey = false) {
    cursor = next;
    view.redrawOverlay();
    if (onCursor) return onCursor(cursor, isKey);
    readout.setAttribute("aria-live", isKey ? "polite" : "off");
    readout.textContent = cursor ? (options.describe ?? ((at) => describe(axes, at)))(cursor) : hint;
  }

  // The values of both axes at a pointer event; null outside of the plot.
  function pointAt(event) {
    if (!axes) return null;
    const { clientWidth: width, clientHeight: height } = view.canvas;
    const { left, top } = view.canvas.getBoundingClientRect();
    const box = boxOf({ width, height });
    const [across, up] = [(event.clientX - left - box.x) / box.width, 1 - (event.clientY - top - box.y) / box.height];
    if (across < 0 || across > 1 || up < 0 || up > 1) return null;
    const { x, y } = axesScales(axes);
    return { x: x.invert(across), y: y.invert(up) };
  }
  function onPointer(event) {
    const point = pointAt(event);
    if (!point) return setCursor(null);
    if (isPlane()) return setCursor(point);
    const step = stepOf("x");
    setCursor({ x: step ? Math.round(point.x / step) * step : snapTo(point.x), y: null });
  }
  function onKey(event) {
    const key = KEYS[event.key];
    if (!axes || !key || event.ctrlKey || event.metaKey || event.altKey || (key.axis === "y" && !isPlane())) return;
    event.preventDefault();
    event.stopPropagation();
    const scales = axesScales(axes);
    const scale = scales[key.axis];
    const from = cursor ?? { x: start(scales.x, stepOf("x")), y: isPlane() ? start(scales.y, stepOf("y")) : null };
    const by = key.by * (event.shiftKey ? 10 : 1);
    const value = key.by ? moved(scale, from[key.axis], by, stepOf(key.axis), snapTo) : scale.domain[key.end];
    setCursor({ ...from, [key.axis]: value }, true);
  }
  const start = (scale, step) => (step ? Math.round(scale.invert(0.5) / step) * step : snapTo(scale.invert(0.5)));

  if (hasCursor) {
    view.canvas.addEventListener("pointermove", (event) => axes && onPointer(event));
    view.canvas.addEventListener("pointerleave", () => axes && setCursor(null));
    view.canvas.addEventListener("keydown", onKey);
  }

  let shownLegend = "";
  function showTexts(label) {
    title.textContent = axes.title;
    title.hidden = !axes.title;
    const name = label ?? `${axes.title}: ${axes.y_label} over ${axes.x_label}.`;
    view.canvas.setAttribute("aria-label", hasCursor ? `${name} Arrow keys move a cursor.` : name);
    view.el.style.height = `${Math.round(UNIT_HEIGHT * (axes.height ?? 1)) + LABELS_HEIGHT}px`;
    el.style.setProperty("--left", `${options.margin ?? leftMargin([axes])}px`);
    const entries = legendEntries(axes.items);
    const described = JSON.stringify(entries.map((item) => LEGEND_FIELDS.map((name) => item[name])));
    if (described !== shownLegend) legend.replaceChildren(...entries.map(legendEntry));
    legend.hidden = entries.length === 0;
    shownLegend = described;
  }

  return {
    el,
    canvas: view.canvas,
    pointAt,
    redraw: view.redraw,
    dispose: view.dispose,
    /**
     * Show axes.
     *
     * @param {ChartAxes} next
     * @param {ShowOptions} nextOptions `label` names the chart for screen readers, `step` is what an arrow key moves by,
     *   `describe` says what is at the cursor; `margin` and `hasBar` align charts below each other.
     */
    show(next, nextOptions = {}) {
      [axes, options] = [next, nextOptions];
      showTexts(options.label);
      if (cursor) {
        const clamp = (scale, value) => Math.min(scale.domain[1], Math.max(scale.domain[0], value));
        const { x, y } = axesScales(axes);
        cursor = { x: clamp(x, cursor.x), y: isPlane() ? clamp(y, cursor.y ?? y.invert(0.5)) : null };
        if (!onCursor) setCursor(cursor);
      }
      view.redraw();
    },
    // Draw items over the chart, which is not drawn again.
    mark(items) {
      marks = items;
      view.redrawOverlay();
    },
    // Show a cursor that comes from elsewhere: {x, y} or null.
    showCursor(next) {
      cursor = next;
      view.redrawOverlay();
    },
  };
}

function legendEntry({ kind, label, colour, style, marker, fill }) {
  const swatch = h("span", {
    class: "specwidget-swatch",
    "data-kind": kind,
    "data-colour": colour,
    "data-style": style,
    "data-marker": marker,
    "data-fill": fill,
    "aria-hidden": "true",
  });
  swatch.style.setProperty("--colour", `var(--sw-chart-${colour})`);
  return h("li", {}, [swatch, label]);
}
