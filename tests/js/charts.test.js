// Unit tests of the pure modules of `specwidget/charts`, under node's test runner.
import assert from "node:assert/strict";
import { test } from "node:test";
import { toTypedArray } from "../../specwidget/charts/buffers.js";
import { fixed, labelWithUnit, short } from "../../specwidget/summary/format.js";
import {
  cellEdges,
  edgesHeight,
  heightScale,
  narrowTextHeight,
  leftMargin,
  legendEntries,
  plotBox,
  sharesAxis,
} from "../../specwidget/charts/layout.js";
import {
  axisText,
  cellIndex,
  cellValue,
  describe,
  moved,
  nearestIndex,
  readableItems,
  snap,
  valueAt,
} from "../../specwidget/charts/readout.js";
import { availableAxis, createScale, frequencyScale, projection, zoomScale } from "../../specwidget/charts/scales.js";
import { scaleTicks as ticksOfScale } from "../../specwidget/charts/ticks.js";
import { decodeScene } from "../../specwidget/charts/scene.js";
import { pictureBar, spectrogramAxes, spectrumAxes } from "../../specwidget/charts/spectrogram_axes.js";
import {
  frequencyTicks,
  linearTicks,
  logTicks,
  niceStep,
  scaleTicks,
  valueTicks,
} from "../../specwidget/charts/ticks.js";
import { errorMapAxes, toleranceTicks } from "../../specwidget/explorer/panels/error_map.js";
import { spectrumScene } from "../../specwidget/explorer/spectrogram_view/spectrum.js";

const labels = (ticks) => ticks.map(({ label }) => label);
const close = (a, b, tolerance = 1e-9) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
const HEADER = {
  n_samples: 16000,
  duration: 2,
  has_rate: true,
  n_frames: 124,
  n_bins: 129,
  window_length: 256,
  step_samples: 128,
  left: 0,
  spacing: 31.25,
  top: 4000,
  kind: "sequential",
  label: "magnitude",
  unit: "dB",
  full_unit: "dB re 1",
};

for (const type of ["linear", "log", "mel"]) {
  test(`a ${type} scale maps its domain to 0 to 1, and back`, () => {
    const scale = createScale(type, [20, 4000]);
    close(scale.toUnit(20), 0);
    close(scale.toUnit(4000), 1);
    for (const unit of [0, 0.25, 0.5, 1]) close(scale.toUnit(scale.invert(unit)), unit);
  });
}

test("a logarithmic scale has no place for 0 and below", () => {
  const scale = createScale("log", [20, 4000]);
  assert.equal(scale.toUnit(0), -1);
  assert.equal(scale.toUnit(-5), -1);
});

test("a part of a scale keeps its type", () => {
  for (const axis of ["linear", "log", "mel", "notes"]) {
    const full = frequencyScale(axis, 8000, 31.25);
    const part = zoomScale(full, [0.25, 0.5]);
    assert.equal(part.axis, axis);
    close(part.domain[0], full.invert(0.25));
    for (const hertz of [300, 1000]) close(part.toUnit(hertz), (full.toUnit(hertz) - 0.25) / 0.25);
  }
});

test("mel and notes need a sample rate", () => {
  assert.deepEqual(
    ["linear", "log", "mel", "notes"].map((axis) => availableAxis(axis, false)),
    ["linear", "log", "linear", "log"],
  );
});

test("infinite values stay near the canvas", () => {
  const box = { x: 0, y: 0, width: 100, height: 100 };
  const { toX, toY } = projection(box, createScale("linear", [0, 10]), createScale("linear", [0, 10]));
  assert.equal(toX(2.5), 25);
  assert.ok(Math.abs(toX(-Infinity)) <= 1000);
  assert.equal(toY(10), 0);
});

test("ticks are round numbers, and their labels differ", () => {
  assert.equal(niceStep(10, 5), 2);
  assert.deepEqual(labels(linearTicks(-70, 10, 4)), ["\u221260", "\u221240", "\u221220", "0"]);
  assert.deepEqual(labels(linearTicks(0, 0.003, 4)), ["0.000", "0.001", "0.002", "0.003"]);
  assert.deepEqual(linearTicks(5, 5, 4), []);
  assert.deepEqual(labels(logTicks(0.5, 2000, 5)), ["1", "10", "100", "1000"]);
  assert.deepEqual(labels(logTicks(1, 20, 9)), ["1", "2", "5", "10", "20"]);
  assert.deepEqual(scaleTicks(createScale("linear", [0, 1]), 4, [[0.5, "half"]]), [{ value: 0.5, label: "half" }]);
  assert.deepEqual(labels(valueTicks([-Math.PI, Math.PI], 5, "cyclic")).at(-1), "\u03c0");
  // One number would say nothing of a scale.
  assert.ok(valueTicks([-38, 38], 1.2, "diverging").length > 1);
  assert.ok(valueTicks([-60.3, 9.6], 1, "sequential").length > 1);
});

for (const axis of ["linear", "log", "mel", "notes"]) {
  for (const top of [0.5, 4000, 22050, 96000]) {
    if (top < 1 && ["mel", "notes"].includes(axis)) continue;
    test(`frequency ticks lie on a ${axis} axis up to ${top}, and apart`, () => {
      const scale = frequencyScale(axis, top, top / 512);
      const units = frequencyTicks(scale, 0.06, 1000).map(({ value }) => scale.toUnit(value));
      assert.ok(units.length >= 3);
      assert.ok(Math.min(...units) >= -1e-9 && Math.max(...units) <= 1 + 1e-9);
      for (let i = 1; i < units.length; i++) assert.ok(units[i] - units[i - 1] > 0.044);
    });
  }
}

test("values are read at the nearest point, and none beyond the ends", () => {
  const curve = { x: [1, 3, 5], y: [5, 6, 7] };
  assert.deepEqual(
    [0.9, 2.1, 5.9].map((x) => valueAt(curve, x)),
    [5, 6, 7],
  );
  assert.ok(Number.isNaN(valueAt(curve, 8)));
  assert.equal(valueAt({ ...curve, y_max: [9, 9, 9] }, 3), 9);
  assert.equal(nearestIndex([0], 5), 0);
});

test("a cell of an image is found with and without edges", () => {
  assert.equal(cellIndex([0, 4], 4, 1.5), 1);
  assert.equal(cellIndex([0, 4], 4, 4), 3);
  assert.ok(Number.isNaN(cellIndex([0, 4], 4, -1)));
  assert.equal(cellIndex([0, 9], 2, 5, [0, 6, 9]), 0);
  assert.equal(cellIndex([0, 9], 2, 7, [0, 6, 9]), 1);
  const image = { values: [1, 65535, 0, 1], rows: 2, columns: 2, x: [0, 2], y: [0, 2], range: [-1, 1] };
  assert.equal(cellValue(image, { x: 1.5, y: 0.5 }), 1);
  assert.ok(Number.isNaN(cellValue(image, { x: 0.5, y: 1.5 })));
});

test("a readout has names, values and units", () => {
  assert.equal(axisText("frequency (Hz)", 440), "frequency 440 Hz");
  assert.equal(axisText("layer", 1, [[1, "first"]]), "layer first");
  const line = { kind: "line", label: "window A", x: [0, 1], y: [0, -3.1] };
  const parametric = { kind: "line", label: "circle", x: [0, 1, 0], y: [0, 1, 2] };
  const axes = { x_label: "time (s)", y_label: "level (dB)", items: [line, parametric, { kind: "band" }] };
  assert.deepEqual(readableItems(axes), [line]);
  assert.equal(describe(axes, { x: 1 }), "time 1 s  \u00b7  window A \u22123.1");
  assert.equal(describe({ ...axes, items: [{ ...line, label: "" }] }, { x: 0 }), "time 0 s  \u00b7  level 0 dB");
});

test("keys move by the step, or to the next point, and stay on the axis", () => {
  const scale = createScale("linear", [0, 10]);
  assert.equal(moved(scale, 4, 1, 2), 6);
  assert.equal(moved(scale, 9, 10, 2), 10);
  const axes = { items: [{ kind: "line", x: [0, 5, 10], y: [0, 0, 0] }] };
  const snapTo = (value) => snap(axes, value);
  assert.equal(snapTo(6), 5);
  assert.ok(moved(scale, 0, 1, null, snapTo) > 0);
  assert.equal(moved(scale, 0, 30, null, snapTo), 5);
});

test("labels of an axis find room, and charts below each other keep it for a colour bar", () => {
  assert.equal(leftMargin([{ y_ticks: null }]), 58);
  assert.ok(leftMargin([{ y_ticks: [[0, "a label of some length"]] }]) > 150);
  assert.equal(plotBox({ width: 600, height: 260 }, false).bar, null);
  const { x, width, bar } = plotBox({ width: 600, height: 260 }, true);
  assert.ok(bar.x > x + width && bar.x + bar.width < 600);
  assert.ok(plotBox({ width: 30, height: 10 }, true).width >= 16);
});

test("a legend has each label once, and none of images", () => {
  const items = [
    { kind: "line", label: "a" },
    { kind: "points", label: "a" },
    { kind: "image", label: "b" },
    { kind: "line", label: "" },
  ];
  assert.deepEqual(legendEntries(items), [items[0]]);
});

test("edges of cells are even, or those that are given", () => {
  const scale = createScale("linear", [0, 4]);
  assert.deepEqual([...cellEdges([0, 4], 2, scale, 100)], [0, 50, 100]);
  assert.deepEqual([...cellEdges([0, 4], 2, scale, 100, [0, 1, 4])], [0, 25, 100]);
});

test("a scene is decoded from buffers at any offset", () => {
  const bytes = new Uint8Array(9);
  bytes.set(new Uint8Array(Float32Array.of(1, 2).buffer), 1);
  const view = new DataView(bytes.buffer, 1, 8);
  assert.deepEqual([...toTypedArray(view, Float32Array)], [1, 2]);
  const header = { axes: [{ items: [{ kind: "line", x: { buffer: 0 }, y: { buffer: 0 }, y_max: null }] }] };
  const [item] = decodeScene(header, [view]).axes[0].items;
  assert.deepEqual([[...item.x], [...item.y], item.y_max], [[1, 2], [1, 2], null]);
});

test("the axes of a spectrogram have units, and those of its panels agree", () => {
  const visible = {
    view: { first: 0, last: 16000 },
    timeUnit: "seconds",
    scale: frequencyScale("linear", 4000, 31.25),
  };
  const axes = spectrogramAxes(HEADER, visible, { width: 500, height: 200 });
  assert.equal(axes.x_label, "Time (s)");
  assert.equal(axes.y_label, "Frequency (kHz)");
  assert.deepEqual(labels(axes.y_ticks), ["0", "1", "2", "3", "4"]);
  const withoutRate = { ...HEADER, has_rate: false, top: 0.5, spacing: 1 / 256 };
  const scale = frequencyScale("linear", 0.5, 1 / 256);
  assert.equal(
    spectrogramAxes(withoutRate, { ...visible, scale }, { width: 500, height: 200 }).x_label,
    "Time (samples)",
  );
  assert.equal(spectrumAxes(HEADER, [-80, 0], visible.scale, { width: 136 }, false).x_ticks, undefined);
  assert.equal(pictureBar(HEADER, "", [-80, 0], 200, 9).label, "Magnitude (dB re 1)");
});

test("a spectrum keeps its extremes and ends where it has no value", () => {
  const scale = frequencyScale("linear", 4000, 31.25);
  const values = new Float32Array(129).fill(-60);
  values[64] = 0;
  values[100] = -Infinity;
  const context = { header: HEADER, scale, range: [-80, 0], level: 2000 };
  const curve = { role: "cursor", values: [values], spacing: HEADER.spacing };
  const { items } = spectrumScene([curve], 0, context, { height: 50 });
  const [level, line] = items;
  assert.deepEqual([level.kind, level.y], ["reference_line", 2000]);
  assert.equal(Math.max(...line.x), 0);
  assert.equal(Math.min(...line.x), -80);
});

test("a map of errors has the geometry of its transform", () => {
  const header = { ...HEADER, rows: 1, columns: 2, low: -3, high: 0, range: [-3, 0] };
  const view = (array) => new DataView(array.buffer);
  const buffers = [Uint16Array.of(1, 65535), Int32Array.of(0, 129), Int32Array.of(0, 60, 124)].map(view);
  const axes = errorMapAxes(header, buffers, "00".repeat(768));
  assert.deepEqual([...axes.items[0].x_edges], [64, 7744, 15936]);
  assert.deepEqual([...axes.items[0].y_edges], [0, 4000]);
  assert.deepEqual(labels(toleranceTicks(-3, 0)), ["0.001", "0.01", "0.1", "1"]);
});

test("numbers have true minus signs and few digits", () => {
  assert.equal(fixed(-0.0001, 2), "0.00");
  assert.equal(short(0.000012345), "1.234e\u22125");
  assert.equal(labelWithUnit("Power", "dB"), "Power (dB)");
  assert.equal(labelWithUnit("Power", ""), "Power");
});

test("ticks of a mel axis lie apart, up to its upper end", () => {
  const scale = createScale("mel", [0, 22_050]);
  const places = ticksOfScale(scale, 5).map(({ value }) => scale.toUnit(value));
  assert.ok(places.length >= 3);
  for (let i = 1; i < places.length; i++) assert.ok(places[i] - places[i - 1] >= 0.2 - 1e-9, String(places));
});

test("the charts of a scene are no higher than the room that there is, and never too low", () => {
  const axes = [{ height: 0.6, x_label: "time" }, { x_label: "bin" }, { height: 1, x_label: "lag" }];
  const heightOf = (scale, heights) => heights.reduce((sum, height) => sum + 98 + 210 * height * scale, 0);
  assert.equal(heightScale(axes, 1, 2000), 1);
  assert.ok(Math.abs(heightOf(heightScale(axes, 1, 600), [0.6, 1, 1]) - 600) < 1e-9);
  assert.ok(Math.abs(heightOf(heightScale(axes, 3, 250), [1]) - 250) < 1e-9);
  assert.equal(heightScale(axes, 1, 100), 0.35);
});

test("charts beside each other in a narrow window have room for the entries of their legends", () => {
  const line = (label) => ({ kind: "line", label });
  const axes = [{ items: [] }, { items: [line("a"), line("b"), line("c"), line("a")] }, { items: [line("")] }];
  assert.equal(narrowTextHeight(axes, 2), 3 * 20 + 20);
});

test("charts below each other with one horizontal axis have its labels once, and the plots the room", () => {
  const axes = [0, 1, 2].map((i) => ({ height: 1, x_label: "time", x_range: [0, i < 2 ? 1 : 2] }));
  const shared = [0, 1, 2].map((i) => sharesAxis(axes, i, 1));
  assert.deepEqual(shared, [true, false, false]);
  assert.equal(sharesAxis(axes, 0, 2), false);
  const texts = 3 * 98 - (edgesHeight() - edgesHeight(false));
  assert.ok(Math.abs(texts + 3 * 210 * heightScale(axes, 1, 700) - 700) < 1e-9);
  const heights = [true, false].map((hasXLabels) => plotBox({ width: 600, height: 200 }, false, 58, hasXLabels).height);
  assert.deepEqual(heights, [150, 184]);
});
