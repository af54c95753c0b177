// What is read off a cell, and off two of them, in words. Pure functions.
import { centreOf, frequencyOf } from "../../raster/cells.js";
import { fixed, frequency, short } from "../../charts/format.js";
import { bothOf, compare } from "./levels.js";
import { centsBetween, nearestNote } from "../../charts/pitch.js";
import { spanText, timeText } from "../../charts/timeline.js";

const MINUS = "\u2212";

// The columns of the readout, in order; `has` tells whether a picture has such a thing.
export const COLUMNS = [
  { name: "time", title: "Time" },
  { name: "frequency", title: "Frequency" },
  { name: "note", title: "Note", has: (header) => header.has_rate },
  { name: "value", title: (header) => capital(header.label) },
  {
    name: "own",
    title: (header) => (header.unit === "dB" ? "Layer\u2019s value" : "Level"),
    has: (header) => header.has_decibels,
  },
  { name: "frame", title: "Frame" },
  { name: "bin", title: "Bin" },
];

export const columnsOf = (header) =>
  COLUMNS.filter(({ has }) => !has || has(header)).map(({ name, title }) => ({
    name,
    title: typeof title === "function" ? title(header) : title,
  }));

// What is said of one cell. `value` is in the unit that is shown.
export function describe(header, chosen, { frame, bin }, value) {
  const hertz = frequencyOf(header, bin);
  const { own, decibels } = bothOf(header, value);
  const other = header.unit === "dB" ? short(own) : decibelText(decibels);
  return {
    time: timeText(header, chosen, centreOf(header, frame), header.step_samples),
    frequency: header.has_rate ? frequency(hertz) : `${short(hertz)} cycles/sample`,
    note: noteText(hertz),
    value: valueText(header, value),
    own: Number.isFinite(value) ? other : "",
    frame: String(frame),
    bin: String(bin),
  };
}

// What is said of the way from one cell to another.
export function describeDifference(header, chosen, [from, to], values) {
  const [low, high] = [frequencyOf(header, from.bin), frequencyOf(header, to.bin)];
  const samples = centreOf(header, to.frame) - centreOf(header, from.frame);
  return {
    time: signed(spanText(header, chosen, samples, header.step_samples)),
    frequency: signed(header.has_rate ? hertzDifference(high - low) : `${short(high - low)} cycles/sample`),
    note: intervalText(centsBetween(low, high)),
    ...describeRatio(header, values),
    frame: signed(fixed(to.frame - from.frame)),
    bin: signed(fixed(to.bin - from.bin)),
  };
}

// A ratio of levels in decibels and as a factor; of other values the difference.
function describeRatio(header, values) {
  if (!values.every(Number.isFinite)) return { value: "", own: "" };
  const { by, decibels, factor } = compare(header, ...values);
  if (decibels === null) return { value: signed(withUnit(header, short(by))), own: "" };
  return { value: signed(decibelText(decibels)), own: `\u00d7 ${short(factor, 3)}` };
}

// One sentence of a description, for those who hear it.
export function sentence(header, title, words, group) {
  const value = words.own
    ? `${words.value}, ${header.unit === "dB" ? `${ownName(header)} ${words.own}` : words.own}`
    : words.value;
  return [title, words.time, words.frequency, words.note, value, `frame ${words.frame}`, `bin ${words.bin}`, group]
    .filter(Boolean)
    .join("  \u00b7  ");
}

// Of the resolution box: its sides, and what they are.
export function boxText(header, chosen, box) {
  const wide = spanText(header, chosen, header.window_length, 1);
  const high = header.has_rate ? hertzDifference(box.rise) : `${short(box.rise)} cycles/sample`;
  return `Box at the cursor: one frame, ${wide}, by its window\u2019s equivalent noise bandwidth, ${high}.`;
}

export function noteText(hertz) {
  const note = nearestNote(hertz);
  if (!note) return "";
  return note.cents === 0 ? note.name : `${note.name} ${signed(fixed(note.cents))} cents`;
}

// An interval in semitones, to the cent.
export const intervalText = (cents) => (cents === null ? "" : `${signed(fixed(cents / 100, 2))} semitones`);

export function valueText(header, value) {
  if (!Number.isFinite(value))
    return value === -Infinity ? `${MINUS}\u221e${header.unit ? ` ${header.unit}` : ""}` : "not finite";
  return header.unit === "dB" ? decibelText(value) : withUnit(header, short(value));
}

const ownName = (header) => ({ log: "ln magnitude", magnitude: "magnitude", psd: "power" })[header.mode] ?? "value";
const withUnit = (header, text) => (header.unit ? `${text} ${header.unit}` : text);
const decibelText = (level) =>
  Number.isFinite(level) ? `${fixed(level, 1)} dB` : level === -Infinity ? `${MINUS}\u221e dB` : "";
const hertzDifference = (by) =>
  Math.abs(by) >= 10000 ? `${fixed(by / 1000, 2)} kHz` : `${fixed(by, Math.abs(by) < 100 ? 1 : 0)} Hz`;
const signed = (text) => (text === "" || text.startsWith(MINUS) || /^0(\.0*)?\D*$/.test(text) ? text : `+${text}`);
const capital = (text) => (text.startsWith("ln ") ? text : text.charAt(0).toUpperCase() + text.slice(1));
