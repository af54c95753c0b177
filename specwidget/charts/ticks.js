// Ticks of axes and colour bars: [{value, label}]. Pure functions.
import { decimals, fixed, short } from "../summary/format.js";
import { hertzAt, placeOfHertz } from "./bands.js";
import { notesBetween } from "./pitch.js";

const MOST_TICKS = 100;

// A step of 1, 2 or 5 times a power of ten, with which about `count` ticks fit into `span`.
export function niceStep(span, count) {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10;
  return factor * power;
}

// Ticks at round multiples of `unit` between `low` and `high`.
export function linearTicks(low, high, count, unit = 1) {
  if (!(high > low)) return [];
  const step = niceStep((high - low) / unit, count);
  const digits = decimals(step);
  const first = Math.ceil(low / unit / step - 1e-9);
  const last = Math.floor(high / unit / step + 1e-9);
  const exponent = digits > 5 || last * step >= 1e6;
  const ticks = [];
  for (let i = first; i <= last && ticks.length < MOST_TICKS; i++) {
    const value = i * step;
    ticks.push({ value: value * unit, label: exponent ? short(value, 3) : fixed(value, digits) });
  }
  return ticks;
}

// Round numbers on a logarithmic axis: powers of ten, with 2 and 5 between them where there is room.
export function logTicks(low, high, count) {
  const decades = ticksAt([1], low, high);
  const finer = ticksAt([1, 2, 5], low, high);
  const ticks = decades.length && finer.length > count ? decades : finer;
  const every = Math.max(1, Math.ceil(ticks.length / Math.max(1, count)));
  return ticks.filter((_, i) => i % every === 0);
}

function ticksAt(factors, low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9))
        ticks.push({ value, label: logLabel(factor, power) });
    }
  }
  return ticks;
}

const SUPERSCRIPT = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

// A round number on a logarithmic axis, as a power of ten where it would be long.
function logLabel(factor, power) {
  if (power >= 0 && power < 5) return fixed(factor * 10 ** power);
  if (power < 0 && power > -4) return fixed(factor * 10 ** power, -power);
  const raised = [...String(Math.abs(power))].map((digit) => SUPERSCRIPT[digit]).join("");
  return `${factor === 1 ? "" : `${factor}\u00b7`}10${power < 0 ? "\u207b" : ""}${raised}`;
}

/**
 * Ticks of a scale, about `count`; `given` ones, as pairs (value, label), take their place.
 *
 * @param {any} scale
 * @param {number} count
 * @param {[number, string][] | null} [given]
 */
export function scaleTicks(scale, count, given = null) {
  if (given) return given.map(([value, label]) => ({ value, label }));
  const [low, high] = scale.domain;
  if (scale.type === "log") return logTicks(low, high, count);
  // Even steps of Hz would crowd at the upper end of a warped axis.
  return scale.type === "linear" ? linearTicks(low, high, count) : frequencyTicks(scale, 1 / count);
}

// Ticks of a frequency axis, at least `gap` of its length apart; `unit` is the size of the labels' unit, Hz.
export function frequencyTicks(scale, gap, unit = 1) {
  const even = () => linearTicks(...scale.domain, 1 / gap, unit);
  if (scale.type === "linear") return even();
  if (scale.axis === "notes") return spaceOut(scale, gap, noteTicks(scale));
  const round = spaceOut(scale, gap, roundTicks(scale, unit));
  // In a small part of a warped axis numbers of one digit are rare, and the axis is nearly straight.
  return round.length < 3 ? spaceOut(scale, gap * 0.75, even()) : round;
}

// Ticks of an axis of mel bands at round frequencies, at least `gap` of its length apart; `unit` is that of the labels, Hz.
export function bandTicks(scale, gap, bands, unit) {
  const [low, high] = scale.domain.map((place) => hertzAt(bands, place));
  const onAxis = (ticks) => ticks.map(({ value, label }) => ({ value: placeOfHertz(bands, value), label }));
  const round = spaceOut(scale, gap, onAxis(roundTicks({ domain: [Math.max(low, 1e-3)] }, unit)));
  return round.length < 3 ? spaceOut(scale, gap * 0.75, onAxis(linearTicks(low, high, 1 / gap, unit))) : round;
}

// Ticks in the middle of rows that have numbers, at least `gap` of the axis apart.
export function numberTicks(scale, gap, numbers) {
  const [low, high] = scale.domain;
  const every = Math.max(1, Math.ceil(niceStep(high - low, 1 / gap)));
  const ticks = numbers.map((number, row) => ({ value: row + 0.5, label: String(number), number }));
  return ticks.filter(({ value, number }) => value >= low && value <= high && number % every === 0);
}

const noteTicks = ({ domain: [low, high] }) =>
  notesBetween(low, high).map(({ hertz, name }) => ({ value: hertz, label: name }));

function roundTicks({ domain: [low] }, unit) {
  const ticks = low === 0 ? [{ value: 0, label: "0" }] : [];
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

// Of ticks in the order of their rank those that lie on the axis, and at least `gap` from those of a higher rank.
function spaceOut(scale, gap, ticks) {
  const chosen = [];
  for (const tick of ticks) {
    const unit = scale.toUnit(tick.value);
    if (unit < -1e-9 || unit > 1 + 1e-9 || chosen.some((other) => Math.abs(other.unit - unit) < gap)) continue;
    chosen.push({ ...tick, unit });
  }
  return chosen.sort((a, b) => a.value - b.value);
}

/** @type {[number, string][]} */
const MULTIPLES_OF_PI = [
  [-1, "\u2212\u03c0"],
  [-0.5, "\u2212\u03c0/2"],
  [0, "0"],
  [0.5, "\u03c0/2"],
  [1, "\u03c0"],
];

// Ticks of values that a colour map shows; those of angles are multiples of pi.
export function valueTicks([low, high], count, kind) {
  if (kind !== "cyclic") {
    // A single number says nothing of a scale, such as the 0 in the middle of a difference.
    const counts = [1, 2, 4].map((factor) => factor * Math.max(1, count));
    return linearTicks(low, high, counts.find((each) => linearTicks(low, high, each).length > 1) ?? count);
  }
  return MULTIPLES_OF_PI.map(([multiple, label]) => ({ value: multiple * Math.PI, label })).filter(
    ({ value }) => value >= low - 1e-6 && value <= high + 1e-6,
  );
}
