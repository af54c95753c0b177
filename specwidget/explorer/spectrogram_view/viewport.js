// The picture's scene and what changes it: region, cursor, pins and highlight. What is drawn follows at once from what
// is loaded; sharper values are asked for by `ask`.
import { remapCell, cellAt, centreOf, frequencyOf, groupText, pointAt } from "../../raster/cells.js";
import { isSame, moved, pairOf, pinned } from "./cursor.js";
import { highlightOf } from "./highlight.js";
import { columnOf, isSameThing, valueAt } from "../../raster/layers.js";
import { boxText, columnsOf, describe, describeDifference, sentence } from "./reading.js";
import {
  between,
  fit,
  isWhole,
  panFrequency,
  panTime,
  reveal,
  same,
  wholeOf,
  zoomFrequency,
  zoomTime,
} from "../../raster/region.js";
import { boxOf, noiseBandwidth } from "./resolution.js";

const ZOOM = 0.5; // of a key or a button
const PAN = 0.25; // of what is visible

// `look()` gives what the controls say: {table, range(automatic), axis, timeUnit}. `on` has region (it was moved here),
// cursor (what other panels hear of it) and painted.
export function makeScope({ painter, readout, frames, look, on }) {
  const scene = {
    picture: null,
    whole: null,
    waves: [],
    reach: 0,
    region: null,
    cursor: null,
    pins: [],
    curves: [],
    drag: null,
  };
  const { shape } = painter;
  let byKeys = false; // whether the cursor was moved by keys: then it stays when the pointer leaves
  let bandwidth = { of: null, bins: null };
  let what = null;
  let under = 0; // an animation frame to come

  const header = () => scene.picture.header;
  const layers = () => [scene.picture, scene.whole].filter((layer) => layer && isSameThing(layer, scene.picture));

  function readLook() {
    const { table, range, axis, timeUnit } = look(header());
    Object.assign(scene, { table, range: range(header().automatic), axis, timeUnit });
  }

  function redraw() {
    if (!scene.picture || !painter.size()[0]) return;
    readLook();
    painter.reshape(scene);
    repaint();
  }

  function repaint() {
    if (!shape.place) return;
    readLook();
    read();
    painter.paint(scene);
    on.painted(header());
  }

  // Many moves of a wheel or a pointer are one drawing.
  function redrawSoon() {
    cancelAnimationFrame(under);
    under = requestAnimationFrame(redraw);
  }

  // Region

  function setRegion(region) {
    const fitted = fit(region, header());
    if (same(fitted, scene.region)) return false;
    scene.region = fitted;
    redrawSoon();
    on.region(fitted);
    return true;
  }

  const anchor = () => {
    const { first, last } = scene.region;
    const cell = scene.cursor ?? scene.pins.at(-1);
    const sample = cell ? centreOf(header(), cell.frame) : NaN;
    const hertz = cell ? frequencyOf(header(), cell.bin) : NaN;
    const place = shape.scale.toUnit(hertz);
    return {
      sample: sample >= first && sample <= last ? sample : (first + last) / 2,
      hz: place >= 0 && place <= 1 ? hertz : shape.scale.invert(0.5),
    };
  };

  const zoom = {
    time: (at, factor) => setRegion(zoomTime(scene.region, header(), at.sample, factor)),
    frequency: (at, factor) => setRegion(zoomFrequency(scene.region, shape.full, at.hz, factor)),
  };
  // By parts of what is visible.
  const pan = (across, up) => {
    const { first, last } = scene.region;
    const [low, high] = shape.scale.domain.map(shape.full.toUnit);
    const moved = across ? panTime(scene.region, header(), across * (last - first)) : scene.region;
    return setRegion(up ? panFrequency(moved, shape.full, up * (high - low)) : moved);
  };
  const showAll = (axis) => {
    const all = wholeOf(header());
    const { first, last, low, high } = scene.region;
    setRegion({ time: { ...all, low, high }, frequency: { ...all, first, last } }[axis] ?? all);
  };

  const actions = {
    timeIn: () => zoom.time(anchor(), ZOOM),
    timeOut: () => zoom.time(anchor(), 1 / ZOOM),
    frequencyIn: () => zoom.frequency(anchor(), ZOOM),
    frequencyOut: () => zoom.frequency(anchor(), 1 / ZOOM),
    left: () => pan(-PAN, 0),
    right: () => pan(PAN, 0),
    up: () => pan(0, PAN),
    down: () => pan(0, -PAN),
    reset: () => showAll(),
    pin: () => pin(scene.cursor),
    clear,
  };

  // Cursor and pins

  function point(cell, aloud = false) {
    if (!scene.picture || (isSame(cell, scene.cursor) && aloud === byKeys)) return;
    scene.cursor = cell;
    byKeys = aloud && cell !== null;
    read();
    painter.mark(scene);
  }

  function pin(cell) {
    if (!cell) return;
    scene.pins = pinned(scene.pins, cell);
    read();
    painter.mark(scene);
  }

  function clear() {
    if (scene.pins.length) scene.pins = [];
    else scene.cursor = null;
    read();
    painter.mark(scene);
  }

  function step(event) {
    const start = () => {
      const { sample, hz } = anchor();
      return {
        ...(cellAt(header(), { sample, hz }) ?? { frame: header().n_frames >> 1, bin: header().n_bins >> 2 }),
        panel: 0,
      };
    };
    const next = moved(scene.cursor ?? start(), event, header());
    if (!next) return false;
    const at = { sample: centreOf(header(), next.frame), hz: frequencyOf(header(), next.bin) };
    setRegion(reveal(scene.region, header(), shape.full, at));
    point(next, true);
    return true;
  }

  // What is known of the cells that are marked, in the readout, in the spectra and to other panels.
  function read() {
    const { cursor, pins } = scene;
    const head = header();
    const shown = [
      ...(cursor ? [{ title: "Cursor", cell: cursor }] : []),
      ...pins.map((cell, i) => ({ title: `Pin ${i + 1}`, cell })),
    ];
    frames.want(shown.map(({ cell }) => cell.frame));
    const rows = shown.map(({ title, cell }) => ({ title: named(title, cell), cell, ...valueOf(cell) }));
    for (const row of rows) row.words = describe(head, scene.timeUnit, row.cell, row.value);
    const last = cursor ? rows[0] : rows.at(-1);
    const pair = pairOf(pins, cursor);
    const all = pair ? [...rows, differenceOf(pair)] : rows;
    const cell = cursor ?? pins.at(-1) ?? null;
    scene.highlight = what ? highlightOf(what, head, cell ?? middle()) : null;
    scene.box = cursor ? boxAt(cursor) : null;
    scene.frame = cell
      ? { first: cell.frame * head.step_samples - head.left, length: head.window_length, window: frames.window() }
      : null;
    scene.curves = [...pins.map((each) => curveOf(each, false)), ...(cursor ? [curveOf(cursor, true)] : [])];
    readout.show({
      names: columnsOf(head),
      rows: all,
      sentence: last ? sentence(head, cursor ? panelOf(last.cell) : last.title, last.words, last.group) : "",
      remark: remarkOf(last),
      aloud: byKeys,
    });
    on.cursor(
      last
        ? {
            frame: cell.frame,
            bin: cell.bin,
            sample: centreOf(head, cell.frame),
            hz: frequencyOf(head, cell.bin),
            value: last.value,
            pinned: pins.some((each) => isSame(each, cell)),
          }
        : null,
    );
  }

  const panelOf = ({ panel }) => header().panels[panel];
  const named = (title, cell) => (panelOf(cell) ? `${title}, ${panelOf(cell)}` : title);
  const middle = () => ({ frame: header().n_frames >> 1, bin: header().n_bins >> 2, panel: 0 });

  function differenceOf(pair) {
    const values = pair.map((cell) => valueOf(cell).value);
    const title = scene.pins.length === 2 ? "Pin 2 \u2212 pin 1" : "Cursor \u2212 pin 1";
    return { title, words: describeDifference(header(), scene.timeUnit, pair, values) };
  }

  function remarkOf(last) {
    const parts = [
      last?.group && `The value is the ${last.group}.`,
      scene.box && boxText(header(), scene.timeUnit, scene.box),
      scene.highlight && `Marked: ${scene.highlight.caption}.`,
    ];
    return parts.filter(Boolean).join(" ");
  }

  // The exact value where the kernel has given it, else what the picture shows there, and for which group of cells.
  function valueOf(cell) {
    const exact = frames.get(cell.frame);
    if (exact) return { value: exact.values[cell.panel * header().n_bins + cell.bin], group: "" };
    const found = valueAt(layers(), cell);
    return found
      ? { value: found.value, group: groupText(header().kind, found.frames, found.bins) }
      : { value: NaN, group: "" };
  }

  function curveOf({ frame }, isCursor) {
    const bins = header().n_bins;
    const exact = frames.get(frame)?.values;
    return {
      isCursor,
      values: header().panels.map((_, i) => exact?.subarray(i * bins, (i + 1) * bins) ?? columnOf(layers(), frame, i)),
    };
  }

  function boxAt({ frame, bin }) {
    const window = frames.window();
    if (window !== bandwidth.of) bandwidth = { of: window, bins: window && noiseBandwidth(window) };
    return Number.isFinite(bandwidth.bins) && bandwidth.bins !== null
      ? boxOf(header(), bandwidth.bins, frame, bin)
      : null;
  }

  // The cell that a part of the stage points at; beside the picture the frame or the bin stays.
  function cellOf({ part, panel, across, up }) {
    const point = pointAt(scene.region, shape.scale, across, up);
    if (part === "plot") {
      const cell = cellAt(header(), point);
      return cell && { ...cell, panel };
    }
    const from = scene.cursor ?? scene.pins.at(-1) ?? middle();
    const middleSample = centreOf(header(), from.frame);
    if (part === "spectrum") return withPanel(cellAt(header(), { sample: middleSample, hz: point.hz }), panel);
    return part === "strip"
      ? withPanel(cellAt(header(), { sample: point.sample, hz: frequencyOf(header(), from.bin) }), from.panel)
      : null;
  }
  const withPanel = (cell, panel) => cell && { ...cell, panel };

  return {
    scene,
    redraw,
    repaint,
    setRegion,
    pan,
    zoom: (axis, part, factor) => zoom[axis](pointAt(scene.region, shape.scale, part.across, part.up), factor),
    showAll,
    box(from, to, axes) {
      const points = [from, to].map(({ across, up }) => pointAt(scene.region, shape.scale, across, up));
      setRegion(between(scene.region, header(), shape.full, ...points, axes));
    },
    drag(drag) {
      if (!drag && !scene.drag) return;
      scene.drag = drag;
      painter.mark(scene);
    },
    hover(part) {
      if (!scene.picture || !shape.place) return;
      if (part && ["plot", "spectrum", "strip"].includes(part.part)) point(cellOf(part));
      else if (!byKeys) point(null);
    },
    pinAt: (part) => pin(cellOf(part)),
    step,
    act: (action) => actions[action]?.(),
    does: (action) => action in actions,
    highlight(name) {
      what = name;
      if (scene.picture && shape.place) {
        read();
        painter.mark(scene);
      }
    },
    frameArrived() {
      read();
      painter.mark(scene);
    },
    isWhole: () => isWhole(scene.region, header()),
    // A new picture: `region` is what is visible of it where the sound is another one.
    show(picture, region) {
      const before = scene.picture;
      scene.picture = picture;
      if (region) Object.assign(scene, { region, pins: [] });
      if (before && !isSameThing(before, picture)) {
        scene.cursor &&= remapCell(scene.cursor, before.header, picture.header);
        scene.pins = scene.pins.map((each) => remapCell(each, before.header, picture.header));
      }
      redraw();
    },
    showWhole(whole) {
      scene.whole = whole;
      // It lies under a part of the sound, and not under all of it.
      if (!shape.place || !header().is_whole) return redraw();
      painter.reshapeOverview(scene);
      repaint();
    },
    showWaves(waves, reach) {
      Object.assign(scene, { waves, reach });
      if (scene.picture && shape.place) painter.paintStrip(scene);
    },
    stop: () => cancelAnimationFrame(under),
  };
}
