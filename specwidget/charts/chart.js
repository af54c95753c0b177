// A chart: one pair of axes with its title and legend, and a cursor whose values are read out as text.
import { createCanvas } from "./canvas.js";
import { drawChart, drawItems } from "./canvas_renderer.js";
import { clipCursor, cursorAfterKey, cursorAt, drawCursor, pointAt } from "./cursor.js";
import { h } from "./dom.js";
import { edgesHeight, hasColours, leftMargin, legendEntries, plotBox, UNIT_HEIGHT } from "./layout.js";
import { describe } from "./readout.js";

const LEGEND_FIELDS = ["kind", "label", "colour", "style", "marker", "fill"];

/**
 * Create a chart. `hint` is the text of the readout without a cursor. `onCursor`, where it is given, takes the place of the
 * readout: it is called with the cursor {x, y} or null, and whether a key moved it; `y` is null where there is no image.
 * Without `hasCursor` the chart is an image alone.
 *
 * @param {{palette?: any, hint?: string, hasCursor?: boolean, onCursor?: Function | null, onDraw?: () => void}} [options]
 */
export function createChart({ palette, hint = "", hasCursor = true, onCursor = null, onDraw = () => {} } = {}) {
  const texts = createTexts();
  const readout = h("output", { class: "specwidget-reading", "aria-live": "off", text: hint });
  const attributes = hasCursor ? { role: "img", tabindex: 0 } : { role: "img" };
  const view = createCanvas(attributes, { draw, drawOverlay, palette });
  const readouts = hasCursor && !onCursor ? [readout] : [];
  const el = h("figure", { class: "specwidget-chart" }, [texts.title, texts.legend, view.el, ...readouts]);
  /** @type {any} */
  let axes = null;
  /** @type {any} */
  let options = {};
  /** @type {any} */
  let cursor = null;
  /** @type {any[]} */
  let marks = [];

  const marginOf = () => options.margin ?? leftMargin([axes]);
  const boxOf = (size) => plotBox(size, options.hasBar ?? hasColours(axes), marginOf(), options.hasXLabels);
  function draw(context, size, theme) {
    if (!axes) return;
    const drawn = options.hasXLabels === false ? { ...axes, x_ticks: [], x_label: "" } : axes;
    drawChart(context, boxOf(size), drawn, theme, size.ratio);
    onDraw();
  }
  function drawOverlay(context, size, theme) {
    if (!axes) return;
    const box = boxOf(size);
    if (marks.length) drawItems(context, box, { ...axes, items: marks }, theme, size.ratio);
    if (cursor) drawCursor(context, box, axes, cursor, theme);
  }

  function setCursor(next, isKey = false) {
    cursor = next;
    view.redrawOverlay();
    if (onCursor) return onCursor(cursor, isKey);
    readout.setAttribute("aria-live", isKey ? "polite" : "off");
    readout.textContent = cursor ? (options.describe?.(cursor) ?? describe(axes, cursor)) : hint;
  }
  function pointUnder(event) {
    const { clientWidth: width, clientHeight: height } = view.canvas;
    return axes && pointAt(event, view.canvas, axes, boxOf({ width, height }));
  }
  function onKey(event) {
    const next = axes && cursorAfterKey(event, cursor, axes, options.step);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    setCursor(next, true);
  }
  if (hasCursor) {
    const follow = (event) => axes && setCursor(cursorAt(pointUnder(event), axes, options.step));
    view.canvas.addEventListener("pointermove", follow);
    view.canvas.addEventListener("pointerleave", () => axes && setCursor(null));
    view.canvas.addEventListener("keydown", onKey);
  }

  return {
    el,
    canvas: view.canvas,
    // The values of both axes at a pointer event; null outside of the plot.
    pointAt: pointUnder,
    redraw: view.redraw,
    dispose: view.dispose,
    // Show axes. Options: `label` names the chart for screen readers, `step` is what an arrow key moves by, a number or
    // {x, y}; `describe(cursor)` says what is at the cursor; `margin` and `hasBar` align charts below each other;
    // `hasXLabels` is false where the chart below has the labels of both.
    show(next, nextOptions = {}) {
      [axes, options] = [next, nextOptions];
      texts.show(axes);
      const label = options.label ?? `${axes.title}: ${axes.y_label} over ${axes.x_label}.`;
      view.canvas.setAttribute("aria-label", hasCursor ? `${label} Arrow keys move a cursor.` : label);
      const plot = Math.round(UNIT_HEIGHT * (axes.height ?? 1) * (options.scale ?? 1));
      view.el.style.height = `${plot + edgesHeight(options.hasXLabels)}px`;
      el.style.setProperty("--left", `${marginOf()}px`);
      if (cursor && onCursor) cursor = clipCursor(cursor, axes);
      else if (cursor) setCursor(clipCursor(cursor, axes));
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

// Title and legend, which change only where they differ from those before.
function createTexts() {
  const title = h("h4");
  const legend = h("ul", { class: "specwidget-legend" });
  let shown = "";
  return {
    title,
    legend,
    show({ title: text, items }) {
      title.textContent = text;
      title.hidden = !text;
      const entries = legendEntries(items);
      const described = JSON.stringify(entries.map((item) => LEGEND_FIELDS.map((name) => item[name])));
      if (described !== shown) legend.replaceChildren(...entries.map(legendEntry));
      legend.hidden = entries.length === 0;
      shown = described;
    },
  };
}

function legendEntry({ kind, label, colour, style, marker, fill }) {
  const swatch = h("span", {
    class: "specwidget-swatch",
    "data-kind": kind,
    "data-style": style,
    "data-marker": marker,
    "data-fill": fill,
    "aria-hidden": "true",
  });
  swatch.style.setProperty("--colour", `var(--sw-chart-${colour})`);
  return h("li", {}, [swatch, label]);
}
