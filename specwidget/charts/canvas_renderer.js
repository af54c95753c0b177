// Charts on a canvas, in CSS pixels; `matplotlib_renderer.py` draws the same scenes on paper.
import { colourTable, coverage, paint, resample } from "../raster/raster.js";
import { drawAxes, drawColourBar, drawGrid } from "./axes.js";
import { labelWithUnit } from "../summary/format.js";
import { cellEdges } from "./layout.js";
import { clipTo, strokeLine } from "./paths.js";
import { createScale, projection } from "./scales.js";
import { scaleTicks, valueTicks } from "./ticks.js";

const NOT_FINITE = [128, 128, 128];
const FILL_OPACITY = { soft: 0.18, strong: 0.6, none: 0 };
const LINE_WIDTH = 1.6;
const X_TICK_PIXELS = 60;
const Y_TICK_PIXELS = 34;
const BAR_TICK_PIXELS = 40;
const BAR_LABEL_OFFSET = 54; // behind numbers as long as −0.002

// The scales of axes. A chart that is made in the page may bring its own.
export const axesScales = (axes) => ({
  x: axes.x ?? createScale(axes.x_scale ?? "linear", axes.x_range),
  y: axes.y ?? createScale(axes.y_scale ?? "linear", axes.y_range),
});

// Draw axes with all their items into a box. Ticks may be given as pairs, or as a function of the length in pixels.
export function drawChart(context, box, axes, theme, ratio) {
  const { x, y } = axesScales(axes);
  const ticks = (given, scale, size, count) =>
    typeof given === "function" ? given(size) : scaleTicks(scale, count, given);
  const described = {
    ...axes,
    x,
    y,
    x_ticks: ticks(axes.x_ticks, x, box.width, box.width / X_TICK_PIXELS),
    y_ticks: ticks(axes.y_ticks, y, box.height, Math.max(2, box.height / Y_TICK_PIXELS)),
  };
  if (axes.grid) drawGrid(context, box, described, theme);
  drawItems(context, box, axes, theme, ratio);
  drawAxes(context, box, described, theme);
  const image = axes.items.find(({ kind }) => kind === "image" || kind === "raster");
  if (image && box.bar) drawImageBar(context, box.bar, image, theme, ratio);
}

// Draw items alone, cut at the box.
export function drawItems(context, box, axes, theme, ratio) {
  const scales = axesScales(axes);
  const plot = { ...scales, ...projection(box, scales.x, scales.y), box, theme, ratio };
  context.save();
  clipTo(context, box);
  for (const item of axes.items) {
    context.save();
    DRAWERS[item.kind](context, item, plot);
    context.restore();
  }
  context.restore();
}

const tableOf = (image, theme) => image.table ?? theme.maps[image.map];

function drawImageBar(context, bar, image, theme, ratio) {
  const { range, label, unit, map } = image;
  const described = {
    table: tableOf(image, theme),
    range,
    ticks: image.ticks ?? valueTicks(range, bar.height / BAR_TICK_PIXELS, map),
    label: labelWithUnit(label, unit),
    label_x: bar.x + bar.width + BAR_LABEL_OFFSET,
  };
  drawColourBar(context, bar, described, theme, ratio);
}

// A curve through (x, y). With `y_max` each point stands for many, of which these are the lowest and the highest value.
function line(context, { x, y, y_max = null, colour, style = "solid", filled, width = LINE_WIDTH }, plot) {
  const { theme, toX, toY } = plot;
  context.strokeStyle = theme.colours[colour] ?? colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  if (filled) fillUnder(context, { x, y, colour }, plot);
  context.setLineDash(theme.dashes[style]);
  context.beginPath();
  let isDown = false;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]) || Number.isNaN(y[i])) {
      isDown = false;
      continue;
    }
    const at = toX(x[i]);
    if (isDown) context.lineTo(at, toY(y[i]));
    else context.moveTo(at, toY(y[i]));
    if (y_max && y_max[i] !== y[i]) context.lineTo(at, toY(y_max[i]));
    isDown = true;
  }
  context.stroke();
}

function fillUnder(context, { x, y, colour }, { theme, toX, toY }) {
  context.save();
  context.globalAlpha = FILL_OPACITY.soft;
  context.fillStyle = theme.colours[colour];
  context.beginPath();
  context.moveTo(toX(x[0]), toY(0));
  for (let i = 0; i < x.length; i++) context.lineTo(toX(x[i]), toY(Number.isFinite(y[i]) ? y[i] : 0));
  context.lineTo(toX(x[x.length - 1]), toY(0));
  context.fill();
  context.restore();
}

function stems(context, { x, y, colour, base }, { theme, toX, toY, box }) {
  context.strokeStyle = context.fillStyle = theme.colours[colour];
  const gap = box.width / Math.max(1, x.length);
  context.lineWidth = gap < 4 ? 1 : 1.5;
  const foot = toY(base);
  context.beginPath();
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(y[i])) continue;
    context.moveTo(toX(x[i]), foot);
    context.lineTo(toX(x[i]), toY(y[i]));
  }
  context.stroke();
  for (let i = 0; i < x.length; i++)
    if (Number.isFinite(y[i])) dot(context, toX(x[i]), toY(y[i]), Math.max(1, Math.min(3, gap / 3)));
}

function points(context, { x, y, colour, marker = "dot", min_gap: minGap = 0 }, { theme, toX, toY }) {
  if (x.length > 1 && Math.abs(toX(x[1]) - toX(x[0])) < minGap) return;
  context.strokeStyle = context.fillStyle = theme.colours[colour];
  context.lineWidth = 1.5;
  for (let i = 0; i < x.length; i++)
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) MARKERS[marker](context, toX(x[i]), toY(y[i]), 3);
}

function dot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function ring(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius + 1, 0, 2 * Math.PI);
  context.stroke();
}

function cross(context, x, y, size) {
  strokeLine(context, x - size, y - size, x + size, y + size);
  strokeLine(context, x - size, y + size, x + size, y - size);
}

const MARKERS = { dot, ring, cross };

function band(context, { x, y, text: words, colour, fill }, { theme, toX, toY, box }) {
  const [x0, x1] = x ? x.map(toX) : [box.x, box.x + box.width];
  const [y1, y0] = y ? y.map(toY) : [box.y + box.height, box.y];
  const [left, top, width, height] = [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)];
  context.fillStyle = context.strokeStyle = theme.colours[colour];
  context.globalAlpha = FILL_OPACITY[fill];
  context.fillRect(left, top, width, height);
  context.globalAlpha = 1;
  if (x && y && fill !== "strong")
    context.strokeRect(left + 0.5, top + 0.5, Math.max(0, width - 1), Math.max(0, height - 1));
  if (!words || height < 11 || context.measureText(words).width > width - 4) return;
  context.fillStyle = theme.ink;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(words, left + width / 2, top + height / 2);
}

function referenceLine(context, { x = null, y = null, colour, style = "solid" }, { theme, toX, toY, box }) {
  context.strokeStyle = theme.colours[colour];
  context.lineWidth = 1.3;
  context.setLineDash(theme.dashes[style]);
  if (x !== null) strokeLine(context, toX(x), box.y, toX(x), box.y + box.height);
  else strokeLine(context, box.x, toY(y), box.x + box.width, toY(y));
}

// Draw the pixels of a box; `paintInto(pixels, width, height)` sets them, the top row first.
function putPixels(context, box, ratio, paintInto) {
  const [width, height] = [box.width, box.height].map((size) => Math.max(1, Math.round(size * ratio)));
  const image = new ImageData(width, height);
  paintInto(new Uint32Array(image.data.buffer), width, height);
  context.putImageData(image, Math.round(box.x * ratio), Math.round(box.y * ratio));
}

// Values on a grid, as codes: code 1 is the lower end of `code_range`, which is that of the colours unless it is given.
function image(context, item, { theme, ratio, x, y, box }) {
  const [low, high] = item.code_range ?? item.range;
  const zero = 1 + ((0 - low) / (high - low || 1)) * 65534;
  putPixels(context, box, ratio, (pixels, width, height) => {
    const across = coverage(cellEdges(item.x, item.columns, x, width, item.x_edges), width);
    const up = coverage(cellEdges(item.y, item.rows, y, height, item.y_edges), height);
    const codes = new Uint32Array(width * height);
    resample(item.values, item.columns, across, up, item.map, zero, codes, width, height);
    paint(codes, colourTable(tableOf(item, theme), low, high, ...item.range, NOT_FINITE), pixels);
  });
}

// An image whose pixels a function of the page sets.
function raster(context, item, { ratio, x, y, box }) {
  putPixels(context, box, ratio, (pixels, width, height) => item.paint(pixels, width, height, { x, y }));
}

function text(context, { x, y, text: words, align, colour }, { theme, toX, toY }) {
  context.fillStyle = theme.colours[colour];
  context.textAlign = align === "centre" ? "center" : align;
  context.textBaseline = "middle";
  context.fillText(words, toX(x), toY(y));
}

const DRAWERS = { line, stems, points, band, reference_line: referenceLine, image, raster, text };
