// The waveform and one frame's spectrum, reduced to the screen: extremes are kept, never means. Pure functions.

// Lowest and highest value in each of `width` pixels between the samples `view.first` and `view.last`, of an envelope
// whose parts cover `first` to `last` evenly; NaN where it has none. A part narrower than a pixel is never lost.
export function envelopeOf({ first, last, minimum, maximum }, view, width) {
  const low = new Float32Array(width).fill(NaN);
  const high = new Float32Array(width).fill(NaN);
  const part = (last - first) / minimum.length;
  const perPixel = (view.last - view.first) / width;
  for (let x = 0; x < width; x++) {
    const from = (view.first + x * perPixel - first) / part;
    const to = (view.first + (x + 1) * perPixel - first) / part;
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

// The samples themselves between two of them, where the envelope has each: [{sample, value}], else null.
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

// The largest size of an envelope: what its strip has to hold.
export function reachOf({ minimum, maximum }) {
  let reach = 0;
  for (let i = 0; i < minimum.length; i++) {
    if (-minimum[i] > reach) reach = -minimum[i];
    if (maximum[i] > reach) reach = maximum[i];
  }
  return reach;
}

// Lowest and highest value of a spectrum in each of `height` pixels from the bottom of a frequency axis; NaN where there
// is none. Bins wider than a pixel are joined by straight lines, narrower ones keep their extremes.
export function profileOf(values, spacing, scale, height) {
  const low = new Float32Array(height).fill(NaN);
  const high = new Float32Array(height).fill(NaN);
  let before = scale.invert(0) / spacing;
  for (let y = 0; y < height; y++) {
    const after = scale.invert((y + 1) / height) / spacing;
    const ends = [between(values, before), between(values, after)];
    let [lowest, highest] = ends[0] < ends[1] ? ends : [ends[1], ends[0]];
    for (let i = Math.max(0, Math.ceil(before)); i <= Math.min(values.length - 1, Math.floor(after)); i++) {
      if (Number.isNaN(values[i])) continue;
      // Written so that they also take the place of what is not a number.
      if (!(lowest <= values[i])) lowest = values[i];
      if (!(highest >= values[i])) highest = values[i];
    }
    low[y] = lowest;
    high[y] = highest;
    before = after;
  }
  return { low, high };
}

function between(values, place) {
  if (place < 0 || place > values.length - 1) return NaN;
  const i = Math.min(Math.floor(place), values.length - 2);
  if (i < 0) return values[0];
  const share = place - i;
  return share === 0 ? values[i] : values[i] + share * (values[i + 1] - values[i]);
}
