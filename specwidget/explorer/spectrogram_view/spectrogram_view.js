// The picture and what is locked to it: overview, waveform, spectra, cursor, playhead. Colours, range, axes, cursor and
// zoom need no kernel; it is asked for sharper values, exact frames and sound.
import { centreOf } from "../../raster/cells.js";
import { reachOf } from "./envelope.js";
import { element, makeField, pageOf, prepare } from "../../widgets/fields.js";
import { frequency, short } from "../../charts/format.js";
import { listen } from "./gestures.js";
import { actionOf } from "./keys.js";
import { makeOverview } from "./overview.js";
import { makePainter } from "./painter.js";
import { makePlayer, startOf } from "./player.js";
import { makeReadout } from "./readout.js";
import { fromVisible, same, toVisible } from "../../raster/region.js";
import { makeFrames, makeReminder, makeSettler } from "./throttle.js";
import { makeScope } from "./viewport.js";
import { timeText } from "../../charts/timeline.js";
import { makeToolbar } from "./toolbar.js";

const EMPTY = "No picture yet. The first one appears here when a sound and its settings fit together.";
const STALE = "Picture, shapes and agreement are those of the last sound and settings that fit together.";
const SOON = 400; // milliseconds after which a sketch is said to be one
const SILENT = "Without a sample rate nothing can be heard.";

function render({ model, el }) {
  const page = pageOf(model);
  const fields = new Map(model.get("table").map((control) => [control.name, makeField(control, page)]));
  const [canvas, over, stripCanvas, stripOver] = Array.from({ length: 4 }, () =>
    element("canvas", { "aria-hidden": "true" }),
  );
  const empty = element("p", { class: "specwidget-empty", text: EMPTY });
  const stage = element(
    "div",
    { class: "specwidget-stage", role: "application", "aria-roledescription": "spectrogram", tabindex: 0 },
    [canvas, over, empty],
  );
  const strip = element(
    "div",
    {
      class: "specwidget-strip",
      role: "img",
      "aria-label": "Waveform",
      title: "Click to move the playhead; drag to zoom.",
    },
    [stripCanvas, stripOver],
  );
  const playhead = element("div", { class: "specwidget-playhead", hidden: true });
  const clock = element("span", { class: "specwidget-clock specwidget-muted" });
  const problem = element("div", { class: "specwidget-error specwidget-general", role: "alert", hidden: true });
  const stale = element("p", { class: "specwidget-stale", role: "status", hidden: true });
  const display = element(
    "div",
    { class: "specwidget-display", role: "group", "aria-label": "Display" },
    [...fields.values()].map((field) => field.el),
  );
  const overview = makeOverview({
    move: (first, low) => placeRegion(first, low),
    resize: (first, last) => scope.setRegion({ ...scene.region, first, last }),
    key: (event) => press(event, true),
  });
  const toolbar = makeToolbar(act);
  const readout = makeReadout();
  const refusal = element("p", { class: "specwidget-error specwidget-refusal", role: "status", hidden: true });
  const player = makePlayer({
    ask: (from, to, source) => model.send({ kind: "sound", from, to, source }),
    onState: showPlaying,
    onTime: showPlayhead,
    onRefused: showRefusal,
  });
  const frames = makeFrames((frame) => model.send({ kind: "frame", frame }));
  const wish = makeReminder(() => model.send({ kind: "want" }));
  const settler = makeSettler((visible) => page.set("visible", visible));
  const painter = makePainter({ stage, canvas, over, strip, stripCanvas, stripOver, overview });
  const scope = makeScope({
    painter,
    readout,
    frames,
    look: lookOf,
    on: { region: regionMoved, cursor: tellCursor, painted },
  });
  const { scene } = scope;
  let whole = null; // envelope of the whole channel
  let fine = null; // envelope of what is visible
  let isLooping = false;
  let told = "";
  let toBeTold = 0; // a timeout

  prepare(el, "specwidget-picture");
  const layers = element("div", { class: "specwidget-layers" }, [overview.el, strip, stage, playhead, clock]);
  el.replaceChildren(
    element("h3", { text: "Picture" }),
    display,
    problem,
    toolbar.el,
    refusal,
    layers,
    readout.el,
    stale,
    player.el,
  );

  function lookOf(header) {
    const tables = model.get("colour_tables");
    const isDark = document.body.dataset.jpThemeLight === "false";
    const own = tables[model.get("colour_map")];
    const chosen = model.get("value_range");
    const isUsable = Array.isArray(chosen) && chosen.every(Number.isFinite) && chosen[0] < chosen[1];
    return {
      table: own ?? tables[(isDark && model.get("dark_maps")[header.kind]) || model.get("default_maps")[header.kind]],
      range: (automatic) => (isUsable ? chosen : automatic),
      axis: model.get("frequency_axis"),
      timeUnit: model.get("time_axis"),
    };
  }

  function painted(header) {
    stage.dataset.serial = header.serial;
    overview.show({ header, region: scene.region, full: painter.shape.full }, regionText());
    toolbar.disable("reset", scope.isWhole() ? "All is shown." : "");
    showPlayhead(player.position());
    el.dispatchEvent(new CustomEvent("specwidget-painted", { detail: header, bubbles: true }));
  }

  // What is visible, in words.
  function regionText() {
    const { header } = scene.picture;
    const { first, last, low, high } = scene.region;
    const times = [first, last].map((sample) => timeText(header, scene.timeUnit, sample, 1));
    const hertz = [low, high].map((fraction) =>
      header.has_rate ? frequency(fraction * header.top) : short(fraction * header.top, 3),
    );
    return `${times.join(" to ")}, ${hertz.join(" to ")}${header.has_rate ? "" : " cycles per sample"}`;
  }

  function regionMoved(region) {
    settler.set(toVisible(region, scene.picture.header));
  }

  function placeRegion(first, low) {
    const { header } = scene.picture;
    const { region } = scene;
    const [from, to] = [region.low, region.high].map((fraction) => painter.shape.full.toUnit(fraction * header.top));
    scope.pan(
      (first - region.first) / (region.last - region.first),
      (low - Math.max(0, from)) / (to - Math.max(0, from)),
    );
  }

  // What panels beside this one hear of the cursor.
  function tellCursor(detail) {
    const text = JSON.stringify(detail);
    if (text === told) return;
    told = text;
    el.dispatchEvent(new CustomEvent("specwidget:cursor", { detail, bubbles: true }));
  }

  // Playing

  const nSamples = () => scene.picture.header.n_samples;
  const visible = () => scene.region;

  function showPlaying(state, share) {
    toolbar.showPlaying(state, share);
    el.dataset.playing = state;
    if (state === "loading") showRefusal("");
  }

  function showRefusal(reason) {
    refusal.textContent = reason;
    refusal.hidden = !reason;
    if (!reason) return;
    player.setSource("sound");
    toolbar.showPressed("kept", false);
  }

  function showPlayhead(sample) {
    if (!scene.picture || !painter.shape.place) return;
    const { first, last } = scene.region;
    // What plays beyond the visible part takes it along, by a page.
    if (sample !== null && player.isPlaying() && !isLooping && sample >= last && last < nSamples())
      return void scope.pan(1, 0);
    const { place } = painter.shape;
    const end = place.plots.at(-1);
    playhead.hidden = sample === null || sample < first || sample > last;
    playhead.style.transform = `translateX(${place.left + ((sample - first) / (last - first)) * place.plotWidth}px)`;
    playhead.style.top = `${strip.offsetTop}px`;
    playhead.style.height = `${stage.offsetTop - strip.offsetTop + end.y + end.height}px`;
    // Beside the waveform, where nothing else stands.
    clock.style.left = `${place.left + place.plotWidth + 10}px`;
    clock.style.top = `${strip.offsetTop + strip.clientHeight / 2 - 10}px`;
    clock.textContent = sample === null ? "" : timeText(scene.picture.header, scene.timeUnit, sample, 1);
  }

  const own = {
    play() {
      if (!scene.picture?.header.has_rate) return;
      if (player.isPlaying()) return player.pause();
      player.play(startOf(player.position(), visible()), nSamples());
    },
    loop() {
      isLooping = !isLooping;
      player.setLoop(isLooping ? visible : null);
      toolbar.showPressed("loop", isLooping);
    },
    // To the middle of the cursor's frame: what a click on the waveform does by hand.
    seek() {
      const cell = scene.cursor ?? scene.pins.at(-1);
      if (!cell || !scene.picture.header.has_rate) return;
      const sample = centreOf(scene.picture.header, cell.frame);
      player.seek(Math.min(Math.max(sample, 0), nSamples() - 1), nSamples());
    },
    kept() {
      if (!scene.picture?.header.has_rate) return;
      const isKept = player.source() !== "kept";
      toolbar.showPressed("kept", isKept);
      showRefusal("");
      player.setSource(isKept ? "kept" : "sound");
      if (isKept && !player.isPlaying()) own.play();
    },
  };

  // Hands

  function act(action) {
    if (own[action]) return own[action]();
    if (scene.picture && painter.shape.place) scope.act(action);
  }

  // Whether a key was used; on the overview the arrows move what is visible.
  function press(event, isOverview = false) {
    if (!scene.picture || !painter.shape.place) return false;
    const action = actionOf(
      isOverview ? { ...fieldsOf(event), altKey: event.altKey || event.key.startsWith("Arrow") } : event,
    );
    if (action === "clear" && hands.cancel()) return true;
    if (action) return (act(action), true);
    return !isOverview && !event.ctrlKey && !event.metaKey && scope.step(event);
  }
  const fieldsOf = ({ key, altKey, ctrlKey, metaKey }) => ({ key, altKey, ctrlKey, metaKey });

  const moves = { drag: scope.drag, pan: scope.pan, zoom: scope.zoom, whole: scope.showAll };
  const hands = listen(stage, () => scene.picture && painter.shape.place, {
    ...moves,
    hover: scope.hover,
    click: scope.pinAt,
    box: scope.box,
  });
  listen(strip, () => scene.picture && painter.stripPlace(), {
    ...moves,
    hover: (part) => scope.hover(part && { ...part, part: part.part === "plot" ? "strip" : "" }),
    click: ({ across }) => player.seek(visible().first + across * (visible().last - visible().first), nSamples()),
    drag: (drag) => scope.drag(drag && { ...drag, panel: 0, time: true, frequency: false }),
    box: (from, to) => scope.box(from, to, { time: true, frequency: false }),
  });
  stage.addEventListener("keydown", (event) => {
    if (!press(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  // Messages of the kernel

  const receivers = {
    picture(header, buffers) {
      const picture = layerOf(header, buffers);
      const before = scene.picture?.header;
      const isSameSound = before && ["name", "n_samples", "duration"].every((name) => before[name] === header[name]);
      // Exact frames are of the past when something else is shown than before, and not when a part of it is.
      if (header.version !== before?.version) frames.clear();
      empty.hidden = true;
      wish.stop();
      stage.setAttribute("aria-label", labelOf(header));
      fields.get("decibels")?.disable(header.has_decibels ? "" : "This mode has signs or angles, and no decibels.");
      for (const action of ["play", "kept"]) toolbar.disable(action, header.has_rate ? "" : SILENT);
      if (header.version !== before?.version) {
        player.renew(header.serial);
        // Why other values could not be heard is of the past, too.
        showRefusal("");
      }
      scope.show(picture, isSameSound ? null : fromVisible(header.visible, header));
      showFields();
      showState();
    },
    overview: (header, buffers) => scope.showWhole(layerOf(header, buffers)),
    waveform(header, buffers) {
      fine = envelopeFrom(header, buffers);
      showWaves();
    },
    waveform_overview(header, buffers) {
      const before = whole;
      whole = envelopeFrom(header, buffers);
      if (before && !isEqual(before, whole)) player.discard(header.serial);
      showWaves();
    },
    slice(header, buffers) {
      const [values, samples, window] = buffers.map((buffer) => typed(buffer, Float32Array));
      frames.take(header.frame, { values, samples, window });
      if (scene.picture && painter.shape.place) scope.frameArrived();
    },
    sound: (header, buffers) => player.take(header, buffers[0]),
  };
  const receive = (message, buffers) => receivers[message.kind]?.(message.header, buffers);

  const showWaves = () => scope.showWaves([fine, whole].filter(Boolean), whole ? reachOf(whole) : 0);

  function showFields() {
    const about = { counts: model.get("counts"), automatic: scene.picture?.header.automatic };
    for (const [name, field] of fields) field.show(model.get(name), about);
  }

  function showErrors() {
    const errors = model.get("errors");
    for (const [name, field] of fields) field.fail(errors[name]);
    problem.textContent = errors.general ?? "";
    problem.hidden = !errors.general;
    showState();
  }

  // What is to be known of the picture: that it is an old one, or a sketch. Of a sketch that is soon exact there is no
  // word, which would come and go with each move.
  function showState() {
    const isStale = model.get("is_stale");
    const words = (scene.picture && (isStale ? STALE : scene.picture.header.sentence)) || "";
    clearTimeout(toBeTold);
    if (words && !isStale && stale.hidden) toBeTold = setTimeout(() => tell(words, isStale), SOON);
    else tell(words, isStale);
  }

  function tell(words, isStale) {
    stale.textContent = words;
    stale.hidden = !words;
    stale.classList.toggle("specwidget-sketch", !isStale);
  }

  // A visible part that was set from Python; what is moved here is not overwritten by its own echo.
  function followVisible() {
    if (!scene.picture || settler.isMoving()) return;
    const region = fromVisible(model.get("visible"), scene.picture.header);
    if (same(region, scene.region)) return;
    scene.region = region;
    scope.redraw();
  }

  function resize() {
    if (!painter.fitCanvases()) return;
    const wanted = painter.size().map((length) => Math.ceil(length / 64) * 64);
    if (String(model.get("canvas_size")) !== String(wanted)) page.set("canvas_size", wanted);
    scope.redraw();
  }

  const recolour = () => {
    painter.forgetLook();
    if (scene.picture) scope.repaint();
  };
  const shown = (follow) => () => {
    showFields();
    if (scene.picture) follow();
  };
  const changes = {
    "change:colour_map change:value_range change:time_axis": shown(scope.repaint),
    "change:frequency_axis": shown(scope.redraw),
    "change:visible": followVisible,
    "change:channel change:batch_item change:decibels change:counts": showFields,
    "change:errors change:is_stale": showErrors,
    "msg:custom": receive,
  };
  for (const [names, handler] of Object.entries(changes)) model.on(names, handler);
  const sizes = new ResizeObserver(resize);
  sizes.observe(stage);
  const themes = new MutationObserver(recolour);
  themes.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"],
  });
  // What other panels of this explorer want to be marked. The page around is there when the view has been attached.
  const marked = ({ detail }) => scope.highlight(detail?.what ?? null);
  let around = null;
  const attached = requestAnimationFrame(() => {
    around = el.closest(".specwidget");
    around?.addEventListener("specwidget:highlight", marked);
  });
  showFields();
  showErrors();
  showPlaying("idle");
  wish.start();

  return () => {
    cancelAnimationFrame(attached);
    clearTimeout(toBeTold);
    around?.removeEventListener("specwidget:highlight", marked);
    sizes.disconnect();
    themes.disconnect();
    wish.stop();
    settler.stop();
    scope.stop();
    player.close();
    for (const [names, handler] of Object.entries(changes)) model.off(names, handler);
  };
}

function labelOf(header) {
  const end = header.has_rate ? `${short(header.duration, 3)} s` : `${header.duration} samples`;
  const top = header.has_rate ? `${short(header.top, 4)} Hz` : `${header.top} cycles per sample`;
  return `Spectrogram of ${header.name}, mode ${header.mode}: 0 to ${end} across, 0 to ${top} up. Arrow keys move a cursor.`;
}

function layerOf(header, buffers) {
  const [codes, rowStarts, columnStarts] = [Uint16Array, Int32Array, Int32Array].map((Kind, i) =>
    typed(buffers[i], Kind),
  );
  return { header, codes, rowStarts, columnStarts };
}

function envelopeFrom({ first, last }, buffers) {
  const [minimum, maximum] = buffers.map((buffer) => typed(buffer, Float32Array));
  return { first, last, minimum, maximum };
}

function isEqual(a, b) {
  return (
    a.first === b.first &&
    a.last === b.last &&
    ["minimum", "maximum"].every((name) => a[name].every((value, i) => Object.is(value, b[name][i])))
  );
}

// A buffer as a typed array, copied only where its place in memory asks for it.
function typed(view, Kind) {
  const { buffer, byteOffset, byteLength } = view;
  const aligned = byteOffset % Kind.BYTES_PER_ELEMENT === 0;
  return aligned
    ? new Kind(buffer, byteOffset, byteLength / Kind.BYTES_PER_ELEMENT)
    : new Kind(buffer.slice(byteOffset, byteOffset + byteLength));
}

export default { render };
