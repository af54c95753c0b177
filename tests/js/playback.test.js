import assert from "node:assert/strict";
import test from "node:test";
import { audibleSpeed } from "../../specwidget/explorer/spectrogram_view/playback.js";
import { chunkAt, startOf } from "../../specwidget/explorer/spectrogram_view/player.js";
import { wavHeader } from "../../specwidget/widgets/wav.js";

test("playing begins at the playhead, or where the visible part does", () => {
  const starts = [null, 500, 99, 900].map((playhead) => startOf(playhead, { first: 100, last: 900 }));
  assert.deepEqual(starts, [100, 500, 100, 100]);
});

test("a short sound is requested as a whole, a long one around the playhead", () => {
  assert.deepEqual(chunkAt(5000, 1e6), { from: 0, to: 1_000_000 });
  const { from, to } = chunkAt(5e7, 1e8);
  assert.ok(from < 5e7 && 5e7 < to);
  assert.ok(to - from <= 2 ** 21);
});

test("a reconstruction is requested from the playhead on, in smaller parts", () => {
  assert.deepEqual(chunkAt(1e6, 1e7, "reconstruction"), { from: 1e6, to: 1e6 + 2 ** 18 });
});

test("the header of a WAV file of 4 samples at 22,050 Hz is that of Python's wave module", () => {
  const expected =
    "52494646 2c000000 57415645 666d7420 10000000 0100 0100 22560000 44ac0000 0200 1000 64617461 08000000";
  assert.equal(Buffer.from(wavHeader(4, 22_050)).toString("hex"), expected.replaceAll(" ", ""));
});

test("a sound whose band is heard keeps its speed, others get one that brings it to a few kHz", () => {
  assert.deepEqual([4000, 8000, 22_050, 48_000].map(audibleSpeed), [1, 1, 1, 1]);
  // An EEG to 128 Hz, a seismogram to 20 Hz, bats to 192 kHz.
  assert.deepEqual([128, 20, 192_000].map(audibleSpeed), [50, 200, 1 / 20]);
});
