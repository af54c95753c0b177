// A canvas that is drawn again when its size or the theme changes, with an overlay for what follows the pointer.
import { h } from "./dom.js";
import { onThemeChange, readTheme } from "./theme.js";

// Device pixels of a CSS pixel; more than two are not worth the time.
export const pixelRatio = () => Math.min(2, window.devicePixelRatio || 1);

// Clear a canvas, and scale its context to CSS pixels.
export function clearCanvas(context, ratio) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

// Set the size of a canvas in device pixels. Setting it, even to the same value, reallocates its memory.
function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

// `draw` and `drawOverlay` are called with (context, size, theme), in CSS pixels; `size` is {width, height, ratio}. The
// overlay is drawn after each `draw`, and alone by `redrawOverlay()`.
export function createCanvas(attributes, { draw, drawOverlay, palette }) {
  const canvas = h("canvas", attributes);
  const overlay = h("canvas", { class: "specwidget-overlay", "aria-hidden": "true" });
  const el = h("div", { class: "specwidget-canvas" }, [canvas, overlay]);
  const contexts = [canvas, overlay].map((each) => each.getContext("2d"));
  /** @type {any} */
  let theme = null;

  function paint(context, paintInto) {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return false;
    theme ??= readTheme(canvas, palette);
    const ratio = pixelRatio();
    resize(context.canvas, Math.round(width * ratio), Math.round(height * ratio));
    clearCanvas(context, ratio);
    context.font = theme.font;
    paintInto(context, { width, height, ratio }, theme);
    return true;
  }
  const redrawOverlay = () => paint(contexts[1], drawOverlay);
  const redraw = () => paint(contexts[0], draw) && redrawOverlay();
  const sizes = new ResizeObserver(redraw);
  sizes.observe(canvas);
  const stopObserving = onThemeChange(canvas, () => {
    theme = null;
    redraw();
  });
  return {
    el,
    canvas,
    redraw,
    redrawOverlay,
    dispose() {
      sizes.disconnect();
      stopObserving();
    },
  };
}
