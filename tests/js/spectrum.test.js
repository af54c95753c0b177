import assert from "node:assert/strict";
import test from "node:test";
import { legendOf, profileOf, spectrumScene } from "../../specwidget/explorer/spectrogram_view/spectrum.js";
import { createScale } from "../../specwidget/charts/scales.js";
import { HEADER } from "./fixtures.js";

test("a line in a spectrum survives on a small screen", () => {
  const values = new Float32Array(1025).fill(-80);
  values[700] = 0;
  const { high } = profileOf(values, 1, { invert: (unit) => unit * 1024 }, 100);
  const rows = [...high.keys()].filter((row) => high[row] === 0);
  assert.deepEqual(rows, [68]);
});

const curve = (role, spacing = HEADER.spacing, bins = 129) => ({
  role,
  values: [new Float32Array(bins).fill(-40)],
  spacing,
});

test("curves in one box have a label and a line of their own", () => {
  assert.deepEqual(legendOf([curve("cursor")], []), []);
  const entries = legendOf([curve("mean"), curve("other"), curve("cursor")], ["A", "B"]);
  assert.deepEqual(
    entries.map(({ label, style }) => [label, style]),
    [
      ["A", "solid"],
      ["B", "dashed"],
      ["mean", "dotted"],
    ],
  );
  assert.deepEqual(
    legendOf([curve("mean")], []).map(({ label }) => label),
    ["mean"],
  );
});

test("the spectrum of B has its own bins on the same axis", () => {
  const scale = createScale("linear", [0, 4000]);
  const other = curve("other", 4000 / 16, 17);
  other.values[0][8] = 0;
  const context = { header: HEADER, scale, range: [-80, 0], level: null };
  const { items } = spectrumScene([curve("cursor"), other], 0, context, { height: 160 });
  assert.deepEqual(
    items.map(({ style }) => style),
    ["dashed", "solid"],
  );
  const [{ x, y }] = items;
  const peak = y[x.indexOf(Math.max(...x))];
  assert.ok(Math.abs(peak - 2000) <= 4000 / 160, `${peak}`);
});
