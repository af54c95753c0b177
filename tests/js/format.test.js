import assert from "node:assert/strict";
import test from "node:test";
import { bytes, fixed, short } from "../../specwidget/summary/format.js";

for (const [format, values, text] of [
  [fixed, [-0.0001, 2], "0.00"],
  [fixed, [-3.5, 1], "−3.5"],
  [short, [0.000012345], "1.234e−5"],
  [short, [NaN], "NaN"],
  [bytes, [400], "400 B"],
  [bytes, [3145728], "3.0 MiB"],
])
  test(`${format.name}(${values.join(", ")}) is "${text}"`, () => {
    assert.equal(format(...values), text);
  });
