// Layers of codes over each other: the picture of the visible part over the coarser one of the whole sound.
// A layer is {header, codes, rowStarts, columnStarts}. Pure functions on typed arrays.
import { codeAt, columnEdges, groupOf, rowEdges } from "./cells.js";
import { colourTable, coverage, GAP, resample, valueOf } from "./raster.js";

const NOT_FINITE = [128, 128, 128];
const GEOMETRY = [
  "name",
  "mode",
  "label",
  "full_unit",
  "kind",
  "n_samples",
  "n_bins",
  "n_frames",
  "n_fft",
  "window_length",
  "step_samples",
  "left",
];
const bandsOf = ({ header }) => JSON.stringify(header.bands ?? null);

// Whether two layers show the same values on the same axes, at different resolutions.
export const isSameThing = (a, b) =>
  GEOMETRY.every((name) => a.header[name] === b.header[name]) && bandsOf(a) === bandsOf(b);

// The codes of one panel at each pixel of a plot, written into `out` where it has the right size.
export function codesOf({ header, codes, rowStarts, columnStarts }, panel, view, scale, width, height, out) {
  const size = header.rows * header.columns;
  const centre = 1 + ((0 - header.low) / (header.high - header.low || 1)) * 65534;
  const across = coverage(columnEdges(header, columnStarts, view, width), width);
  const up = coverage(rowEdges(header, rowStarts, scale, height), height);
  const target = out?.length === width * height ? out : new Uint32Array(width * height);
  resample(
    codes.subarray(panel * size, (panel + 1) * size),
    header.columns,
    across,
    up,
    header.kind,
    centre,
    target,
    width,
    height,
  );
  return target;
}

export const coloursOf = ({ header }, table, [low, high]) =>
  colourTable(table, header.low, header.high, low, high, NOT_FINITE);

// Paint the first layer with a value at each pixel: [{codes, colours}], the upper one first.
export function paintLayers([upper, lower], pixels) {
  const { codes, colours } = upper;
  if (!lower) {
    for (let i = 0; i < codes.length; i++) pixels[i] = colours[codes[i]];
    return;
  }
  for (let i = 0; i < codes.length; i++)
    pixels[i] = codes[i] === GAP ? lower.colours[lower.codes[i]] : colours[codes[i]];
}

// The value of a code; minus infinity, the decibels of zero, has a code of its own.
const levelOf = ({ low, high, has_zeros: hasZeros }, code) =>
  hasZeros && code === 1 ? -Infinity : valueOf(code, low, high);

/**
 * The frames of columns without any finite value: [first, end] of each run of them.
 *
 * @param {Layer} layer
 * @returns {[number, number][]}
 */
export function blankSpans({ header: { columns }, codes, columnStarts }) {
  /** @type {[number, number][]} */
  const spans = [];
  for (let column = 0; column < columns; column++) {
    let i = column;
    while (i < codes.length && codes[i] === 0) i += columns;
    if (i < codes.length) continue;
    const before = spans.at(-1);
    if (before?.[1] === columnStarts[column]) before[1] = columnStarts[column + 1];
    else spans.push([columnStarts[column], columnStarts[column + 1]]);
  }
  return spans;
}

// The value of a cell in the first layer that has it, with the group of cells that it represents; null if there is none.
export function valueAt(layers, cell) {
  for (const layer of layers) {
    const found = codeAt(layer, cell);
    if (found) return { ...found, value: levelOf(layer.header, found.code) };
  }
  return null;
}

// The values of one frame, one for each bin; NaN where no layer has one.
export function columnOf(layers, frame, panel) {
  const { n_bins: bins } = layers[0].header;
  const values = new Float32Array(bins).fill(NaN);
  for (const { header, codes, rowStarts, columnStarts } of [...layers].reverse()) {
    if (frame < columnStarts[0] || frame >= columnStarts.at(-1)) continue;
    const column = groupOf(columnStarts, frame);
    for (let row = 0; row < header.rows; row++) {
      const code = codes[(panel * header.rows + row) * header.columns + column];
      values.fill(levelOf(header, code), rowStarts[row], rowStarts[row + 1]);
    }
  }
  return values;
}
