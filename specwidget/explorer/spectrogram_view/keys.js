// What keys do on the picture, in one table: the action, its keys, and the words for them. Pure functions.
export const KEYS = [
  { action: "play", keys: [" "], does: "play or pause", shown: "Space" },
  { action: "kept", keys: ["k", "K"], does: "hear what the layer keeps, or the sound", shown: "K" },
  { action: "loop", keys: ["l", "L"], does: "loop the visible part", shown: "L" },
  { action: "seek", keys: ["p", "P"], does: "move the playhead to the cursor", shown: "P" },
  { action: "pin", keys: ["Enter"], does: "pin the cursor, or take a pin away", shown: "Enter" },
  { action: "clear", keys: ["Escape"], does: "remove pins, then the cursor", shown: "Esc" },
  { action: "timeIn", keys: ["+", "="], does: "zoom time", shown: "+ \u2212" },
  { action: "timeOut", keys: ["-", "_", "\u2212"] },
  { action: "frequencyIn", keys: ["]", "}"], does: "zoom frequency", shown: "] [" },
  { action: "frequencyOut", keys: ["[", "{"] },
  { action: "reset", keys: ["0"], does: "show all", shown: "0" },
];

const PANS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

// The action of a key, or null. Keys with Ctrl or Meta belong to the browser and the page; Alt with an arrow pans.
export function actionOf({ key, altKey, ctrlKey, metaKey }) {
  if (metaKey || (ctrlKey && !altKey)) return null;
  if (altKey && PANS[key]) return PANS[key];
  return KEYS.find(({ keys }) => keys.includes(key))?.action ?? null;
}

// How to read and move the picture, as [what to press or do, what it does].
export const GUIDE = [
  ["Arrows", "move the cursor by frame and bin; with Shift by ten"],
  ["Home, End", "first and last frame; with Shift lowest and highest bin"],
  ["Click", "pin the cursor; a second pin tells the difference"],
  ["Drag", "zoom into a box"],
  ["Ctrl + wheel", "zoom time; with Shift frequency"],
  ["Wheel over an axis", "zoom that axis; the page scrolls everywhere else"],
  ["Drag an axis, Alt + arrows", "move along"],
  ...KEYS.filter(({ shown }) => shown).map(({ shown, does }) => [shown, does]),
];
