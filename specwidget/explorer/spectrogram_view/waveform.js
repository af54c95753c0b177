// The waveform: the displayed channel over the time axis of the spectrogram, and the frame under the cursor with its
// window.
import { clipTo, strokeLine } from "../../charts/paths.js";
import { resampleEnvelope, samplesOf } from "./envelope.js";
import { visibleSpan } from "./marks.js";

const PAD = 3;

/**
 * Draw the waveform.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {Envelope[]} waves Envelopes at hand, the finest first.
 * @param {Span} view
 * @param {number} peak The magnitude that fills the box.
 * @param {Theme} theme
 */
export function drawWaveform(context, box, waves, view, peak, theme) {
  const y = (value) => box.y + box.height / 2 - (value / (peak || 1)) * (box.height / 2 - PAD);
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
  strokeLine(context, box.x, Math.round(y(0)) + 0.5, box.x + box.width, Math.round(y(0)) + 0.5);
  const wave = waves.find((each) => each.first <= view.first + 1 && each.last >= view.last - 1) ?? waves.at(-1);
  if (!wave) return;
  context.save();
  clipTo(context, box);
  const samples = box.width > (view.last - view.first) / 2 ? samplesOf(wave, view) : null;
  if (samples) drawSamples(context, box, samples, view, y, theme);
  else drawEnvelope(context, box, resampleEnvelope(wave, view, Math.round(box.width)), y, theme);
  context.restore();
}

function drawEnvelope(context, box, { low, high }, y, theme) {
  context.fillStyle = theme.wave;
  for (let x = 0; x < low.length; x++) {
    if (Number.isNaN(low[x])) continue;
    const top = y(high[x]);
    context.fillRect(box.x + x, top, 1, Math.max(1, y(low[x]) - top));
  }
}

function drawSamples(context, box, samples, view, y, theme) {
  const x = (sample) => box.x + ((sample - view.first) / (view.last - view.first)) * box.width;
  context.strokeStyle = theme.wave;
  context.beginPath();
  for (const { sample, value } of samples) context.lineTo(x(sample), y(value));
  context.stroke();
  if (box.width < 6 * samples.length) return;
  context.fillStyle = theme.wave;
  for (const { sample, value } of samples) context.fillRect(x(sample) - 1.5, y(value) - 1.5, 3, 3);
}

/**
 * Draw the frame that begins at sample `first`, with its window once that is known.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {Span} view
 * @param {{first: number, length: number, window: Float32Array | null}} frame
 * @param {Theme} theme
 */
export function drawFrame(context, box, view, { first, length, window }, theme) {
  const [left, right] = visibleSpan(box, view, first, first + length);
  context.save();
  clipTo(context, box);
  context.globalAlpha = 0.14;
  context.fillStyle = theme.accent;
  context.fillRect(left, box.y, right - left, box.height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1;
  for (const x of [left, right])
    strokeLine(context, Math.round(x) + 0.5, box.y, Math.round(x) + 0.5, box.y + box.height);
  if (window) drawWindow(context, box, window, left, right);
  context.restore();
}

function drawWindow(context, box, window, left, right) {
  const nPoints = Math.max(2, Math.min(window.length, Math.ceil(right - left)));
  const peak = window.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let i = 0; i < nPoints; i++) {
    const value = window[Math.round((i * (window.length - 1)) / (nPoints - 1))] / peak;
    const y = box.y + box.height / 2 - value * (box.height / 2 - PAD);
    context.lineTo(left + ((right - left) * i) / (nPoints - 1), y);
  }
  context.stroke();
}

/** Shade spans of samples; those outside of the sound lie at the edge. */
export function drawSpans(context, box, view, spans, theme) {
  for (const [first, last] of spans) {
    const [left, right] = visibleSpan(box, view, first, last);
    context.globalAlpha = 0.35;
    context.fillStyle = theme.accent;
    context.fillRect(left, box.y, right - left, box.height);
    context.globalAlpha = 1;
  }
}
