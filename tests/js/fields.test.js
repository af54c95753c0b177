import assert from "node:assert/strict";
import test from "node:test";
import { parseNumber } from "../../specwidget/widgets/inputs.js";

for (const [text, value] of [
  ["512", 512],
  [" 2.5 ", 2.5],
  ["−3", -3],
  ["abc", "abc"],
  ["", ""],
  ["1e999", "1e999"],
])
  test(`"${text}" is read as ${JSON.stringify(value)}`, () => {
    assert.equal(parseNumber(text), value);
  });
