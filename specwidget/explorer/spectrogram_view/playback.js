// Playback of the displayed channel: samples around the playhead are requested, wrapped as a WAV file and played by an
// audio element. Positions are sample numbers.
import { h } from "../../charts/dom.js";
import { timeText } from "../../charts/timeline.js";
import { centreOf } from "../../raster/cells.js";
import { wavHeader } from "../../widgets/wav.js";

// For each source: the number of samples up to which a sound is requested as a whole, the number requested at a time of
// a longer one, and how many of these lie before the playhead. A reconstruction is computed on request and costs more.
const CHUNKS = {
  sound: { whole: 2 ** 22, length: 2 ** 21, before: 2 ** 17 },
  reconstruction: { whole: 2 ** 18, length: 2 ** 18, before: 0 },
};
const REDUCED_MOTION_STEP = 250; // ms between two moves of the playhead where motion is to be reduced
const NO_RATE = "Playback needs a sample rate.";

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
 *   request(from: number, to: number, source: string): void,
 *   onState(state: string, loaded: number): void,
 *   onTime(position: number | null): void,
 *   onRefused(reason: string): void,
 * }} on `request` asks the kernel for samples; `onState` is told "idle", "loading" with the fraction loaded, or
 *   "playing"; `onTime` where the playhead is, null where there is none; `onRefused` why there are no samples.
 */
function createPlayer({ request, onState, onTime, onRefused }) {
  const audio = /** @type {HTMLAudioElement} */ (
    h("audio", { preload: "auto", hidden: true, "aria-label": "Displayed channel" })
  );
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {{from: number, to: number, rate: number, url: string} | null} */
  let loaded = null;
  /** @type {{from: number, to: number, pieces: Uint8Array<ArrayBuffer>[], received: number} | null} */
  let pending = null;
  let nSamples = 0;
  /** @type {number | null} */
  let paused = null; // the playhead while nothing plays
  let isPlaying = false; // whether it plays, or will once its samples are there
  /** @type {(() => Span) | null} */
  let loop = null; // gives the visible part while that is repeated
  let oldest = -1; // answers up to this serial are about another sound
  let source = "sound";
  let lastTime = 0;
  let animation = 0;

  const position = () => (loaded && paused === null ? loaded.from + audio.currentTime * loaded.rate : paused);
  const state = () => (!isPlaying ? "idle" : pending ? "loading" : "playing");
  const tellState = () =>
    onState(state(), pending ? (pending.received - pending.from) / (pending.to - pending.from) : 1);

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
    pending = { from: first, to, pieces: [], received: first };
    request(first, to, source);
    tellState();
  }

  function start() {
    audio.play().then(
      () => {
        tellState();
        cancelAnimationFrame(animation);
        animation = requestAnimationFrame(tick);
      },
      // Browsers refuse to play before the user has touched the page; other errors are plays interrupted by a seek.
      (error) => {
        if (error.name === "NotAllowedError") pause();
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

  function receive({ serial, source: origin, first, last, from, to, rate, reason }, piece) {
    if (!pending || serial <= oldest || origin !== source || from !== pending.from) return;
    if (reason) {
      unload();
      halt();
      return onRefused(reason);
    }
    if (first !== pending.received) return;
    // A copy: the buffer may be a part of a message that is far larger.
    pending.pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength).slice());
    pending.received = last;
    if (last < to) return tellState();
    if (loaded) URL.revokeObjectURL(loaded.url);
    const file = new Blob([wavHeader(to - from, Math.round(rate)), ...pending.pieces], { type: "audio/wav" });
    loaded = { from, to, rate, url: URL.createObjectURL(file) };
    pending = null;
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

/**
 * Create playback: the player, its buttons, the playhead over waveform and spectrogram, and the time beside it.
 *
 * @param {{
 *   root: HTMLElement, stage: HTMLElement, waveform: HTMLElement,
 *   scene: Scene, shape: {layout: Layout | null},
 *   toolbar: ReturnType<typeof import("./toolbar.js").createToolbar>,
 *   send(content: any): void,
 *   pan(across: number, up: number): void,
 * }} context
 */
export function createPlayback({ root, stage, waveform, scene, shape, toolbar, send, pan }) {
  const playhead = h("div", { class: "specwidget-playhead", hidden: true });
  const clock = h("span", { class: "specwidget-clock specwidget-muted" });
  const refusal = h("p", { class: "specwidget-error specwidget-refusal", role: "status", hidden: true });
  let isLooping = false;
  const player = createPlayer({
    request: (from, to, source) => send({ kind: "sound", from, to, source }),
    onState: showState,
    onTime: showPosition,
    onRefused(reason) {
      showRefusal(reason);
      player.setSource("sound");
      toolbar.showPressed("reconstruction", false);
    },
  });
  const nSamples = () => scene.picture.header.n_samples;
  const hasRate = () => Boolean(scene.picture?.header.has_rate);

  function showState(state, loaded) {
    toolbar.showPlaying(state, loaded);
    root.dataset.playing = state;
    if (state === "loading") showRefusal("");
  }

  function showRefusal(reason) {
    refusal.textContent = reason;
    refusal.hidden = !reason;
  }

  function showPosition(sample) {
    const { layout } = shape;
    if (!scene.picture || !layout) return;
    const { first, last } = scene.region;
    // The view follows, page by page, what plays beyond it.
    const isBeyond = sample !== null && sample >= last && last < nSamples();
    if (isBeyond && player.isPlaying() && !isLooping) return pan(1, 0);
    const end = layout.plots[layout.plots.length - 1];
    playhead.hidden = sample === null || sample < first || sample > last;
    const x = layout.left + ((sample - first) / (last - first)) * layout.plotWidth;
    Object.assign(playhead.style, {
      transform: `translateX(${x}px)`,
      top: `${waveform.offsetTop}px`,
      height: `${stage.offsetTop - waveform.offsetTop + end.y + end.height}px`,
    });
    // Beside the waveform, where there is room at any width.
    Object.assign(clock.style, {
      left: `${layout.left + layout.plotWidth + 10}px`,
      top: `${waveform.offsetTop + waveform.clientHeight / 2 - 10}px`,
    });
    clock.textContent = sample === null ? "" : timeText(scene.picture.header, scene.timeUnit, sample, 1);
  }

  const seek = (sample) => player.seek(sample, nSamples());

  function togglePlay() {
    if (!hasRate()) return;
    if (player.isPlaying()) player.pause();
    else player.play(startOf(player.position(), scene.region), nSamples());
  }

  const actions = {
    play: togglePlay,
    loop() {
      isLooping = !isLooping;
      player.setLoop(isLooping ? () => scene.region : null);
      toolbar.showPressed("loop", isLooping);
    },
    // To the middle of the cursor's frame: the keyboard's way of a click on the waveform.
    seek() {
      const cell = scene.cursor ?? scene.pins.at(-1);
      if (!cell || !hasRate()) return;
      seek(Math.min(Math.max(centreOf(scene.picture.header, cell.frame), 0), nSamples() - 1));
    },
    reconstruction() {
      if (!hasRate()) return;
      const isOn = player.source() !== "reconstruction";
      toolbar.showPressed("reconstruction", isOn);
      showRefusal("");
      player.setSource(isOn ? "reconstruction" : "sound");
      if (isOn && !player.isPlaying()) togglePlay();
    },
  };

  return {
    audio: player.el,
    refusal,
    playhead,
    clock,
    actions,
    seek,
    receive: player.receive,
    discard: player.discard,
    close: player.close,
    showPosition: () => showPosition(player.position()),
    showState,
    /** Allow playback where the sound has a sample rate. */
    setRate(isKnown) {
      for (const action of ["play", "reconstruction"]) toolbar.disable(action, isKnown ? "" : NO_RATE);
    },
    /** Settings have changed: a reconstruction and a reason against it are out of date. */
    invalidate(serial) {
      player.invalidateReconstruction(serial);
      showRefusal("");
    },
  };
}
