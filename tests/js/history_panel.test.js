import assert from "node:assert/strict";
import test from "node:test";
import { keyName } from "../../specwidget/explorer/panels/history_panel.js";

for (const [event, name] of [
  [{ key: "Z", ctrlKey: true, shiftKey: true }, "ctrl+shift+z"],
  [{ key: "z", metaKey: true }, "ctrl+z"],
  [{ key: "b" }, "b"],
])
  test(`${JSON.stringify(event)} is ${name}`, () => {
    assert.equal(keyName(event), name);
  });
