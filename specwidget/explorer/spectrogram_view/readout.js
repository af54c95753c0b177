// The readout under the spectrogram: a table with a row for the cursor, each pin and their difference, and one sentence
// for screen readers. First the texts, as pure functions; then the table.
import { h } from "../../charts/dom.js";
import { fixed, labelWithUnit, short } from "../../summary/format.js";
import { formatFrequency } from "../../summary/quantities.js";
import { centsBetween, nearestNote } from "../../charts/pitch.js";
import { spanText, timeText } from "../../charts/timeline.js";
import { bandRange } from "../../charts/bands.js";
import { centreOf, frequencyOf, hertzAtPlace, hertzOf } from "../../raster/cells.js";
import { rowName, rowNumber } from "./marks.js";

const HINT = "Point at the spectrogram, or focus it and use the arrow keys.";
const MINUS = "\u2212";
const DECIBELS_PER_NEPER = 20 / Math.LN10;

const TO_DECIBELS = {
  log: (value) => value * DECIBELS_PER_NEPER,
  magnitude: (value) => 20 * Math.log10(value),
  psd: (value) => 10 * Math.log10(value),
};
const FROM_DECIBELS = {
  log: (level) => level / DECIBELS_PER_NEPER,
  magnitude: (level) => 10 ** (level / 20),
  psd: (level) => 10 ** (level / 10),
};
// Decibels of a factor of ten: 20 of magnitudes, 10 of powers.
const DECIBELS_PER_DECADE = { log: 20, magnitude: 20, psd: 10 };

/**
 * The value that the layer gives and its decibels, for a value in the displayed unit; no decibels where the mode has
 * none.
 *
 * @param {Header} header
 * @param {number} displayed
 * @returns {{value: number, decibels: number | null}}
 */
export function layerValueOf(header, displayed) {
  if (!header.has_decibels) return { value: displayed, decibels: null };
  if (header.unit === "dB")
    return { value: FROM_DECIBELS[header.mode](displayed - (header.offset ?? 0)), decibels: displayed };
  return { value: displayed, decibels: TO_DECIBELS[header.mode](displayed) };
}

/**
 * The difference of two values in the displayed unit; of levels also in decibels and as a factor.
 *
 * @param {Header} header
 * @param {number} from
 * @param {number} to
 * @returns {{difference: number, decibels: number | null, factor: number | null}}
 */
export function compareValues(header, from, to) {
  const [before, after] = [layerValueOf(header, from), layerValueOf(header, to)];
  const difference = after.value - before.value;
  if (before.decibels === null || after.decibels === null)
    return { difference: header.kind === "cyclic" ? wrapAngle(difference) : difference, decibels: null, factor: null };
  const decibels = after.decibels - before.decibels;
  return { difference, decibels, factor: 10 ** (decibels / DECIBELS_PER_DECADE[header.mode]) };
}

/** An angle between -pi and pi. */
export const wrapAngle = (angle) => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));

const hasFrequencies = (header) => rowName(header) !== "coefficient";

/** The columns in order; `has` says whether a picture has one. */
const COLUMNS = [
  { name: "time", title: () => "Time" },
  { name: "frequency", title: (header) => (header.bands ? "Centre" : "Frequency"), has: hasFrequencies },
  { name: "range", title: () => "Range", has: (header) => header.bands?.name === "band" },
  { name: "note", title: () => "Note", has: (header) => header.has_rate && hasFrequencies(header) },
  { name: "value", title: (header) => labelWithUnit(capitalized(header.label), header.full_unit) },
  {
    name: "own",
    title: (header) => labelWithUnit(header.unit === "dB" ? "Layer value" : "Level", header.other_unit),
    has: (header) => header.has_decibels,
  },
  { name: "per_hertz", title: (header) => header.per_hertz_unit, has: (header) => (header.per_hertz ?? null) !== null },
  { name: "frame", title: () => "Frame" },
  { name: "bin", title: (header) => capitalized(rowName(header)) },
];

/**
 * Name and title of each column.
 *
 * @param {Header} header
 */
export const columnsOf = (header) =>
  COLUMNS.filter(({ has }) => !has || has(header)).map(({ name, title }) => ({ name, title: title(header) }));

/**
 * The texts of a cell by column.
 *
 * @param {Header} header
 * @param {string} timeUnit "seconds", "frames" or "samples".
 * @param {CellIndex} cell
 * @param {number} value In the displayed unit.
 */
export function describeCell(header, timeUnit, { frame, bin }, value) {
  const hertz = hertzOf(header, bin);
  const layer = layerValueOf(header, value);
  // Values of bands may be decibels themselves.
  const other = header.unit === "dB" ? short(layer.value) : decibelText(layer.decibels);
  const own = header.has_decibels ? other : "";
  return {
    time: timeText(header, timeUnit, centreOf(header, frame), header.step_samples),
    frequency: frequencyText(header, hertz),
    range: rangeText(header, bin),
    note: noteText(hertz),
    value: valueText(header, value),
    own: Number.isFinite(value) ? own : "",
    per_hertz: perHertzText(header, value),
    frame: String(frame),
    bin: String(rowNumber(header, bin)),
  };
}

/**
 * The texts of the difference of two cells by column.
 *
 * @param {Header} header
 * @param {string} timeUnit
 * @param {Cell[]} cells
 * @param {number[]} values In the displayed unit.
 */
export function describeDifference(header, timeUnit, [from, to], values) {
  const [low, high] = [hertzOf(header, from.bin), hertzOf(header, to.bin)];
  const nSamples = centreOf(header, to.frame) - centreOf(header, from.frame);
  return {
    time: signed(spanText(header, timeUnit, nSamples, header.step_samples)),
    frequency: signed(frequencyText(header, high - low)),
    note: intervalText(centsBetween(low, high)),
    ...describeRatio(header, values),
    frame: signed(fixed(to.frame - from.frame)),
    bin: signed(fixed(to.bin - from.bin)),
  };
}

function describeRatio(header, values) {
  if (!values.every(Number.isFinite)) return { value: "", own: "" };
  const { difference, decibels, factor } = compareValues(header, values[0], values[1]);
  if (decibels === null) return { value: signed(withUnit(header, short(difference))), own: "" };
  return { value: signed(decibelText(decibels)), own: `\u00d7 ${short(factor, 3)}` };
}

/** One sentence about a cell, for screen readers. */
export function toSentence(header, title, texts, group, mean = "") {
  const own = header.unit === "dB" ? `${quantityOf(header)} ${texts.own}` : texts.own;
  const density = texts.per_hertz ? `, ${texts.per_hertz} per Hz` : "";
  const value = (texts.own ? `${texts.value}, ${own}` : texts.value) + density;
  const row = `${rowName(header)} ${texts.bin}${texts.range ? `, ${texts.range}` : ""}`;
  return [title, texts.time, texts.frequency, texts.note, value, `frame ${texts.frame}`, row, group, mean]
    .filter(Boolean)
    .join("  \u00b7  ");
}

/**
 * What the box at the cursor is.
 *
 * @param {Header} header
 * @param {string} timeUnit
 * @param {ResolutionBox} box
 */
export function resolutionText(header, timeUnit, box) {
  const duration = spanText(header, timeUnit, header.window_length, 1);
  if (header.bands) return `Box at the cursor: frame length, ${duration}, by one ${rowName(header)}.`;
  const bandwidth = frequencyText(header, box.bandwidth);
  return `Box at the cursor: frame length, ${duration}, by the window\u2019s equivalent noise bandwidth, ${bandwidth}.`;
}

/**
 * How precise the values of a picture are that was saved as few levels; "" where they are as precise as they look.
 *
 * @param {Header} header
 */
export const precisionText = (header) =>
  header.resolution ? `This page has values to within ${withUnit(header, short(header.resolution, 2))}.` : "";

/**
 * The visible part, for screen readers.
 *
 * @param {Header} header
 * @param {string} timeUnit
 * @param {Region} region
 */
export function regionText(header, timeUnit, { first, last, low, high }) {
  const times = [first, last].map((sample) => timeText(header, timeUnit, sample, 1));
  if (!hasFrequencies(header)) return `${times.join(" to ")}`;
  const hertz = [low, high].map((fraction) => {
    const place = fraction * header.top;
    if (header.bands) return formatFrequency(hertzAtPlace(header, place));
    return header.has_rate ? formatFrequency(place, header.spacing) : short(place, 3);
  });
  return `${times.join(" to ")}, ${hertz.join(" to ")}${header.has_rate ? "" : " cycles per sample"}`;
}

/** The mean spectrum of the visible part at the bin of the cursor. */
export const meanText = (header, value) => `mean of the visible part ${valueText(header, value)}`;

/**
 * What is visible, how long and how wide it is, and its mean and highest level; for a line below the picture.
 *
 * @param {Header} header
 * @param {string} timeUnit
 * @param {Region} region
 * @param {MeanSpectrum | null} mean
 */
export function visibleText(header, timeUnit, region, mean) {
  const { first, last, low, high } = region;
  // To a hundredth of what is visible.
  const [samples, hertz] = [(last - first) / 100, ((high - low) * header.top) / 10];
  const times = [first, last].map((sample) => timeText(header, timeUnit, sample, samples)).join(" to ");
  const duration = spanText(header, timeUnit, last - first, samples);
  const about = [];
  if (header.bands) {
    const rows = [Math.floor(low * header.top), Math.ceil(high * header.top) - 1];
    about.push(`Visible: ${times}, ${rowName(header)}s ${rows.join(" to ")}`, duration);
  } else {
    const frequencies = [low, high].map((part) => frequencyText(header, part * header.top, hertz)).join(" to ");
    about.push(`Visible: ${times}, ${frequencies}`, `${duration} by ${frequencyText(header, 10 * hertz, hertz)}`);
  }
  if (mean) about.push(`mean ${levelText(header, mean)}`, `highest at ${peakText(header, mean)}`);
  if (mean && mean.n_used < mean.n_frames) about.push(`mean of ${mean.n_used} of ${mean.n_frames} frames`);
  return about.join("  \u00b7  ");
}

const peakText = (header, { peak_bin: bin }) =>
  header.bands ? `${rowName(header)} ${bin}` : frequencyText(header, frequencyOf(header, bin));

function levelText(header, { level, per_hertz: perHertz, is_onesided: isOnesided }) {
  if (level === null) return valueText(header, -Infinity);
  if (perHertz === null) return valueText(header, level);
  return `${valueText(header, level)} (${decibelText(level + perHertz)} per Hz${isOnesided ? "" : ", two-sided"})`;
}

/** The nearest note and the distance from it; "" beyond the notes that have names. */
export function noteText(hertz) {
  const note = nearestNote(hertz);
  if (!note) return "";
  return note.cents === 0 ? note.name : `${note.name} ${signed(fixed(note.cents))} cents`;
}

const intervalText = (cents) => (cents === null ? "" : `${signed(fixed(cents / 100, 2))} semitones`);

function valueText(header, value) {
  if (!Number.isFinite(value))
    return value === -Infinity ? `${MINUS}\u221e${header.unit ? ` ${header.unit}` : ""}` : "not finite";
  return header.unit === "dB" ? decibelText(value) : withUnit(header, short(value));
}

// A power spectral density per Hz: the layer's is per cycle/sample.
function perHertzText(header, value) {
  if ((header.per_hertz ?? null) === null || !Number.isFinite(value)) return "";
  return header.unit === "dB" ? decibelText(value + header.per_hertz) : short(value * 10 ** (header.per_hertz / 10));
}

const quantityOf = (header) => ({ log: "ln magnitude", magnitude: "magnitude", psd: "power" })[header.mode] ?? "value";
const withUnit = (header, text) => (header.unit ? `${text} ${header.unit}` : text);
const decibelText = (level) =>
  Number.isFinite(level) ? `${fixed(level, 1)} dB` : level === -Infinity ? `${MINUS}\u221e dB` : "";
const rangeText = (header, bin) =>
  header.bands?.name === "band"
    ? bandRange(header.bands, bin)
        .map((hertz) => formatFrequency(hertz))
        .join(" to ") + (header.bands.empty.includes(bin) ? ", no bin" : "")
    : "";
const frequencyText = (header, hertz, spacing = header.spacing) => {
  if (header.bands) return Number.isFinite(hertz) ? formatFrequency(hertz) : "";
  return header.has_rate ? formatFrequency(hertz, spacing) : `${short(hertz)} cycles/sample`;
};
const signed = (text) => (text === "" || text.startsWith(MINUS) || /^0(\.0*)?\D*$/.test(text) ? text : `+${text}`);
const capitalized = (text) => (/^(ln|log10) /.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1));

/** Create the readout. */
export function createReadout() {
  const live = h("output", { class: "specwidget-pointer", "aria-live": "off", text: HINT });
  const head = h("tr");
  const body = h("tbody");
  const table = h("table", { class: "specwidget-readings", hidden: true }, [
    h("caption", { class: "specwidget-hidden", text: "Readout" }),
    h("thead", {}, [head]),
    body,
  ]);
  const note = h("p", { class: "specwidget-muted specwidget-readout-note" });
  let shownTitles = "";

  function showColumns(columns) {
    const titles = columns.map(({ title }) => title).join();
    if (titles === shownTitles) return;
    shownTitles = titles;
    head.replaceChildren(
      h("td"),
      ...columns.map(({ name, title }) => h("th", { scope: "col", "data-name": name, text: title })),
    );
    body.replaceChildren();
  }

  // Rows are filled, not created anew: the pointer moves often.
  function showRow(index, title, columns, texts) {
    const cells = () => columns.map(({ name }) => h("td", { "data-name": name }));
    const row = body.rows[index] ?? body.appendChild(h("tr", {}, [h("th", { scope: "row" }), ...cells()]));
    setText(row.cells[0], title);
    for (const [i, { name }] of columns.entries()) setText(row.cells[i + 1], texts[name] ?? "");
  }

  return {
    el: h("div", { class: "specwidget-readout" }, [live, table, note]),
    /**
     * `rows` are [{title, texts}], `sentence` is about the latest change, `rest` stands there before one, `isAloud` is
     * whether screen readers speak it.
     */
    show({ columns, rows, sentence, rest, remark, isAloud }) {
      live.setAttribute("aria-live", isAloud ? "polite" : "off");
      setText(live, sentence || rest);
      // One line for the cursor; a table where pins are compared with it.
      const isTable = rows.length > 1;
      live.title = sentence || rest;
      live.classList.toggle("specwidget-hidden", isTable);
      table.hidden = !isTable;
      setText(note, remark);
      if (rows.length === 0) return body.replaceChildren();
      showColumns(columns);
      rows.forEach(({ title, texts }, i) => {
        showRow(i, title, columns, texts);
      });
      while (body.rows.length > rows.length) body.lastChild?.remove();
    },
  };
}

// Text that stays is left alone: setting it would end a selection, and make a live region speak again.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
