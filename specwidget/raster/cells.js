// Conversions between pixels, samples and frequencies, frames and bins. Pure functions.
//
// A `view` is the visible part of the time axis in samples, {first, last}; a `scale` is the visible frequency axis. Of a mel
// spectrogram the axis counts bands, and of MFCC coefficients, each of which is 1 high: `frequencyOf` is then that number.
import { hertzAt, placeOfHertz } from "../charts/bands.js";

export const centreOf = (header, frame) => header.window_length / 2 - header.left + frame * header.step_samples;

// The middle of a row: bins lie on the edges of the axis, bands between them.
const offsetOf = (header) => (header.bands ? 0.5 : 0);
export const frequencyOf = (header, bin) => (bin + offsetOf(header)) * header.spacing;

/** The frequency at the middle of a row, Hz or cycles per sample: of a band its centre; NaN of a coefficient. */
export const hertzOf = (header, bin) =>
  header.bands?.name === "coefficient" ? NaN : hertzAtPlace(header, frequencyOf(header, bin));

/**
 * The frequency at a place on the axis; of coefficients the place itself.
 *
 * @param {{bands?: Bands | null}} header
 * @param {number} place
 */
export const hertzAtPlace = ({ bands }, place) => (bands?.name === "band" ? hertzAt(bands, place) : place);

/** @param {{bands?: Bands | null}} header @param {number} hertz */
export const placeAtHertz = ({ bands }, hertz) => (bands?.name === "band" ? placeOfHertz(bands, hertz) : hertz);

// The edges of columns on an axis of `width` pixels.
export function columnEdges(header, starts, view, width) {
  const scale = width / (view.last - view.first);
  return Float64Array.from(starts, (frame) => (centreOf(header, frame - 0.5) - view.first) * scale);
}

// The edges of rows on an axis of `height` pixels, from its bottom.
export function rowEdges(header, starts, scale, height) {
  return Float64Array.from(starts, (bin) => {
    const edge = Math.min(Math.max(frequencyOf(header, bin - 0.5), 0), header.top);
    // Clipped, so that edges stay finite on a logarithmic axis.
    return Math.min(Math.max(scale.toUnit(edge), -1), 2) * height;
  });
}

// The last of the rising `starts` that is not above `value`.
export function groupOf(starts, value) {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

// The sample and frequency at a position in a plot, both coordinates from 0 to 1.
export const pointAt = (view, scale, across, up) => ({
  sample: view.first + across * (view.last - view.first),
  hz: scale.invert(up),
});

// The frame and bin at a sample and a frequency; null where there is none.
export function cellAt(header, { sample, hz }) {
  const frame = Math.round((sample - centreOf(header, 0)) / header.step_samples);
  const bin = Math.round(hz / header.spacing - offsetOf(header));
  return frame < 0 || frame >= header.n_frames || bin < 0 || bin >= header.n_bins ? null : { frame, bin };
}

// The cell nearest to the time and frequency of a cell of another picture, for when settings or sound change.
export function remapCell(cell, from, to) {
  const seconds = (header, sample) => (sample * header.duration) / header.n_samples;
  const at = (seconds(from, centreOf(from, cell.frame)) * to.n_samples) / to.duration;
  const frame = Math.round((at - centreOf(to, 0)) / to.step_samples);
  const hertz = hertzOf(from, cell.bin);
  const isKnown = Number.isFinite(hertz) && to.bands?.name !== "coefficient";
  const bin = isKnown ? Math.round(placeAtHertz(to, hertz) / to.spacing - offsetOf(to)) : cell.bin;
  return { ...clampCell({ frame, bin }, to), panel: Math.min(cell.panel, to.panels.length - 1) };
}

export const clampCell = ({ frame, bin }, header) => ({
  frame: Math.min(Math.max(frame, 0), header.n_frames - 1),
  bin: Math.min(Math.max(bin, 0), header.n_bins - 1),
});

/**
 * The group of frames and bins that stands for a cell in a picture, and its code; null where the picture has no such
 * cell.
 *
 * @param {Layer} layer
 * @param {Cell} cell
 * @returns {{code: number, frames: [number, number], bins: [number, number]} | null}
 */
export function codeAt({ header, codes, rowStarts, columnStarts }, { frame, bin, panel }) {
  if (
    frame < columnStarts[0] ||
    frame >= columnStarts[columnStarts.length - 1] ||
    bin < rowStarts[0] ||
    bin >= rowStarts[rowStarts.length - 1]
  )
    return null;
  const [row, column] = [groupOf(rowStarts, bin), groupOf(columnStarts, frame)];
  return {
    code: codes[(panel * header.rows + row) * header.columns + column],
    frames: [columnStarts[column], columnStarts[column + 1]],
    bins: [rowStarts[row], rowStarts[row + 1]],
  };
}

// What a value represents where the picture is finer than the screen; "" for a single cell.
export function groupText(kind, [firstFrame, endFrame], [firstBin, endBin], row = "bin") {
  if (endFrame - firstFrame === 1 && endBin - firstBin === 1) return "";
  const chosen = { sequential: "largest", diverging: "largest magnitude", cyclic: "centre" }[kind];
  return `${chosen} of ${range("frame", firstFrame, endFrame)} and ${range(row, firstBin, endBin)}`;
}

function range(name, first, end) {
  return end - first === 1 ? `${name} ${first}` : `${name}s ${first}\u2013${end - 1}`;
}
