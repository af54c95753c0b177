import assert from "node:assert/strict";
import test from "node:test";
import { actionForKey, boxAxes, wheelAction } from "../../specwidget/explorer/spectrogram_view/interaction.js";

for (const [event, action] of [
  [{ key: " " }, "play"],
  [{ key: "k" }, "reconstruction"],
  [{ key: "+" }, "timeIn"],
  [{ key: "ArrowLeft", altKey: true }, "left"],
  [{ key: "ArrowLeft" }, null],
  [{ key: "0", ctrlKey: true }, null],
  [{ key: "[", ctrlKey: true, altKey: true }, "frequencyOut"],
])
  test(`the action of ${JSON.stringify(event)} is ${action}`, () => {
    assert.equal(actionForKey(event), action);
  });

for (const [part, event, action] of [
  ["plot", { deltaY: 100 }, null],
  ["plot", { deltaY: 100, ctrlKey: true }, { zoom: "time" }],
  ["plot", { deltaY: 100, ctrlKey: true, shiftKey: true }, { zoom: "frequency" }],
  ["plot", { deltaX: 50, deltaY: 3 }, { pan: 50 }],
  ["time", { deltaY: 100 }, { zoom: "time" }],
  ["frequency", { deltaY: 100 }, { zoom: "frequency" }],
])
  test(`the wheel over ${part} with ${JSON.stringify(event)} does ${JSON.stringify(action)}`, () => {
    assert.deepEqual(wheelAction({ part }, { deltaX: 0, ...event }), action);
  });

for (const [across, up, axes] of [
  [0.002, 0.002, null],
  [0.5, 0.5, { time: true, frequency: true }],
  [0.5, 0.01, { time: true, frequency: false }],
  [0.002, 0.5, { time: false, frequency: true }],
])
  test(`a box of ${across} by ${up} of a plot selects ${JSON.stringify(axes)}`, () => {
    assert.deepEqual(boxAxes({ width: 600, height: 400 }, { across: 0, up: 0 }, { across, up }), axes);
  });
