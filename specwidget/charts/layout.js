// Where things stand on a pair of axes. Pure functions.
import { fixed } from "./format.js";
import { linearTicks } from "./scales.js";

// An axis from `low` to `high`: `place(value)` is 0 at its start and 1 at its end, `at(place)` the way back.
export function axisScale([low, high], scale) {
  if (scale === "log") {
    const span = Math.log(high / low);
    return {
      low,
      high,
      scale,
      place: (value) => (value > 0 ? Math.log(value / low) / span : -1),
      at: (place) => low * Math.exp(place * span),
    };
  }
  return {
    low,
    high,
    scale,
    place: (value) => (value - low) / (high - low),
    at: (place) => low + place * (high - low),
  };
}

// Ticks of an axis, about `count` of them: [{value, label}]; those given, where there are any.
export function ticksOf(axis, given, count) {
  if (given) return given.map(([value, label]) => ({ value, label }));
  return axis.scale === "log" ? logTicks(axis, count) : linearTicks(axis.low, axis.high, count);
}

// Round numbers on a logarithmic axis: powers of ten, with 2 and 5 between them where there is room.
export function logTicks({ low, high }, count) {
  const ticks = [];
  for (const factors of [[1], [1, 2, 5]]) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const factor of factors) {
        const value = factor * 10 ** power;
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9))
          found.push({ value, label: logLabel(factor, power) });
      }
    }
    if (!ticks.length || found.length <= count) ticks.splice(0, ticks.length, ...found);
  }
  const every = Math.max(1, Math.ceil(ticks.length / Math.max(1, count)));
  return ticks.filter((_, i) => i % every === 0);
}

const SUPERSCRIPT = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

// A round number on a logarithmic axis, as a power of ten where it would be long.
function logLabel(factor, power) {
  if (power >= 0 && power < 5) return fixed(factor * 10 ** power);
  if (power < 0 && power > -4) return fixed(factor * 10 ** power, -power);
  const raised = [...String(Math.abs(power))].map((digit) => SUPERSCRIPT[digit]).join("");
  return `${factor === 1 ? "" : `${factor}\u00b7`}10${power < 0 ? "\u207b" : ""}${raised}`;
}

// The room on the left of a plot: what the labels that are given need, and enough for numbers.
export function leftOf(axes) {
  const longest = Math.max(0, ...axes.flatMap(({ y_ticks: given }) => (given ?? []).map(([, label]) => label.length)));
  return Math.max(58, 6.5 * longest + 30);
}

// The plot on a canvas of `width` x `height`, with room for a colour bar where some axes of the scene have one.
export function plotBox(width, height, hasBar, wanted = 58) {
  const narrow = width < 420;
  const left = narrow ? wanted - 10 : wanted;
  const right = hasBar ? (narrow ? 66 : 76) : 20;
  const box = {
    x: left,
    y: 8,
    width: Math.max(16, Math.floor(width - left - right)),
    height: Math.max(16, Math.floor(height - 8 - 42)),
  };
  return { ...box, bar: hasBar ? { x: box.x + box.width + 12, y: box.y, width: 12, height: box.height } : null };
}

// What stands in the legend: each name once, with the item that it was first given to.
export function legendOf(items) {
  const named = new Map();
  for (const item of items)
    if (item.label && item.kind !== "image" && !named.has(item.label)) named.set(item.label, item);
  return [...named.values()];
}

// Put the arrays of a message where its header says `{buffer: number}`.
export function decodeScene(header, buffers) {
  const arrayOf = (reference, Kind) => {
    const view = buffers[reference.buffer];
    // A copy, as a view into a message may begin anywhere.
    const bytes = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength).slice();
    return new Kind(bytes.buffer);
  };
  const decodeItem = (item) => {
    const decoded = { ...item };
    for (const name of ["x", "y"])
      if (item[name]?.buffer !== undefined) decoded[name] = arrayOf(item[name], Float32Array);
    if (item.kind === "image") decoded.values = arrayOf(item.values, Uint16Array);
    return decoded;
  };
  return { ...header, axes: header.axes.map((axes) => ({ ...axes, items: axes.items.map(decodeItem) })) };
}

// The borders of `count` cells between `low` and `high`, in pixels of an axis that is `size` long; rising.
export function cellEdges([low, high], count, axis, size) {
  return Float64Array.from({ length: count + 1 }, (_, i) => {
    const place = axis.place(low + ((high - low) * i) / count);
    return Math.max(-1, Math.min(2, place)) * size;
  });
}
