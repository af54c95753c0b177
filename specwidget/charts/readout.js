// What a chart shows at its cursor, as text, and where the cursor goes. Pure functions.
import { short } from "../summary/format.js";

const READABLE = ["line", "stems", "points"];
const MOST_VALUES = 6;
const KEY_STEP = 0.01; // of the axis

const isRising = (x) => {
  for (let i = 1; i < x.length; i++) if (!(x[i] >= x[i - 1])) return false;
  return x.length > 0;
};

// The items whose values are read: those with one value for each x.
export const readableItems = ({ items }) => items.filter(({ kind, x }) => READABLE.includes(kind) && isRising(x));

// Index of the value of rising `x` nearest to a value.
export function nearestIndex(x, value) {
  let [low, high] = [0, x.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= value) low = middle;
    else high = middle;
  }
  return value - x[low] <= x[high] - value ? low : high;
}

// The value of a curve at the point nearest to `x`, NaN beyond its ends; the highest where points stand for many.
export function valueAt({ x, y, y_max = null }, at) {
  const i = nearestIndex(x, at);
  const half = x.length > 1 ? Math.abs(x[Math.min(i + 1, x.length - 1)] - x[Math.max(i - 1, 0)]) / 2 : Infinity;
  return Math.abs(x[i] - at) > half * 1.001 ? NaN : (y_max ?? y)[i];
}

// The value of the cell of an image at a point; NaN outside and where it is not finite.
export function cellValue({ values, rows, columns, x, y, range, code_range: codes = range, ...edges }, at) {
  const column = cellIndex(x, columns, at.x, edges.x_edges);
  const row = cellIndex(y, rows, at.y, edges.y_edges);
  const code = values[row * columns + column];
  return code ? codes[0] + ((code - 1) * (codes[1] - codes[0])) / 65534 : NaN;
}

/**
 * Index of the cell at a value of an axis; NaN outside.
 *
 * @param {number[]} range
 * @param {number} count
 * @param {number} at
 * @param {ArrayLike<number> | null} [edges]
 */
export function cellIndex([low, high], count, at, edges = null) {
  if (!edges) {
    const i = Math.floor(((at - low) / (high - low)) * count);
    return i >= 0 && i < count ? i : at === high ? count - 1 : NaN;
  }
  if (at < edges[0] || at > edges[count]) return NaN;
  return Math.min(
    Array.from(edges).findLastIndex((edge) => edge <= at),
    count - 1,
  );
}

/**
 * A value of an axis with the name and unit of its label, such as "frequency 440 Hz"; or with the label of its tick.
 *
 * @param {string} label
 * @param {number} value
 * @param {any} [ticks]
 */
export function axisText(label, value, ticks = null) {
  const [, name, unit = ""] = /** @type {string[]} */ (label.match(/^(.*?)\s*(?:\(([^()]*)\))?$/));
  const tick = Array.isArray(ticks) ? ticks.find(([at]) => at === value) : null;
  return tick ? `${name} ${tick[1]}` : [name, short(value), unit].filter(Boolean).join(" ");
}

// What axes show at a cursor {x, y}, of which `y` is null where they hold no image.
export function describe(axes, { x, y = null }) {
  const where = [axisText(axes.x_label, x, axes.x_ticks)];
  if (y !== null) where.push(axisText(axes.y_label, y, axes.y_ticks));
  const image = axes.items.find(({ kind }) => kind === "image");
  if (image && y !== null)
    where.push([image.label, short(cellValue(image, { x, y })), image.unit].filter(Boolean).join(" "));
  const values = readableItems(axes).map((item) => [item.label, valueAt(item, x)]);
  for (const [label, value] of values.slice(0, MOST_VALUES))
    if (!Number.isNaN(value)) where.push(label ? `${label} ${short(value)}` : axisText(axes.y_label, value));
  return where.join("  \u00b7  ");
}

// The x at which the curve with most points has one, nearest to a value; the value itself where there is no curve.
export function snap(axes, x) {
  const curves = readableItems(axes);
  if (!curves.length) return x;
  const longest = curves.reduce((most, curve) => (curve.x.length > most.x.length ? curve : most));
  return longest.x[nearestIndex(longest.x, x)];
}

// Where a key moves the cursor along an axis: by `step`, or by a hundredth of the axis and on to the next point.
export function moved(scale, from, by, step, snapTo = (value) => value) {
  const [low, high] = scale.domain;
  const clamp = (value) => Math.min(high, Math.max(low, value));
  if (step) return clamp(from + by * step);
  const unit = scale.toUnit(from) + by * KEY_STEP;
  const to = clamp(scale.invert(Math.min(1, Math.max(0, unit))));
  const snapped = snapTo(to);
  return (snapped - from) * by > 0 ? clamp(snapped) : to;
}
