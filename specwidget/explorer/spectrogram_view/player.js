// The player: samples around the playhead are requested, wrapped as a WAV file and played by an audio element. Positions
// are sample numbers.
import { h } from "../../charts/dom.js";
import { wavHeader } from "../../widgets/wav.js";

// For each source: the number of samples up to which a sound is requested as a whole, the number requested at a time of
// a longer one, and how many of these lie before the playhead. A reconstruction is computed on request and costs more.
const CHUNKS = {
  sound: { whole: 2 ** 22, length: 2 ** 21, before: 2 ** 17 },
  reconstruction: { whole: 2 ** 18, length: 2 ** 18, before: 0 },
};
const REDUCED_MOTION_STEP = 250; // ms between two moves of the playhead where motion is to be reduced

/**
 * The samples to request for a position.
 *
 * @param {number} position
 * @param {number} nSamples
 * @param {string} source "sound" or "reconstruction".
 * @returns {{from: number, to: number}}
 */
export function chunkAt(position, nSamples, source = "sound") {
  const { whole, length, before } = CHUNKS[source];
  if (nSamples <= whole) return { from: 0, to: nSamples };
  const from = Math.max(0, Math.floor(position) - before);
  return { from, to: Math.min(nSamples, from + length) };
}

/**
 * Where playing begins: at the playhead if that is in the visible part and not at its end, else at its beginning.
 *
 * @param {number | null} playhead
 * @param {Span} visible
 */
export function startOf(playhead, { first, last }) {
  return playhead !== null && playhead >= first && playhead < last - 1 ? playhead : first;
}

/**
 * Create a player.
 *
 * @param {{
 *   request(from: number, to: number, source: string, speed: number): void,
 *   onState(state: string, loaded: number): void,
 *   onTime(position: number | null): void,
 *   onRefused(reason: string): void,
 *   onGain(gain: number): void,
 * }} on `request` asks the kernel for samples; `onState` is told "idle", "loading" with the fraction loaded, or
 *   "playing"; `onTime` where the playhead is, null where there is none; `onRefused` why there are no samples.
 */
export function createPlayer({ request, onState, onTime, onRefused, onGain }) {
  const audio = /** @type {HTMLAudioElement} */ (
    h("audio", { preload: "auto", hidden: true, "aria-label": "Displayed channel" })
  );
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {{from: number, to: number, rate: number, url: string} | null} */
  let loaded = null;
  /** @type {{from: number, to: number, pieces: Uint8Array<ArrayBuffer>[], received: number, progress: number} | null} */
  let pending = null;
  let nSamples = 0;
  /** @type {number | null} */
  let paused = null; // the playhead while nothing plays
  let isPlaying = false; // whether it plays, or will once its samples are there
  /** @type {(() => Span) | null} */
  let loop = null; // gives the visible part while that is repeated
  let oldest = -1; // answers up to this serial are about another sound
  let source = "sound";
  let speed = 1;
  let lastTime = 0;
  let animation = 0;

  const position = () => (loaded && paused === null ? loaded.from + audio.currentTime * loaded.rate : paused);
  const state = () => (!isPlaying ? "idle" : pending ? "loading" : "playing");
  const tellState = () =>
    onState(
      state(),
      pending ? Math.max(pending.progress, (pending.received - pending.from) / (pending.to - pending.from)) : 1,
    );

  function tick(now) {
    const here = position();
    if (state() !== "playing" || here === null || !loaded) return;
    const span = loop?.();
    if (span && (here >= span.last || here < span.first - loaded.rate)) return play(span.first, nSamples);
    if (!reducedMotion.matches || now - lastTime > REDUCED_MOTION_STEP) {
      lastTime = now;
      onTime(here);
    }
    animation = requestAnimationFrame(tick);
  }

  function play(from, length) {
    nSamples = length;
    isPlaying = true;
    cancelAnimationFrame(animation);
    if (pending && from >= pending.from && from < pending.to) {
      paused = from;
      return;
    }
    if (!loaded || from < loaded.from || from >= loaded.to) return load(from);
    paused = null;
    audio.currentTime = (from - loaded.from) / loaded.rate;
    start();
  }

  function load(from) {
    audio.pause();
    paused = from;
    const { from: first, to } = chunkAt(from, nSamples, source);
    pending = { from: first, to, pieces: [], received: first, progress: 0 };
    request(first, to, source, speed);
    tellState();
  }

  function fail(reason) {
    unload();
    halt();
    onRefused(reason);
  }

  function start() {
    audio.play().then(
      () => {
        tellState();
        cancelAnimationFrame(animation);
        animation = requestAnimationFrame(tick);
      },
      // Browsers refuse to play before the user has touched the page; a play that is interrupted by a seek is aborted.
      (error) => {
        if (error.name === "NotAllowedError") pause();
        else if (error.name !== "AbortError") fail(`The browser can\u2019t play this sound (${error.name}).`);
      },
    );
  }

  // Stay where the playhead is, with nothing playing.
  function halt() {
    isPlaying = false;
    onTime(paused);
    tellState();
  }

  function pause() {
    if (loaded && paused === null) paused = position();
    audio.pause();
    cancelAnimationFrame(animation);
    halt();
  }

  // Free what was loaded; the playhead stays.
  function unload() {
    if (loaded && paused === null) paused = position();
    audio.pause();
    audio.removeAttribute("src");
    if (loaded) URL.revokeObjectURL(loaded.url);
    loaded = pending = null;
    cancelAnimationFrame(animation);
  }

  function rewind() {
    paused = null;
    halt();
  }

  function receive({ serial, source: origin, first, last, from, to, rate, heard, gain, progress, reason }, piece) {
    if (!pending || serial <= oldest || origin !== source || from !== pending.from) return;
    if (reason) return fail(reason);
    if (progress !== undefined) {
      pending.progress = progress;
      return tellState();
    }
    if (first !== pending.received) return;
    // A copy: the buffer may be a part of a message that is far larger.
    pending.pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength).slice());
    pending.received = last;
    if (last < to) return tellState();
    if (loaded) URL.revokeObjectURL(loaded.url);
    const nPcm = pending.pieces.reduce((sum, each) => sum + each.byteLength / 2, 0);
    const file = new Blob([wavHeader(nPcm, Math.round(rate)), ...pending.pieces], { type: "audio/wav" });
    loaded = { from, to, rate: heard, url: URL.createObjectURL(file) };
    pending = null;
    onGain(gain);
    audio.src = loaded.url;
    if (isPlaying) play(Math.min(paused ?? from, to - 1), nSamples);
  }

  function onEnded() {
    const span = loop?.();
    if (span) return play(span.first, nSamples);
    if (loaded && loaded.to < nSamples) return play(loaded.to, nSamples);
    rewind();
  }

  audio.addEventListener("ended", onEnded);
  audio.addEventListener("error", () => {
    if (loaded) fail(`The browser can\u2019t play this sound: ${audio.error?.message || "it is not supported"}.`);
  });
  // A page in the background has no animation frames, and must still turn back at the end of a loop.
  audio.addEventListener("timeupdate", () => {
    const span = loop?.();
    const here = position();
    if (document.hidden && state() === "playing" && span && here !== null && here >= span.last)
      play(span.first, nSamples);
  });

  return {
    el: audio,
    play,
    pause,
    position,
    receive,
    isPlaying: () => isPlaying,
    /** Move the playhead; what plays goes on from there. */
    seek(sample, length) {
      if (isPlaying) return play(sample, length);
      nSamples = length;
      paused = sample;
      onTime(paused);
    },
    setLoop(span) {
      loop = span;
    },
    source: () => source,
    /** Play another source from the same position on. */
    setSource(name) {
      if (name === source) return;
      unload();
      source = name;
      if (isPlaying) play(paused ?? 0, nSamples);
    },
    /** Play at another speed from the same position on. */
    setSpeed(value) {
      if (value === speed) return;
      const wasPlaying = isPlaying;
      unload();
      speed = value;
      if (wasPlaying) play(paused ?? 0, nSamples);
    },
    speed: () => speed,
    /** Stop a reconstruction, which is of other settings from message `serial` on. */
    invalidateReconstruction(serial) {
      if (source !== "reconstruction" || !(loaded || pending)) return;
      oldest = serial;
      unload();
      halt();
    },
    /** Stop, as another sound or channel is displayed from message `serial` on. */
    discard(serial) {
      oldest = serial;
      if (!loaded && !pending && paused === null) return;
      unload();
      rewind();
    },
    close() {
      unload();
      rewind();
      audio.remove();
    },
  };
}
