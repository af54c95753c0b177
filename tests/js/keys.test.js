import assert from "node:assert/strict";
import test from "node:test";
import { fittingHeight } from "../../specwidget/explorer/workbench/height.js";
import { isOwnKey } from "../../specwidget/explorer/workbench/keys.js";

const press = (key, modifiers = {}) =>
  isOwnKey({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...modifiers });

test("keys without Ctrl, and undo and redo, are the explorer's", () => {
  for (const key of ["x", "d", "0", "b", "Enter", "Escape", "ArrowLeft", " "]) assert.ok(press(key), key);
  for (const key of ["z", "y", "Z"]) assert.ok(press(key, { ctrlKey: true }), key);
  assert.ok(press("z", { metaKey: true, shiftKey: true }));
  // AltGr types brackets on many keyboards.
  assert.ok(press("[", { ctrlKey: true, altKey: true }));
});

test("other keys with Ctrl or Cmd, and those that run a cell, are the notebook's", () => {
  for (const key of ["s", "c", "v", "f", "Enter"]) assert.ok(!press(key, { ctrlKey: true }), key);
  assert.ok(!press("s", { metaKey: true }));
  assert.ok(!press("Enter", { shiftKey: true }));
  assert.ok(!press("Enter", { altKey: true }));
});

test("the height follows the window between a lowest and a highest one", () => {
  assert.deepEqual(
    [300, 500, 700, 2000].map((room) => fittingHeight(room, 480)),
    [480, 480, 680, 920],
  );
  assert.equal(fittingHeight(300, 360), 360);
});
