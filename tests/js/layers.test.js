import assert from "node:assert/strict";
import test from "node:test";
import { blankSpans, columnOf, valueAt } from "../../specwidget/raster/layers.js";
import { HEADER } from "./fixtures.js";

// Two rows of six columns, of which the first, the third and the fourth have no finite value; a column has two frames.
const layer = (changes = {}) => ({
  header: { ...HEADER, rows: 2, columns: 6, low: -60, high: 0, ...changes },
  codes: Uint16Array.of(0, 1, 0, 0, 0, 65535, 0, 1, 0, 0, 1, 1),
  rowStarts: Int32Array.of(0, 1, 2),
  columnStarts: Int32Array.of(0, 2, 4, 6, 8, 10, 12),
});

test("runs of columns without a finite value are named by their frames", () => {
  assert.deepEqual(blankSpans(layer()), [
    [0, 2],
    [4, 8],
  ]);
});

test("the lowest code is minus infinity where the picture has the decibels of zero", () => {
  const cell = { frame: 2, bin: 0, panel: 0 };
  assert.equal(valueAt([layer()], cell).value, -60);
  assert.equal(valueAt([layer({ has_zeros: true })], cell).value, -Infinity);
  assert.deepEqual([...columnOf([layer({ has_zeros: true, n_bins: 2 })], 10, 0)], [0, -Infinity]);
});
