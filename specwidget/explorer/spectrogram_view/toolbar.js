// The buttons above the spectrogram: playback and the view; zoom and the display choices are behind "Display". Each has a
// tooltip with its key.
import { h } from "../../charts/dom.js";
import { icon } from "../../widgets/icons.js";
import { createPopover } from "../../widgets/popover.js";
import { createButtonRow } from "../../widgets/roving.js";
import { SPEEDS } from "./playback.js";

const BUTTONS = {
  play: { text: "Play", tooltip: "Play the displayed channel from the playhead (Space)." },
  loop: { text: "Loop", icon: "loop", tooltip: "Repeat the visible part (L).", isToggle: true },
  reconstruction: {
    text: "Reconstruction",
    tooltip:
      "Play the signal resynthesised from the output instead of the sound: by the inverse transform, or from magnitudes with an estimated phase (K).",
    isToggle: true,
  },
  timeOut: { text: "\u2212", label: "Zoom out in time", tooltip: "Zoom out in time (\u2212)." },
  timeIn: { text: "+", label: "Zoom in in time", tooltip: "Zoom in in time (+)." },
  frequencyOut: { text: "\u2212", label: "Zoom out in frequency", tooltip: "Zoom out in frequency ([)." },
  frequencyIn: { text: "+", label: "Zoom in in frequency", tooltip: "Zoom in in frequency (])." },
  reset: { text: "Show all", tooltip: "Show the whole sound and all frequencies (0)." },
};

/**
 * What the button is called that plays the reconstruction, and what its tooltip says.
 *
 * @param {Header} header
 */
export function reconstructionTexts({ bands, n_bins: count }) {
  const { text, tooltip } = BUTTONS.reconstruction;
  if (!bands) return [text, tooltip];
  const kept = `${count} ${bands.name}${count === 1 ? "" : "s"}`;
  return [
    `Hear ${kept}`,
    `Play what ${kept} keep of the sound: non-negative magnitudes that have them, with an estimated phase (K).`,
  ];
}

/**
 * Create the toolbar.
 *
 * @param {(action: string) => void} act
 * @param {{id: string, fields: HTMLElement[]}} display The id of the display choices, and their fields.
 * @param {(speed: number) => void} setSpeed
 */
export function createToolbar(act, { id, fields }, setSpeed) {
  /** @type {Record<string, any[]>} */
  const buttons = {};
  const tooltips = Object.fromEntries(Object.entries(BUTTONS).map(([action, { tooltip }]) => [action, tooltip]));
  function createButton(action) {
    const { text, icon: name, label = name ? text : null, tooltip, isToggle } = BUTTONS[action];
    const button = h("button", {
      type: "button",
      class: "specwidget-button",
      "data-action": action,
      "aria-label": label,
      "aria-pressed": isToggle ? "false" : null,
      title: tooltip,
      text: name ? null : text,
    });
    if (name) button.innerHTML = icon(name);
    button.addEventListener("click", () => act(action));
    buttons[action] = [...(buttons[action] ?? []), button];
    return button;
  }
  const group = (title, actions) =>
    h("div", { class: "specwidget-group", role: "group", "aria-label": title }, actions.map(createButton));
  const zoom = (title, actions) =>
    h("div", { class: "specwidget-line" }, [
      h("span", { text: `Zoom in ${title.toLowerCase()}` }),
      group(title, actions),
    ]);
  const speed = h("select", { id: `${id}-speed`, title: "Playback speed; the pitch changes with it." });
  speed.append(...SPEEDS.map(([value, text]) => h("option", { value, text, selected: value === 1 })));
  speed.addEventListener("change", () => setSpeed(Number(speed.value)));
  const { button, panel } = createPopover({
    ...{ id, title: "Display", text: "Display", name: "specwidget-display" },
    tooltip: "Channel, values, axes, colours and zoom.",
    children: [
      ...fields,
      zoom("Time", ["timeOut", "timeIn"]),
      zoom("Frequency", ["frequencyOut", "frequencyIn"]),
      h("div", { class: "specwidget-line" }, [h("label", { for: speed.id, text: "Playback speed" }), speed]),
      group("View", ["reset", "reconstruction"]),
    ],
  });
  const playback = group("Playback", ["play", "loop", "reconstruction"]);
  const view = group("View", ["reset"]);
  const el = h("div", { class: "specwidget-toolbar", role: "toolbar", "aria-label": "Spectrogram" }, [
    ...[playback, view, button, panel],
  ]);
  const updateStop = createButtonRow(el, [...playback.children, ...view.children, button]);
  return {
    el,
    /** Disable a button for a reason, or enable it where the reason is empty. */
    disable(action, reason) {
      for (const each of buttons[action]) {
        each.disabled = Boolean(reason);
        each.title = reason || tooltips[action];
      }
    },
    /** Change what a button is called and what its tooltip says. */
    describe(action, text, tooltip) {
      tooltips[action] = tooltip;
      for (const each of buttons[action]) {
        each.textContent = text;
        if (!each.disabled) each.title = tooltip;
      }
      updateStop();
    },
    showPlaying(state, loaded) {
      const loading = loaded > 0 ? `${Math.floor(100 * loaded)} %` : "Loading\u2026";
      for (const each of buttons.play) each.textContent = { idle: "Play", loading, playing: "Pause" }[state];
    },
    showSpeed(value) {
      speed.value = String(value);
    },
    showPressed(action, isPressed) {
      for (const each of buttons[action]) each.setAttribute("aria-pressed", String(isPressed));
    },
  };
}
