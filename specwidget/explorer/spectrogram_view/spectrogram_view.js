// The spectrogram and what is locked to it: overview, waveform, spectra, cursor, playhead. Colours, range, axes, cursor
// and zoom need no kernel; it is asked for sharper values, exact frames and sound.
import { layerFrom, toTypedArray } from "../../charts/buffers.js";
import { h } from "../../charts/dom.js";
import { isDark, onThemeChange } from "../../charts/theme.js";
import { formatDuration, formatHertz } from "../../summary/quantities.js";
import { fromVisible, same, toVisible } from "../../raster/region.js";
import { createField, createForm, initView } from "../../widgets/fields.js";
import { onPageEvent, sendPageEvent } from "../page_events.js";
import { isSameEnvelope, peakOf } from "./envelope.js";
import { actionForKey, attachPointer } from "./interaction.js";
import { createOverview } from "./overview.js";
import { createPainter } from "./painter.js";
import { createPlayback } from "./playback.js";
import { createReadout, regionText } from "./readout.js";
import { createFrameRequests, throttleTrailing } from "./throttle.js";
import { createToolbar, reconstructionTexts } from "./toolbar.js";
import { createViewport } from "./viewport.js";

const EMPTY = "Nothing to show yet: the current settings don\u2019t fit this sound.";
const NO_DECIBELS = "Values of this mode are signed or angles, and have no decibels.";
const PREVIEW_DELAY = 400; // ms before a preview is called one: most are exact before that
const MEAN_DELAY = 300; // ms without a change after which the mean spectrum is computed
const SIZE_STEP = 64; // pixels; the size that the kernel is told changes in steps, so that few pictures are computed

function render({ model, el }) {
  const view = createView(model, el);
  const detach = [listenToModel(view), listenToPage(view), listenToOtherPanels(view)];
  listenToUser(view);
  showFields(view);
  showErrors(view);
  view.playback.showState("idle", 1);
  model.send({ kind: "want" });
  return () => {
    for (const stop of detach) stop();
    for (const timer of Object.values(view.status)) clearTimeout(timer);
    view.visible.stop();
    view.viewport.stop();
    view.playback.close();
  };
}

// Everything that the view consists of, put together and placed in `el`.
function createView(model, el) {
  const form = createForm(model);
  const fields = new Map(model.get("table").map((control) => [control.name, createField(control, form)]));
  const elements = createElements();
  const send = (content) => model.send(content);
  const overview = createOverview({
    move: (first, low) => viewport.moveTo(first, low),
    resize: (first, last) => viewport.setRegion({ ...scene.region, first, last }),
    key: (event) => press(view, event, true),
  });
  const display = { id: form.id("display"), fields: [...fields.values()].map((field) => field.el) };
  const toolbar = createToolbar(
    (action) => act(view, action),
    display,
    (speed) => playback.setSpeed(speed),
  );
  const readout = createReadout();
  const frames = createFrameRequests((frame) => send({ kind: "frame", frame }));
  const visible = throttleTrailing((value) => form.set("visible", value));
  const painter = createPainter({ ...elements, overview });
  const viewport = createViewport({
    painter,
    readout,
    frames,
    display: (header) => readDisplay(model, header),
    on: {
      region: (region) => visible.set(toVisible(region, scene.picture.header)),
      cursor: createCursorEvents(el),
      painted: (header) => onPainted(view, header),
    },
  });
  const { scene } = viewport;
  const { stage, waveform } = elements;
  const { shape } = painter;
  const playback = createPlayback({ root: el, stage, waveform, scene, shape, toolbar, send, pan: viewport.pan });
  /** @type {{whole: Envelope | null, fine: Envelope | null}} Of the whole channel, and of its visible part. */
  const waves = { whole: null, fine: null };
  /** @type {Record<string, ReturnType<typeof setTimeout> | undefined>} Until a preview is called one; until a rest. */
  const status = { timer: undefined, mean: undefined };
  const view = {
    ...{ model, el, form, fields, elements, overview, toolbar, readout, frames, visible, painter, viewport },
    ...{ scene, playback, waves, status },
  };
  arrange(view);
  return view;
}

function createElements() {
  const createCanvas = () => /** @type {HTMLCanvasElement} */ (h("canvas", { "aria-hidden": "true" }));
  const [canvas, marksCanvas, waveformCanvas, waveformMarks] = Array.from({ length: 4 }, createCanvas);
  const empty = h("p", { class: "specwidget-empty", text: EMPTY });
  const stage = h(
    "div",
    { class: "specwidget-stage", role: "application", "aria-roledescription": "spectrogram", tabindex: 0 },
    [canvas, marksCanvas, empty],
  );
  const waveform = h(
    "div",
    {
      class: "specwidget-waveform",
      role: "img",
      "aria-label": "Waveform",
      title: "Click to move the playhead; drag to zoom.",
    },
    [waveformCanvas, waveformMarks],
  );
  const preview = h("p", { class: "specwidget-preview", role: "status", hidden: true });
  return { canvas, marksCanvas, waveformCanvas, waveformMarks, empty, stage, waveform, preview };
}

function arrange({ el, elements, overview, toolbar, readout, playback }) {
  const { stage, waveform, preview } = elements;
  const layers = h("div", { class: "specwidget-layers" }, [
    overview.el,
    waveform,
    stage,
    playback.playhead,
    playback.clock,
    h("div", { class: "specwidget-remarks" }, [playback.refusal, playback.remark, preview]),
  ]);
  initView(el, "specwidget-spectrogram");
  el.replaceChildren(toolbar.el, layers, readout.el, playback.audio);
}

// What the controls say about drawing.
function readDisplay(model, header) {
  const tables = model.get("colour_tables");
  const chosen = model.get("value_range");
  // Fields hand over what was typed, so a range may be half written.
  const isUsable = Array.isArray(chosen) && chosen.every(Number.isFinite) && chosen[0] < chosen[1];
  const automaticMap = (isDark() && model.get("dark_maps")[header.kind]) || model.get("default_maps")[header.kind];
  return {
    table: tables[model.get("colour_map")] ?? tables[automaticMap],
    range: (automatic) => (isUsable ? chosen : automatic),
    axis: model.get("frequency_axis"),
    timeUnit: model.get("time_axis"),
    gaps: model.get("gaps"),
    compared: model.get("compared"),
  };
}

function onPainted(view, header) {
  const { el, elements, scene, painter, overview, toolbar, viewport, playback } = view;
  elements.stage.dataset.serial = header.serial;
  overview.show(
    { header, region: scene.region, full: painter.shape.fullScale },
    regionText(scene.picture.header, scene.timeUnit, scene.region),
  );
  toolbar.disable("reset", viewport.isWhole() ? "The whole sound is shown." : "");
  playback.showPosition();
  requestMean(view);
  el.dispatchEvent(new CustomEvent("specwidget-painted", { detail: header, bubbles: true }));
}

const visibleOf = ({ region: { first, last, low, high } }) => [first, last, low, high];

// Ask for the mean spectrum of the visible part once it rests: no slider waits for it.
function requestMean({ scene, status, model }) {
  clearTimeout(status.mean);
  const { has_decibels: hasLevels, bands } = scene.picture.header;
  if (scene.mean || !(hasLevels || bands)) return;
  status.mean = setTimeout(() => model.send({ kind: "mean", visible: visibleOf(scene) }), MEAN_DELAY);
}

// Tell other panels of the page of each change of the cursor.
function createCursorEvents(el) {
  let lastSent = "";
  return (detail) => {
    const text = JSON.stringify(detail);
    if (text === lastSent) return;
    lastSent = text;
    sendPageEvent(el, "cursor", detail);
  };
}

// Actions of the user

const isDrawn = ({ scene, painter }) => Boolean(scene.picture && painter.shape.layout);

function act(view, action) {
  if (view.playback.actions[action]) view.playback.actions[action]();
  else if (isDrawn(view)) view.viewport.act(action);
}

// Do what a key is for; return whether it is used. On the overview the arrows move the visible part.
function press(view, event, isOverview = false) {
  if (!isDrawn(view)) return false;
  const { key, altKey, ctrlKey, metaKey } = event;
  const isPan = isOverview && key.startsWith("Arrow");
  const action = actionForKey({ key, altKey: altKey || isPan, ctrlKey, metaKey });
  if (action === "clear" && view.pointer?.cancel()) return true;
  if (action) act(view, action);
  return action !== null || (!isOverview && !ctrlKey && !metaKey && view.viewport.step(event));
}

function listenToUser(view) {
  const { elements, scene, painter, viewport, playback } = view;
  const { stage, waveform } = elements;
  const navigation = {
    drag: viewport.drag,
    pan: viewport.pan,
    zoom: viewport.zoom,
    showAll: viewport.showAll,
    box: viewport.zoomToBox,
  };
  view.pointer = attachPointer(stage, () => scene.picture && painter.shape.layout, {
    ...navigation,
    hover: viewport.hover,
    click: viewport.pinAt,
  });
  // The waveform has the time axis alone.
  const timeOnly = { time: true, frequency: false };
  attachPointer(waveform, () => scene.picture && painter.waveformLayout(), {
    ...navigation,
    hover: (point) => viewport.hover(point && { ...point, part: point.part === "plot" ? "waveform" : "" }),
    click: ({ across }) => playback.seek(scene.region.first + across * (scene.region.last - scene.region.first)),
    drag: (drag) => viewport.drag(drag && { ...drag, panel: 0, ...timeOnly }),
    box: (from, to) => viewport.zoomToBox(from, to, timeOnly),
  });
  stage.addEventListener("keydown", (event) => {
    if (!press(view, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// Messages of the kernel

const RECEIVERS = {
  picture: showPicture,
  overview: (view, header, buffers) => view.viewport.showWhole(layerFrom(header, buffers)),
  waveform(view, header, buffers) {
    view.waves.fine = envelopeFrom(header, buffers);
    showWaveform(view);
  },
  waveform_overview(view, header, buffers) {
    const before = view.waves.whole;
    view.waves.whole = envelopeFrom(header, buffers);
    if (before && !isSameEnvelope(before, view.waves.whole)) view.playback.discard(header.serial);
    showWaveform(view);
  },
  slice(view, header, buffers) {
    const [values, samples, window, others] = buffers.map((buffer) => toTypedArray(buffer, Float32Array));
    const other = header.other ? { values: others, spacing: header.other.spacing } : null;
    view.frames.receive(header.frame, { values, samples, window, other });
    if (isDrawn(view)) view.viewport.updateFrames();
  },
  mean(view, header, [values]) {
    const { scene } = view;
    if (!isDrawn(view) || String(header.visible) !== String(visibleOf(scene))) return;
    scene.mean = { ...header, region: scene.region, values: toTypedArray(values, Float32Array) };
    view.viewport.updateFrames();
  },
  sound: (view, header, buffers) => view.playback.receive(header, buffers[0]),
};

function showPicture(view, header, buffers) {
  const { scene, elements, fields, frames, playback, toolbar, viewport } = view;
  const before = scene.picture?.header;
  const isSameSound = before && ["name", "n_samples", "duration"].every((name) => before[name] === header[name]);
  // The version stays when another part of the same result becomes visible.
  const isSameResult = header.version === before?.version;
  if (!isSameResult) frames.clear();
  elements.empty.hidden = true;
  fields.get("decibels")?.disable(header.has_decibels ? "" : NO_DECIBELS);
  playback.setRate(header.has_rate);
  toolbar.describe("reconstruction", ...reconstructionTexts(header));
  if (!isSameResult) playback.invalidate(header.serial);
  viewport.show(layerFrom(header, buffers), isSameSound ? null : fromVisible(header.visible, header));
  showFields(view);
  showStatus(view);
  showLabel(view);
}

function showLabel({ model, scene, elements }) {
  if (!scene.picture) return;
  const label = [stageLabel(scene.picture.header), model.get("gaps")].filter(Boolean).join(" ");
  elements.stage.setAttribute("aria-label", label);
}

function showWaveform({ viewport, waves }) {
  const envelopes = [waves.fine, waves.whole].filter(Boolean);
  viewport.showWaveform(envelopes, waves.whole ? peakOf(waves.whole) : 0);
}

function envelopeFrom({ first, last }, buffers) {
  const [minimum, maximum] = buffers.map((buffer) => toTypedArray(buffer, Float32Array));
  return { first, last, minimum, maximum };
}

function stageLabel(header) {
  const end = header.has_rate ? formatDuration(header.duration) : `${header.duration} samples`;
  const keys = "Arrow keys move a cursor.";
  if (header.bands) {
    const kind = header.bands.name === "band" ? "Mel spectrogram" : "MFCC";
    return `${kind} of ${header.name}: time 0 to ${end}, ${header.n_bins} ${header.bands.name}s. ${keys}`;
  }
  const top = header.has_rate ? formatHertz(header.top, 5) : `${header.top} cycles per sample`;
  return `Spectrogram of ${header.name}, mode ${header.mode}: time 0 to ${end}, frequency 0 to ${top}. ${keys}`;
}

// The state of the kernel's side

function listenToModel(view) {
  const { model, viewport } = view;
  const afterFields = (draw) => () => {
    showFields(view);
    if (view.scene.picture) draw();
  };
  const handlers = {
    "change:colour_map change:value_range change:time_axis": afterFields(viewport.repaint),
    "change:gaps": () => {
      showLabel(view);
      if (view.scene.picture) viewport.repaint();
    },
    "change:compared": () => {
      view.frames.clear();
      if (view.scene.picture) viewport.repaint();
    },
    "change:frequency_axis": afterFields(viewport.redraw),
    "change:visible": () => followVisible(view),
    "change:channel change:batch_item change:decibels change:unit change:counts": () => showFields(view),
    "change:errors change:is_stale": () => showErrors(view),
    "msg:custom": (message, buffers) => RECEIVERS[message.kind]?.(view, message.header, buffers),
  };
  for (const [names, handler] of Object.entries(handlers)) model.on(names, handler);
  return () => {
    for (const [names, handler] of Object.entries(handlers)) model.off(names, handler);
  };
}

function showFields({ model, fields, scene }) {
  const context = { counts: model.get("counts"), automatic: scene.picture?.header.automatic };
  for (const [name, field] of fields) field.show(model.get(name), context);
  const reason = scene.picture?.header.bands ? `The axis is that of ${scene.picture.header.bands.name}s.` : "";
  fields.get("frequency_axis")?.disable(reason);
}

function showErrors(view) {
  const errors = view.model.get("errors");
  for (const [name, field] of view.fields) field.fail(errors[name]);
  showStatus(view);
}

// Say that the picture is a preview, after a delay: otherwise the text would come and go with each move of a slider.
function showStatus({ model, scene, elements, status }) {
  const { preview } = elements;
  const text = (!model.get("is_stale") && scene.picture?.header.sentence) || "";
  const show = () => {
    preview.textContent = text;
    preview.hidden = !text;
  };
  clearTimeout(status.timer);
  if (text && preview.hidden) status.timer = setTimeout(show, PREVIEW_DELAY);
  else show();
}

// Show the visible part that Python has set. While it is moved here, what arrives is an echo of earlier moves.
function followVisible({ model, scene, visible, viewport }) {
  if (!scene.picture || visible.isPending()) return;
  const region = fromVisible(model.get("visible"), scene.picture.header);
  if (same(region, scene.region)) return;
  scene.region = region;
  viewport.redraw();
}

// The page

function listenToPage(view) {
  const { elements, painter, viewport } = view;
  const sizes = new ResizeObserver(() => resize(view));
  sizes.observe(elements.stage);
  const stopObserving = onThemeChange(elements.stage, () => {
    painter.forgetTheme();
    if (view.scene.picture) viewport.repaint();
  });
  return () => {
    sizes.disconnect();
    stopObserving();
  };
}

function resize({ model, form, painter, viewport }) {
  if (!painter.fitCanvases()) return;
  const size = painter.size().map((length) => Math.ceil(length / SIZE_STEP) * SIZE_STEP);
  if (String(model.get("canvas_size")) !== String(size)) form.set("canvas_size", size);
  viewport.redraw();
}

// Mark what other panels of this explorer ask for.
const listenToOtherPanels = ({ el, viewport }) =>
  onPageEvent(el, "highlight", (detail) => viewport.highlight(detail?.what ?? null));

export default { render };
