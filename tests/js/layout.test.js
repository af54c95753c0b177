import assert from "node:assert/strict";
import test from "node:test";
import { clampToPlot, computeLayout, partAt } from "../../specwidget/explorer/spectrogram_view/layout.js";

for (const width of [360, 600, 1000])
  test(`plots, spectra and bar lie side by side in ${width} pixels`, () => {
    const layout = computeLayout(width, 400, ["real part", "imaginary part"]);
    const boxes = [layout.plots[0], ...layout.spectra.slice(0, 1), layout.bar];
    const edges = [...boxes.flatMap((box) => [box.x, box.x + box.width]), width];
    assert.deepEqual(
      edges,
      [...edges].sort((a, b) => a - b),
    );
    const parts = [10, layout.plots[0].x + 5, width - 5].map((x) => partAt(layout, x, 60)?.part ?? null);
    assert.deepEqual(parts, ["frequency", "plot", null]);
  });

test("a point outside of a plot is moved to its edge", () => {
  const plot = { x: 10, y: 20, width: 100, height: 50 };
  assert.deepEqual(clampToPlot(plot, 0, 45), { across: 0, up: 0.5 });
  assert.deepEqual(clampToPlot(plot, 60, 100), { across: 0.5, up: 0 });
});
