// The spectra beside the picture, of the frame under the cursor and of the pins, on the frequency axis of the picture.
import { createScale } from "../../charts/scales.js";
import { profileOf } from "./envelope.js";

// Axes with the items of one panel. `curves` are [{values, colour, width}] from the back to the front, `level` is the
// frequency of the cursor. Curves are reduced to the lowest and highest value of each row of pixels of `box`.
export function spectrumScene(curves, { header, scale, range, level }, { height }) {
  const [low, high] = range;
  const hasZero = low < 0 && high > 0 && header.kind !== "sequential";
  const rows = Math.max(1, Math.round(height));
  return {
    x: createScale("linear", range),
    y: scale,
    items: [
      ...(hasZero ? [{ kind: "reference_line", x: 0, colour: "muted" }] : []),
      ...(level === null ? [] : [{ kind: "reference_line", y: level, colour: "muted" }]),
      ...curves.map(({ values, ...style }) => ({
        kind: "line",
        ...style,
        ...profileLine(profileOf(values, header.spacing, scale, rows), scale, low),
      })),
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
