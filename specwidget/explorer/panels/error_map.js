// The errors of a cross-check over time and frequency, as a chart in units of the tolerance.
import { short } from "../../summary/format.js";
import { formatFrequency } from "../../summary/quantities.js";
import { cellValue } from "../../charts/readout.js";
import { timeText } from "../../charts/timeline.js";
import { toTypedArray } from "../../charts/buffers.js";
import { createScale } from "../../charts/scales.js";
import { rowScale, spectrogramAxes } from "../../charts/spectrogram_axes.js";
import { centreOf, frequencyOf } from "../../raster/cells.js";

const HEIGHT = 0.81;
const MOST_TICKS = 5;

// Ticks of the colour bar: powers of ten of the tolerance. `low` and `high` are decimal logarithms.
export function toleranceTicks(low, high) {
  const every = Math.max(1, Math.ceil((high - low) / MOST_TICKS));
  const ticks = [];
  for (let power = Math.ceil(low - 1e-9); power <= high + 1e-9; power++) {
    if (power === 0 || power % every === 0)
      ticks.push({ value: power, label: powerText(power), isStrong: power === 0 });
  }
  return ticks;
}

function powerText(power) {
  if (power === 0) return "1";
  return power >= -3 && power <= 3 ? String(Number((10 ** power).toPrecision(1))) : `1e${power}`.replace("-", "\u2212");
}

// The axes of a map of errors, for a chart. `header` and `buffers` are those of Python's `map_message`; `table` is the
// colour table.
export function errorMapAxes(header, buffers, table) {
  const [values, rowStarts, columnStarts] = [Uint16Array, Int32Array, Int32Array].map((ArrayType, i) =>
    toTypedArray(buffers[i], ArrayType),
  );
  const view = { first: 0, last: header.n_samples };
  const scale = rowScale(header, "linear");
  const axesFor = (size) => spectrogramAxes(header, { view, timeUnit: "seconds", scale }, size);
  const { x_label, y_label } = axesFor({ width: 500, height: 200 });
  const clampHertz = (hertz) => Math.min(Math.max(hertz, 0), header.top);
  return {
    title: "",
    x_label,
    y_label,
    x: createScale("linear", [view.first, view.last]),
    y: scale,
    x_ticks: (width) => axesFor({ width, height: 200 }).x_ticks,
    y_ticks: (height) => axesFor({ width: 500, height }).y_ticks,
    height: HEIGHT,
    items: [
      {
        kind: "image",
        values,
        rows: header.rows,
        columns: header.columns,
        x: [view.first, view.last],
        y: [0, header.top],
        x_edges: Float64Array.from(columnStarts, (frame) => centreOf(header, frame - 0.5)),
        y_edges: Float64Array.from(rowStarts, (bin) => clampHertz(frequencyOf(header, bin - 0.5))),
        code_range: [header.low, header.high],
        range: header.range,
        map: "sequential",
        table,
        label: "Error / tolerance",
        ticks: toleranceTicks(...header.range),
      },
    ],
  };
}

// What the chart shows at a cursor: time, frequency and the error.
export function describeError({ items: [map] }, header, { x, y }) {
  const place = header.bands ? `${header.bands.name} ${Math.floor(y)}` : formatFrequency(y, header.spacing);
  const where = header.has_rate ? place : `${short(y)} cycles/sample`;
  const power = cellValue(map, { x, y });
  const error = Number.isFinite(power) ? `error ${short(10 ** power, 2)} of the tolerance` : "no error";
  return [timeText(header, "seconds", x, header.step_samples), where, error].join("  \u00b7  ");
}
