// The spectrograms of A and B side by side, or their difference: a chart for each panel, with one cursor.
import { createChart } from "../../charts/chart.js";
import { h } from "../../charts/dom.js";
import { createScale } from "../../charts/scales.js";
import { spectrogramAxes } from "../../charts/spectrogram_axes.js";
import { cellAt } from "../../raster/cells.js";
import { codesOf, coloursOf, valueAt } from "../../raster/layers.js";
import { paint } from "../../raster/raster.js";
import { axesOfBoth } from "./shared_axes.js";
import { differenceLimit, differencesOf, paintDifferences } from "./differences.js";

const HEIGHT = 1.3; // of one panel
const SIDES = { beside: ["A", "B"], difference: ["A \u2212 B"] };
// Pixels at which the limits of the colours of a difference are found, whatever the size of the charts.
/** @type {[number, number]} */
const LIMIT_SIZE = [512, 256];

// `onCursor(point, isKey)` is called with {sample, hz, panel}, or null.
export function createComparePlots(onCursor) {
  const el = h("div", { class: "specwidget-pair specwidget-charts" });
  let charts = [];
  /** @type {any} */
  let comparison = null; // {layers: [A, B], both, view, timeUnit, tables, ranges, differenceTable}

  function build(places) {
    for (const { chart } of charts) chart.dispose();
    charts = places.map(({ side, panel }) => ({
      side,
      panel,
      chart: createChart({
        onCursor: (at, isKey) =>
          onCursor(at && comparison.both[side].toDisplayed({ sample: at.x, hz: at.y, panel }), isKey),
      }),
    }));
    el.replaceChildren(...charts.map(({ chart }) => chart.el));
  }

  function show(next) {
    const { layers, view } = next;
    comparison = { ...next, both: axesOfBoth(layers, next) };
    const sides = SIDES[view];
    const nPanels = Math.max(...layers.map((layer) => layer.header.panels.length));
    const places = Array.from({ length: nPanels }, (_, panel) =>
      sides
        .map((name, side) => ({ name, side, panel }))
        .filter(({ side }) => panel < layers[side].header.panels.length),
    ).flat();
    const keyOf = (all) => all.map(({ side, panel }) => `${side} ${panel}`).join();
    if (keyOf(places) !== keyOf(charts)) build(places);
    const item =
      view === "difference" ? differenceItem(comparison) : (side, panel) => pictureItem(comparison, side, panel);
    places.forEach(({ name, side, panel }, i) => {
      const { header: own } = layers[side];
      const title = own.panels[panel] ? `${name}, ${own.panels[panel]}` : name;
      const axes = { title, height: HEIGHT / nPanels, ...visibleAxes(comparison, side), items: [item(side, panel)] };
      const label = `${title}: ${own.label} over time and frequency.`;
      charts[i].chart.show(axes, { label, step: { x: own.step_samples, y: own.spacing } });
    });
  }

  return {
    el,
    show,
    // Show the cursor at the same point of all charts: {sample, hz} of what is displayed, or null.
    showCursor(point) {
      for (const { chart, side } of charts) {
        const own = point && comparison.both[side].toOwn(point);
        chart.showCursor(own && { x: own.sample, y: own.hz });
      }
    },
    // The values of A and B at a point; NaN where one has none.
    valuesAt: (displayed) =>
      comparison.layers.map((layer, side) => {
        const point = comparison.both[side].toOwn(displayed);
        if (!point) return NaN;
        const cell = cellAt(layer.header, point);
        const panel = Math.min(point.panel ?? 0, layer.header.panels.length - 1);
        return (cell && valueAt([layer], { ...cell, panel })?.value) ?? NaN;
      }),
    dispose() {
      for (const { chart } of charts) chart.dispose();
    },
  };
}

// Axes of the visible part. Their ticks follow from the size of the plot.
function visibleAxes(comparison, side) {
  const { region, scale } = comparison.both[side];
  const { header } = comparison.layers[side];
  const { timeUnit } = comparison;
  const axesFor = (size) => spectrogramAxes(header, { view: region, timeUnit, scale }, size);
  const { x_label, y_label } = axesFor({ width: 400, height: 200 });
  return {
    x_label,
    y_label,
    x: createScale("linear", [region.first, region.last]),
    y: scale,
    x_ticks: (width) => axesFor({ width, height: 200 }).x_ticks,
    y_ticks: (height) => axesFor({ width: 400, height }).y_ticks,
  };
}

function pictureItem(comparison, side, panel) {
  const { layers, both, tables, ranges } = comparison;
  const { region, scale } = both[side];
  const layer = layers[side];
  const { label, full_unit: unit, kind } = layer.header;
  return {
    kind: "raster",
    map: kind,
    table: tables[side],
    range: ranges[side],
    label,
    unit,
    paint(pixels, width, height) {
      const codes = codesOf(layer, panel, region, scale, width, height);
      paint(codes, coloursOf(layer, tables[side], ranges[side]), pixels);
    },
  };
}

// The differences of a panel at each pixel, and the codes that they come from.
function differencesAt(comparison, panel, width, height) {
  const { layers, both } = comparison;
  // The cell in the middle of a pixel: the largest of many narrow cells would always exceed that of few wide ones.
  const codes = layers.map((layer, side) => {
    const centres = { ...layer, header: { ...layer.header, kind: "cyclic" } };
    return codesOf(centres, panel, both[side].region, both[side].scale, width, height);
  });
  return { codes, values: differencesOf(codes[0], layers[0].header, codes[1], layers[1].header) };
}

function differenceItem(comparison) {
  const { layers, differenceTable: table } = comparison;
  const { panels, unit } = layers[0].header;
  const limits = panels.map((_, panel) => differenceLimit(differencesAt(comparison, panel, ...LIMIT_SIZE).values));
  const limit = Math.max(...limits);
  return (_side, panel) => ({
    kind: "raster",
    map: "diverging",
    table,
    range: [-limit, limit],
    label: "A \u2212 B",
    unit,
    paint(pixels, width, height) {
      const { codes, values } = differencesAt(comparison, panel, width, height);
      paintDifferences(values, ...codes, table, limit, pixels);
    },
  });
}
