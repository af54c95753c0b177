// Playing the channel that is shown: samples are fetched round the playhead, put into a WAV blob, and played by an
// audio element. Places are sample numbers.
import { element } from "../../widgets/fields.js";
import { wavHeader } from "../../widgets/wav.js";

// For each source: samples up to which it is fetched as one, samples fetched at a time of a longer one, and how many of
// these lie before the playhead. What the layer keeps is made for the purpose, and costs more.
const FETCH = {
  sound: { whole: 2 ** 22, stretch: 2 ** 21, behind: 2 ** 17 },
  kept: { whole: 2 ** 18, stretch: 2 ** 18, behind: 0 },
};

// The stretch of a source to be fetched for a place in it.
export function stretchOf(at, total, source = "sound") {
  const { whole, stretch, behind } = FETCH[source];
  if (total <= whole) return { from: 0, to: total };
  const from = Math.max(0, Math.floor(at) - behind);
  return { from, to: Math.min(total, from + stretch) };
}

// Where to begin: at the playhead if it is in the visible part, else where that begins; its end counts as outside.
export function startOf(at, { first, last }) {
  return at !== null && at >= first && at < last - 1 ? at : first;
}

// `ask(from, to, source)` fetches samples; `onState(state, share)` tells "idle", "loading" and how much of it is there, or
// "playing"; `onTime(sample)` where the playhead is, null where there is none; `onRefused(reason)` why nothing comes.
export function makePlayer({ ask, onState, onTime, onRefused }) {
  const audio = element("audio", { preload: "auto", hidden: true, "aria-label": "The channel that is shown" });
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let stretch = null; // {from, to, rate, url}
  let coming = null; // {from, to, pieces, got}
  let total = 0;
  let at = null; // playhead while nothing plays
  let wanted = false; // whether it is to play once it can
  let loop = null; // () => {first, last} while the visible part is to be repeated
  let oldest = -1; // answers up to this serial are about another sound
  let source = "sound"; // or "kept": what the layer's output stands for
  let told = 0;
  let clock = 0;

  const position = () => (stretch && at === null ? stretch.from + audio.currentTime * stretch.rate : at);
  const state = () => (!wanted ? "idle" : coming ? "loading" : "playing");
  const tell = () => onState(state(), coming ? (coming.got - coming.from) / (coming.to - coming.from) : 1);

  function tick(now) {
    if (state() !== "playing") return;
    const here = position();
    const span = loop?.();
    if (span && (here >= span.last || here < span.first - stretch.rate)) return play(span.first, total);
    // Where motion is to be reduced, the playhead steps four times a second.
    if (!calm.matches || now - told > 250) {
      told = now;
      onTime(here);
    }
    clock = requestAnimationFrame(tick);
  }

  function play(from, length) {
    total = length;
    wanted = true;
    cancelAnimationFrame(clock);
    if (coming && from >= coming.from && from < coming.to) return void (at = from);
    if (!stretch || from < stretch.from || from >= stretch.to) return fetchAt(from);
    at = null;
    audio.currentTime = (from - stretch.from) / stretch.rate;
    start();
  }

  function fetchAt(from) {
    audio.pause();
    at = from;
    coming = { ...stretchOf(from, total, source), pieces: [], got: 0 };
    coming.got = coming.from;
    ask(coming.from, coming.to, source);
    tell();
  }

  function start() {
    audio.play().then(
      () => {
        tell();
        cancelAnimationFrame(clock);
        clock = requestAnimationFrame(tick);
      },
      // The browser refuses to play where nobody has touched the page; being interrupted by a seek is no refusal.
      (error) => error.name === "NotAllowedError" && pause(),
    );
  }

  function pause() {
    if (stretch && at === null) at = position();
    wanted = false;
    audio.pause();
    cancelAnimationFrame(clock);
    onTime(at);
    tell();
  }

  // Give back what was fetched; the playhead stays.
  function drop() {
    if (stretch && at === null) at = position();
    audio.pause();
    audio.removeAttribute("src");
    if (stretch) URL.revokeObjectURL(stretch.url);
    stretch = coming = null;
    cancelAnimationFrame(clock);
  }

  function forget() {
    drop();
    at = null;
    wanted = false;
    onTime(null);
    tell();
  }

  function refuse(reason) {
    drop();
    wanted = false;
    onTime(at);
    tell();
    onRefused(reason);
  }

  function take({ serial, source: of, first, last, from, to, rate, reason }, piece) {
    if (!coming || serial <= oldest || of !== source || from !== coming.from) return;
    if (reason) return refuse(reason);
    if (first !== coming.got) return;
    // A copy: the buffer may be a part of a message that is far larger.
    coming.pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength).slice());
    coming.got = last;
    if (last < to) return tell();
    if (stretch) URL.revokeObjectURL(stretch.url);
    const file = new Blob([wavHeader(to - from, Math.round(rate)), ...coming.pieces], { type: "audio/wav" });
    stretch = { from, to, rate, url: URL.createObjectURL(file) };
    coming = null;
    audio.src = stretch.url;
    if (wanted) play(Math.min(at, to - 1), total);
  }

  audio.addEventListener("ended", () => {
    const span = loop?.();
    if (span) return play(span.first, total);
    if (stretch.to < total) return play(stretch.to, total);
    at = null;
    wanted = false;
    onTime(null);
    tell();
  });
  // A page in the background paints nothing, and must still turn back at the end of a loop.
  audio.addEventListener("timeupdate", () => {
    const span = loop?.();
    if (document.hidden && state() === "playing" && span && position() >= span.last) play(span.first, total);
  });

  return {
    el: audio,
    play,
    pause,
    position,
    isPlaying: () => wanted,
    // Move the playhead; what plays goes on from there.
    seek(sample, length) {
      if (wanted) return play(sample, length);
      total = length;
      at = sample;
      onTime(at);
    },
    setLoop: (span) => (loop = span),
    source: () => source,
    // Hear something else from the same place on.
    setSource(name) {
      if (name === source) return;
      drop();
      source = name;
      if (wanted) play(at, total);
    },
    // What the layer keeps is of other settings from message `serial` on.
    renew(serial) {
      if (source !== "kept" || !(stretch || coming)) return;
      oldest = serial;
      drop();
      wanted = false;
      onTime(at);
      tell();
    },
    take,
    // Another sound or channel is shown from message `serial` on.
    discard(serial) {
      oldest = serial;
      if (stretch || coming || at !== null) forget();
    },
    close() {
      forget();
      audio.remove();
    },
  };
}
