// The difference of two pictures, pixel by pixel. Pure functions on typed arrays.
import { GAP, N_CODES, unpack } from "../../raster/raster.js";

const GREY = 0xff808080;
const MOST_LOOKED_AT = 20000;

// Why two pictures have no difference; nothing where they have one.
export function whyNot(a, b) {
  const name = ({ label, unit }) => (unit ? `${label} in ${unit}` : label);
  if (a.kind === "cyclic" || b.kind === "cyclic")
    return "Angles have no difference that could be read: they turn with the first sample of the frame.";
  if (a.label !== b.label || a.unit !== b.unit)
    return `There is no difference: A shows ${name(a)}, B shows ${name(b)}.`;
  return a.panels.length === b.panels.length ? "" : "There is no difference: A and B have not the same parts.";
}

// Values of A less those of B at each pixel; NaN where one of them has none or is not finite.
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

// What all but one in fifty of the differences stay below in size; at least a tenth of the largest.
export function reachOf(values) {
  const step = Math.max(1, Math.floor(values.length / MOST_LOOKED_AT));
  const sizes = [];
  for (let i = 0; i < values.length; i += step) if (Number.isFinite(values[i])) sizes.push(Math.abs(values[i]));
  if (sizes.length === 0) return 1;
  sizes.sort((x, y) => x - y);
  return Math.max(sizes[Math.floor(0.98 * (sizes.length - 1))], sizes.at(-1) / 10) || 1;
}

// Paint differences from -reach to reach; what has none is grey where either picture has something, else clear.
export function paintDifferences(values, codesA, codesB, table, reach, pixels) {
  const colours = unpack(table);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) {
      pixels[i] = codesA[i] === GAP || codesB[i] === GAP ? 0 : GREY;
      continue;
    }
    const place = Math.floor(((value + reach) / (2 * reach)) * 255.999);
    pixels[i] = colours[Math.min(255, Math.max(0, place))];
  }
}
