// The spectra beside the picture, of the frame under the cursor and of the pins, on the frequency axis of the picture.
import { strokeLine } from "../../charts/paths.js";
import { createScale } from "../../charts/scales.js";

const STYLES = {
  mean: { colour: "ink", style: "dotted", width: 1.5 },
  pin: { colour: "muted", style: "solid", width: 1 },
  other: { colour: "second", style: "dashed", width: 1.5 },
  cursor: { colour: "first", style: "solid", width: 1.5 },
};

/**
 * The legend of curves: label, colour and style of each kind of curve; none for a single curve that is no mean.
 *
 * @param {Curve[]} curves
 * @param {string[]} compared Of A and B the displayed one and the other.
 */
export function legendOf(curves, [shown = "cursor", other = ""]) {
  const labels = { cursor: shown, other, pin: "pins", mean: "mean" };
  const roles = ["cursor", "other", "pin", "mean"].filter((role) => curves.some((curve) => curve.role === role));
  if (roles.length === 1 && roles[0] !== "mean") return [];
  return roles.map((role) => ({ label: labels[role], ...STYLES[role] }));
}

const SAMPLE = 18; // pixels of a line in the legend
const LINE = 15;

/** Draw a legend at the upper right of a box, where spectra are low. */
export function drawLegend(context, box, entries, theme) {
  context.save();
  context.font = theme.font;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const right = box.x + box.width - 5;
  const widest = Math.max(0, ...entries.map(({ label }) => context.measureText(label).width));
  const left = right - widest - SAMPLE - 8;
  // Curves may run below it.
  context.fillStyle = theme.paper;
  if (entries.length) context.fillRect(left, box.y + 2, right + 3 - left, LINE * entries.length + 1);
  entries.forEach(({ label, colour, style, width }, i) => {
    const y = Math.round(box.y + 10 + i * LINE) + 0.5;
    context.fillStyle = theme.ink;
    context.fillText(label, right, y);
    const end = right - context.measureText(label).width - 5;
    context.strokeStyle = theme.colours[colour];
    context.lineWidth = width;
    context.setLineDash(theme.dashes[style]);
    strokeLine(context, end - SAMPLE, y, end, y);
  });
  context.restore();
}

// Axes with the items of one panel. `curves` are those of the scene, `level` is the frequency of the cursor. Curves are reduced to the lowest and highest value of each row of pixels of `box`.
export function spectrumScene(curves, panel, { header, scale, range, level }, { height }) {
  const [low, high] = range;
  const hasZero = low < 0 && high > 0 && header.kind !== "sequential";
  const rows = Math.max(1, Math.round(height));
  return {
    x: createScale("linear", range),
    y: scale,
    items: [
      ...(hasZero ? [{ kind: "reference_line", x: 0, colour: "muted" }] : []),
      ...(level === null ? [] : [{ kind: "reference_line", y: level, colour: "muted" }]),
      ...Object.entries(STYLES).flatMap(([role, style]) =>
        curves
          .filter((curve) => curve.role === role && curve.values[panel])
          .map(({ values, spacing }) => ({
            kind: "line",
            ...style,
            ...profileLine(profileOf(values[panel], spacing, scale, rows, header.bands ? 0.5 : 0), scale, low),
          })),
      ),
    ],
  };
}

// A line through the lowest and the highest value of each row; minus infinity, the decibels of nothing, is at `floor`.
function profileLine({ low, high }, scale, floor) {
  const rows = low.length;
  const x = new Float64Array(2 * rows);
  const y = new Float64Array(2 * rows);
  for (let i = 0; i < rows; i++) {
    x[2 * i] = low[i] === -Infinity ? floor : low[i];
    x[2 * i + 1] = high[i] === -Infinity ? floor : high[i];
    y[2 * i] = y[2 * i + 1] = scale.invert((i + 0.5) / rows);
  }
  return { x, y };
}

/**
 * Lowest and highest value of a spectrum in each of `height` pixels from the bottom of a frequency axis; NaN where there
 * is none. Bins wider than a pixel are joined by straight lines, narrower ones keep their extremes.
 *
 * @param {Float32Array} values One for each bin.
 * @param {number} spacing Distance of two bins, Hz.
 * @param {Scale} scale
 * @param {number} height
 * @param {number} [offset] Place of the first value on the axis, in units of their distance.
 */
export function profileOf(values, spacing, scale, height, offset = 0) {
  const low = new Float32Array(height).fill(NaN);
  const high = new Float32Array(height).fill(NaN);
  let before = scale.invert(0) / spacing - offset;
  for (let y = 0; y < height; y++) {
    const after = scale.invert((y + 1) / height) / spacing - offset;
    const ends = [interpolate(values, before), interpolate(values, after)];
    let [lowest, highest] = ends[0] < ends[1] ? ends : [ends[1], ends[0]];
    for (let i = Math.max(0, Math.ceil(before)); i <= Math.min(values.length - 1, Math.floor(after)); i++) {
      if (Number.isNaN(values[i])) continue;
      // The negated comparisons are also true where the value so far is NaN.
      if (!(lowest <= values[i])) lowest = values[i];
      if (!(highest >= values[i])) highest = values[i];
    }
    low[y] = lowest;
    high[y] = highest;
    before = after;
  }
  return { low, high };
}

function interpolate(values, position) {
  if (position < 0 || position > values.length - 1) return NaN;
  const i = Math.min(Math.floor(position), values.length - 2);
  if (i < 0) return values[0];
  const fraction = position - i;
  return fraction === 0 ? values[i] : values[i] + fraction * (values[i + 1] - values[i]);
}
