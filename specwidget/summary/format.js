// Numbers with their units, as text. Pure functions.

const MINUS = "\u2212";

// A number with `digits` decimals, a true minus sign, and no "-0".
export function fixed(value, digits = 0) {
  const text = value.toFixed(digits);
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace("-", MINUS);
}

// A number with about `digits` significant digits, without an exponent between 1e-4 and 1e6.
export function short(value, digits = 4) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "\u221e" : `${MINUS}\u221e`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
  return text.replaceAll("-", MINUS);
}

// Decimals needed to tell ticks `step` apart.
export function decimals(step) {
  return Math.max(0, Math.min(10, -Math.floor(Math.log10(step) + 1e-9)));
}

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  return count < 2 ** 20 ? `${fixed(count / 1024, 0)} KiB` : `${fixed(count / 2 ** 20, 1)} MiB`;
}

// The label of a quantity with its unit.
export const labelWithUnit = (label, unit) => (unit ? `${label} (${unit})` : label);
