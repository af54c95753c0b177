// @ts-nocheck
// Buttons that play what a figure is about.
import { h as element } from "../charts/dom.js";

// A WAV file of 16-bit samples of one channel.
export function wavOf(samples, rate) {
  const header = new DataView(new ArrayBuffer(44));
  const text = (at, letters) => [...letters].forEach((letter, i) => header.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 36 + samples.byteLength, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, rate, true);
  header.setUint32(28, 2 * rate, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, samples.byteLength, true);
  return new Blob([header, samples], { type: "audio/wav" });
}

// A button for each of `names`; `ask(name)` asks for its sound, which `play(name, rate, samples)` then plays.
export function makePlayers(names, ask) {
  const audio = new Audio();
  let playing = null;
  let source = null;
  const buttons = new Map(
    names.map((name) => [
      name,
      element("button", { type: "button", class: "specwidget-button", text: `\u25b6 ${name}` }),
    ]),
  );
  const mark = () => {
    for (const [name, button] of buttons) button.textContent = name === playing ? `\u25a0 Stop` : `\u25b6 ${name}`;
  };
  const stop = () => {
    audio.pause();
    playing = null;
    mark();
  };
  for (const [name, button] of buttons) button.addEventListener("click", () => (playing === name ? stop() : ask(name)));
  audio.addEventListener("ended", stop);
  const el = element("div", { class: "specwidget-players", hidden: names.length === 0 }, [...buttons.values()]);
  // JupyterLab takes Enter for itself, and then a button does not get it.
  el.addEventListener("keydown", (event) => event.key === "Enter" && event.stopPropagation());
  return {
    el,
    async play(name, rate, samples) {
      if (source) URL.revokeObjectURL(source);
      source = URL.createObjectURL(wavOf(samples, rate));
      audio.src = source;
      playing = name;
      mark();
      try {
        await audio.play();
      } catch {
        // The browser may refuse to play before a person has touched the page, and stops a play that another follows.
        if (playing === name && audio.paused) stop();
      }
    },
    dispose() {
      stop();
      if (source) URL.revokeObjectURL(source);
    },
  };
}
