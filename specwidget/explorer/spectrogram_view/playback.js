// Playback of the displayed channel: its buttons, the playhead over waveform and spectrogram, and what is said about it.
import { h } from "../../charts/dom.js";
import { timeText } from "../../charts/timeline.js";
import { fixed } from "../../summary/format.js";
import { formatFrequency } from "../../summary/quantities.js";
import { centreOf } from "../../raster/cells.js";
import { createPlayer, startOf } from "./player.js";

const NO_RATE = "Playback needs a sample rate.";

/**
 * Playback speeds of the menu: value and text.
 *
 * @type {[number, string][]}
 */
export const SPEEDS = [200, 100, 50, 20, 10, 5, 2, 1, 1 / 2, 1 / 5, 1 / 10, 1 / 20].map((value) => [
  value,
  value >= 1 ? `${value} \u00d7` : `1/${Math.round(1 / value)} \u00d7`,
]);
const LOW = 1000; // Hz: sounds that end below are hardly heard
const HIGH = 96_000; // Hz: those that go beyond are of bats and machines
const COMFORTABLE = 6000; // Hz, to which a speed brings it

/**
 * The playback speed that makes a sound audible; 1 where it is.
 *
 * @param {number} top Highest frequency of the sound, Hz.
 */
export function audibleSpeed(top) {
  // Recordings of music have sample rates of up to 192 kHz; what lies above 20 kHz in them is not missed.
  if (top >= LOW && top <= HIGH) return 1;
  const distance = (speed) => Math.abs(Math.log((speed * top) / COMFORTABLE));
  return SPEEDS.map(([speed]) => speed).reduce((best, speed) => (distance(speed) < distance(best) ? speed : best));
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
  const remark = h("p", { class: "specwidget-muted specwidget-playing", role: "status", hidden: true });
  let isLooping = false;
  const player = createPlayer({
    request: (from, to, source, speed) => send({ kind: "sound", from, to, source, speed }),
    onState: showState,
    onTime: showPosition,
    onGain: showRemark,
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
    if (state !== "loading") return;
    showRefusal("");
    remark.hidden = true;
  }

  function showRefusal(reason) {
    refusal.textContent = reason;
    refusal.hidden = !reason;
  }

  // What is heard is quieter than the samples, or hardly heard at all.
  function showRemark(gain) {
    const { top } = scene.picture.header;
    const better = audibleSpeed(top * player.speed());
    const subject = player.source() === "reconstruction" ? "the reconstruction exceeds" : "samples exceed";
    const quieter = gain < 1 ? [`Played ${fixed(-20 * Math.log10(gain), 1)} dB lower, as ${subject} 1. `] : [];
    remark.replaceChildren(...quieter, ...(better === 1 ? [] : adviseSpeed(top, better * player.speed())));
    remark.hidden = !remark.textContent;
  }

  function adviseSpeed(top, speed) {
    const [value, text] = SPEEDS.reduce((best, each) =>
      Math.abs(Math.log(each[0] / speed)) < Math.abs(Math.log(best[0] / speed)) ? each : best,
    );
    const button = h("button", { type: "button", class: "specwidget-button", text: `Play at ${text}` });
    button.addEventListener("click", () => {
      setSpeed(value);
      // A short sound has ended by now.
      if (!player.isPlaying()) togglePlay();
    });
    if (value === player.speed()) return [];
    return [`The band up to ${formatFrequency(top * player.speed())} is hardly audible. `, button];
  }

  function setSpeed(value) {
    toolbar.showSpeed(value);
    player.setSpeed(value);
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
    remark,
    setSpeed,
    playhead,
    clock,
    actions,
    seek,
    receive: player.receive,
    discard(serial) {
      remark.hidden = true;
      player.discard(serial);
    },
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
