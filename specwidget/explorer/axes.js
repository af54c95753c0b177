// Axes, ticks and colour bar on a canvas. Everything is drawn in CSS pixels; the context is scaled for the screen.
import { frequencyTicks, linearTicks } from "./scales.js";

const TICK = 4;
export const BAR_WIDTH = 12;

// Where things stand on a canvas of `width` x `height`: one plot for each panel, from top to bottom, and the colour bar.
export function layout(width, height, panels) {
  const narrow = width < 480;
  const left = narrow ? 46 : 56;
  const right = narrow ? 70 : 80;
  const bottom = 40;
  const head = panels.length > 1 ? 22 : 8;
  const plotWidth = Math.max(16, Math.floor(width - left - right));
  const each = Math.max(16, Math.floor((height - bottom - 2) / panels.length - head));
  const plots = panels.map((title, i) => ({ title, x: left, y: head + i * (each + head), width: plotWidth, height: each }));
  const last = plots[plots.length - 1];
  const bar = { x: left + plotWidth + 14, y: plots[0].y, width: BAR_WIDTH, height: last.y + last.height - plots[0].y };
  return { plots, bar, left, width, height };
}

// The time axis: seconds or milliseconds, or samples.
export function timeAxis(header) {
  if (!header.has_rate) return { scale: 1, title: "Time (samples)" };
  return header.duration < 0.75 ? { scale: 1e-3, title: "Time (ms)" } : { scale: 1, title: "Time (s)" };
}

export function frequencyTitle(header, inKilo) {
  if (!header.has_rate) return "Frequency (cycles per sample)";
  return inKilo ? "Frequency (kHz)" : "Frequency (Hz)";
}

export function drawAxes(context, place, header, scale, look) {
  context.font = look.font;
  context.lineWidth = 1;
  for (const plot of place.plots) {
    context.strokeStyle = look.line;
    context.strokeRect(plot.x - 0.5, plot.y - 0.5, plot.width + 1, plot.height + 1);
    if (plot.title) {
      context.fillStyle = look.ink;
      context.textAlign = "left";
      context.textBaseline = "alphabetic";
      context.fillText(plot.title, plot.x, plot.y - 7);
    }
    drawFrequencies(context, plot, header, scale, look);
  }
  const last = place.plots[place.plots.length - 1];
  drawTimes(context, last, header, look);
  turned(context, 12, (place.plots[0].y + last.y + last.height) / 2, frequencyTitle(header, header.top >= 2000), look);
}

function drawTimes(context, plot, header, look) {
  const { scale, title } = timeAxis(header);
  const bottom = plot.y + plot.height;
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillStyle = look.muted;
  context.strokeStyle = look.line;
  for (const tick of linearTicks(0, header.duration, plot.width / 90, scale)) {
    const x = Math.round(plot.x + (tick.value / header.duration) * plot.width) + 0.5;
    line(context, x, bottom, x, bottom + TICK);
    context.fillText(tick.label, x, bottom + TICK + 3);
  }
  context.fillText(title, plot.x + plot.width / 2, bottom + 23);
}

function drawFrequencies(context, plot, header, scale, look) {
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = look.muted;
  context.strokeStyle = look.line;
  for (const tick of frequencyTicks(scale, Math.min(0.5, 28 / plot.height), header.has_rate && header.top >= 2000)) {
    const y = Math.round(plot.y + plot.height * (1 - scale.place(tick.value))) + 0.5;
    line(context, plot.x - TICK, y, plot.x, y);
    context.fillText(tick.label, plot.x - TICK - 3, y);
  }
}

// The bar with its ticks: `colours` are 256 CSS-packed colours, painted by `fill` at device pixels.
export function drawBar(context, bar, [low, high], header, look) {
  context.strokeStyle = look.line;
  context.strokeRect(bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = look.muted;
  const right = bar.x + bar.width;
  for (const tick of barTicks(low, high, bar.height, header)) {
    const y = Math.round(bar.y + bar.height * (1 - (tick.value - low) / (high - low))) + 0.5;
    line(context, right, y, right + TICK, y);
    context.fillText(tick.label, right + TICK + 3, y);
  }
  const title = header.unit ? `${capital(header.label)} (${header.unit})` : capital(header.label);
  turned(context, look.right - 8, bar.y + bar.height / 2, title, look);
}

// Ticks of the colour bar; an angle's are parts of pi.
export function barTicks(low, high, height, header) {
  if (header.kind !== "cyclic") return linearTicks(low, high, height / 48);
  const parts = [[-1, "\u2212\u03c0"], [-0.5, "\u2212\u03c0/2"], [0, "0"], [0.5, "\u03c0/2"], [1, "\u03c0"]];
  return parts
    .map(([part, label]) => ({ value: part * Math.PI, label }))
    .filter(({ value }) => value >= low - 1e-6 && value <= high + 1e-6);
}

function turned(context, x, y, text, look) {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = look.muted;
  context.fillText(text, 0, 0);
  context.restore();
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

const capital = (text) => (/^[a-z]+ /.test(text) && text.startsWith("ln") ? text : text.charAt(0).toUpperCase() + text.slice(1));
