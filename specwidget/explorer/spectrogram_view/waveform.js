// The waveform strip: the channel that is shown over the picture's time axis, and the frame under the cursor with its
// window over it.
import { strokeLine } from "../../charts/paths.js";
import { envelopeOf, samplesOf } from "./envelope.js";
import { visibleSpan } from "./marks.js";

const PAD = 3;

// `waves` are the envelopes at hand, the finest first; `reach` the size that fills the strip.
export function drawWave(context, box, waves, view, reach, look) {
  const y = (value) => box.y + box.height / 2 - (value / (reach || 1)) * (box.height / 2 - PAD);
  context.strokeStyle = look.line;
  context.lineWidth = 1;
  context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
  strokeLine(context, box.x, Math.round(y(0)) + 0.5, box.x + box.width, Math.round(y(0)) + 0.5);
  const wave = waves.find((each) => each.first <= view.first + 1 && each.last >= view.last - 1) ?? waves.at(-1);
  if (!wave) return;
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  const samples = box.width > (view.last - view.first) / 2 ? samplesOf(wave, view) : null;
  if (samples) drawSamples(context, box, samples, view, y, look);
  else drawEnvelope(context, box, envelopeOf(wave, view, Math.round(box.width)), y, look);
  context.restore();
}

function drawEnvelope(context, box, { low, high }, y, look) {
  context.fillStyle = look.wave;
  for (let x = 0; x < low.length; x++) {
    if (Number.isNaN(low[x])) continue;
    const top = y(high[x]);
    context.fillRect(box.x + x, top, 1, Math.max(1, y(low[x]) - top));
  }
}

function drawSamples(context, box, samples, view, y, look) {
  const x = (sample) => box.x + ((sample - view.first) / (view.last - view.first)) * box.width;
  context.strokeStyle = look.wave;
  context.beginPath();
  for (const { sample, value } of samples) context.lineTo(x(sample), y(value));
  context.stroke();
  if (box.width < 6 * samples.length) return;
  context.fillStyle = look.wave;
  for (const { sample, value } of samples) context.fillRect(x(sample) - 1.5, y(value) - 1.5, 3, 3);
}

// The frame from sample `first` on, with its window as far as it is known.
export function drawFrame(context, box, view, { first, length, window }, look) {
  const [left, right] = visibleSpan(box, view, first, first + length);
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.globalAlpha = 0.14;
  context.fillStyle = look.accent;
  context.fillRect(left, box.y, right - left, box.height);
  context.globalAlpha = 1;
  context.strokeStyle = look.accent;
  context.lineWidth = 1;
  for (const x of [left, right])
    strokeLine(context, Math.round(x) + 0.5, box.y, Math.round(x) + 0.5, box.y + box.height);
  if (window) drawWindow(context, box, window, left, right, look);
  context.restore();
}

function drawWindow(context, box, window, left, right, look) {
  const points = Math.max(2, Math.min(window.length, Math.ceil(right - left)));
  const peak = window.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let i = 0; i < points; i++) {
    const value = window[Math.round((i * (window.length - 1)) / (points - 1))] / peak;
    const y = box.y + box.height / 2 - value * (box.height / 2 - PAD);
    context.lineTo(left + ((right - left) * i) / (points - 1), y);
  }
  context.stroke();
}

// Spans that a word means; those outside of the sound lie at the edge.
export function drawSpans(context, box, view, spans, look) {
  for (const [first, last] of spans) {
    const [left, right] = visibleSpan(box, view, first, last);
    context.globalAlpha = 0.35;
    context.fillStyle = look.accent;
    context.fillRect(left, box.y, right - left, box.height);
    context.globalAlpha = 1;
  }
}
