import assert from "node:assert/strict";
import test from "node:test";
import { nameList } from "../../specwidget/explorer/panels/files_panel.js";

test("the button says how many files it lists where these are not all", () => {
  assert.equal(nameList(200, 201), "First 200");
  assert.equal(nameList(200, 200), "All files");
  assert.equal(nameList(12, 12), "All files");
});
