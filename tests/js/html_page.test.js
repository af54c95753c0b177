import assert from "node:assert/strict";
import test from "node:test";
import { createAnswers, createModel, link } from "../../specwidget/explorer/downloads/html_page.js";

for (const [source, reason] of [
  ["reconstruction", "computed by a kernel"],
  ["sound", "too long to be saved"],
])
  test(`a saved page says why it cannot play a ${source}`, () => {
    const [{ message }] = createAnswers([], {})({ kind: "sound", from: 7, to: 9, source });
    assert.ok(message.header.reason.includes(reason));
    assert.deepEqual([message.header.source, message.header.from], [source, 7]);
  });

test("samples are cut from the saved sound", () => {
  const data = Int16Array.of(0, 1, 2, 3).buffer;
  const [{ message, buffers }] = createAnswers([], {
    sound: { data, rate: 8000, heard: 8000, gain: 1, total: 4 },
  })({ kind: "sound", from: 1, to: 9 });
  const { first, last, total, rate } = message.header;
  assert.deepEqual([first, last, total, rate], [1, 4, 4, 8000]);
  assert.deepEqual(
    [2, 4, 6].map((at) => new DataView(data).getInt16(at, true)),
    [1, 2, 3],
  );
  assert.deepEqual(
    [0, 2, 4].map((at) => buffers[0].getInt16(at, true)),
    [1, 2, 3],
  );
});

test("of a resampled sound the samples at the same time are cut, and a speed changes both rates", () => {
  const sound = { data: Int16Array.of(0, 1, 2, 3, 4, 5, 6, 7).buffer, rate: 8000, heard: 4000, gain: 1, total: 4 };
  const [{ message, buffers }] = createAnswers([], { sound })({ kind: "sound", from: 1, to: 3, speed: 2 });
  const { first, last, rate, heard } = message.header;
  assert.deepEqual([first, last, rate, heard], [1, 3, 16_000, 8000]);
  assert.deepEqual(
    [0, 2, 4, 6].map((at) => buffers[0].getInt16(at, true)),
    [2, 3, 4, 5],
  );
});

test("a model calls the listeners of what changes, and no more once they are off", () => {
  const model = createModel({ a: 1, b: 2 }, () => []);
  const calls = [];
  const listener = () => calls.push([model.get("a"), model.get("b")]);
  model.on("change:a change:b", listener);
  model.set("a", 3);
  model.set("a", 3);
  model.off("change:a", listener);
  model.set("a", 4);
  model.set("b", 5);
  assert.deepEqual(calls, [
    [3, 2],
    [4, 5],
  ]);
});

test("traits that models share stay equal", () => {
  const models = [1, 2].map(() => createModel({ visible: null, own: 0 }, () => []));
  link(models.map((model) => ({ model, shared: ["visible"] })));
  models[0].set("visible", [0, 1, 0, 1]);
  models[0].set("own", 7);
  assert.deepEqual(models[1].get("visible"), [0, 1, 0, 1]);
  assert.equal(models[1].get("own"), 0);
});

test("a message is answered after it was sent", async () => {
  const answers = createAnswers([{ message: { kind: "picture" }, buffers: [Uint8Array.of(7).buffer] }], {});
  const model = createModel({}, answers);
  const received = [];
  model.on("msg:custom", (message, buffers) => received.push([message.kind, buffers[0].getUint8(0)]));
  model.send({ kind: "want" });
  assert.deepEqual(received, []);
  await Promise.resolve();
  assert.deepEqual(received, [["picture", 7]]);
});
