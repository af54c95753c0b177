// The difference of two pictures, pixel by pixel. Pure functions on typed arrays.
import { GAP, N_CODES, unpack } from "../../raster/raster.js";

const GREY = 0xff808080;
const MOST_SAMPLED = 20000;

// The reason why two pictures can't be subtracted; "" where they can.
export function whyNoDifference(a, b) {
  if (a.has_rate !== b.has_rate) return "Can't subtract: only one of the sounds has a sample rate.";
  const name = ({ label, full_unit: unit }) => (unit ? `${label} in ${unit}` : label);
  if (a.kind === "cyclic" || b.kind === "cyclic")
    return "Phase can't be subtracted meaningfully: it depends on where a frame starts.";
  if (a.label !== b.label || a.full_unit !== b.full_unit)
    return `Can't subtract: A shows ${name(a)}, B shows ${name(b)}.`;
  if (JSON.stringify(a.bands ?? null) !== JSON.stringify(b.bands ?? null))
    return "Can't subtract: A and B have different bands.";
  return a.panels.length === b.panels.length ? "" : "Can't subtract: A and B have different panels.";
}

// A minus B at each pixel; NaN where one of them has no value or one that is not finite.
export function differencesOf(codesA, headerA, codesB, headerB) {
  const [a, b] = [headerA, headerB].map(({ low, high }) => ({ low, step: (high - low) / (N_CODES - 1) }));
  const values = new Float32Array(codesA.length);
  for (let i = 0; i < values.length; i++) {
    const [one, other] = [codesA[i], codesB[i]];
    const isThere = one > 0 && one < GAP && other > 0 && other < GAP;
    values[i] = isThere ? a.low + (one - 1) * a.step - (b.low + (other - 1) * b.step) : NaN;
  }
  return values;
}

// The limit of the colours: the 98th percentile of the absolute differences, and at least a tenth of the largest.
export function differenceLimit(values) {
  const step = Math.max(1, Math.floor(values.length / MOST_SAMPLED));
  const sizes = [];
  for (let i = 0; i < values.length; i += step) if (Number.isFinite(values[i])) sizes.push(Math.abs(values[i]));
  if (sizes.length === 0) return 1;
  sizes.sort((x, y) => x - y);
  return Math.max(sizes[Math.floor(0.98 * (sizes.length - 1))], sizes.at(-1) / 10) || 1;
}

// Paint differences from -limit to limit; pixels without one are grey where either picture has a value, else transparent.
export function paintDifferences(values, codesA, codesB, table, limit, pixels) {
  const colours = unpack(table);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) {
      pixels[i] = codesA[i] === GAP || codesB[i] === GAP ? 0 : GREY;
      continue;
    }
    const place = Math.floor(((value + limit) / (2 * limit)) * 255.999);
    pixels[i] = colours[Math.min(255, Math.max(0, place))];
  }
}
