// Frequency axes and ticks. Pure functions; `pixels/scales.py` has the same formulas for the axes.
import { decimals, fixed, short } from "./format.js";
import { notesBetween } from "./pitch.js";

const LOG_SPAN = 512;

export function logBottom(top, spacing) {
  return Math.min(Math.max(top / LOG_SPAN, spacing / 2), top / 2);
}

// A frequency axis: `place(f)` is 0 at its bottom and 1 at its top, `at(place)` the way back, `bottom` and `top` its ends.
// "notes" is a logarithmic axis whose ticks are notes.
export function frequencyScale(axis, top, spacing) {
  if (axis === "log" || axis === "notes") {
    const bottom = logBottom(top, spacing);
    const span = Math.log(top / bottom);
    return {
      axis,
      bottom,
      top,
      place: (f) => (f > 0 ? Math.log(f / bottom) / span : -1),
      at: (p) => bottom * Math.exp(p * span),
    };
  }
  if (axis === "mel") {
    const span = Math.log1p(top / 700);
    return { axis, bottom: 0, top, place: (f) => Math.log1p(f / 700) / span, at: (p) => 700 * Math.expm1(p * span) };
  }
  return { axis: "linear", bottom: 0, top, place: (f) => f / top, at: (p) => p * top };
}

// The part of an axis between two places of it, as an axis of its own.
export function partOf(full, [from, to]) {
  const span = to - from;
  if (from === 0 && to === 1) return full;
  return {
    axis: full.axis,
    bottom: full.at(from),
    top: full.at(to),
    place: (f) => (full.place(f) - from) / span,
    at: (p) => full.at(from + p * span),
  };
}

// A step of 1, 2 or 5 times a power of ten, with which about `count` ticks fit into `span`.
export function niceStep(span, count) {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10;
  return factor * power;
}

// Ticks at round values between `low` and `high`: [{value, label}].
export function linearTicks(low, high, count, scale = 1) {
  if (!(high > low)) return [];
  const step = niceStep((high - low) / scale, count);
  const digits = decimals(step);
  const first = Math.ceil(low / scale / step - 1e-9);
  const last = Math.floor(high / scale / step + 1e-9);
  const exponent = digits > 5 || last * step >= 1e6;
  const ticks = [];
  for (let i = first; i <= last && ticks.length < 100; i++) {
    const value = i * step;
    ticks.push({ value: value * scale, label: exponent ? short(value, 3) : fixed(value, digits) });
  }
  return ticks;
}

// Ticks of a frequency axis, at least `gap` of its length apart: notes where it asks for them, else round numbers.
export function frequencyTicks(scale, gap, inKilo) {
  const unit = inKilo ? 1000 : 1;
  const even = () => linearTicks(scale.bottom, scale.top, 1 / gap, unit);
  if (scale.axis === "linear") return even();
  const curved = apart(scale, gap, scale.axis === "notes" ? noteTicks(scale) : roundTicks(scale, unit));
  // In a small part of a curved axis round numbers to one digit are rare, and the axis is nearly straight.
  return curved.length < 3 && scale.axis !== "notes" ? apart(scale, gap * 0.75, even()) : curved;
}

const noteTicks = (scale) =>
  notesBetween(scale.bottom, scale.top).map(({ hertz, name }) => ({ value: hertz, label: name }));

function roundTicks(scale, unit) {
  const ticks = scale.bottom === 0 ? [{ value: 0, label: "0" }] : [];
  for (const factors of [[1], [5], [2], [3, 7]]) {
    for (let power = -6; power <= 6; power++) {
      for (const factor of factors) {
        const value = factor * 10 ** power;
        ticks.push({ value, label: String(Number((value / unit).toPrecision(2))) });
      }
    }
  }
  return ticks;
}

// Of ticks in the order of their rank those that lie on the axis and not too near to one before.
function apart(scale, gap, ticks) {
  const found = [];
  for (const tick of ticks) {
    const place = scale.place(tick.value);
    if (place < -1e-9 || place > 1 + 1e-9 || found.some((other) => Math.abs(other.place - place) < gap)) continue;
    found.push({ ...tick, place });
  }
  return found.sort((a, b) => a.value - b.value);
}

// Values that a logarithmic slider stops at: `steps` even ones in each octave of `span`, whole numbers only.
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

// Index of the stop nearest to a value.
export function nearestStop(stops, value) {
  let best = 0;
  stops.forEach((stop, i) => {
    if (Math.abs(Math.log(stop / value)) < Math.abs(Math.log(stops[best] / value))) best = i;
  });
  return best;
}
