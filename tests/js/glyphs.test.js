import assert from "node:assert/strict";
import test from "node:test";
import { framePlaces, paddingWidths } from "../../specwidget/explorer/panels/glyphs.js";
import { assertClose } from "./fixtures.js";

test("padding is visible even where it is short", () => {
  assert.deepEqual(paddingWidths([0.0001, 0.2], 100), [3, 20]);
  assert.deepEqual(paddingWidths([0, 0.9], 100), [0, 35]);
});

for (const step of [0.1, 0.5, 1])
  test(`frames are drawn ${step} of a frame apart`, () => {
    const places = framePlaces([step], 5, 100);
    assertClose(places[1].x, step * places[0].width);
    assertClose(places[4].x + places[4].width, 100);
  });
