// What is marked over the spectrogram: cursor, pins, the resolution at the cursor, what a word about the framing means,
// and a box that is being dragged. First which samples and frequencies these cover, as pure functions; then drawing.
import { clipTo, strokeWithHalo } from "../../charts/paths.js";
import { centreOf, frequencyOf } from "../../raster/cells.js";

/**
 * Equivalent noise bandwidth of a window in bins, L sum(w^2) / sum(w)^2 for a frame of L samples: the width of the
 * rectangle that passes as much noise as the window's main lobe. Infinite where the window's sum is 0.
 *
 * @param {Float32Array | Float64Array} window
 */
export function noiseBandwidth(window) {
  let sum = 0;
  let squares = 0;
  for (const value of window) {
    sum += value;
    squares += value * value;
  }
  return sum === 0 ? Infinity : (window.length * squares) / (sum * sum);
}

/**
 * The resolution at a cell: the samples of its frame by the window's equivalent noise bandwidth.
 *
 * @param {Header} header
 * @param {number} bandwidth In bins of a transform as long as the frame.
 * @param {number} frame
 * @param {number} bin
 * @returns {ResolutionBox}
 */
export function resolutionBox(header, bandwidth, frame, bin) {
  const first = firstSample(header, frame);
  const middle = frequencyOf(header, bin);
  // A band is at least as wide as the window's bandwidth, and all that the picture shows.
  const half = header.bands ? header.spacing / 2 : ((bandwidth / header.window_length) * 2 * header.top) / 2;
  return {
    first,
    last: first + header.window_length,
    low: Math.max(0, middle - half),
    high: Math.min(header.top, middle + half),
    bandwidth: 2 * half,
  };
}

/**
 * The samples and frequencies that a word about the framing means at a cell; null for a word without a meaning.
 *
 * @param {string} what
 * @param {Header} header
 * @param {CellIndex} cell
 * @returns {Highlight | null}
 */
export function highlightOf(what, header, cell) {
  return HIGHLIGHTS[what]?.(header, cell) ?? null;
}

const firstSample = (header, frame) => frame * header.step_samples - header.left;
const frameSpan = (header, frame) => [firstSample(header, frame), firstSample(header, frame) + header.window_length];

const bandOf = (header, bin) => {
  const middle = frequencyOf(header, bin);
  return [Math.max(0, middle - header.spacing / 2), Math.min(header.top, middle + header.spacing / 2)];
};

/** What a row of the picture is called: "bin", "band" or "coefficient". */
export const rowName = (header) => header.bands?.name ?? "bin";

/** The number of a row. */
export const rowNumber = (header, bin) => header.bands?.numbers?.[bin] ?? bin;

const HIGHLIGHTS = {
  sound: (header) => ({ spans: [[0, header.n_samples]], band: null, caption: `input: ${header.n_samples} samples` }),
  frame: (header, { frame }) => ({
    spans: [frameSpan(header, frame)],
    band: null,
    caption: `frame ${frame}: ${header.window_length} samples`,
  }),
  step(header, { frame }) {
    const from = Math.min(frame, Math.max(0, header.n_frames - 2));
    const start = firstSample(header, from);
    return {
      spans: [[start, start + header.step_samples]],
      band: null,
      caption: `step: ${header.step_samples} samples from frame ${from} to the next`,
    };
  },
  bin: (header, { bin }) => ({
    spans: [],
    band: bandOf(header, bin),
    caption: `${rowName(header)} ${rowNumber(header, bin)}`,
  }),
  // Where its column and its row cross: a column is as wide as the step, around the middle of its frame.
  value(header, { frame, bin }) {
    const middle = firstSample(header, frame) + header.window_length / 2;
    const span = [middle - header.step_samples / 2, middle + header.step_samples / 2];
    return {
      spans: [span],
      band: bandOf(header, bin),
      caption: `one value of the output: frame ${frame}, ${rowName(header)} ${rowNumber(header, bin)}`,
    };
  },
  padding(header) {
    const end = Math.max(header.n_samples, frameSpan(header, header.n_frames - 1)[1]);
    const right = end - header.n_samples;
    const spans = [
      [-header.left, 0],
      [header.n_samples, end],
    ].filter(([first, last]) => last > first);
    return {
      spans,
      band: null,
      caption: spans.length
        ? `padding: ${header.left} ${header.bands ? "samples" : "zeros"} before the sound, ${right} after it`
        : "padding: none",
    };
  },
  tail(header) {
    const end = frameSpan(header, header.n_frames - 1)[1];
    const left = Math.max(0, header.n_samples - end);
    return {
      spans: left ? [[end, header.n_samples]] : [],
      band: null,
      caption: left ? `tail: the last ${left} samples are in no frame` : "tail: none, every sample is in a frame",
    };
  },
};

// A sample and a frequency in CSS pixels of a plot. Frequencies far outside are cut, as a logarithm makes them infinite.
const xOf = (plot, view, sample) => plot.x + ((sample - view.first) / (view.last - view.first)) * plot.width;
const yOf = (plot, scale, hertz) => plot.y + (1 - Math.min(Math.max(scale.toUnit(hertz), -0.5), 1.5)) * plot.height;
const cellCentre = (plot, { header, view, scale }, { frame, bin }) => [
  Math.round(xOf(plot, view, centreOf(header, frame))) + 0.5,
  Math.round(yOf(plot, scale, frequencyOf(header, bin))) + 0.5,
];

/**
 * Draw all marks.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Scene & {header: Header, view: Span, scale: Scale}} scene
 * @param {Theme} theme
 */
export function drawMarks(context, layout, scene, theme) {
  layout.plots.forEach((plot, panel) => {
    context.save();
    clipTo(context, plot);
    drawHighlight(context, plot, scene, theme);
    if (scene.cursor?.panel === panel) {
      drawResolution(context, plot, scene);
      drawCrosshair(context, plot, scene, scene.cursor);
    }
    scene.pins.forEach((pin, i) => {
      if (pin.panel === panel) drawPin(context, plot, scene, pin, String(i + 1), theme);
    });
    if (scene.drag?.panel === panel) drawDrag(context, plot, scene.drag);
    context.restore();
  });
}

/** Name the frames without any finite value, which are grey, where there is room for the word. */
export function drawBlanks(context, plot, { header, view, blanks }, theme) {
  context.font = theme.font;
  context.fillStyle = "#000";
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const [first, end] of blanks) {
    const [left, right] = [first - 0.5, end - 0.5].map((frame) => xOf(plot, view, centreOf(header, frame)));
    const [from, to] = [Math.max(left, plot.x), Math.min(right, plot.x + plot.width)];
    if (to - from > context.measureText("NaN").width + 4)
      context.fillText("NaN", (from + to) / 2, plot.y + plot.height / 2);
  }
}

function drawCrosshair(context, plot, scene, cell) {
  const [x, y] = cellCentre(plot, scene, cell);
  strokeWithHalo(context, () => {
    context.moveTo(x, plot.y);
    context.lineTo(x, plot.y + plot.height);
    context.moveTo(plot.x, y);
    context.lineTo(plot.x + plot.width, y);
  });
}

function drawPin(context, plot, scene, cell, name, theme) {
  const [x, y] = cellCentre(plot, scene, cell);
  strokeWithHalo(context, () => {
    context.moveTo(x - 9, y);
    context.lineTo(x + 9, y);
    context.moveTo(x, y - 9);
    context.lineTo(x, y + 9);
  });
  drawLabel(context, plot, x, y, name, theme);
}

// The label of a pin on a dark square, on the side where there is room.
function drawLabel(context, plot, x, y, text, theme) {
  const [left, top] = [x + 22 > plot.x + plot.width ? x - 21 : x + 5, y - 22 < plot.y ? y + 5 : y - 21];
  context.fillStyle = "rgba(0, 0, 0, 0.75)";
  context.fillRect(left, top, 16, 16);
  context.font = theme.font;
  context.fillStyle = "#fff";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, left + 8, top + 8.5);
}

function drawResolution(context, plot, { view, scale, box }) {
  if (!box) return;
  const [left, right] = [xOf(plot, view, box.first), xOf(plot, view, box.last)];
  const [top, bottom] = [yOf(plot, scale, box.high), yOf(plot, scale, box.low)];
  strokeWithHalo(context, () => context.rect(left, top, right - left, bottom - top), [4, 3]);
}

function drawHighlight(context, plot, { view, scale, highlight }, theme) {
  if (!highlight) return;
  const shade = (x, y, width, height) => {
    context.globalAlpha = 0.35;
    context.fillStyle = theme.accent;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
    strokeWithHalo(context, () => context.rect(x, y, width, height));
  };
  for (const [first, last] of highlight.spans) {
    const [left, right] = visibleSpan(plot, view, first, last);
    shade(left, plot.y - 2, right - left, plot.height + 4);
  }
  if (highlight.band) {
    const [low, high] = highlight.band.map((hertz) => yOf(plot, scale, hertz));
    shade(plot.x - 2, high, plot.width + 4, Math.max(1, low - high));
  }
}

/**
 * Where a span of samples is drawn: at least 3 pixels wide, and at the very edge where it lies outside of the view.
 *
 * @returns {[number, number]}
 */
export function visibleSpan(plot, view, first, last) {
  const [left, right] = [xOf(plot, view, first), xOf(plot, view, last)];
  const end = plot.x + plot.width;
  if (right <= plot.x) return [plot.x, plot.x + 3];
  if (left >= end) return [end - 3, end];
  return [left, Math.max(right, left + 3)];
}

function drawDrag(context, plot, { from, to, time, frequency }) {
  const [x0, x1] = time ? [from.across, to.across] : [0, 1];
  const [y0, y1] = frequency ? [from.up, to.up] : [0, 1];
  const [left, top] = [plot.x + Math.min(x0, x1) * plot.width, plot.y + (1 - Math.max(y0, y1)) * plot.height];
  const [width, height] = [Math.abs(x1 - x0) * plot.width, Math.abs(y1 - y0) * plot.height];
  context.fillStyle = "rgba(255, 255, 255, 0.2)";
  context.fillRect(left, top, width, height);
  strokeWithHalo(context, () => context.rect(left, top, width, height));
}
