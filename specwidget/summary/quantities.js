// Frequencies, times, durations and rates as text, with the digits of their axis. `quantities.py` reads the same table of
// units, and the tests compare the two.
import { decimals, fixed } from "./format.js";

// By kind: smallest value, size of the unit, its name, and the decimals of a value whose axis is no finer.
const UNITS = JSON.parse(`{
  "frequency": [[1e6, 1e6, "MHz", 3], [1e4, 1e3, "kHz", 2], [100, 1, "Hz", 0], [1, 1, "Hz", 1], [0, 1e-3, "mHz", 1]],
  "axis": [[2e6, 1e6, "MHz", 0], [2e3, 1e3, "kHz", 0], [1, 1, "Hz", 0], [0, 1e-3, "mHz", 0]],
  "hertz": [[1e6, 1e6, "MHz", 0], [1, 1, "Hz", 0], [0, 1e-3, "mHz", 0]],
  "time": [[1, 1, "s", 2], [1e-3, 1e-3, "ms", 0], [0, 1e-6, "µs", 0]]
}`);

const unitOf = (kind, size) => UNITS[kind].find(([from]) => size >= from);
const digitsOf = (value, digits) => String(Number(value.toPrecision(digits))).replace("-", "\u2212");

/**
 * A frequency on an axis.
 *
 * @param {number} hertz
 * @param {number} [spacing] Distance of two bins, Hz: the text tells a tenth of it.
 */
export function formatFrequency(hertz, spacing = 0) {
  const [, scale, unit, least] = unitOf("frequency", Math.max(Math.abs(hertz), spacing));
  return `${fixed(hertz / scale, spacing > 0 ? Math.max(least, decimals(spacing / 10 / scale)) : least)} ${unit}`;
}

/** A rate, a spacing or a bandwidth, to `digits` significant digits. */
export function formatHertz(hertz, digits = 10) {
  const [, scale, unit] = unitOf("hertz", Math.abs(hertz) || 1);
  return `${digitsOf(hertz / scale, digits)} ${unit}`;
}

/**
 * A time on an axis, to a resolution.
 *
 * @param {number} seconds
 * @param {number} resolution Seconds: that of a pixel, a step or a sample.
 */
export function formatTime(seconds, resolution) {
  // Milliseconds where two decimals of a second are too few.
  const [, scale, unit, least] = unitOf("time", Math.max(Math.abs(seconds), resolution * 1000));
  return `${fixed(seconds / scale, Math.max(least, decimals(resolution / scale)))} ${unit}`;
}

/** A duration to about four digits. */
export function formatDuration(seconds) {
  const sign = seconds < 0 ? "\u2212" : "";
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  const [, scale, unit] = unitOf("time", size);
  if (size < 59.995) return `${sign}${digitsOf(size / scale, 4)} ${unit}`;
  if (size < 3599.95) {
    const tenths = Math.floor(size * 10 + 0.5);
    return `${sign}${Math.floor(tenths / 600)} min ${fixed((tenths % 600) / 10, 1)} s`;
  }
  const whole = Math.floor(size + 0.5);
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  return days > 0 ? `${sign}${days} d ${hours} h ${minutes} min` : `${sign}${hours} h ${minutes} min ${rest} s`;
}

/**
 * The unit of a frequency axis.
 *
 * @param {number} top Highest frequency, Hz.
 * @returns {[number, string]} Size of the unit, Hz, and its name.
 */
export function axisUnit(top) {
  const [, scale, unit] = unitOf("axis", top);
  return [scale, unit];
}
