import assert from "node:assert/strict";
import test from "node:test";
import {
  codesOfLevels,
  createAnswers,
  createModel,
  inflate,
  link,
  meanOfFrames,
} from "../../specwidget/explorer/downloads/html_page.js";
import { assertClose, HEADER } from "./fixtures.js";
import { resample } from "../../specwidget/explorer/downloads/resample.js";

const SOUND = { rate: 8000, gain: 1, total: 4, nominal: 44_100 };
const SAMPLES = Int16Array.of(0, 1000, 2000, 3000);
const answersOf = (sound, samples = SAMPLES) => createAnswers([], { sound }, async () => samples);

for (const [source, reason] of [
  ["reconstruction", "computed by a kernel"],
  ["sound", "saved without the sound"],
])
  test(`a saved page says why it cannot play a ${source}`, async () => {
    const [{ message }] = await createAnswers([], {})({ kind: "sound", from: 7, to: 9, source });
    assert.ok(message.header.reason.includes(reason));
    assert.deepEqual([message.header.source, message.header.from], [source, 7]);
  });

test("a browser that cannot decode the sound says so", async () => {
  const decode = () => Promise.reject(new Error("no such codec"));
  const [{ message }] = await createAnswers([], { sound: SOUND }, decode)({ kind: "sound", from: 0, to: 4 });
  assert.match(message.header.reason, /decode the sound of this page \(no such codec\)/);
});

test("samples are cut from the saved sound", async () => {
  const [{ message, buffers }] = await answersOf(SOUND)({ kind: "sound", from: 1, to: 9 });
  const { first, last, total, rate } = message.header;
  assert.deepEqual([first, last, total, rate], [1, 4, 4, 8000]);
  assert.deepEqual(
    [0, 2, 4].map((at) => buffers[0].getInt16(at, true)),
    [1000, 2000, 3000],
  );
});

for (const [rate, speed, pcm] of [
  [44_100, 1, 44_100],
  [44_100, 2, 88_200],
  [44_100, 200, 48_000],
  [44_100, 1 / 20, 8000],
  [256, 1, 8000],
  [384_000, 1, 48_000],
  [384_000, 1 / 20, 19_200],
])
  test(`${rate} Hz at ${speed} times the speed are played at ${pcm} Hz`, async () => {
    const samples = new Int16Array(38_400);
    const sound = { ...SOUND, rate, total: samples.length };
    const [{ message, buffers }] = await answersOf(sound, samples)({ kind: "sound", from: 0, to: 38_400, speed });
    assert.deepEqual([message.header.rate, message.header.heard], [pcm, rate * speed]);
    const seconds = buffers[0].byteLength / 2 / pcm;
    assert.ok(Math.abs(seconds - 38_400 / (rate * speed)) < 1 / pcm);
  });

test("an answer is no longer than a browser takes well, and says where it ends", async () => {
  const samples = new Int16Array(40_000);
  const sound = { ...SOUND, rate: 20, total: samples.length };
  const [{ message, buffers }] = await answersOf(sound, samples)({ kind: "sound", from: 100, to: 40_000 });
  assert.equal(message.header.last - 100, Math.floor((2 ** 21 * 20) / 8000));
  assert.equal(message.header.to, message.header.last);
  assert.ok(buffers[0].byteLength <= 2 ** 22);
});

for (const ratio of [0.1, 0.77, 1.5, 6.3])
  test(`a tone keeps its frequency and level when it is resampled by ${ratio}`, () => {
    const tone = (at) => 8000 * Math.sin(2 * Math.PI * 0.02 * at);
    const resampled = resample(
      Int16Array.from({ length: 4000 }, (_, i) => Math.round(tone(i))),
      ratio,
    );
    const errors = [...resampled].map((value, i) => value - tone(i / ratio));
    const inside = errors.slice(Math.ceil(200 * ratio), Math.floor(3800 * ratio));
    assert.ok(Math.max(...inside.map(Math.abs)) < 40, `${Math.max(...inside.map(Math.abs))}`);
  });

test("what a lower rate cannot hold is filtered out", () => {
  const tone = Int16Array.from({ length: 4000 }, (_, i) => Math.round(8000 * Math.sin(2 * Math.PI * 0.3 * i)));
  const inside = resample(tone, 0.25).slice(50, -50);
  assert.ok(Math.max(...inside.map(Math.abs)) < 10);
});

test("levels of a picture are codes again, at most a level away", () => {
  assert.deepEqual([...codesOfLevels(Uint8Array.of(0, 1, 2, 128, 255))], [0, 1, 259, 32_768, 65_535]);
});

test("deflated text is inflated", async () => {
  const text = Buffer.from("eJzLSM3JyQcABiwCFQ==", "base64").toString("base64");
  assert.equal(Buffer.from(await inflate(text)).toString(), "hello");
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

test("the mean spectrum of a saved page is that of the power of the frames inside", () => {
  const header = { ...HEADER, n_bins: 3, n_frames: 4, spacing: 2000 };
  const values = Float32Array.of(0, 0, 0, 10, -10, 0, 20, -20, 0, NaN, NaN, NaN);
  // The centre of frame t is sample 128 t + 128.
  const mean = meanOfFrames(values, header, [200, 600, 0.5, 1]);
  const level = (...powers) => 10 * Math.log10(powers.reduce((sum, power) => sum + power) / powers.length);
  [...mean.means].forEach((found, i) => {
    assertClose(found, [level(10, 100), level(0.1, 0.01), 0][i], 1e-5);
  });

  test("that of bands is the mean of their values", () => {
    const header = { ...HEADER, n_bins: 3, n_frames: 4, spacing: 1, top: 3, bands: { name: "band" } };
    const values = Float32Array.of(0, 3, 1, 2, 5, 1, 4, -2, 1, NaN, NaN, NaN);
    const mean = meanOfFrames(values, header, [200, 600, 0.4, 1]);
    assert.deepEqual([...mean.means], [3, 1.5, 1]);
    assert.deepEqual([mean.level, mean.peak_bin, mean.n_used], [1.25, 1, 2]);
    // Decibels of bands that have no logarithm are those of the mean.
    const converted = { ...header, has_decibels: true, unit: "dB", mode: "magnitude" };
    const levels = Float32Array.of(0, 20, -Infinity, 20, 20, -Infinity, 0, 0, 0, 0, 0, 0);
    const { means } = meanOfFrames(levels, converted, [0, 300, 0, 1]);
    [20 * Math.log10(5.5), 20, -Infinity].forEach((expected, i) => {
      assert.ok(means[i] === expected || Math.abs(means[i] - expected) < 1e-5);
    });
  });
  assertClose(mean.level, level(0.055, 1), 1e-9);
  assert.deepEqual([mean.peak_bin, mean.n_used, mean.n_frames], [2, 2, 3]);
  assert.equal(meanOfFrames(values, header, [500, 600, 0, 1]), null);
});
