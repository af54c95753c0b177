// What is drawn over the picture: crosshair, pins, the resolution box, what a word means, and a box under way.
import { strokeWithHalo } from "../../charts/paths.js";
import { centreOf, frequencyOf } from "../../raster/cells.js";

// The place of a sample and of a frequency in a plot, in CSS pixels.
const acrossOf = (plot, view, sample) => plot.x + ((sample - view.first) / (view.last - view.first)) * plot.width;
const upOf = (plot, scale, hertz) => plot.y + (1 - Math.min(Math.max(scale.toUnit(hertz), -0.5), 1.5)) * plot.height;

// `scene` holds header, view, scale, cursor, pins, box, highlight, drag; all but the first three may be null or empty.
export function drawMarks(context, place, scene, look) {
  place.plots.forEach((plot, panel) => {
    context.save();
    context.beginPath();
    context.rect(plot.x, plot.y, plot.width, plot.height);
    context.clip();
    drawHighlight(context, plot, scene, look);
    if (scene.cursor?.panel === panel) {
      drawBox(context, plot, scene);
      crosshair(context, plot, scene, scene.cursor);
    }
    scene.pins.forEach((pin, i) => pin.panel === panel && drawPin(context, plot, scene, pin, String(i + 1), look));
    if (scene.drag?.panel === panel) drawDrag(context, plot, scene.drag);
    context.restore();
  });
}

function crosshair(context, plot, { header, view, scale }, cell) {
  const x = Math.round(acrossOf(plot, view, centreOf(header, cell.frame))) + 0.5;
  const y = Math.round(upOf(plot, scale, frequencyOf(header, cell.bin))) + 0.5;
  strokeWithHalo(context, () => {
    context.moveTo(x, plot.y);
    context.lineTo(x, plot.y + plot.height);
    context.moveTo(plot.x, y);
    context.lineTo(plot.x + plot.width, y);
  });
}

function drawPin(context, plot, { header, view, scale }, cell, name, look) {
  const x = Math.round(acrossOf(plot, view, centreOf(header, cell.frame))) + 0.5;
  const y = Math.round(upOf(plot, scale, frequencyOf(header, cell.bin))) + 0.5;
  strokeWithHalo(context, () => {
    context.moveTo(x - 9, y);
    context.lineTo(x + 9, y);
    context.moveTo(x, y - 9);
    context.lineTo(x, y + 9);
  });
  tag(context, plot, x, y, name, look);
}

// The name of a pin in a small plate, on the side where there is room.
function tag(context, plot, x, y, name, look) {
  const [left, top] = [x + 22 > plot.x + plot.width ? x - 21 : x + 5, y - 22 < plot.y ? y + 5 : y - 21];
  context.fillStyle = "rgba(0, 0, 0, 0.75)";
  context.fillRect(left, top, 16, 16);
  context.font = look.font;
  context.fillStyle = "#fff";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(name, left + 8, top + 8.5);
}

function drawBox(context, plot, { view, scale, box }) {
  if (!box) return;
  const [left, right] = [acrossOf(plot, view, box.first), acrossOf(plot, view, box.last)];
  const [top, bottom] = [upOf(plot, scale, box.high), upOf(plot, scale, box.low)];
  strokeWithHalo(context, () => context.rect(left, top, right - left, bottom - top), [4, 3]);
}

function drawHighlight(context, plot, { view, scale, highlight }, look) {
  if (!highlight) return;
  const shade = (x, y, width, height) => {
    context.globalAlpha = 0.35;
    context.fillStyle = look.accent;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
    strokeWithHalo(context, () => context.rect(x, y, width, height));
  };
  for (const [first, last] of highlight.spans) {
    const [left, right] = visibleSpan(plot, view, first, last);
    shade(left, plot.y - 2, right - left, plot.height + 4);
  }
  if (highlight.rise) {
    const [low, high] = highlight.rise.map((hertz) => upOf(plot, scale, hertz));
    shade(plot.x - 2, high, plot.width + 4, Math.max(1, low - high));
  }
}

// Where a span of samples is drawn: at least 3 pixels wide, and what lies before or after the sound at the very edge.
export function visibleSpan(plot, view, first, last) {
  const [left, right] = [acrossOf(plot, view, first), acrossOf(plot, view, last)];
  const end = plot.x + plot.width;
  if (right <= plot.x) return [plot.x, plot.x + 3];
  if (left >= end) return [end - 3, end];
  return [left, Math.max(right, left + 3)];
}

function drawDrag(context, plot, { from, to, time, frequency }) {
  const [x0, x1] = time ? [from.across, to.across] : [0, 1];
  const [y0, y1] = frequency ? [from.up, to.up] : [0, 1];
  const [left, top] = [plot.x + Math.min(x0, x1) * plot.width, plot.y + (1 - Math.max(y0, y1)) * plot.height];
  const [width, height] = [Math.abs(x1 - x0) * plot.width, Math.abs(y1 - y0) * plot.height];
  context.fillStyle = "rgba(255, 255, 255, 0.2)";
  context.fillRect(left, top, width, height);
  strokeWithHalo(context, () => context.rect(left, top, width, height));
}
