import assert from "node:assert/strict";
import test from "node:test";
import { centsBetween, nearestNote } from "../../specwidget/charts/pitch.js";
import { assertClose } from "./fixtures.js";

test("a note has a name and a distance in cents", () => {
  assert.deepEqual(nearestNote(440), { name: "A4", cents: 0 });
  assert.deepEqual(nearestNote(445), { name: "A4", cents: 20 });
});

test("an octave is 1200 cents, and nothing is an interval from 0 Hz", () => {
  assertClose(centsBetween(220, 440), 1200);
  assert.equal(centsBetween(0, 440), null);
});
