// The cursor and the pins: where keys and clicks take them, and what is known of their cells.
import { cellAt, centreOf, clampCell, frequencyOf, groupText, hertzAtPlace, pointAt } from "../../raster/cells.js";
import { columnOf, valueAt } from "../../raster/layers.js";
import { same } from "../../raster/region.js";
import { highlightOf, noiseBandwidth, resolutionBox, rowName } from "./marks.js";
import {
  columnsOf,
  describeCell,
  describeDifference,
  meanText,
  precisionText,
  resolutionText,
  toSentence,
  visibleText,
} from "./readout.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const MAX_PINS = 2;

/**
 * The cell that a key leads to; null for a key that moves nothing. Arrows move by one, with Shift by ten; Home and End
 * to the first and last frame, with Shift to the lowest and highest bin; PageUp and PageDown to the next panel.
 *
 * @param {Cell} cell
 * @param {{key: string, shiftKey: boolean}} event
 * @param {Header} header
 * @returns {Cell | null}
 */
export function moveCell(cell, { key, shiftKey }, header) {
  const to = (change) => ({ ...clampCell({ ...cell, ...change }, header), panel: cell.panel });
  const by = shiftKey ? 10 : 1;
  const arrow = ARROWS[key];
  if (arrow) return to({ frame: cell.frame + by * arrow[0], bin: cell.bin + by * arrow[1] });
  if (key === "Home") return to(shiftKey ? { bin: 0 } : { frame: 0 });
  if (key === "End") return to(shiftKey ? { bin: header.n_bins - 1 } : { frame: header.n_frames - 1 });
  const turn = { PageUp: -1, PageDown: 1 }[key];
  if (!turn || header.panels.length < 2) return null;
  return { ...cell, panel: Math.min(Math.max(cell.panel + turn, 0), header.panels.length - 1) };
}

/**
 * @param {Cell | null} a
 * @param {Cell | null} b
 */
export const isSameCell = (a, b) =>
  a === b || Boolean(a && b && a.frame === b.frame && a.bin === b.bin && a.panel === b.panel);

/**
 * The pins after a click on a cell: without it if it was pinned, else with it; a third pin begins a new pair.
 *
 * @param {Cell[]} pins
 * @param {Cell} cell
 */
export function togglePin(pins, cell) {
  const others = pins.filter((pin) => !isSameCell(pin, cell));
  if (others.length < pins.length) return others;
  return pins.length < MAX_PINS ? [...pins, cell] : [cell];
}

// The cells whose difference is displayed: both pins, or the pin and the cursor.
function pairOf(pins, cursor) {
  if (pins.length === MAX_PINS) return pins;
  return pins.length === 1 && cursor && !isSameCell(pins[0], cursor) ? [pins[0], cursor] : null;
}

/**
 * Create the cursor of a scene. It writes `cursor`, `pins` and what follows from them into the scene.
 *
 * @param {{
 *   scene: Scene,
 *   painter: any,
 *   readout: {show(about: any): void},
 *   frames: ReturnType<typeof import("./throttle.js").createFrameRequests>,
 *   layers: () => Layer[],
 *   onChange: (about: any) => void,
 * }} context `layers` are those that show the present settings, the sharpest first; `onChange` is told the cell in units.
 */
export function createCursor({ scene, painter, readout, frames, layers, onChange }) {
  let byKeys = false; // a cursor that was moved by keys stays when the pointer leaves
  /** @type {string | null} */
  let highlighted = null;
  /** @type {{window: Float32Array | null, bins: number | null}} */
  let bandwidth = { window: null, bins: null };

  /** @returns {Header} */
  const header = () => scene.picture.header;
  const titleOf = (title, cell) => (header().panels[cell.panel] ? `${title}, ${header().panels[cell.panel]}` : title);
  const middle = () => ({ frame: header().n_frames >> 1, bin: header().n_bins >> 2, panel: 0 });
  const current = () => scene.cursor ?? scene.pins.at(-1) ?? null;

  /** Bring everything that is displayed about the marked cells up to date. */
  function update() {
    const { cursor, pins } = scene;
    // The visible part has moved on.
    if (scene.mean && !same(scene.mean.region, scene.region)) scene.mean = null;
    const marked = [
      ...(cursor ? [{ title: "Cursor", cell: cursor }] : []),
      ...pins.map((cell, i) => ({ title: `Pin ${i + 1}`, cell })),
    ];
    frames.request(marked.map(({ cell }) => cell.frame));
    const rows = marked.map(({ title, cell }) => {
      const { value, group, isExact } = valueOf(cell);
      const texts = describeCell(header(), scene.timeUnit, cell, value);
      return { title: titleOf(title, cell), cell, value, group, isExact, texts };
    });
    updateMarks();
    const latest = cursor ? rows[0] : rows.at(-1);
    showRows(rows, latest);
    onChange(latest ? aboutCell(latest) : null);
  }

  function updateMarks() {
    const { cursor, pins } = scene;
    const cell = current();
    const { step_samples, left, window_length } = header();
    scene.highlight = highlighted ? highlightOf(highlighted, header(), cell ?? middle()) : null;
    scene.box = cursor ? resolutionAt(cursor) : null;
    scene.frame = cell
      ? { first: cell.frame * step_samples - left, length: window_length, window: frames.window() }
      : null;
    scene.curves = [
      ...meanSpectra(),
      ...pins.map((pin) => spectrumOf(pin, "pin")),
      ...(cursor ? [...otherSpectra(cursor), spectrumOf(cursor, "cursor")] : []),
    ];
  }

  function showRows(rows, latest) {
    const { cursor, pins } = scene;
    const pair = pairOf(pins, cursor);
    const title = latest && (cursor ? header().panels[latest.cell.panel] : latest.title);
    readout.show({
      columns: columnsOf(header()),
      rows: pair ? [...rows, differenceOf(pair)] : rows,
      sentence: latest ? toSentence(header(), title, latest.texts, latest.group, meanAt(latest.cell)) : "",
      rest: [scene.gaps, visibleText(header(), scene.timeUnit, scene.region, scene.mean)].filter(Boolean).join(" "),
      remark: remarkOf(latest),
      isAloud: byKeys,
    });
  }

  const meanAt = ({ bin }) => (scene.mean ? meanText(header(), scene.mean.values[bin]) : "");

  const aboutCell = ({ cell, value }) => ({
    frame: cell.frame,
    bin: cell.bin,
    sample: centreOf(header(), cell.frame),
    hz: hertzAtPlace(header(), frequencyOf(header(), cell.bin)),
    value,
    pinned: scene.pins.some((pin) => isSameCell(pin, cell)),
  });

  function differenceOf(pair) {
    const values = pair.map((cell) => valueOf(cell).value);
    const title = scene.pins.length === 2 ? "Pin 2 \u2212 pin 1" : "Cursor \u2212 pin 1";
    return { title, texts: describeDifference(header(), scene.timeUnit, pair, values) };
  }

  function remarkOf(latest) {
    const parts = [
      latest && Number.isNaN(latest.value) && scene.gaps,
      latest?.group && `The value is the ${latest.group}.`,
      latest && !latest.isExact && precisionText(header()),
      scene.box && resolutionText(header(), scene.timeUnit, scene.box),
      scene.highlight && `Marked: ${scene.highlight.caption}.`,
    ];
    return parts.filter(Boolean).join(" ");
  }

  // The exact value once the kernel has sent its frame, before that what the picture has there, and for which cells.
  function valueOf(cell) {
    const exact = frames.get(cell.frame);
    if (exact) return { value: exact.values[cell.panel * header().n_bins + cell.bin], group: "", isExact: true };
    const found = valueAt(layers(), cell);
    return found
      ? {
          value: found.value,
          group: groupText(header().kind, found.frames, found.bins, rowName(header())),
          isExact: false,
        }
      : { value: NaN, group: "", isExact: true };
  }

  /** @returns {Curve[]} */
  const meanSpectra = () =>
    scene.mean ? [{ role: "mean", values: [scene.mean.values], spacing: header().spacing }] : [];

  /** @returns {Curve[]} */
  function otherSpectra({ frame }) {
    const other = frames.get(frame)?.other;
    if (!other) return [];
    const nBins = other.values.length / header().panels.length;
    const values = header().panels.map((_, i) => other.values.subarray(i * nBins, (i + 1) * nBins));
    return [{ role: "other", values, spacing: other.spacing }];
  }

  /**
   * @param {Cell} cell
   * @param {"cursor" | "pin"} role
   * @returns {Curve}
   */
  function spectrumOf({ frame }, role) {
    const { n_bins, panels } = header();
    const exact = frames.get(frame)?.values;
    const values = panels.map((_, i) => exact?.subarray(i * n_bins, (i + 1) * n_bins) ?? columnOf(layers(), frame, i));
    return { role, values, spacing: header().spacing };
  }

  function resolutionAt({ frame, bin }) {
    const window = frames.window();
    if (window !== bandwidth.window) bandwidth = { window, bins: window && noiseBandwidth(window) };
    return bandwidth.bins !== null && Number.isFinite(bandwidth.bins)
      ? resolutionBox(header(), bandwidth.bins, frame, bin)
      : null;
  }

  // The cell that a part of the stage points at. A spectrum has no time and the waveform no frequency: there the present
  // frame or bin stays.
  function cellOf({ part, panel, across, up }) {
    const withPanel = (cell, index) => cell && { ...cell, panel: index };
    const point = pointAt(scene.region, painter.shape.scale, across, up);
    if (part === "plot") return withPanel(cellAt(header(), point), panel);
    const from = current() ?? middle();
    if (part === "spectrum")
      return withPanel(cellAt(header(), { sample: centreOf(header(), from.frame), hz: point.hz }), panel);
    return part === "waveform"
      ? withPanel(cellAt(header(), { sample: point.sample, hz: frequencyOf(header(), from.bin) }), from.panel)
      : null;
  }

  function redraw() {
    update();
    painter.drawMarks(scene);
  }

  /**
   * Set the cursor.
   *
   * @param {Cell | null} cell
   * @param {boolean} isKey Whether a key moved it: then screen readers speak it.
   */
  function place(cell, isKey = false) {
    if (!scene.picture || (isSameCell(cell, scene.cursor) && isKey === byKeys)) return;
    scene.cursor = cell;
    byKeys = isKey && cell !== null;
    redraw();
  }

  function pin(cell) {
    if (!cell) return;
    scene.pins = togglePin(scene.pins, cell);
    redraw();
  }

  return {
    current,
    middle,
    update,
    redraw,
    place,
    pin: () => pin(scene.cursor),
    pinAt: (point) => pin(cellOf(point)),
    /** Remove the pins, or the cursor where there is none. */
    clear() {
      if (scene.pins.length) scene.pins = [];
      else scene.cursor = null;
      redraw();
    },
    hover(point) {
      if (!scene.picture || !painter.shape.layout) return;
      if (point && ["plot", "spectrum", "waveform"].includes(point.part)) place(cellOf(point));
      else if (!byKeys) place(null);
    },
    /** Mark what a word about the framing means; null marks nothing. */
    highlight(what) {
      highlighted = what;
      if (scene.picture && painter.shape.layout) redraw();
    },
  };
}
