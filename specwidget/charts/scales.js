// Scales of axes, and the stops of logarithmic sliders. Pure functions; `raster/scales.py` has the same formulas.

const LOG_SPAN = 512;
const MEL_BREAK = 700;

// Functions that make each type of axis a linear one, and their inverses.
const WARPS = {
  linear: [(value) => value, (value) => value],
  log: [(value) => (value > 0 ? Math.log(value) : -Infinity), Math.exp],
  mel: [(hertz) => Math.log1p(hertz / MEL_BREAK), (mel) => MEL_BREAK * Math.expm1(mel)],
};

/**
 * A scale over a domain: `toUnit(value)` is 0 at its lower end and 1 at its upper end, and -1 for values without a position
 * on a logarithmic axis; `invert(unit)` is its inverse.
 *
 * @param {string} type "linear", "log" or "mel"
 * @param {number[]} domain
 */
export function createScale(type, [low, high]) {
  const [warp, unwarp] = WARPS[type];
  const start = warp(low);
  const span = warp(high) - start;
  return {
    type,
    domain: [low, high],
    toUnit: (value) => Math.max((warp(value) - start) / span, type === "log" && !(value > 0) ? -1 : -Infinity),
    invert: (unit) => unwarp(start + unit * span),
  };
}

// The lowest frequency of a logarithmic axis.
export function logBottom(top, spacing) {
  return Math.min(Math.max(top / LOG_SPAN, spacing / 2), top / 2);
}

// The scale of a frequency axis up to `top`, for bins `spacing` apart. "notes" is a logarithmic one with notes as ticks.
export function frequencyScale(axis, top, spacing) {
  const type = axis === "notes" ? "log" : axis in WARPS ? axis : "linear";
  return { axis, ...createScale(type, [type === "log" ? logBottom(top, spacing) : 0, top]) };
}

// The axis that is drawn: mel and notes are defined in Hz, and need a sample rate.
export const availableAxis = (axis, hasRate) => (hasRate ? axis : ({ mel: "linear", notes: "log" }[axis] ?? axis));

/**
 * The part of a scale between two of its units, as a scale of its own.
 *
 * @param {any} scale
 * @param {number[]} units
 */
export function zoomScale(scale, [from, to]) {
  if (from === 0 && to === 1) return scale;
  return { ...scale, ...createScale(scale.type, [scale.invert(from), scale.invert(to)]) };
}

// Functions from values to pixels of a box. What lies far outside is cut, as canvases draw large numbers wrongly.
export function projection({ x, y, width, height }, xScale, yScale) {
  return {
    toX: (value) => x + clampUnit(xScale.toUnit(value)) * width,
    toY: (value) => y + (1 - clampUnit(yScale.toUnit(value))) * height,
  };
}

const clampUnit = (unit) => Math.max(-8, Math.min(9, unit));

// Values of a logarithmic slider: `steps` even ones in each octave of `span`, whole numbers only.
export function sliderStops([low, high], steps) {
  const stops = new Set([low]);
  for (let octave = 2 ** Math.floor(Math.log2(low)); octave < high; octave *= 2) {
    for (let i = 0; i < steps; i++) {
      const value = octave + (octave * i) / steps;
      if (Number.isInteger(value) && value >= low && value <= high) stops.add(value);
    }
  }
  return [...stops.add(high)].sort((a, b) => a - b);
}

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]; // in each decade

// Values of a logarithmic slider, in samples, that are round times at a sample rate.
export function timeStops([low, high], rate) {
  const stops = new Set();
  for (let decade = 10 ** Math.floor(Math.log10(low / rate)); decade * rate <= high; decade *= 10)
    for (const factor of ROUND) {
      const samples = Math.round(factor * decade * rate);
      if (samples >= low && samples <= high) stops.add(samples);
    }
  return [...stops.add(low).add(high)].sort((a, b) => a - b);
}

const NEIGHBOURS = 4; // on either side of a value

// Stops with the whole numbers around a value among them.
export function withNeighbours(stops, value, [low, high]) {
  const near = Array.from({ length: 2 * NEIGHBOURS + 1 }, (_, i) => value - NEIGHBOURS + i);
  const all = new Set([...stops, ...near.filter((each) => each === value || (each >= low && each <= high))]);
  return [...all].sort((a, b) => a - b);
}

// Index of the stop nearest to a value.
export function nearestStop(stops, value) {
  let best = 0;
  stops.forEach((stop, i) => {
    if (Math.abs(Math.log(stop / value)) < Math.abs(Math.log(stops[best] / value))) best = i;
  });
  return best;
}
