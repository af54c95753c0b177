// @ts-nocheck
// The pictures of A and B side by side, or their difference, on the axes and in the colours of the picture.
import { drawAxes, drawBar } from "../../charts/axes.js";
import { cellAt, pointAt } from "../../raster/cells.js";
import { differencesOf, paintDifferences, reachOf } from "./differences.js";
import { h as element } from "../../charts/dom.js";
import { codesOf, coloursOf, valueAt } from "../../raster/layers.js";
import { unpack } from "../../raster/raster.js";
import { placesOf } from "../../raster/region.js";
import { frequencyScale, partOf } from "../../charts/scales.js";

const NEEDS_RATE = { mel: "linear", notes: "log" };
const LEFT = 56;
const RIGHT = 72;
const TOP = 20;
const BOTTOM = 40;
const BETWEEN = 56;
const ROW_GAP = 24;

export function makeComparePlots(label) {
  const [canvas, over] = [element("canvas", { "aria-hidden": "true" }), element("canvas", { "aria-hidden": "true" })];
  const el = element("div", { class: "specwidget-pair", role: "img", "aria-label": label }, [canvas, over]);
  let ratio = 1;
  let scene = null; // {layers: [A, B], view: "beside" | "difference", region, axis, timeUnit, tables, range}
  let plots = []; // {x, y, width, height, title, side, panel}
  let scale = null;
  let look = null;

  function fit() {
    ratio = Math.min(2, window.devicePixelRatio || 1);
    for (const each of [canvas, over]) {
      each.width = Math.round(el.clientWidth * ratio);
      each.height = Math.round(el.clientHeight * ratio);
    }
    const style = getComputedStyle(el);
    const get = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
    look = {
      ink: get("--sw-ink", "#212121"),
      muted: get("--sw-muted", "#5c5c5c"),
      line: get("--sw-line", "#bdbdbd"),
      font: `11px ${get("--sw-font", "sans-serif")}`,
    };
  }

  // One column for each picture, or one for the difference; a row for each of its parts.
  function place() {
    const { layers, view } = scene;
    const sides = view === "difference" ? ["A \u2212 B"] : ["A, now", "B, kept"];
    const rows = Math.max(...layers.map(({ header }) => header.panels.length));
    const width = (el.clientWidth - LEFT - RIGHT - (sides.length - 1) * BETWEEN) / sides.length;
    const height = (el.clientHeight - TOP - BOTTOM - (rows - 1) * ROW_GAP) / rows;
    plots = sides.flatMap((name, side) =>
      layers[side].header.panels.map((part, panel) => ({
        x: LEFT + side * (width + BETWEEN),
        y: TOP + panel * (height + ROW_GAP),
        width: Math.max(1, width),
        height: Math.max(1, height),
        title: part ? `${name}, ${part}` : name,
        side,
        panel,
      })),
    );
  }

  function draw() {
    if (!scene || !el.clientWidth) return;
    fit();
    place();
    const { layers, region, axis, timeUnit, view } = scene;
    const { header } = layers[0];
    const full = frequencyScale(header.has_rate ? axis : (NEEDS_RATE[axis] ?? axis), header.top, header.spacing);
    scale = partOf(full, placesOf(region, full));
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const bar = view === "difference" ? drawDifferences(context) : drawPictures(context);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const side of [0, 1]) {
      const own = plots.filter((plot) => plot.side === side);
      if (!own.length) continue;
      // The title of the frequency axis stands once, on the left.
      context.save();
      context.beginPath();
      context.rect(side ? own[0].x - BETWEEN + 8 : 0, 0, el.clientWidth, el.clientHeight);
      context.clip();
      drawAxes(context, { plots: own }, { header: layers[side].header, view: region, chosen: timeUnit, scale }, look);
      context.restore();
    }
    const [first, last] = [plots[0], plots.at(-1)];
    const box = { x: el.clientWidth - RIGHT + 14, y: first.y, width: 12, height: last.y + last.height - first.y };
    paintBar(context, box, bar.table);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawBar(context, box, bar.range, bar.header, { ...look, right: el.clientWidth });
    mark(null);
  }

  const sized = ({ width, height }) => [
    Math.max(1, Math.round(width * ratio)),
    Math.max(1, Math.round(height * ratio)),
  ];
  const put = (context, image, { x, y }) => context.putImageData(image, Math.round(x * ratio), Math.round(y * ratio));

  function drawPictures(context) {
    const { layers, region, tables, ranges } = scene;
    for (const plot of plots) {
      const [width, height] = sized(plot);
      const layer = layers[plot.side];
      const codes = codesOf(layer, plot.panel, region, scale, width, height);
      const colours = coloursOf(layer, tables[plot.side], ranges[plot.side]);
      const image = new ImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      for (let i = 0; i < codes.length; i++) pixels[i] = colours[codes[i]];
      put(context, image, plot);
    }
    return { table: tables[1], range: ranges[1], header: layers[1].header };
  }

  function drawDifferences(context) {
    const { layers, region, differenceTable } = scene;
    const parts = plots.map((plot) => {
      const [width, height] = sized(plot);
      // The cell in the middle of a pixel: the largest of many narrow cells would always exceed that of few wide ones.
      const codes = layers.map(({ header, ...layer }) =>
        codesOf({ ...layer, header: { ...header, kind: "cyclic" } }, plot.panel, region, scale, width, height),
      );
      return {
        plot,
        codes,
        image: new ImageData(width, height),
        values: differencesOf(codes[0], layers[0].header, codes[1], layers[1].header),
      };
    });
    const reach = Math.max(...parts.map(({ values }) => reachOf(values)));
    for (const { plot, codes, image, values } of parts) {
      paintDifferences(values, ...codes, differenceTable, reach, new Uint32Array(image.data.buffer));
      put(context, image, plot);
    }
    const { header } = layers[0];
    return {
      table: differenceTable,
      range: [-reach, reach],
      header: { ...header, label: "A \u2212 B", kind: "diverging" },
    };
  }

  function paintBar(context, box, table) {
    const [width, height] = sized(box);
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = unpack(table);
    for (let y = 0; y < height; y++)
      pixels.fill(colours[Math.floor(((height - 1 - y) * 256) / height)], y * width, (y + 1) * width);
    put(context, image, box);
  }

  // The crosshair of the picture, at the same place of both.
  function mark(point) {
    const context = over.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, over.width, over.height);
    if (!point || !scale) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { first, last } = scene.region;
    for (const plot of plots) {
      const across = (point.sample - first) / (last - first);
      const up = scale.place(point.hz);
      for (const [style, width] of [
        ["rgba(0, 0, 0, 0.55)", 3],
        ["rgba(255, 255, 255, 0.95)", 1],
      ]) {
        context.strokeStyle = style;
        context.lineWidth = width;
        context.beginPath();
        if (across >= 0 && across <= 1) context.rect(plot.x + across * plot.width, plot.y, 0, plot.height);
        if (up >= 0 && up <= 1) context.rect(plot.x, plot.y + (1 - up) * plot.height, plot.width, 0);
        context.stroke();
      }
    }
  }

  return {
    el,
    show(next) {
      scene = next;
      draw();
    },
    draw,
    mark,
    // The place under the pointer: {sample, hz, panel}, null beside the plots.
    under(event) {
      const box = el.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      const plot = plots.find(
        (each) => x >= each.x && x < each.x + each.width && y >= each.y && y < each.y + each.height,
      );
      return plot && scale
        ? {
            ...pointAt(scene.region, scale, (x - plot.x) / plot.width, 1 - (y - plot.y) / plot.height),
            panel: plot.panel,
          }
        : null;
    },
    // The values of A and B at a place; NaN where one has none.
    valuesAt: (point) =>
      scene.layers.map((layer) => {
        const cell = cellAt(layer.header, point);
        return (
          (cell &&
            valueAt([layer], { ...cell, panel: Math.min(point.panel ?? 0, layer.header.panels.length - 1) })?.value) ??
          NaN
        );
      }),
  };
}
