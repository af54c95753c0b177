// The waveform and the spectrum of a frame, reduced to pixels. Each pixel keeps its extremes, never a mean: a click of one
// sample stays visible. Pure functions.

/**
 * Lowest and highest value in each of `width` pixels; NaN where the envelope has none. A part of the envelope that is
 * narrower than a pixel is never lost.
 *
 * @param {Envelope} envelope
 * @param {Span} view What the pixels cover.
 * @param {number} width
 */
export function resampleEnvelope({ first, last, minimum, maximum }, view, width) {
  const low = new Float32Array(width).fill(NaN);
  const high = new Float32Array(width).fill(NaN);
  const partLength = (last - first) / minimum.length;
  const perPixel = (view.last - view.first) / width;
  for (let x = 0; x < width; x++) {
    const from = (view.first + x * perPixel - first) / partLength;
    const to = (view.first + (x + 1) * perPixel - first) / partLength;
    const start = Math.max(0, Math.floor(from));
    const end = Math.min(minimum.length, Math.max(start + 1, Math.ceil(to)));
    if (to <= 0 || from >= minimum.length) continue;
    let [lowest, highest] = [minimum[start], maximum[start]];
    for (let i = start + 1; i < end; i++) {
      if (minimum[i] < lowest) lowest = minimum[i];
      if (maximum[i] > highest) highest = maximum[i];
    }
    low[x] = lowest;
    high[x] = highest;
  }
  return { low, high };
}

/**
 * The samples between two of them; null where the envelope joins several into one part.
 *
 * @param {Envelope} envelope
 * @param {Span} view
 * @returns {{sample: number, value: number}[] | null}
 */
export function samplesOf({ first, last, minimum, maximum }, view) {
  if (Math.abs(last - first - minimum.length) > 1e-6) return null;
  const from = Math.max(0, Math.floor(view.first - first) - 1);
  const to = Math.min(minimum.length, Math.ceil(view.last - first) + 2);
  const samples = [];
  for (let i = from; i < to; i++) {
    if (minimum[i] !== maximum[i]) return null;
    samples.push({ sample: first + i, value: minimum[i] });
  }
  return samples;
}

/**
 * The largest magnitude of an envelope.
 *
 * @param {Envelope} envelope
 */
export function peakOf({ minimum, maximum }) {
  let peak = 0;
  for (let i = 0; i < minimum.length; i++) {
    if (-minimum[i] > peak) peak = -minimum[i];
    if (maximum[i] > peak) peak = maximum[i];
  }
  return peak;
}

/** Whether two envelopes hold the same values; NaN equals NaN. */
export function isSameEnvelope(a, b) {
  return (
    a.first === b.first &&
    a.last === b.last &&
    ["minimum", "maximum"].every((name) => a[name].every((value, i) => Object.is(value, b[name][i])))
  );
}

/**
 * Lowest and highest value of a spectrum in each of `height` pixels from the bottom of a frequency axis; NaN where there
 * is none. Bins wider than a pixel are joined by straight lines, narrower ones keep their extremes.
 *
 * @param {Float32Array} values One for each bin.
 * @param {number} spacing Distance of two bins, Hz.
 * @param {Scale} scale
 * @param {number} height
 */
export function profileOf(values, spacing, scale, height) {
  const low = new Float32Array(height).fill(NaN);
  const high = new Float32Array(height).fill(NaN);
  let before = scale.invert(0) / spacing;
  for (let y = 0; y < height; y++) {
    const after = scale.invert((y + 1) / height) / spacing;
    const ends = [interpolate(values, before), interpolate(values, after)];
    let [lowest, highest] = ends[0] < ends[1] ? ends : [ends[1], ends[0]];
    for (let i = Math.max(0, Math.ceil(before)); i <= Math.min(values.length - 1, Math.floor(after)); i++) {
      if (Number.isNaN(values[i])) continue;
      // The negated comparisons are also true where the value so far is NaN.
      if (!(lowest <= values[i])) lowest = values[i];
      if (!(highest >= values[i])) highest = values[i];
    }
    low[y] = lowest;
    high[y] = highest;
    before = after;
  }
  return { low, high };
}

function interpolate(values, position) {
  if (position < 0 || position > values.length - 1) return NaN;
  const i = Math.min(Math.floor(position), values.length - 2);
  if (i < 0) return values[0];
  const fraction = position - i;
  return fraction === 0 ? values[i] : values[i] + fraction * (values[i + 1] - values[i]);
}
