// The visible part of the spectrogram and what changes it. What is loaded is drawn at once; the kernel sends sharper
// values once the view rests.
import { cellAt, centreOf, frequencyOf, pointAt, remapCell } from "../../raster/cells.js";
import { isSameThing } from "../../raster/layers.js";
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
import { createCursor, moveCell } from "./cursor.js";

const ZOOM = 0.5; // factor of a key or a button
const PAN = 0.25; // part of what is visible

/** @returns {Scene} */
const emptyScene = () => ({
  picture: null,
  whole: null,
  waves: [],
  peak: 0,
  region: null,
  cursor: null,
  pins: [],
  curves: [],
  drag: null,
  box: null,
  frame: null,
  highlight: null,
  table: "",
  range: [0, 1],
  axis: "linear",
  timeUnit: "seconds",
  gaps: "",
  compared: [],
  mean: null,
});

/**
 * Create the viewport with its scene and cursor.
 *
 * @param {{
 *   painter: any,
 *   readout: {show(about: any): void},
 *   frames: ReturnType<typeof import("./throttle.js").createFrameRequests>,
 *   display: (header: Header) => any,
 *   on: {region(region: Region): void, cursor(about: any): void, painted(header: Header): void},
 * }} context `display` gives what the controls say: {table, range(automatic), axis, timeUnit, gaps, compared}; `on.region` is called
 *   when the region was moved here, `on.cursor` with the cursor in units, `on.painted` after each drawing but of the overview, the waveform or
 *   the marks alone.
 */
export function createViewport({ painter, readout, frames, display, on }) {
  const scene = emptyScene();
  const { shape } = painter;
  const layers = () => [scene.picture, scene.whole].filter((layer) => layer && isSameThing(layer, scene.picture));
  const cursor = createCursor({ scene, painter, readout, frames, layers, onChange: on.cursor });
  let pendingDraw = 0; // an animation frame

  /** @returns {Header} */
  const header = () => scene.picture.header;

  function readDisplay() {
    const { range, ...choices } = display(header());
    Object.assign(scene, { ...choices, range: range(header().automatic) });
  }

  /** Resample the picture and draw everything. */
  function redraw() {
    if (!scene.picture || !painter.size()[0]) return;
    readDisplay();
    painter.reshape(scene);
    repaint();
  }

  /** Draw everything with other colours, at the same places. */
  function repaint() {
    if (!shape.layout) return;
    readDisplay();
    cursor.update();
    painter.paint(scene);
    on.painted(header());
  }

  function setRegion(region) {
    const fitted = fit(region, header());
    if (same(fitted, scene.region)) return false;
    scene.region = fitted;
    // Several moves of the pointer or wheel between two screen refreshes are drawn once.
    cancelAnimationFrame(pendingDraw);
    pendingDraw = requestAnimationFrame(redraw);
    on.region(fitted);
    return true;
  }

  const navigation = createNavigation({ scene, shape, cursor, setRegion });
  const actions = { ...navigation.actions, pin: cursor.pin, clear: cursor.clear };

  /** Move the cursor by a key; return whether the key does that. */
  function step(event) {
    const next = moveCell(scene.cursor ?? startCell(), event, header());
    if (!next) return false;
    const at = { sample: centreOf(header(), next.frame), hz: frequencyOf(header(), next.bin) };
    setRegion(reveal(scene.region, header(), shape.fullScale, at));
    cursor.place(next, true);
    return true;
  }
  const startCell = () => ({ ...(cellAt(header(), navigation.anchor()) ?? cursor.middle()), panel: 0 });

  return {
    scene,
    redraw,
    repaint,
    setRegion,
    pan: navigation.pan,
    moveTo: navigation.moveTo,
    zoom: navigation.zoomAt,
    showAll: navigation.showAll,
    zoomToBox: navigation.zoomToBox,
    hover: cursor.hover,
    pinAt: cursor.pinAt,
    highlight: cursor.highlight,
    updateFrames: cursor.redraw,
    step,
    act: (action) => actions[action]?.(),
    isWhole: () => isWhole(scene.region, header()),
    drag(drag) {
      if (!drag && !scene.drag) return;
      scene.drag = drag;
      painter.drawMarks(scene);
    },
    /**
     * Show a picture.
     *
     * @param {Layer} picture
     * @param {Region | null} region What is visible of another sound; null keeps the region.
     */
    show(picture, region) {
      const before = scene.picture;
      scene.picture = picture;
      if (before?.header.version !== picture.header.version) scene.mean = null;
      if (region) Object.assign(scene, { region, pins: [] });
      if (before && !isSameThing(before, picture)) {
        scene.cursor &&= remapCell(scene.cursor, before.header, picture.header);
        scene.pins = scene.pins.map((pin) => remapCell(pin, before.header, picture.header));
      }
      redraw();
    },
    showWhole(whole) {
      scene.whole = whole;
      // It lies under a picture of a part, and not under one of the whole sound.
      if (!shape.layout || !header().is_whole) return redraw();
      painter.reshapeOverview(scene);
      painter.paintOverview(scene);
    },
    showWaveform(waves, peak) {
      Object.assign(scene, { waves, peak });
      if (scene.picture && shape.layout) painter.paintWaveform(scene);
    },
    stop: () => cancelAnimationFrame(pendingDraw),
  };
}

// Zooming and panning of a scene's region, by actions and by pointer.
function createNavigation({ scene, shape, cursor, setRegion }) {
  const header = () => scene.picture.header;
  const pointOf = ({ across, up }) => pointAt(scene.region, shape.scale, across, up);

  // What stays in place when a key zooms: the marked cell if it is visible, else the middle.
  function anchor() {
    const { first, last } = scene.region;
    const cell = cursor.current();
    const sample = cell ? centreOf(header(), cell.frame) : NaN;
    const hertz = cell ? frequencyOf(header(), cell.bin) : NaN;
    const height = shape.scale.toUnit(hertz);
    return {
      sample: sample >= first && sample <= last ? sample : (first + last) / 2,
      hz: height >= 0 && height <= 1 ? hertz : shape.scale.invert(0.5),
    };
  }

  const zoom = {
    time: (at, factor) => setRegion(zoomTime(scene.region, header(), at.sample, factor)),
    frequency: (at, factor) => setRegion(zoomFrequency(scene.region, shape.fullScale, at.hz, factor)),
  };

  /** Pan by fractions of what is visible. */
  function pan(across, up) {
    const { first, last } = scene.region;
    const [low, high] = shape.scale.domain.map(shape.fullScale.toUnit);
    const moved = across ? panTime(scene.region, header(), across * (last - first)) : scene.region;
    return setRegion(up ? panFrequency(moved, shape.fullScale, up * (high - low)) : moved);
  }

  /** Move the region so that it begins at a sample and at a position of the whole frequency axis. */
  function moveTo(first, low) {
    const { region } = scene;
    const { fullScale } = shape;
    // The bottom of a logarithmic axis lies above 0 Hz, whose position is below 0.
    const [from, to] = [region.low, region.high].map((part) => Math.max(0, fullScale.toUnit(part * header().top)));
    return pan((first - region.first) / (region.last - region.first), (low - from) / (to - from));
  }

  /** Show everything along one axis, or along both. */
  function showAll(axis) {
    const all = wholeOf(header());
    const { first, last, low, high } = scene.region;
    setRegion({ time: { ...all, low, high }, frequency: { ...all, first, last } }[axis] ?? all);
  }

  return {
    anchor,
    pan,
    moveTo,
    showAll,
    zoomAt: (axis, point, factor) => zoom[axis](pointOf(point), factor),
    zoomToBox: (from, to, axes) =>
      setRegion(between(scene.region, header(), shape.fullScale, pointOf(from), pointOf(to), axes)),
    actions: {
      timeIn: () => zoom.time(anchor(), ZOOM),
      timeOut: () => zoom.time(anchor(), 1 / ZOOM),
      frequencyIn: () => zoom.frequency(anchor(), ZOOM),
      frequencyOut: () => zoom.frequency(anchor(), 1 / ZOOM),
      left: () => pan(-PAN, 0),
      right: () => pan(PAN, 0),
      up: () => pan(0, PAN),
      down: () => pan(0, -PAN),
      reset: () => showAll(),
    },
  };
}
