// The buttons above the spectrogram: playback and zoom. Each has a tooltip with its key.
import { h } from "../../charts/dom.js";
import { HELP } from "./interaction.js";

const GROUPS = [
  {
    title: "Playback",
    buttons: [
      { action: "play", text: "Play", tooltip: "Play the displayed channel from the playhead (Space)." },
      { action: "loop", text: "Loop", tooltip: "Repeat the visible part (L).", isToggle: true },
      {
        action: "reconstruction",
        text: "Reconstruction",
        tooltip:
          "Play the signal resynthesised from the output instead of the sound: by the inverse transform, or from magnitudes with an estimated phase (K).",
        isToggle: true,
      },
    ],
  },
  {
    title: "Time",
    hasLabel: true,
    buttons: [
      { action: "timeOut", text: "\u2212", label: "Zoom out in time", tooltip: "Zoom out in time (\u2212)." },
      { action: "timeIn", text: "+", label: "Zoom in in time", tooltip: "Zoom in in time (+)." },
    ],
  },
  {
    title: "Frequency",
    hasLabel: true,
    buttons: [
      { action: "frequencyOut", text: "\u2212", label: "Zoom out in frequency", tooltip: "Zoom out in frequency ([)." },
      { action: "frequencyIn", text: "+", label: "Zoom in in frequency", tooltip: "Zoom in in frequency (])." },
    ],
  },
  {
    title: "View",
    buttons: [{ action: "reset", text: "Show all", tooltip: "Show the whole sound and all frequencies (0)." }],
  },
];

/**
 * Create the toolbar.
 *
 * @param {(action: string) => void} act
 */
export function createToolbar(act) {
  const buttons = {};
  const tooltips = {};
  /** @param {{action: string, text: string, label?: string, tooltip: string, isToggle?: boolean}} entry */
  function createButton({ action, text, label, tooltip, isToggle = false }) {
    const button = h("button", {
      type: "button",
      class: "specwidget-button",
      "data-action": action,
      "aria-label": label,
      "aria-pressed": isToggle ? "false" : null,
      title: tooltip,
      text,
    });
    button.addEventListener("click", () => act(action));
    buttons[action] = button;
    tooltips[action] = tooltip;
    return button;
  }
  const groups = GROUPS.map(({ title, hasLabel, buttons: entries }) => {
    const label = hasLabel ? [h("span", { class: "specwidget-muted", "aria-hidden": "true", text: title })] : [];
    const inside = entries.map(createButton);
    return h("div", { class: "specwidget-group", role: "group", "aria-label": title }, [...label, ...inside]);
  });
  return {
    el: h("div", { class: "specwidget-toolbar" }, [...groups, createHelp()]),
    /** Disable a button for a reason, or enable it where the reason is empty. */
    disable(action, reason) {
      buttons[action].disabled = Boolean(reason);
      buttons[action].title = reason || tooltips[action];
    },
    showPlaying(state, loaded) {
      const loading = loaded > 0 ? `${Math.floor(100 * loaded)} %` : "Loading\u2026";
      buttons.play.textContent = { idle: "Play", loading, playing: "Pause" }[state];
    },
    showPressed: (action, isPressed) => buttons[action].setAttribute("aria-pressed", String(isPressed)),
  };
}

function createHelp() {
  const rows = HELP.map(([what, does]) =>
    h("tr", {}, [h("th", { scope: "row", text: what }), h("td", { text: does })]),
  );
  return h("details", { class: "specwidget-help" }, [
    h("summary", { text: "Keys and gestures" }),
    h("table", {}, [h("tbody", {}, rows)]),
  ]);
}
