// The buttons above the picture: playing and zooming, each with a name and what it does.
import { element } from "../../widgets/fields.js";
import { GUIDE } from "./keys.js";

const GROUPS = [
  [
    "Playback",
    [
      ["play", "Play", "Hear the channel that is shown, from the playhead on (Space)."],
      ["loop", "Loop", "Repeat the visible part (L)."],
      [
        "kept",
        "What the layer keeps",
        "Hear the signal that the output stands for instead of the sound: made from both parts, or from levels with a phase searched for (K).",
      ],
    ],
  ],
  [
    "Time",
    [
      ["timeOut", "\u2212", "Zoom out in time (\u2212)."],
      ["timeIn", "+", "Zoom in in time (+)."],
    ],
  ],
  [
    "Frequency",
    [
      ["frequencyOut", "\u2212", "Zoom out in frequency ([)."],
      ["frequencyIn", "+", "Zoom in in frequency (])."],
    ],
  ],
  ["View", [["reset", "Show all", "Show the whole sound and all frequencies (0)."]]],
];
const NAMES = {
  timeOut: "Zoom out in time",
  timeIn: "Zoom in in time",
  frequencyOut: "Zoom out in frequency",
  frequencyIn: "Zoom in in frequency",
};

// `on(action)` does what a button says.
export function makeToolbar(on) {
  const buttons = {};
  const groups = GROUPS.map(([title, entries]) => {
    const inside = entries.map(([action, text, tooltip]) => {
      buttons[action] = element("button", {
        type: "button",
        class: "specwidget-button",
        "data-action": action,
        "aria-label": NAMES[action],
        title: tooltip,
        text,
      });
      buttons[action].addEventListener("click", () => on(action));
      return buttons[action];
    });
    const label = ["Time", "Frequency"].includes(title)
      ? [element("span", { class: "specwidget-muted", "aria-hidden": "true", text: title })]
      : [];
    return element("div", { class: "specwidget-group", role: "group", "aria-label": title }, [...label, ...inside]);
  });
  for (const name of ["loop", "kept"]) buttons[name].setAttribute("aria-pressed", "false");
  return {
    el: element("div", { class: "specwidget-toolbar" }, [...groups, guide()]),
    disable: (action, reason) => {
      buttons[action].disabled = Boolean(reason);
      buttons[action].title = reason || GROUPS.flatMap(([, entries]) => entries).find(([name]) => name === action)[2];
    },
    showPlaying(state, share) {
      buttons.play.textContent = {
        idle: "Play",
        loading: share > 0 ? `${Math.floor(100 * share)} %` : "Loading\u2026",
        playing: "Pause",
      }[state];
    },
    showPressed: (action, isOn) => buttons[action].setAttribute("aria-pressed", String(isOn)),
  };
}

// Keys and gestures, folded away.
function guide() {
  const rows = GUIDE.map(([what, does]) =>
    element("tr", {}, [element("th", { scope: "row", text: what }), element("td", { text: does })]),
  );
  return element("details", { class: "specwidget-guide" }, [
    element("summary", { text: "Keys and gestures" }),
    element("table", {}, [element("tbody", {}, rows)]),
  ]);
}
