// What the microphone's samples wait for, and what is said of its errors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSampleQueue, problemOf } from "../../specwidget/explorer/panels/microphone.js";

const RATE = 1000;

function createQueue() {
  const sent = [];
  const clock = { now: 0 };
  const queue = createSampleQueue(
    (samples) => sent.push([...samples]),
    RATE,
    () => clock.now,
  );
  return { queue, sent, clock };
}
const piece = (length, value) => new Float32Array(length).fill(value);

test("one message is under way, and the next has all that came meanwhile", () => {
  const { queue, sent } = createQueue();
  queue.add(piece(20, 1));
  queue.add(piece(30, 2));
  queue.add(piece(10, 3));
  assert.deepEqual(sent, [[...piece(20, 1)]]);
  queue.answered();
  assert.deepEqual(sent[1], [...piece(30, 2), ...piece(10, 3)]);
  queue.answered();
  assert.equal(sent.length, 2);
});

test("too few samples wait", () => {
  const { queue, sent } = createQueue();
  queue.add(piece(19, 1));
  assert.equal(sent.length, 0);
  queue.add(piece(1, 2));
  assert.equal(sent[0].length, 20);
});

test("without an answer the next are sent after a while, and no more than ten seconds wait", () => {
  const { queue, sent, clock } = createQueue();
  queue.add(piece(100, 1));
  for (let i = 0; i < 15; i++) queue.add(piece(1000, i));
  assert.equal(queue.rest().length, 10_000);
  assert.equal(queue.rest()[0], 5);
  clock.now = 2000;
  queue.add(piece(1000, 15));
  assert.equal(sent.length, 2);
  assert.deepEqual([sent[1].length, sent[1][0]], [10_000, 6]);
});

test("errors are sentences that say what to do", () => {
  assert.match(problemOf({ name: "NotAllowedError" }), /Allow it for this page/);
  assert.match(problemOf({ name: "NotFoundError" }), /Connect one/);
  assert.match(problemOf({ name: "NotReadableError" }), /another program/);
  assert.equal(problemOf(new Error("boom")), "The microphone can't be opened: boom.");
});
