import assert from "node:assert/strict";
import test from "node:test";
import { tokenize } from "../../specwidget/explorer/panels/code_panel.js";

for (const [text, tokens] of [
  [
    "import numpy as np",
    [
      ["keyword", "import"],
      ["", " numpy "],
      ["keyword", "as"],
      ["", " np"],
    ],
  ],
  [
    'f("# no", 3)  # yes',
    [
      ["", "f("],
      ["string", '"# no"'],
      ["", ", "],
      ["number", "3"],
      ["", ")  "],
      ["comment", "# yes"],
    ],
  ],
  [
    "w2 <- 1e-07 + 256L",
    [
      ["", "w2 <- "],
      ["number", "1e-07"],
      ["", " + "],
      ["number", "256L"],
    ],
  ],
  ["a.None_of\nimported", [["", "a.None_of\nimported"]]],
  ["", []],
])
  test(`${JSON.stringify(text)} has ${tokens.length} tokens, which add up to it`, () => {
    const found = tokenize(text);
    assert.deepEqual(found, tokens);
    assert.equal(found.map(([, part]) => part).join(""), text);
  });
