import assert from "node:assert/strict";
import { test } from "node:test";
import { bandRange, hertzAt, placeOfHertz } from "../../specwidget/charts/bands.js";
import { createScale } from "../../specwidget/charts/scales.js";
import { bandTicks, numberTicks } from "../../specwidget/charts/ticks.js";
import { describeBands } from "../../specwidget/explorer/panels/bank_panel.js";
import { describeCell } from "../../specwidget/explorer/spectrogram_view/readout.js";
import { cellAt, frequencyOf, hertzOf, remapCell, rowEdges } from "../../specwidget/raster/cells.js";
import { assertClose, HEADER as header } from "./fixtures.js";

// 0 to 8 kHz on HTK's scale in 40 bands; 8 kHz are 2840.0 mel.
const TOP = 2595 * Math.log10(1 + 8000 / 700);
const bands = { name: "band", scale: "htk", low: 0, step: TOP / 41, numbers: null, empty: [3] };
const banded = {
  ...header,
  bands,
  spacing: 1,
  top: 40,
  n_bins: 40,
  has_decibels: false,
  unit: "dB",
  label: "band power",
};

test("the centre of a band is at the middle of its row", () => {
  assert.equal(frequencyOf(banded, 7), 7.5);
  const hertz = hertzOf(banded, 7);
  assert.ok(Math.abs(hertz - 700 * (10 ** ((8 * TOP) / 41 / 2595) - 1)) < 1e-9);
  assert.ok(Math.abs(placeOfHertz(bands, hertz) - 7.5) < 1e-9);
});

test("Slaney's scale is linear below 1 kHz and inverted above", () => {
  const slaney = { ...bands, scale: "slaney", step: 1 };
  assert.ok(Math.abs(hertzAt(slaney, 14.5) - 1000) < 1e-9);
  assert.ok(Math.abs(hertzAt(slaney, 2.5) - 200) < 1e-9);
  assert.ok(Math.abs(hertzAt(slaney, 41.5) - 6400) < 1e-9);
  for (const hertz of [50, 999, 1001, 7000])
    assert.ok(Math.abs(hertzAt(slaney, placeOfHertz(slaney, hertz)) - hertz) < 1e-6);
});

test("a band reaches from the peak of the one before to that of the one after", () => {
  const [low, high] = bandRange(bands, 7);
  assert.ok(Math.abs(low - hertzOf(banded, 6)) < 1e-9);
  assert.ok(Math.abs(high - hertzOf(banded, 8)) < 1e-9);
});

test("every row of a mel spectrogram is equally high", () => {
  const scale = createScale("linear", [0, 40]);
  const edges = rowEdges(
    banded,
    Int32Array.from({ length: 41 }, (_, i) => i),
    scale,
    400,
  );
  for (const [i, edge] of edges.entries()) assertClose(edge, 10 * i);
  assert.equal(cellAt(banded, { sample: 128, hz: 7.99 })?.bin, 7);
  assert.equal(cellAt(banded, { sample: 128, hz: 8.01 })?.bin, 8);
});

test("ticks of bands are round frequencies at their places", () => {
  const ticks = bandTicks(createScale("linear", [0, 40]), 0.1, bands, 1000);
  for (const { value, label } of ticks) assert.ok(Math.abs(hertzAt(bands, value) - 1000 * Number(label)) < 1e-6);
  assert.ok(ticks.some(({ label }) => label === "1"));
  assert.ok(ticks.length >= 4);
});

test("ticks of coefficients are their numbers in the middle of rows", () => {
  const ticks = numberTicks(createScale("linear", [0, 4]), 0.2, [1, 2, 3, 0]);
  assert.deepEqual(
    ticks.map(({ value, label }) => [value, label]),
    [
      [0.5, "1"],
      [1.5, "2"],
      [2.5, "3"],
      [3.5, "0"],
    ],
  );
});

test("the readout has band, range and value", () => {
  const texts = describeCell(banded, "seconds", { frame: 2, bin: 7 }, -12.34);
  assert.equal(texts.bin, "7");
  assert.equal(texts.value, "\u221212.3 dB");
  assert.match(texts.range, /^[\d.]+ Hz to [\d.]+ Hz$/);
  assert.match(describeCell(banded, "seconds", { frame: 2, bin: 3 }, 0).range, /, no bin$/);
});

test("the cursor keeps its frequency from bins to bands and its number between coefficients", () => {
  const bin = 20;
  const moved = remapCell({ frame: 2, bin, panel: 0 }, header, banded);
  assert.ok(
    Math.abs(hertzOf(banded, moved.bin) - bin * header.spacing) <
      hertzOf(banded, moved.bin + 1) - hertzOf(banded, moved.bin),
  );
  const coefficients = { ...banded, bands: { ...bands, name: "coefficient", numbers: [0, 1, 2] }, n_bins: 3, top: 3 };
  assert.equal(remapCell({ frame: 2, bin: 2, panel: 0 }, coefficients, coefficients).bin, 2);
  assert.ok(Number.isNaN(hertzOf(coefficients, 1)));
});

test("the bank names the bands at a frequency, with their bins", () => {
  const bank = { edges: [0, 100, 200, 300], counts: [2, 0], spacing: 40 };
  assert.match(describeBands(bank, 150), /near bin 4.*band 0: .*2 bins.*band 1: .*no bin/);
  assert.match(describeBands(bank, 400), /no band$/);
});
