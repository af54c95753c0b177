// @ts-nocheck
// Axes, ticks and colour bar on a canvas. Everything is drawn in CSS pixels; the context is scaled for the screen.
import { frequencyTicks, linearTicks } from "./scales.js";
import { timeAxis } from "./timeline.js";

const TICK = 4;

export function frequencyTitle(header, inKilo) {
  if (!header.has_rate) return "Frequency (cycles per sample)";
  return inKilo ? "Frequency (kHz)" : "Frequency (Hz)";
}

// `view` is what is visible of the time axis, `chosen` its unit, `scale` the visible frequency axis.
export function drawAxes(context, place, { header, view, chosen, scale }, look) {
  context.font = look.font;
  context.lineWidth = 1;
  const inKilo = header.has_rate && scale.top >= 2000;
  for (const plot of place.plots) {
    frame(context, plot, look);
    if (plot.title) {
      context.fillStyle = look.ink;
      context.textAlign = "left";
      context.textBaseline = "alphabetic";
      context.fillText(plot.title, plot.x, plot.y - 7);
    }
    drawFrequencies(context, plot, scale, inKilo, look);
  }
  const last = place.plots.at(-1);
  drawTimes(context, last, timeAxis(header, chosen, view.first, view.last, last.width / 90), view, look);
  const title = scale.axis === "notes" ? "Note (A4 = 440 Hz)" : frequencyTitle(header, inKilo);
  turned(context, 12, (place.plots[0].y + last.y + last.height) / 2, title, look);
}

function drawTimes(context, plot, { title, ticks }, view, look) {
  const bottom = plot.y + plot.height;
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillStyle = look.muted;
  context.strokeStyle = look.line;
  for (const tick of ticks) {
    const x = Math.round(plot.x + ((tick.sample - view.first) / (view.last - view.first)) * plot.width) + 0.5;
    line(context, x, bottom, x, bottom + TICK);
    context.fillText(tick.label, x, bottom + TICK + 3);
  }
  context.fillText(title, plot.x + plot.width / 2, bottom + 23);
}

function drawFrequencies(context, plot, scale, inKilo, look) {
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = look.muted;
  context.strokeStyle = look.line;
  const gap = scale.axis === "notes" ? 18 : 28;
  for (const tick of frequencyTicks(scale, Math.min(0.5, gap / plot.height), inKilo)) {
    const y = Math.round(plot.y + plot.height * (1 - scale.place(tick.value))) + 0.5;
    line(context, plot.x - TICK, y, plot.x, y);
    context.fillText(tick.label, plot.x - TICK - 3, y);
  }
}

// The frame of a spectrum with the values below it: its axis is the range of the colours.
export function drawSpectrumAxes(context, box, [low, high], header, isLast, look) {
  context.font = look.font;
  context.lineWidth = 1;
  frame(context, box, look);
  if (!isLast) return;
  const bottom = box.y + box.height;
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillStyle = look.muted;
  context.strokeStyle = look.line;
  for (const tick of valueTicks(low, high, box.width / 52, header)) {
    const x = Math.round(box.x + (box.width * (tick.value - low)) / (high - low)) + 0.5;
    line(context, x, bottom, x, bottom + TICK);
    context.fillText(tick.label, Math.min(Math.max(x, box.x + 8), box.x + box.width - 8), bottom + TICK + 3);
  }
  context.fillText(box.width > 110 ? "Spectrum at the cursor" : "Spectrum", box.x + box.width / 2, bottom + 23);
}

// The colour bar's frame, ticks and title.
export function drawBar(context, bar, [low, high], header, look) {
  context.font = look.font;
  frame(context, bar, look);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = look.muted;
  const right = bar.x + bar.width;
  for (const tick of valueTicks(low, high, bar.height / 48, header)) {
    const y = Math.round(bar.y + bar.height * (1 - (tick.value - low) / (high - low))) + 0.5;
    line(context, right, y, right + TICK, y);
    context.fillText(tick.label, right + TICK + 3, y);
  }
  const title = header.unit ? `${capital(header.label)} (${header.unit})` : capital(header.label);
  turned(context, look.right - 8, bar.y + bar.height / 2, title, look);
}

// Ticks of values; an angle's are parts of pi.
export function valueTicks(low, high, count, header) {
  if (header.kind !== "cyclic") return linearTicks(low, high, count);
  const parts = [
    [-1, "\u2212\u03c0"],
    [-0.5, "\u2212\u03c0/2"],
    [0, "0"],
    [0.5, "\u03c0/2"],
    [1, "\u03c0"],
  ];
  return parts
    .map(([part, label]) => ({ value: part * Math.PI, label }))
    .filter(({ value }) => value >= low - 1e-6 && value <= high + 1e-6);
}

export function frame(context, { x, y, width, height }, look) {
  context.strokeStyle = look.line;
  context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
}

export function turned(context, x, y, text, look) {
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

const capital = (text) => (text.startsWith("ln ") ? text : text.charAt(0).toUpperCase() + text.slice(1));
