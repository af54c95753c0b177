import assert from "node:assert/strict";
import test from "node:test";
import { profileOf } from "../../specwidget/explorer/spectrogram_view/spectrum.js";

test("a line in a spectrum survives on a small screen", () => {
  const values = new Float32Array(1025).fill(-80);
  values[700] = 0;
  const { high } = profileOf(values, 1, { invert: (unit) => unit * 1024 }, 100);
  const rows = [...high.keys()].filter((row) => high[row] === 0);
  assert.deepEqual(rows, [68]);
});
