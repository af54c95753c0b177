import assert from "node:assert/strict";
import test from "node:test";
import {
  columnsOf,
  compareValues,
  describeCell,
  describeDifference,
  layerValueOf,
  noteText,
  precisionText,
  visibleText,
} from "../../specwidget/explorer/spectrogram_view/readout.js";
import { assertClose, HEADER } from "./fixtures.js";

for (const [hertz, note] of [
  [440, "A4"],
  [261.6256, "C4"],
  [27.5, "A0"],
  [445, "A4 +20 cents"],
  [311.127, "E♭4"],
  [0, ""],
  [30_000, ""],
])
  test(`the note of ${hertz} Hz is "${note}"`, () => {
    assert.equal(noteText(hertz), note);
  });

for (const [mode, unit, displayed, value] of [
  ["log", "dB", -20, Math.log(0.1)],
  ["log", "", Math.log(0.1), Math.log(0.1)],
  ["magnitude", "dB", -20, 0.1],
  ["magnitude", "", 0.1, 0.1],
  ["psd", "dB", -20, 0.01],
  ["psd", "", 0.01, 0.01],
])
  test(`${displayed} ${unit} of mode ${mode} is -20 dB and has a layer value`, () => {
    const found = layerValueOf({ ...HEADER, mode, unit }, displayed);
    assertClose(found.value, value);
    assertClose(found.decibels, -20);
  });

test("two cells differ in time, frequency and level", () => {
  const cells = [
    { frame: 10, bin: 16, panel: 0 },
    { frame: 20, bin: 32, panel: 0 },
  ];
  assert.deepEqual(describeDifference(HEADER, "seconds", cells, [-40, -20]), {
    time: "+160.0 ms",
    frequency: "+500 Hz",
    note: "+12.00 semitones",
    value: "+20.0 dB",
    own: "× 10",
    frame: "+10",
    bin: "+16",
  });
});

for (const [mode, factor] of [
  ["log", 10],
  ["magnitude", 10],
  ["psd", 100],
])
  test(`20 dB are a factor of ${factor} in mode ${mode}`, () => {
    assertClose(compareValues({ ...HEADER, mode }, -40, -20).factor, factor);
  });

test("angles differ the short way round", () => {
  const header = { ...HEADER, mode: "angle", kind: "cyclic", unit: "rad", has_decibels: false };
  assertClose(compareValues(header, 3, -3).difference, 2 * Math.PI - 6);
});

test("with a unit, decibels are per Hz, and the layer's value is as without one", () => {
  const psd = { ...HEADER, mode: "psd", label: "PSD" };
  const header = {
    ...psd,
    full_unit: "dB re 1 V²/Hz",
    other_unit: "V² per cycle/sample",
    offset: -40,
    per_hertz: null,
  };
  const titles = columnsOf(header).map(({ title }) => title);
  assert.ok(titles.includes("PSD (dB re 1 V²/Hz)"));
  assert.ok(titles.includes("Layer value (V² per cycle/sample)"));
  assert.equal(describeCell(header, "seconds", { frame: 0, bin: 1 }, -60).value, "−60.0 dB");
  assertClose(layerValueOf(header, -60).value, 0.01);
});

test("a density per Hz stands under its unit", () => {
  const unit = {
    full_unit: "V² per cycle/sample",
    unit: "V² per cycle/sample",
    per_hertz: -40,
    per_hertz_unit: "V²/Hz",
  };
  const header = { ...HEADER, mode: "psd", label: "PSD", ...unit };
  assert.ok(columnsOf(header).some(({ title }) => title === "V²/Hz"));
  assert.equal(describeCell(header, "seconds", { frame: 0, bin: 1 }, 0.01).per_hertz, "1.000e−6");
});

test("a picture of few levels says how precise its values are", () => {
  assert.equal(precisionText(HEADER), "");
  assert.equal(precisionText({ ...HEADER, resolution: 0.2997 }), "This page has values to within 0.3 dB.");
});

const REGION = { first: 4000, last: 6000, low: 0.25, high: 0.5 };

test("that of bands has their numbers", () => {
  const header = { ...HEADER, bands: { name: "band" }, unit: "", top: 80, n_bins: 80 };
  const mean = { level: -1.25, peak_bin: 12, n_used: 4, n_frames: 4, per_hertz: null, is_onesided: false };
  assert.equal(
    visibleText(header, "seconds", REGION, mean),
    "Visible: 0.500 s to 0.750 s, bands 20 to 39  \u00b7  250.0 ms  \u00b7  mean \u22121.25  \u00b7  highest at band 12",
  );
});

const MEAN = { level: -42.04, peak_bin: 16, n_used: 40, n_frames: 40, per_hertz: -39.03, is_onesided: false };
test("the visible part has a duration, a band, and a mean level", () => {
  assert.equal(
    visibleText(HEADER, "seconds", REGION, { ...MEAN }),
    "Visible: 0.500 s to 0.750 s, 1000 Hz to 2000 Hz  \u00b7  250.0 ms by 1000 Hz  \u00b7  mean \u221242.0 dB (\u221281.1 dB " +
      "per Hz, two-sided)  \u00b7  highest at 500 Hz",
  );
  assert.ok(!visibleText(HEADER, "seconds", REGION, null).includes("mean"));
  const some = visibleText(HEADER, "seconds", REGION, { ...MEAN, n_used: 7, per_hertz: null });
  assert.ok(some.includes("mean \u221242.0 dB  ") && some.endsWith("mean of 7 of 40 frames"));
  assert.ok(visibleText(HEADER, "seconds", REGION, { ...MEAN, level: null }).includes("mean \u2212\u221e dB"));
});
