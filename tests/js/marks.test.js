import assert from "node:assert/strict";
import test from "node:test";
import { highlightOf, noiseBandwidth, resolutionBox } from "../../specwidget/explorer/spectrogram_view/marks.js";
import { assertClose, HEADER } from "./fixtures.js";

const cosine = (n, k) => Math.cos((2 * Math.PI * k * n) / 64);

// The bandwidths are those of the definition, the mean of |W|^2 over |W(0)|^2 in bins, by an FFT of 4096 samples in NumPy
// of SciPy's windows of 64 samples.
for (const [name, window, bandwidth] of [
  ["hann", (n) => 0.5 - 0.5 * cosine(n, 1), 1.5],
  ["hamming", (n) => 0.54 - 0.46 * cosine(n, 1), 1.3628257887517146],
  ["boxcar", () => 1, 1],
  [
    "blackmanharris",
    (n) => 0.35875 - 0.48829 * cosine(n, 1) + 0.14128 * cosine(n, 2) - 0.01168 * cosine(n, 3),
    2.0043529382170475,
  ],
])
  test(`the equivalent noise bandwidth of ${name} is ${bandwidth.toFixed(3)} bins`, () => {
    assertClose(noiseBandwidth(Float64Array.from({ length: 64 }, (_, n) => window(n))), bandwidth);
  });

test("the resolution box is a frame by its bandwidth", () => {
  const box = resolutionBox(HEADER, 1.5, 10, 40);
  assert.deepEqual([box.first, box.last], [1280, 1536]);
  assertClose(box.bandwidth, (1.5 * 8000) / 256);
  assertClose((box.low + box.high) / 2, 1250);
});

for (const [what, spans] of [
  ["frame", [[1280, 1536]]],
  ["step", [[1280, 1408]]],
  ["tail", []],
  ["padding", []],
  ["sound", [[0, 16_000]]],
  ["bin", []],
  ["value", [[1344, 1472]]],
])
  test(`"${what}" marks what it means`, () => {
    const mark = highlightOf(what, HEADER, { frame: 10, bin: 4 });
    assert.deepEqual(mark.spans, spans);
    assert.deepEqual(mark.band, ["bin", "value"].includes(what) ? [109.375, 140.625] : null);
  });

test("padding and tail are marked where there are some", () => {
  const padded = { ...HEADER, left: 64, n_frames: 125 };
  assert.deepEqual(highlightOf("padding", padded, {}).spans, [
    [-64, 0],
    [16_000, 16_064],
  ]);
  assert.deepEqual(highlightOf("tail", { ...HEADER, n_samples: 16_100 }, {}).spans, [[16_000, 16_100]]);
});

test("another word marks nothing", () => {
  assert.equal(highlightOf("nothing", HEADER, { frame: 0, bin: 0 }), null);
});
