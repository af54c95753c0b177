// A saved page: stands in for the widget manager and the kernel. A model here has the part of a widget's model that views
// use; messages that a view sends to the kernel are answered from what was saved with the page.

import { centreOf } from "../../raster/cells.js";
import { resample } from "./resample.js";

/** @typedef {{message: any, buffers: DataView[]}} Answer */

const N_LEVELS = 255; // of a large picture, as `to_levels` makes them in `widgets/static_view.py`
const N_CODES = 65535;
const PLAYABLE = [8000, 96_000]; // Hz: the same as in `widgets/pcm.py`
const RESAMPLED = [8000, 48_000]; // Hz, to which a lower and a higher rate is resampled
const MOST_PCM = 2 ** 21; // samples of one answer

/**
 * Create a model.
 *
 * @param {Record<string, any>} traits Initial values.
 * @param {(content: any) => Answer[] | Promise<Answer[]>} answer The kernel's answers to a message.
 * @returns {Model}
 */
export function createModel(traits, answer) {
  const values = { ...traits };
  /** @type {Map<string, ((...about: any[]) => void)[]>} */
  const listeners = new Map();
  const listenersOf = (name) => listeners.get(name) ?? [];
  // A copy, as listeners may be added or removed while they are called.
  const emit = (name, ...about) => {
    for (const listener of [...listenersOf(name)]) listener(...about);
  };
  return {
    get: (name) => values[name],
    set(name, value) {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      values[name] = value;
      emit(`change:${name}`);
    },
    save_changes() {},
    on(names, listener) {
      for (const name of names.split(/\s+/)) listeners.set(name, [...listenersOf(name), listener]);
    },
    off(names, listener) {
      for (const name of names.split(/\s+/)) {
        const others = listenersOf(name).filter((each) => each !== listener);
        listeners.set(name, others);
      }
    },
    // Answers come later, as they do from a kernel.
    async send(content) {
      const answers = await answer(content);
      for (const { message, buffers } of answers) emit("msg:custom", message, buffers);
    },
  };
}

/**
 * Create the answers to a view's messages: what was sent to it, and frames and samples cut from saved arrays.
 *
 * @param {{message: any, buffers: ArrayBuffer[]}[]} messages
 * @param {any} store
 * @param {(sound: any) => Promise<Int16Array>} [decode] Decodes the saved sound.
 */
export function createAnswers(messages, store, decode = decodeSound) {
  /** @type {Promise<Int16Array> | null} */
  let decoded = null;
  const samples = () => (decoded ??= decode(store.sound));
  const answers = {
    want: () => messages.map(({ message, buffers }) => ({ message, buffers: buffers.map((buffer) => viewOf(buffer)) })),
    frame: ({ frame }) => answerFrame(store, frame),
    mean: ({ visible }) =>
      answerMean(
        store,
        messages.find(({ message }) => message.kind === "picture"),
        visible,
      ),
    sound: (content) => answerSound(store.sound, samples, content),
  };
  return (content) => answers[content.kind]?.(content) ?? [];
}

function answerFrame({ values, window }, frame) {
  if (!values || frame < 0 || frame >= values.frames) return [];
  const row = viewOf(values.data, 4 * frame * values.width, 4 * values.width);
  const message = { kind: "slice", header: { serial: Infinity, frame } };
  return [{ message, buffers: [row, viewOf(new ArrayBuffer(0)), viewOf(window)] }];
}

// The mean spectrum of the visible part, from the exact values where these are decibels, or of bands.
function answerMean({ values }, picture, visible) {
  const header = picture?.message.header;
  if (!values || !(header?.bands || header?.unit === "dB")) return [];
  const about = meanOfFrames(new Float32Array(values.data), header, visible);
  if (!about) return [];
  const { means, ...rest } = about;
  const message = { kind: "mean", header: { serial: Infinity, visible, ...rest } };
  return [{ message, buffers: [viewOf(means.buffer)] }];
}

/**
 * The mean spectrum of frames, of the power of decibels or of the values of bands, as `state/mean_spectrum.py` computes it; null where no frame is finite.
 *
 * @param {Float32Array} values Of all frames, one after the other.
 * @param {Header} header
 * @param {number[]} visible First and last sample, lowest and highest frequency as fractions of the highest.
 */
export function meanOfFrames(values, header, [first, last, low, high]) {
  const { n_bins: nBins, n_frames: nFrames, step_samples: step } = header;
  const begin = Math.min(Math.max(Math.ceil((first - centreOf(header, 0)) / step), 0), nFrames - 1);
  const end = Math.min(Math.max(Math.floor((last - centreOf(header, 0)) / step) + 1, begin + 1), nFrames);
  const perDecade = decibelsPerDecade(header);
  const toMean = (value) => (perDecade ? 10 ** (value / perDecade) : value);
  const fromMean = (mean) => (perDecade ? perDecade * Math.log10(mean) : mean);
  const sums = new Float64Array(nBins);
  let nUsed = 0;
  for (let frame = begin; frame < end; frame++) {
    const row = values.subarray(frame * nBins, (frame + 1) * nBins);
    if (row.some(Number.isNaN)) continue;
    nUsed += 1;
    for (let bin = 0; bin < nBins; bin++) sums[bin] += toMean(row[bin]);
  }
  if (nUsed === 0) return null;
  const [firstRow, endRow] = rowsInside(header, low, high);
  const means = sums.map((sum) => sum / nUsed);
  const inside = means.subarray(firstRow, endRow);
  const level = fromMean(inside.reduce((sum, mean) => sum + mean, 0) / inside.length);
  return {
    means: Float32Array.from(means, fromMean),
    level: Number.isFinite(level) ? level : null,
    peak_bin: firstRow + inside.indexOf(Math.max(...inside)),
    n_used: nUsed,
    n_frames: end - begin,
    per_hertz: header.per_hertz ?? null,
    is_onesided: header.mode === "psd",
  };
}

// Decibels of ten times what is averaged: of the power, or of the values of bands that have no logarithm; 0 where the values
// themselves are averaged.
function decibelsPerDecade(header) {
  const { bands, has_decibels: isConverted, unit, mode } = header;
  if (!bands) return 10;
  return isConverted && unit === "dB" ? { magnitude: 20, psd: 10 }[mode] : 0;
}

// The first row of a part and the end of it: of bins with their frequency inside, of bands that reach into it.
function rowsInside(header, low, high) {
  const { bands, n_bins: nBins, top, spacing } = header;
  const [from, to] = [(low * top) / spacing, (high * top) / spacing];
  const first = Math.min(bands ? Math.floor(from + 1e-9) : Math.ceil(from - 1e-9), nBins - 1);
  const end = bands ? Math.ceil(to - 1e-9) : Math.floor(to + 1e-9) + 1;
  return [first, Math.min(Math.max(end, first + 1), nBins)];
}

async function answerSound(sound, decode, { from, to, source = "sound", speed = 1 }) {
  const toMessage = (header) => ({ kind: "sound", header: { serial: Infinity, source, from, ...header } });
  const refuse = (reason) => [{ message: toMessage({ reason }), buffers: [] }];
  if (source === "reconstruction")
    return refuse("A reconstruction is computed by a kernel, and a saved page has none.");
  if (!sound) return refuse("This page was saved without the sound.");
  const { total, gain } = sound;
  const heard = sound.rate * speed;
  const { rate, longest } = playback(heard);
  const first = Math.min(Math.max(Math.floor(from), 0), total);
  const last = Math.min(Math.max(Math.floor(to), first), total, first + longest);
  /** @type {Int16Array} */
  let samples;
  try {
    samples = (await decode()).subarray(first, last);
  } catch (error) {
    return refuse(`This browser can\u2019t decode the sound of this page (${error.message}).`);
  }
  const pcm = rate === heard ? samples.slice() : resample(samples, rate / heard);
  const message = toMessage({ first, last, from: first, to: last, total, rate, heard, gain });
  return [{ message, buffers: [viewOf(pcm.buffer)] }];
}

/**
 * The rate of the PCM for a number of samples that are heard in a second, and the most of them in one answer.
 *
 * @param {number} heard
 */
export function playback(heard) {
  const [low, high] = PLAYABLE;
  if (heard >= low && heard <= high) return { rate: heard, longest: MOST_PCM };
  const rate = RESAMPLED[heard > high ? 1 : 0];
  return { rate, longest: Math.max(1, Math.floor((MOST_PCM * heard) / rate)) };
}

// Decode the saved file of audio. Its rate is a nominal one, at which nothing is resampled.
async function decodeSound({ data, nominal }) {
  const context = new OfflineAudioContext(1, 1, nominal);
  const values = (await context.decodeAudioData(data.slice(0))).getChannelData(0);
  return Int16Array.from(values, (value) => Math.max(-32768, Math.min(32767, Math.round(value * 32768))));
}

/** A part of a buffer, in the form in which the widget manager hands buffers over. */
export function viewOf(buffer, start = 0, length = buffer.byteLength - start) {
  return new DataView(buffer, start, length);
}

/**
 * The bytes of a text of `pack` in `widgets/static_view.py`: deflated, in base64.
 *
 * @param {string} text
 * @returns {Promise<ArrayBuffer>}
 */
export function inflate(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/**
 * The codes of a picture that was saved as levels.
 *
 * @param {Uint8Array} levels
 */
export function codesOfLevels(levels) {
  const step = (N_CODES - 1) / (N_LEVELS - 1);
  const table = Uint16Array.from({ length: N_LEVELS + 1 }, (_, level) => level && 1 + Math.round((level - 1) * step));
  return Uint16Array.from(levels, (level) => table[level]);
}

async function unpackBuffer(saved) {
  if (typeof saved === "string") return inflate(saved);
  return codesOfLevels(new Uint8Array(await inflate(saved.levels))).buffer;
}

async function unpackPart(part) {
  return typeof part === "string" ? inflate(part) : { ...part, data: await inflate(part.data) };
}

async function unpack(saved) {
  const messages = await Promise.all(
    saved.messages.map(async ({ message, buffers }) => ({
      message,
      buffers: await Promise.all(buffers.map(unpackBuffer)),
    })),
  );
  const names = Object.keys(saved.store);
  const parts = await Promise.all(names.map((name) => unpackPart(saved.store[name])));
  return createAnswers(messages, Object.fromEntries(names.map((name, i) => [name, parts[i]])));
}

/**
 * Show the saved views, each in the element whose id is its name, in the light or dark theme of the system.
 *
 * @param {Record<string, any>} saved
 * @param {{render(context: ViewContext): void}[]} views In the order of `saved`.
 */
export async function show(saved, views) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    document.body.dataset.jpThemeLight = String(!dark.matches);
  };
  follow();
  dark.addEventListener("change", follow);
  const names = Object.keys(saved);
  const answers = await Promise.all(names.map((name) => unpack(saved[name])));
  const models = names.map((name, i) => ({
    model: createModel(saved[name].traits, answers[i]),
    shared: saved[name].shared,
  }));
  link(models);
  names.forEach((name, i) => {
    const el = document.getElementById(name);
    if (el) views[i].render({ model: models[i].model, el });
  });
}

/**
 * Keep traits equal that several models share.
 *
 * @param {{model: Model, shared: string[]}[]} models
 */
export function link(models) {
  for (const { model, shared } of models) {
    for (const name of shared) {
      const others = models.filter((each) => each.model !== model && each.shared.includes(name));
      if (!others.length) continue;
      model.on(`change:${name}`, () => {
        for (const other of others) other.model.set(name, model.get(name));
      });
    }
  }
}
