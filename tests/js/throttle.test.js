import assert from "node:assert/strict";
import test from "node:test";
import { createFrameRequests, throttleTrailing } from "../../specwidget/explorer/spectrogram_view/throttle.js";

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

test("of values that follow each other the latest is sent", async () => {
  const sent = [];
  const throttle = throttleTrailing((value) => sent.push(value), 5, 20);
  for (const value of [1, 2, 3]) throttle.set(value);
  assert.ok(throttle.isPending());
  await wait(60);
  assert.deepEqual(sent, [3]);
  assert.ok(!throttle.isPending());
});

test("frames are requested one at a time, the most needed first", () => {
  const sent = [];
  const frames = createFrameRequests((frame) => sent.push(frame));
  const slice = { values: Float32Array.of(1), samples: Float32Array.of(), window: Float32Array.of(1) };
  frames.request([5, 7]);
  frames.request([6, 7]);
  assert.deepEqual(sent, [5]);
  frames.receive(5, slice);
  assert.equal(frames.get(5), null, "a frame that is no longer displayed is dropped");
  assert.deepEqual(sent, [5, 6]);
  frames.receive(6, slice);
  assert.equal(frames.get(6), slice);
  assert.deepEqual(sent, [5, 6, 7]);
});

test("an answer that was on its way when the settings changed is dropped", () => {
  const sent = [];
  const frames = createFrameRequests((frame) => sent.push(frame));
  frames.request([5]);
  frames.clear();
  frames.receive(5, { values: Float32Array.of(1), samples: Float32Array.of(), window: Float32Array.of(1) });
  assert.equal(frames.get(5), null);
  assert.equal(frames.window(), null);
  assert.deepEqual(sent, [5, 5]);
});
