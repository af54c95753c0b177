// @ts-nocheck
// Axes and the items of a scene on a canvas, in CSS pixels; the context is scaled for the screen.
import { colourTable, coverage, paint, resample, unpack } from "../raster/raster.js";
import { linearTicks } from "./scales.js";
import { axisScale, cellEdges, ticksOf } from "./layout.js";

const TICK = 4;
const NOT_FINITE = [128, 128, 128];
const SOFT = { soft: 0.18, strong: 0.6, none: 0 };
const PARTS_OF_PI = [
  [-1, "\u2212\u03c0"],
  [-0.5, "\u2212\u03c0/2"],
  [0, "0"],
  [0.5, "\u03c0/2"],
  [1, "\u03c0"],
];

// Draw axes with all their items into `box`. `look` has ink, muted, line, paper, font, colours, dashes and maps.
export function drawPlot(context, box, axes, look, ratio) {
  const x = axisScale(axes.x_range, axes.x_scale);
  const y = axisScale(axes.y_range, axes.y_scale);
  const frame = {
    box,
    look,
    ratio,
    x,
    y,
    across: (value) => box.x + clamp(x.place(value)) * box.width,
    up: (value) => box.y + (1 - clamp(y.place(value))) * box.height,
  };
  context.font = look.font;
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  for (const item of axes.items) {
    context.save();
    DRAWERS[item.kind](context, item, frame);
    context.restore();
  }
  context.restore();
  drawFrame(context, axes, frame);
  const image = axes.items.find((item) => item.kind === "image");
  if (image && box.bar) drawBar(context, image, box.bar, frame);
}

// Far outside is as good as farther: a canvas draws large numbers wrongly.
const clamp = (place) => Math.max(-8, Math.min(9, place));

function drawFrame(context, axes, { box, look, x, y, across, up }) {
  context.lineWidth = 1;
  context.strokeStyle = look.line;
  context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
  context.fillStyle = look.muted;
  context.textAlign = "center";
  context.textBaseline = "top";
  const bottom = box.y + box.height;
  for (const { value, label } of ticksOf(x, axes.x_ticks, box.width / 80)) {
    const at = Math.round(across(value)) + 0.5;
    stroke(context, at, bottom, at, bottom + TICK);
    context.fillText(label, at, bottom + TICK + 3);
  }
  context.fillText(axes.x_label, box.x + box.width / 2, bottom + 24);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { value, label } of ticksOf(y, axes.y_ticks, Math.max(2, box.height / 34))) {
    const at = Math.round(up(value)) + 0.5;
    stroke(context, box.x - TICK, at, box.x, at);
    context.fillText(label, box.x - TICK - 3, at);
  }
  turned(context, 9, box.y + box.height / 2, axes.y_label);
}

function drawBar(context, image, bar, { look, ratio }) {
  const [low, high] = image.range;
  const colours = unpack(look.maps[image.map]);
  const [width, height] = [Math.round(bar.width * ratio), Math.round(bar.height * ratio)];
  const pixels = new ImageData(width, height);
  const packed = new Uint32Array(pixels.data.buffer);
  for (let row = 0; row < height; row++)
    packed.fill(colours[Math.floor(((height - 1 - row) * 256) / height)], row * width, (row + 1) * width);
  context.putImageData(pixels, Math.round(bar.x * ratio), Math.round(bar.y * ratio));
  context.strokeStyle = look.line;
  context.strokeRect(bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = look.muted;
  const right = bar.x + bar.width;
  for (const { value, label } of barTicks(image, bar.height)) {
    const at = Math.round(bar.y + bar.height * (1 - (value - low) / (high - low))) + 0.5;
    stroke(context, right, at, right + TICK, at);
    context.fillText(label, right + TICK + 3, at);
  }
  turned(context, right + 44, bar.y + bar.height / 2, image.unit ? `${image.label} (${image.unit})` : image.label);
}

function barTicks(image, height) {
  const [low, high] = image.range;
  if (image.map !== "cyclic") return linearTicks(low, high, height / 40);
  return PARTS_OF_PI.map(([part, label]) => ({ value: part * Math.PI, label })).filter(
    ({ value }) => value >= low - 1e-6 && value <= high + 1e-6,
  );
}

function line(context, { x, y, colour, style, filled }, { look, across, up }) {
  context.strokeStyle = look.colours[colour];
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  if (filled) fillUnder(context, { x, y, colour }, { look, across, up });
  context.setLineDash(look.dashes[style]);
  context.beginPath();
  let pen = false;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) pen = false;
    else if (pen) context.lineTo(across(x[i]), up(y[i]));
    else {
      context.moveTo(across(x[i]), up(y[i]));
      pen = true;
    }
  }
  context.stroke();
}

function fillUnder(context, { x, y, colour }, { look, across, up }) {
  context.save();
  context.globalAlpha = SOFT.soft;
  context.fillStyle = look.colours[colour];
  context.beginPath();
  context.moveTo(across(x[0]), up(0));
  for (let i = 0; i < x.length; i++) context.lineTo(across(x[i]), up(Number.isFinite(y[i]) ? y[i] : 0));
  context.lineTo(across(x[x.length - 1]), up(0));
  context.fill();
  context.restore();
}

function stems(context, { x, y, colour, base }, { look, across, up, box }) {
  context.strokeStyle = context.fillStyle = look.colours[colour];
  const room = box.width / Math.max(1, x.length);
  context.lineWidth = room < 4 ? 1 : 1.5;
  const foot = up(base);
  context.beginPath();
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(y[i])) continue;
    context.moveTo(across(x[i]), foot);
    context.lineTo(across(x[i]), up(y[i]));
  }
  context.stroke();
  for (let i = 0; i < x.length; i++)
    if (Number.isFinite(y[i])) dot(context, across(x[i]), up(y[i]), Math.max(1, Math.min(3, room / 3)));
}

function points(context, { x, y, colour, marker }, { look, across, up }) {
  context.strokeStyle = context.fillStyle = look.colours[colour];
  context.lineWidth = 1.5;
  for (let i = 0; i < x.length; i++)
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) MARKERS[marker](context, across(x[i]), up(y[i]), 3);
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
  stroke(context, x - size, y - size, x + size, y + size);
  stroke(context, x - size, y + size, x + size, y - size);
}

const MARKERS = { dot, ring, cross };

function band(context, { x, y, text, colour, fill }, { look, across, up, box }) {
  const [x0, x1] = x ? x.map(across) : [box.x, box.x + box.width];
  const [y1, y0] = y ? y.map(up) : [box.y + box.height, box.y];
  const [left, top, width, height] = [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)];
  context.fillStyle = context.strokeStyle = look.colours[colour];
  context.globalAlpha = SOFT[fill];
  context.fillRect(left, top, width, height);
  context.globalAlpha = 1;
  if (x && y && fill !== "strong")
    context.strokeRect(left + 0.5, top + 0.5, Math.max(0, width - 1), Math.max(0, height - 1));
  if (!text || height < 11 || context.measureText(text).width > width - 4) return;
  context.fillStyle = look.ink;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, left + width / 2, top + height / 2);
}

function rule(context, { x, y, colour, style }, { look, across, up, box }) {
  context.strokeStyle = look.colours[colour];
  context.lineWidth = 1.3;
  context.setLineDash(look.dashes[style]);
  if (x !== null) stroke(context, across(x), box.y, across(x), box.y + box.height);
  else stroke(context, box.x, up(y), box.x + box.width, up(y));
}

function image(context, item, { look, ratio, x, y, box }) {
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  const across = coverage(cellEdges(item.x, item.columns, x, width), width);
  const up = coverage(cellEdges(item.y, item.rows, y, height), height);
  const [low, high] = item.range;
  const target = new Uint32Array(width * height);
  const centre = 1 + ((0 - low) / (high - low)) * 65534;
  resample(item.values, item.columns, across, up, item.map, centre, target, width, height);
  const pixels = new ImageData(width, height);
  paint(
    target,
    colourTable(look.maps[item.map], low, high, low, high, NOT_FINITE),
    new Uint32Array(pixels.data.buffer),
  );
  context.putImageData(pixels, Math.round(box.x * ratio), Math.round(box.y * ratio));
}

function note(context, { x, y, text, align, colour }, { look, across, up }) {
  context.fillStyle = look.colours[colour];
  context.textAlign = align === "centre" ? "center" : align;
  context.textBaseline = "middle";
  context.fillText(text, across(x), up(y));
}

const DRAWERS = { line, stems, points, band, rule, image, note };

function turned(context, x, y, text) {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, 0, 0);
  context.restore();
}

function stroke(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
