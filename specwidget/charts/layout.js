// Where the parts of a chart lie on its canvas, in CSS pixels. Pure functions.

export const UNIT_HEIGHT = 210; // of the plot, for axes of height 1
const LINE = 20; // of a title or a legend
const CHART_TEXTS = 98; // title, legend and labels of a chart, and the gap to the next
export const LEAST_SCALE = 0.35;

const TOP = 8;
const BOTTOM = 42;
const X_LABELS = 34; // of it, ticks and label of the horizontal axis
const RIGHT = 20;
const NARROW = 420;
// The room at the right of a colour bar holds its ticks and, rotated, its label: no window is too narrow for them.
const BAR = { gap: 12, width: 12, right: 86 };

// The left margin that charts need which stand below each other: enough for numbers and for the longest given label.
export function leftMargin(axes) {
  const labels = axes.flatMap(({ y_ticks: given }) => (Array.isArray(given) ? given : [])).map(([, label]) => label);
  return Math.max(58, 6.5 * Math.max(0, ...labels.map((label) => label.length)) + 30);
}

// Whether a chart has the horizontal axis of the chart below it, which then has the labels of both.
export function sharesAxis(axes, i, columns) {
  const [upper, lower] = [axes, axes.slice(1)].map((all) => all[i]);
  const describe = ({ x_range, x_scale, x_label, x_ticks }) => JSON.stringify([x_range, x_scale, x_label, x_ticks]);
  return columns === 1 && lower !== undefined && describe(upper) === describe(lower);
}

// What is above and below the plot on a chart's canvas.
export const edgesHeight = (hasXLabels = true) => TOP + BOTTOM - (hasXLabels ? 0 : X_LABELS);

// What the heights of plots are multiplied by so that all charts of a scene, in columns, are no higher than `room`
// pixels: a slider and what it changes are then seen together. They never get too low to be read.
export function heightScale(axes, columns, room) {
  const rows = [];
  for (let i = 0; i < axes.length; i += columns)
    rows.push(Math.max(...axes.slice(i, i + columns).map(({ height }) => height ?? 1)));
  const plots = UNIT_HEIGHT * rows.reduce((sum, height) => sum + height, 0);
  const texts = CHART_TEXTS * rows.length - X_LABELS * axes.filter((_, i) => sharesAxis(axes, i, columns)).length;
  return Math.min(1, Math.max(LEAST_SCALE, (room - texts) / plots));
}

// What charts beside each other in a narrow window need in addition: a title may take two lines, and the entries of
// their legends stand below each other.
export function narrowTextHeight(axes, columns) {
  let height = 0;
  for (let i = 0; i < axes.length; i += columns)
    height += LINE * Math.max(1, ...axes.slice(i, i + columns).map(({ items }) => legendEntries(items).length));
  return height;
}

// The plot on a canvas, and its colour bar where the chart has one.
export function plotBox({ width, height }, hasBar, margin = 58, hasXLabels = true) {
  const left = width < NARROW ? margin - 10 : margin;
  const right = hasBar ? BAR.right : RIGHT;
  const box = {
    x: left,
    y: TOP,
    width: Math.max(16, Math.floor(width - left - right)),
    height: Math.max(16, Math.floor(height - edgesHeight(hasXLabels))),
  };
  const bar = hasBar ? { x: box.x + box.width + BAR.gap, y: box.y, width: BAR.width, height: box.height } : null;
  return { ...box, bar };
}

export const hasColours = ({ items }) => items.some(({ kind }) => kind === "image" || kind === "raster");

// Entries of the legend: each label once, with the first item that has it.
export function legendEntries(items) {
  const entries = new Map();
  for (const item of items)
    if (item.label && item.kind !== "image" && item.kind !== "raster" && !entries.has(item.label))
      entries.set(item.label, item);
  return [...entries.values()];
}

// The borders of the cells of an image along an axis of `size` pixels, rising: given ones, or `count` even ones.
export function cellEdges([low, high], count, scale, size, given = null) {
  const edges = given ?? Float64Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
  return Float64Array.from(edges, (edge) => Math.max(-1, Math.min(2, scale.toUnit(edge))) * size);
}
