// Frame, ticks, labels and colour bar of a chart, on a canvas in CSS pixels.
import { unpack } from "../raster/raster.js";
import { drawFrame, drawRotatedText, strokeLine } from "./paths.js";
import { createScale, projection } from "./scales.js";

const TICK = 4;

// `axes` holds the scales `x` and `y`, their `x_ticks` and `y_ticks` as [{value, label}], `x_label` and `y_label`. The
// label of an axis stands `y_label_x` from the left edge of the canvas.
export function drawAxes(context, box, axes, theme) {
  const { x, y, x_ticks = [], y_ticks = [], x_label = "", y_label = "", y_label_x = 9 } = axes;
  const { toX, toY } = projection(box, x, y);
  context.font = theme.font;
  drawFrame(context, box, theme);
  const bottom = box.y + box.height;
  context.strokeStyle = theme.line;
  context.fillStyle = theme.muted;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const { value, label, shift = 0 } of x_ticks) {
    const at = Math.round(toX(value)) + 0.5;
    strokeLine(context, at, bottom, at, bottom + TICK);
    context.fillText(label, at + shift, bottom + TICK + 3);
  }
  if (x_label) context.fillText(x_label, box.x + box.width / 2, bottom + 24);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { value, label } of y_ticks) {
    const at = Math.round(toY(value)) + 0.5;
    strokeLine(context, box.x - TICK, at, box.x, at);
    context.fillText(label, box.x - TICK - 3, at);
  }
  if (y_label) drawRotatedText(context, y_label_x, box.y + box.height / 2, y_label, theme);
}

// Thin lines across a plot at its ticks.
export function drawGrid(context, box, { y, y_ticks }, theme) {
  const { toY } = projection(box, createScale("linear", [0, 1]), y);
  context.lineWidth = 1;
  context.strokeStyle = theme.hair;
  for (const { value } of y_ticks) {
    const at = Math.round(toY(value)) + 0.5;
    strokeLine(context, box.x, at, box.x + box.width, at);
  }
}

// A colour bar: `table` holds its 256 colours, lowest first, `ticks` are [{value, label}], of which an `isStrong` one has a
// line across the bar. The label stands at `label_x`.
export function drawColourBar(context, box, { table, range: [low, high], ticks, label, label_x }, theme, ratio) {
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  const colours = unpack(table);
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0; row < height; row++)
    pixels.fill(colours[Math.floor(((height - 1 - row) * 256) / height)], row * width, (row + 1) * width);
  context.putImageData(image, Math.round(box.x * ratio), Math.round(box.y * ratio));
  drawFrame(context, box, theme);
  context.font = theme.font;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const right = box.x + box.width;
  for (const { value, label: text, isStrong = false } of ticks) {
    const at = Math.round(box.y + box.height * (1 - (value - low) / (high - low))) + 0.5;
    context.strokeStyle = isStrong ? theme.ink : theme.line;
    context.fillStyle = isStrong ? theme.ink : theme.muted;
    strokeLine(context, isStrong ? box.x : right, at, right + TICK, at);
    context.fillText(text, right + TICK + 3, at);
  }
  drawRotatedText(context, label_x, box.y + box.height / 2, label, theme);
}
