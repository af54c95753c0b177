// The visible part of the picture: samples across, fractions of the highest frequency up. Pure functions.
//
// A region is {first, last, low, high}. Along the frequency axis, positions are units of the whole axis (0 at its bottom, 1
// at its top), so that a zoom keeps the frequency under the pointer on every kind of axis.

export const SMALLEST_SPAN = 32; // samples
const SMALLEST_RISE = 0.004; // of the frequency axis

export const wholeOf = (header) => ({ first: 0, last: header.n_samples, low: 0, high: 1 });

export function isWhole(region, header) {
  return region.first <= 0 && region.last >= header.n_samples && region.low <= 0 && region.high >= 1;
}

export const same = (a, b) =>
  a === b || (a && b && ["first", "last", "low", "high"].every((name) => a[name] === b[name]));

// The region as the kernel knows it; null is everything.
export const toVisible = (region, header) =>
  isWhole(region, header) ? null : [region.first, region.last, region.low, region.high];

export function fromVisible(visible, header) {
  if (!Array.isArray(visible)) return wholeOf(header);
  const [first, last, low, high] = visible;
  return fit({ first, last, low, high }, header);
}

// A region clipped to the sound, and at least of the smallest size; its length is kept where it fits.
export function fit(region, header) {
  const [first, last] = within([region.first, region.last], [0, header.n_samples], SMALLEST_SPAN);
  const [low, high] = within([region.low, region.high], [0, 1], 0);
  return { first, last, low, high };
}

/** @param {number[]} ends @param {number[]} limits @param {number} smallest */
function within([from, to], [least, most], smallest) {
  const span = Math.min(Math.max(to - from, smallest), most - least);
  const middle = (from + to) / 2;
  const start = Math.min(Math.max(to - from < span ? middle - span / 2 : from, least), most - span);
  return [start, start + span];
}

export function zoomTime(region, header, at, factor) {
  const [first, last] = zoomed([region.first, region.last], at, factor, [0, header.n_samples], SMALLEST_SPAN);
  return { ...region, first, last };
}

// `at` is a frequency, `full` the scale of the whole axis.
export function zoomFrequency(region, full, at, factor) {
  return withPlaces(
    region,
    full,
    zoomed(placesOf(region, full), clamp(full.toUnit(at), 0, 1), factor, [0, 1], SMALLEST_RISE),
  );
}

export function panTime(region, header, by) {
  const [first, last] = within([region.first + by, region.last + by], [0, header.n_samples], 0);
  return { ...region, first, last };
}

// `by` is a part of the whole axis.
export function panFrequency(region, full, by) {
  const [low, high] = placesOf(region, full);
  return withPlaces(region, full, within([low + by, high + by], [0, 1], 0));
}

// The region between two corners, each {sample, hz}; an axis along which they are as good as equal stays as it is.
export function between(region, header, full, a, b, { time = true, frequency = true } = {}) {
  let found = region;
  if (time) {
    const [first, last] = within(
      [Math.min(a.sample, b.sample), Math.max(a.sample, b.sample)],
      [0, header.n_samples],
      SMALLEST_SPAN,
    );
    found = { ...found, first, last };
  }
  if (!frequency) return found;
  const places = [a.hz, b.hz].map((hz) => clamp(full.toUnit(hz), 0, 1)).sort((x, y) => x - y);
  return withPlaces(found, full, within(places, [0, 1], SMALLEST_RISE));
}

// The region moved by the least amount that makes a sample and a frequency visible.
export function reveal(region, header, full, { sample, hz }) {
  const span = region.last - region.first;
  const [low, high] = placesOf(region, full);
  const place = clamp(full.toUnit(hz), 0, 1);
  const across =
    sample < region.first
      ? sample - region.first - span / 8
      : sample > region.last
        ? sample - region.last + span / 8
        : 0;
  const up = place < low ? place - low : place > high ? place - high : 0;
  const moved = across ? panTime(region, header, across) : region;
  return up ? panFrequency(moved, full, up) : moved;
}

export function placesOf(region, full) {
  const place = (fraction) => clamp(full.toUnit(fraction * full.domain[1]), 0, 1);
  return [region.low <= 0 ? 0 : place(region.low), region.high >= 1 ? 1 : place(region.high)];
}

/** @param {any} region @param {any} full @param {number[]} places */
function withPlaces(region, full, [low, high]) {
  return {
    ...region,
    low: low <= 0 ? 0 : full.invert(low) / full.domain[1],
    high: high >= 1 ? 1 : full.invert(high) / full.domain[1],
  };
}

/** @param {number[]} ends @param {number} at @param {number} factor @param {number[]} limits @param {number} smallest */
function zoomed([from, to], at, factor, limits, smallest) {
  const span = Math.max(smallest, (to - from) * factor);
  const share = to > from ? (clamp(at, from, to) - from) / (to - from) : 0.5;
  const start = clamp(at, from, to) - share * span;
  return within([start, start + span], limits, 0);
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
