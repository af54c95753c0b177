// A map of errors on a small canvas, with axes and a bar in units of the tolerance.
import { drawAxes, frame, turned } from "../../charts/axes.js";
import { codesOf, coloursOf } from "../../raster/layers.js";
import { clearCanvas as wipe } from "../spectrogram_view/marks.js";
import { unpack } from "../../raster/raster.js";
import { frequencyScale } from "../../charts/scales.js";

const PLACE = { left: 56, right: 88, top: 8, bottom: 40, bar: 12 };

// Where plot and bar stand, in CSS pixels.
export function placeMap(width, height) {
  const plot = {
    title: "",
    x: PLACE.left,
    y: PLACE.top,
    width: Math.max(16, width - PLACE.left - PLACE.right),
    height: Math.max(16, height - PLACE.top - PLACE.bottom),
  };
  return {
    plots: [plot],
    bar: { x: plot.x + plot.width + 14, y: plot.y, width: PLACE.bar, height: plot.height },
    width,
    height,
  };
}

// Ticks of the bar: powers of ten of the tolerance, 1 named by what it is. `low` and `high` are decimal logarithms.
export function toleranceTicks(low, high) {
  const every = Math.max(1, Math.ceil((high - low) / 5));
  const ticks = [];
  for (let power = Math.ceil(low - 1e-9); power <= high + 1e-9; power++) {
    if (power === 0 || power % every === 0) ticks.push({ value: power, label: labelOf(power) });
  }
  return ticks;
}

const labelOf = (power) =>
  power === 0
    ? "1"
    : power >= -3 && power <= 3
      ? String(Number((10 ** power).toPrecision(1)))
      : `1e${power}`.replace("-", "\u2212");

// Draw a map {header, codes, rowStarts, columnStarts} on a canvas as large as its place on the page.
export function drawMap(canvas, map, table) {
  const [cssWidth, cssHeight] = [canvas.clientWidth, canvas.clientHeight];
  if (!cssWidth || !cssHeight) return;
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  canvas.width = Math.round(cssWidth * ratio);
  canvas.height = Math.round(cssHeight * ratio);
  const context = canvas.getContext("2d");
  wipe(context, ratio);
  const look = lookOf(canvas);
  const place = placeMap(cssWidth, cssHeight);
  const view = { first: 0, last: map.header.n_samples };
  const scale = frequencyScale("linear", map.header.top, map.header.spacing);
  paintPlot(context, map, place.plots[0], view, scale, table, ratio);
  paintBar(context, place.bar, unpack(table), ratio);
  drawAxes(context, place, { header: map.header, view, chosen: "seconds", scale }, look);
  drawBar(context, place, map.header.range, look);
}

function lookOf(canvas) {
  const style = getComputedStyle(canvas);
  const get = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  return {
    ink: get("--sw-ink", "#212121"),
    muted: get("--sw-muted", "#5c5c5c"),
    line: get("--sw-line", "#bdbdbd"),
    font: `11px ${get("--sw-font", "system-ui, sans-serif")}`,
  };
}

function paintPlot(context, map, plot, view, scale, table, ratio) {
  const [width, height] = [Math.round(plot.width * ratio), Math.round(plot.height * ratio)];
  const codes = codesOf(map, 0, view, scale, width, height);
  const colours = coloursOf(map, table, map.header.range);
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < codes.length; i++) pixels[i] = colours[codes[i]];
  context.putImageData(image, Math.round(plot.x * ratio), Math.round(plot.y * ratio));
}

function paintBar(context, bar, colours, ratio) {
  const [width, height] = [Math.round(bar.width * ratio), Math.round(bar.height * ratio)];
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let y = 0; y < height; y++)
    pixels.fill(colours[Math.floor(((height - 1 - y) * 256) / height)], y * width, (y + 1) * width);
  context.putImageData(image, Math.round(bar.x * ratio), Math.round(bar.y * ratio));
}

function drawBar(context, { bar, width }, [low, high], look) {
  frame(context, bar, look);
  context.textAlign = "left";
  context.textBaseline = "middle";
  const right = bar.x + bar.width;
  for (const { value, label } of toleranceTicks(low, high)) {
    const y = Math.round(bar.y + bar.height * (1 - (value - low) / (high - low))) + 0.5;
    context.strokeStyle = value === 0 ? look.ink : look.line;
    context.fillStyle = value === 0 ? look.ink : look.muted;
    context.beginPath();
    context.moveTo(value === 0 ? bar.x : right, y);
    context.lineTo(right + 4, y);
    context.stroke();
    context.fillText(label, right + 7, y);
  }
  turned(context, width - 8, bar.y + bar.height / 2, "Error / tolerance", look);
}
