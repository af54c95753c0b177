// The axes that A and B share, also where their sounds differ in length and sample rate.
import assert from "node:assert/strict";
import { test } from "node:test";
import { axesOfBoth } from "../../specwidget/explorer/panels/shared_axes.js";
import { assertClose, HEADER } from "./fixtures.js";

// Two seconds at 8 kHz, and five at 16 kHz.
const A = { header: HEADER };
const B = { header: { ...HEADER, n_samples: 80_000, duration: 5, spacing: 62.5, top: 8000 } };
const choices = { shown: "A", visible: null, axis: "linear" };

test("two settings of one sound have one region and one scale", () => {
  const [a, b] = axesOfBoth([A, { header: { ...HEADER, spacing: 15.6 } }], { ...choices, visible: [0, 8000, 0, 0.5] });
  assert.deepEqual(a.region, { first: 0, last: 8000, low: 0, high: 0.5 });
  assert.deepEqual(b.region, a.region);
  assert.deepEqual(b.scale.domain, [0, 2000]);
});

test("without a zoom the axes hold both sounds", () => {
  const [a, b] = axesOfBoth([A, B], choices);
  assert.equal(a.region.last, 40_000);
  assert.equal(b.region.last, 80_000);
  assert.deepEqual(
    [a.scale.domain, b.scale.domain],
    [
      [0, 8000],
      [0, 8000],
    ],
  );
});

test("a part of what is displayed is the same time and band of the other", () => {
  const [a, b] = axesOfBoth([A, B], { ...choices, shown: "B", visible: [16_000, 32_000, 0, 0.25] });
  assert.deepEqual([b.region.first, b.region.last], [16_000, 32_000]);
  assert.deepEqual([a.region.first, a.region.last], [8000, 16_000]);
  assert.deepEqual(a.scale.domain, [0, 2000]);
  assert.deepEqual(a.toOwn({ sample: 20_000, hz: 500 }), { sample: 10_000, hz: 500 });
  assert.deepEqual(a.toDisplayed({ sample: 10_000, hz: 500 }), { sample: 20_000, hz: 500 });
});

test("a sound without a sample rate has axes of its own", () => {
  const unknown = { header: { ...HEADER, has_rate: false, duration: 16_000, spacing: 1 / 256, top: 0.5 } };
  const [a, b] = axesOfBoth([A, unknown], { ...choices, visible: [0, 8000, 0, 0.5] });
  assert.equal(a.region.last, 8000);
  assert.deepEqual([b.region.first, b.region.last, b.scale.domain[1]], [0, 16_000, 0.5]);
  assert.equal(b.toOwn({ sample: 1, hz: 1 }), null);
});

test("a zoom into one kind of axis shows the same band in Hz on the other", () => {
  // Below 1 kHz Slaney's scale is straight: the centres of these eight bands are 100, 200, ... 800 Hz.
  const bands = { name: "band", scale: "slaney", low: 0, step: 1.5 };
  const banded = { header: { ...HEADER, bands, spacing: 1, top: 8, n_bins: 8 } };
  const domains = (layers, more) => axesOfBoth(layers, { ...choices, ...more }).map(({ scale }) => scale.domain);
  const zoom = (low, high) => [0, 8000, low / HEADER.top, high / HEADER.top];
  const onBands = { shown: "B", visible: [0, 8000, 0.25, 0.5] };
  for (const more of [{ visible: zoom(250, 450) }, onBands])
    for (const [i, value] of domains([A, banded], more).flat().entries()) assertClose(value, [250, 450, 2, 4][i]);
  // Nothing in common, or not in Hz: the whole.
  assert.deepEqual(domains([A, banded], { visible: zoom(2000, 3000) })[1], [0, 8]);
  const coefficients = { header: { ...banded.header, bands: { name: "coefficient" } } };
  assert.deepEqual(domains([A, coefficients], { visible: zoom(250, 450) })[1], [0, 8]);
});
