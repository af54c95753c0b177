// The waveform, reduced to pixels. Each pixel keeps its extremes, never a mean: a click of one sample stays visible.
// Pure functions.

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
