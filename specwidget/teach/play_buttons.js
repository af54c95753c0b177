// Buttons that play the sounds of a figure.
import { h } from "../charts/dom.js";
import { wavHeader } from "../widgets/wav.js";

// A WAV file of 16-bit samples of one channel.
const wavFile = (samples, rate) => new Blob([wavHeader(samples.byteLength / 2, rate), samples], { type: "audio/wav" });

// A button for each of `names`; `request(name)` requests its sound, which `play(name, rate, samples)` then plays.
export function createPlayButtons(names, request) {
  const audio = new Audio();
  /** @type {any} */
  let playing = null;
  /** @type {any} */
  let source = null;
  const buttons = new Map(
    names.map((name) => [name, h("button", { type: "button", class: "specwidget-button", text: `\u25b6 ${name}` })]),
  );
  const showState = () => {
    for (const [name, button] of buttons) button.textContent = name === playing ? `\u25a0 Stop` : `\u25b6 ${name}`;
  };
  const stop = () => {
    audio.pause();
    playing = null;
    showState();
  };
  for (const [name, button] of buttons)
    button.addEventListener("click", () => (playing === name ? stop() : request(name)));
  audio.addEventListener("ended", stop);
  const el = h("div", { class: "specwidget-players", hidden: names.length === 0 }, [...buttons.values()]);
  // JupyterLab handles Enter itself, unless the event stops here.
  el.addEventListener("keydown", (event) => event.key === "Enter" && event.stopPropagation());
  return {
    el,
    async play(name, rate, samples) {
      if (source) URL.revokeObjectURL(source);
      source = URL.createObjectURL(wavFile(samples, rate));
      audio.src = source;
      playing = name;
      showState();
      try {
        await audio.play();
      } catch {
        // Browsers refuse to play before a person has interacted with the page, and when another sound follows at once.
        if (playing === name && audio.paused) stop();
      }
    },
    dispose() {
      stop();
      if (source) URL.revokeObjectURL(source);
    },
  };
}
