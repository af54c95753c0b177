import assert from "node:assert/strict";
import test from "node:test";
import { toTypedArray } from "../../specwidget/charts/buffers.js";
import { splitExtremes } from "../../specwidget/explorer/lazy_panel.js";

test("a buffer is a typed array at any offset", () => {
  const bytes = new Uint8Array(12);
  bytes.set([0, 0, 128, 63], 4);
  bytes.set([0, 0, 128, 63], 1);
  assert.deepEqual([...toTypedArray(new DataView(bytes.buffer, 1, 4), Float32Array)], [1]);
  const aligned = toTypedArray(new DataView(bytes.buffer, 4, 4), Int32Array);
  assert.equal(aligned.buffer, bytes.buffer, "an aligned buffer is not copied");
});

test("a reduced curve has its lowest values first", () => {
  const { low, high } = splitExtremes(Float32Array.of(1, 2, 3, 4));
  assert.deepEqual(
    [[...low], [...high]],
    [
      [1, 2],
      [3, 4],
    ],
  );
});
