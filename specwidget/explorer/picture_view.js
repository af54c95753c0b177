// The picture: a canvas with axes, a colour bar and a pointer. Colours, range, axis and pointer need no kernel.
import { drawAxes, drawBar, layout } from "./axes.js";
import { cellAt, columnEdges, frequencyOf, groupOf, namesOf, rowEdges, timeOf } from "./cells.js";
import { element, makeField, pageOf, prepare } from "./fields.js";
import { fixed, frequency, short, time } from "./format.js";
import { colourTable, coverage, paint, resample, unpack, valueOf } from "./raster.js";
import { frequencyScale } from "./scales.js";

const NOT_FINITE = [128, 128, 128];
const POINT = "Point at the picture, or focus it and use the arrow keys.";

function render({ model, el }) {
  const page = pageOf(model);
  const table = model.get("table");
  const fields = new Map(table.map((control) => [control.name, makeField(control, page)]));
  const canvas = element("canvas");
  const over = element("canvas", { class: "specwidget-over" });
  const empty = element("p", { class: "specwidget-empty", text: "No picture yet. The first one appears here when a sound and its settings fit together." });
  const stage = element("div", { class: "specwidget-stage", role: "img", tabindex: 0 }, [canvas, over, empty]);
  const readout = element("output", { class: "specwidget-pointer", "aria-live": "off", text: POINT });
  const problem = element("div", { class: "specwidget-error specwidget-general", role: "alert", hidden: true });
  const stale = element("p", { class: "specwidget-stale", role: "status", hidden: true, text: "Picture, shapes and agreement are those of the last sound and settings that fit together." });
  const bar = element("div", { class: "specwidget-display", role: "group", "aria-label": "Display" }, [...fields.values()].map((field) => field.el));
  prepare(el, "specwidget-picture");
  el.replaceChildren(element("h3", { text: "Picture" }), bar, problem, stage, element("div", { class: "specwidget-below" }, [readout, stale]));

  const context = canvas.getContext("2d");
  const marks = over.getContext("2d");
  let picture = null; // header, codes, rowStarts, columnStarts
  let place = null; // layout on the canvas
  let ratio = 1;
  let scale = null;
  let drawn = []; // per panel: resampled codes and their pixels
  let cursor = null; // frame, bin, panel
  let look = null;

  const range = () => {
    const chosen = model.get("value_range");
    const usable = Array.isArray(chosen) && chosen.every(Number.isFinite) && chosen[0] < chosen[1];
    return usable ? chosen : picture.header.automatic;
  };

  const mapName = () => {
    const tables = model.get("colour_tables");
    const name = model.get("colour_map");
    if (tables[name]) return name;
    const kind = picture.header.kind;
    return (document.body.dataset.jpThemeLight === "false" && model.get("dark_maps")[kind]) || model.get("default_maps")[kind];
  };

  function readLook() {
    const style = getComputedStyle(stage);
    const get = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
    look = {
      ink: get("--sw-ink", "#212121"),
      muted: get("--sw-muted", "#5c5c5c"),
      line: get("--sw-line", "#bdbdbd"),
      font: `11px ${get("--sw-font", "system-ui, sans-serif")}`,
    };
  }

  // Codes to screen pixels: again when picture, size or axis change, not when colours do.
  function reshape() {
    const { header, codes, rowStarts, columnStarts } = picture;
    const axis = header.has_rate || model.get("frequency_axis") !== "mel" ? model.get("frequency_axis") : "linear";
    scale = frequencyScale(axis, header.top, header.spacing);
    place = layout(canvas.clientWidth, canvas.clientHeight, header.panels);
    const centre = 1 + ((0 - header.low) / (header.high - header.low || 1)) * 65534;
    const size = header.rows * header.columns;
    drawn = place.plots.map((plot, i) => {
      const width = Math.round(plot.width * ratio);
      const height = Math.round(plot.height * ratio);
      const across = coverage(columnEdges(header, columnStarts, width), width);
      const up = coverage(rowEdges(header, rowStarts, scale, height), height);
      const cells = codes.subarray(i * size, (i + 1) * size);
      const target = new Uint32Array(width * height);
      resample(cells, header.columns, across, up, header.kind, centre, target, width, height);
      return { codes: target, image: new ImageData(width, height) };
    });
  }

  function draw() {
    if (!picture || !place) return;
    if (!look) readLook();
    const { header } = picture;
    const [low, high] = range();
    const table = model.get("colour_tables")[mapName()];
    const colours = colourTable(table, header.low, header.high, low, high, NOT_FINITE);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    drawn.forEach(({ codes, image }, i) => {
      paint(codes, colours, new Uint32Array(image.data.buffer));
      context.putImageData(image, Math.round(place.plots[i].x * ratio), Math.round(place.plots[i].y * ratio));
    });
    paintBar(unpack(table));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawAxes(context, place, header, scale, look);
    drawBar(context, place.bar, [low, high], header, { ...look, right: place.width });
    point();
    stage.dataset.serial = header.serial;
    el.dispatchEvent(new CustomEvent("specwidget-painted", { detail: header, bubbles: true }));
  }

  function paintBar(colours) {
    const width = Math.round(place.bar.width * ratio);
    const height = Math.round(place.bar.height * ratio);
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let y = 0; y < height; y++) {
      pixels.fill(colours[Math.floor(((height - 1 - y) * 256) / height)], y * width, (y + 1) * width);
    }
    context.putImageData(image, Math.round(place.bar.x * ratio), Math.round(place.bar.y * ratio));
  }

  function resize() {
    const width = stage.clientWidth;
    const height = stage.clientHeight;
    if (!width || !height) return;
    ratio = Math.min(2, window.devicePixelRatio || 1);
    for (const each of [canvas, over]) {
      each.width = Math.round(width * ratio);
      each.height = Math.round(height * ratio);
    }
    const wanted = [Math.ceil((width * ratio) / 64) * 64, Math.ceil((height * ratio) / 64) * 64];
    if (String(model.get("canvas_size")) !== String(wanted)) page.set("canvas_size", wanted);
    look = null;
    redraw();
  }

  function redraw() {
    if (!picture || !canvas.width) return;
    reshape();
    draw();
  }

  // The crosshair, and what is said of the cell under it.
  function point() {
    marks.setTransform(1, 0, 0, 1, 0, 0);
    marks.clearRect(0, 0, over.width, over.height);
    if (!cursor || !picture || !place) return void (readout.textContent = POINT);
    const { header, codes, rowStarts, columnStarts } = picture;
    const panel = Math.min(cursor.panel, place.plots.length - 1);
    const frame = Math.min(cursor.frame, columnStarts.at(-1) - 1);
    const bin = Math.min(cursor.bin, rowStarts.at(-1) - 1);
    cursor = { frame, bin, panel };
    const [row, column] = [groupOf(rowStarts, bin), groupOf(columnStarts, frame)];
    const value = valueOf(codes[(panel * header.rows + row) * header.columns + column], header.low, header.high);
    crosshair(place.plots[panel], timeOf(header, frame) / header.duration, scale.place(frequencyOf(header, bin)));
    const cells = namesOf(header.kind, [columnStarts[column], columnStarts[column + 1]], [rowStarts[row], rowStarts[row + 1]]);
    readout.textContent = describe(header, frame, bin, value, place.plots[panel].title, cells);
  }

  function crosshair(plot, across, up) {
    marks.setTransform(ratio, 0, 0, ratio, 0, 0);
    const x = Math.round(plot.x + across * plot.width) + 0.5;
    const y = Math.round(plot.y + (1 - Math.max(0, Math.min(1, up))) * plot.height) + 0.5;
    for (const [style, width] of [["rgba(0, 0, 0, 0.55)", 3], ["rgba(255, 255, 255, 0.95)", 1]]) {
      marks.strokeStyle = style;
      marks.lineWidth = width;
      marks.beginPath();
      if (across >= 0 && across <= 1) marks.rect(x, plot.y, 0, plot.height);
      marks.moveTo(plot.x, y);
      marks.lineTo(plot.x + plot.width, y);
      marks.stroke();
    }
  }

  function describe(header, frame, bin, value, title, cells) {
    const at = timeOf(header, frame);
    const when = header.has_rate ? time(at, header.step) : `sample ${fixed(at, at % 1 ? 1 : 0)}`;
    const where = header.has_rate ? frequency(frequencyOf(header, bin)) : `${short(frequencyOf(header, bin))} cycles/sample`;
    const digits = header.unit === "dB" ? fixed(value, 1) : short(value);
    const what = Number.isFinite(value) ? `${digits}${header.unit ? ` ${header.unit}` : ""}` : "not finite";
    return [title, when, where, what, ...cells].filter(Boolean).join("  \u00b7  ");
  }

  stage.addEventListener("pointermove", (event) => {
    if (!picture || !place) return;
    const box = stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const panel = place.plots.findIndex((plot) => x >= plot.x && x < plot.x + plot.width && y >= plot.y && y < plot.y + plot.height);
    const plot = place.plots[panel];
    const cell = plot && cellAt(picture.header, picture.columnStarts, picture.rowStarts, scale, (x - plot.x) / plot.width, 1 - (y - plot.y) / plot.height);
    cursor = cell ? { ...cell, panel } : null;
    readout.setAttribute("aria-live", "off");
    point();
  });
  stage.addEventListener("pointerleave", () => {
    cursor = null;
    point();
  });
  stage.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!move || !picture) return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.shiftKey ? 10 : 1;
    const from = cursor ?? { frame: picture.columnStarts.at(-1) >> 1, bin: picture.rowStarts.at(-1) >> 2, panel: 0 };
    cursor = { ...from, frame: Math.max(0, from.frame + by * move[0]), bin: Math.max(0, from.bin + by * move[1]) };
    readout.setAttribute("aria-live", "polite");
    point();
  });

  function receive(message, buffers) {
    if (message.kind !== "picture") return;
    const [codes, rowStarts, columnStarts] = [Uint16Array, Int32Array, Int32Array].map((Kind, i) => typed(buffers[i], Kind));
    const { header } = message;
    picture = { header, codes, rowStarts, columnStarts };
    empty.hidden = true;
    stage.setAttribute("aria-label", label(header));
    fields.get("decibels").disable(header.has_decibels ? "" : "This mode has signs or angles, and no decibels.");
    showFields();
    redraw();
  }

  function label(header) {
    const end = header.has_rate ? `${short(header.duration, 3)} s` : `${header.duration} samples`;
    const top = header.has_rate ? `${short(header.top, 4)} Hz` : `${header.top} cycles per sample`;
    return `Spectrogram of ${header.name}, mode ${header.mode}: 0 to ${end} across, 0 to ${top} up. Arrow keys move a cursor.`;
  }

  function showFields() {
    const about = { counts: model.get("counts"), automatic: picture?.header.automatic };
    for (const [name, field] of fields) field.show(model.get(name), about);
  }

  function showErrors() {
    const errors = model.get("errors");
    for (const [name, field] of fields) field.fail(errors[name]);
    problem.textContent = errors.general ?? "";
    problem.hidden = !errors.general;
    stale.hidden = !model.get("is_stale") || !picture;
  }

  const changes = {
    "change:colour_map change:value_range": () => {
      showFields();
      draw();
    },
    "change:frequency_axis": () => {
      showFields();
      redraw();
    },
    "change:channel change:batch_item change:decibels change:counts": showFields,
    "change:errors change:is_stale": showErrors,
    "msg:custom": receive,
  };
  for (const [names, handler] of Object.entries(changes)) model.on(names, handler);
  const sizes = new ResizeObserver(resize);
  sizes.observe(stage);
  const themes = new MutationObserver(() => {
    look = null;
    draw();
  });
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  showFields();
  showErrors();
  model.send({ kind: "want" });

  return () => {
    sizes.disconnect();
    themes.disconnect();
    for (const [names, handler] of Object.entries(changes)) model.off(names, handler);
  };
}

// A buffer as a typed array, copied only where its place in memory asks for it.
function typed(view, Kind) {
  const { buffer, byteOffset, byteLength } = view;
  const aligned = byteOffset % Kind.BYTES_PER_ELEMENT === 0;
  return aligned ? new Kind(buffer, byteOffset, byteLength / Kind.BYTES_PER_ELEMENT) : new Kind(buffer.slice(byteOffset, byteOffset + byteLength));
}

export default { render };
