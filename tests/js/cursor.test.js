import assert from "node:assert/strict";
import test from "node:test";
import { moveCell, togglePin } from "../../specwidget/explorer/spectrogram_view/cursor.js";
import { HEADER } from "./fixtures.js";

for (const [key, shiftKey, frame, bin] of [
  ["ArrowRight", false, 6, 5],
  ["ArrowRight", true, 15, 5],
  ["ArrowLeft", true, 0, 5],
  ["ArrowUp", false, 5, 6],
  ["ArrowDown", true, 5, 0],
  ["Home", false, 0, 5],
  ["End", false, 123, 5],
  ["End", true, 5, 128],
])
  test(`${shiftKey ? "Shift+" : ""}${key} moves the cursor by frame or bin`, () => {
    assert.deepEqual(moveCell({ frame: 5, bin: 5, panel: 0 }, { key, shiftKey }, HEADER), { frame, bin, panel: 0 });
  });

test("PageDown leads to the next panel, and nowhere where there is one", () => {
  const cell = { frame: 5, bin: 5, panel: 0 };
  const event = { key: "PageDown", shiftKey: false };
  assert.equal(moveCell(cell, event, HEADER), null);
  const two = { ...HEADER, panels: ["real part", "imaginary part"] };
  assert.deepEqual(moveCell(cell, event, two), { ...cell, panel: 1 });
  assert.deepEqual(moveCell({ ...cell, panel: 1 }, event, two), { ...cell, panel: 1 });
});

test("a third pin begins a new pair, and a click on a pin removes it", () => {
  const clicks = [1, 2, 3].map((frame) => ({ frame, bin: 1, panel: 0 }));
  const counts = [0];
  let pins = [];
  for (const cell of clicks) {
    pins = togglePin(pins, cell);
    counts.push(pins.length);
  }
  assert.deepEqual(counts, [0, 1, 2, 1]);
  assert.deepEqual(togglePin([clicks[0]], clicks[0]), []);
});
