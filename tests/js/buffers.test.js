import assert from "node:assert/strict";
import test from "node:test";
import { toTypedArray } from "../../specwidget/charts/buffers.js";

test("a buffer is a typed array at any offset", () => {
  const bytes = new Uint8Array(12);
  bytes.set([0, 0, 128, 63], 4);
  bytes.set([0, 0, 128, 63], 1);
  assert.deepEqual([...toTypedArray(new DataView(bytes.buffer, 1, 4), Float32Array)], [1]);
  const aligned = toTypedArray(new DataView(bytes.buffer, 4, 4), Int32Array);
  assert.equal(aligned.buffer, bytes.buffer, "an aligned buffer is not copied");
});
