import assert from "node:assert/strict";
import test from "node:test";
import {
  isSameEnvelope,
  peakOf,
  resampleEnvelope,
  samplesOf,
} from "../../specwidget/explorer/spectrogram_view/envelope.js";

// Noise by a linear congruential generator.
function noise(n) {
  let state = 1;
  return Float32Array.from({ length: n }, () => {
    state = (1_103_515_245 * state + 12_345) % 2 ** 31;
    return state / 2 ** 30 - 1;
  });
}

for (const [first, last, width] of [
  [0, 1000, 50],
  [130.5, 690.25, 37],
  [400, 410, 30],
])
  test(`each of ${width} pixels from sample ${first} to ${last} holds every extreme`, () => {
    const values = noise(1000);
    const envelope = { first: 0, last: 1000, minimum: values, maximum: values };
    const { low, high } = resampleEnvelope(envelope, { first, last }, width);
    for (let x = 0; x < width; x++) {
      const begin = Math.floor(first + (x * (last - first)) / width);
      const end = Math.max(begin + 1, Math.ceil(first + ((x + 1) * (last - first)) / width - 1e-6));
      const part = values.subarray(begin, end);
      assert.deepEqual([low[x], high[x]], [Math.min(...part), Math.max(...part)]);
    }
  });

test("samples are given where each has a part of its own, with one more at each end", () => {
  const values = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
  const fine = { first: 100, last: 108, minimum: values, maximum: values };
  assert.deepEqual(
    samplesOf(fine, { first: 102, last: 104 }).map(({ sample, value }) => [sample, value]),
    [101, 102, 103, 104, 105].map((sample) => [sample, sample - 100]),
  );
  assert.equal(samplesOf({ ...fine, last: 116 }, { first: 102, last: 104 }), null);
});

test("the peak is the largest magnitude", () => {
  assert.equal(peakOf({ minimum: Float32Array.of(-3, -1), maximum: Float32Array.of(2, 1) }), 3);
  assert.equal(peakOf({ minimum: Float32Array.of(1), maximum: Float32Array.of(2) }), 2);
});

test("envelopes are the same if every value is, NaN included", () => {
  const one = { first: 0, last: 2, minimum: Float32Array.of(NaN, 1), maximum: Float32Array.of(NaN, 2) };
  const other = { ...one, maximum: Float32Array.of(NaN, 3) };
  assert.ok(isSameEnvelope(one, { ...one, minimum: Float32Array.of(NaN, 1) }));
  assert.ok(!isSameEnvelope(one, other));
});
