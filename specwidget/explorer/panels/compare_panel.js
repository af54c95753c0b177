// A and B: settings and their results in two columns, spectrograms side by side or as a difference, on the axes of the
// explorer's spectrogram.
import { toTypedArray } from "../../charts/buffers.js";
import { h } from "../../charts/dom.js";
import { fixed, short } from "../../summary/format.js";
import { formatFrequency } from "../../summary/quantities.js";
import { isDark, onThemeChange } from "../../charts/theme.js";
import { timeText } from "../../charts/timeline.js";
import { createForm } from "../../widgets/fields.js";
import { createLazyPanel, createRowsTable } from "../lazy_panel.js";
import { createComparePlots } from "./compare_plots.js";
import { whyNoDifference } from "./differences.js";
import { followCursor } from "../page_events.js";

const NOTHING =
  "Press \u201cSet B\u201d above the spectrogram, then change any setting or the sound. The key B displays the other.";
const VIEWS = [
  ["beside", "side by side"],
  ["difference", "difference"],
  ["none", "table only"],
];

const DRAWN_TRAITS = "change:visible change:frequency_axis change:time_axis change:colour_map change:value_range";

const withVerdicts = (row) => ({ ...row, verdicts: row.differs ? ["differs", "differs"] : [] });

function render({ model, el }) {
  const form = createForm(model);
  const nothing = h("p", { class: "specwidget-muted", text: NOTHING });
  const options = VIEWS.map(([value, text]) => h("option", { value, text }));
  const view = h("select", { id: form.id("view") }, options);
  const line = h("div", { class: "specwidget-line" }, [h("label", { for: view.id, text: "Show" }), view]);
  const plots = createComparePlots(read);
  const sounds = h("span");
  const share = h("button", {
    type: "button",
    class: "specwidget-button specwidget-share",
    title: "Apply the settings of A and of B to the displayed sound.",
    text: "Use the displayed sound for both",
  });
  share.addEventListener("click", () => model.send({ kind: "share_sound" }));
  const two = h("div", { class: "specwidget-line" }, [sounds, share]);
  const remark = h("p", { class: "specwidget-muted specwidget-remark" });
  const reading = h("output", { class: "specwidget-muted", "aria-live": "off" });
  const table = createRowsTable("A and B", "What it is");
  const page = createLazyPanel({
    model,
    el,
    name: "specwidget-compare",
    title: "Compare",
    empty: nothing,
    children: [line, two, plots.el, remark, reading, table.el],
    show: { rows: showRows, pair: showPair },
  });

  /** @type {any} */
  let layers = null;
  let displayed = "A";
  function showRows({ rows, shown }) {
    const columns = ["A", "B"].map((name) => (name === shown ? `${name} (displayed)` : name));
    table.show(columns, rows.map(withVerdicts));
  }
  function showPair({ headers, shown }, buffers) {
    displayed = shown;
    layers = headers.map((header, i) => layerFrom(header, buffers.slice(3 * i, 3 * i + 3)));
    draw();
  }

  function draw() {
    const [a, b] = layers ?? [];
    const why = layers && view.value === "difference" ? whyNoDifference(a.header, b.header) : "";
    plots.el.hidden = !layers || view.value === "none" || Boolean(why);
    remark.textContent = remarkOn(layers, why, !plots.el.hidden);
    if (plots.el.hidden) return;
    plots.show({
      layers,
      view: view.value,
      shown: displayed,
      visible: model.get("visible"),
      axis: model.get("frequency_axis"),
      timeUnit: model.get("time_axis"),
      tables: layers.map(({ header }) => chosenTable(model, header.kind)),
      ranges: colourRanges(model.get("value_range"), layers),
      differenceTable: defaultTable(model, "diverging"),
    });
  }

  // Show the values of both at a point, of the cursor here or of the one in the spectrogram.
  function read(point, isKey = false) {
    if (!layers || plots.el.hidden || !page.isOpen()) return;
    plots.showCursor(point);
    reading.setAttribute("aria-live", isKey ? "polite" : "off");
    reading.textContent = point
      ? describe(point, layers, displayed, plots.valuesAt(point), model.get("time_axis"))
      : "";
  }
  function showState() {
    el.classList.toggle("specwidget-without-b", !model.get("has_b"));
    const [a, b] = model.get("sounds");
    two.hidden = a === undefined;
    sounds.textContent = `A was computed from ${a}, B from ${b}.`;
  }
  view.addEventListener("change", draw);
  model.on(DRAWN_TRAITS, draw);
  model.on("change:has_b change:sounds", showState);
  // The colour tables of the charts depend on the theme.
  const stopObserving = onThemeChange(el, draw);
  const stopFollowing = followCursor(el, (cursor) =>
    read(cursor && { sample: cursor.sample, hz: cursor.hz, panel: 0 }),
  );
  showState();
  return () => {
    page.stop();
    stopFollowing();
    stopObserving();
    plots.dispose();
    model.off(DRAWN_TRAITS, draw);
    model.off("change:has_b change:sounds", showState);
  };
}

function layerFrom(header, buffers) {
  const [codes, rowStarts, columnStarts] = [Uint16Array, Int32Array, Int32Array].map((ArrayType, i) =>
    toTypedArray(buffers[i], ArrayType),
  );
  return { header, codes, rowStarts, columnStarts };
}

// What is to be said of the pictures: why there is no difference, or that they are previews.
function remarkOn(layers, why, isShown) {
  const previews = ["A", "B"].filter((_, i) => layers && !layers[i].header.is_exact);
  if (why || !layers || !previews.length || !isShown) return why;
  return `Preview of ${previews.join(" and ")}, computed from some of the frames.`;
}

function defaultTable(model, kind) {
  const tables = model.get("colour_tables");
  return tables[(isDark() && model.get("dark_maps")[kind]) || model.get("default_maps")[kind]];
}

const chosenTable = (model, kind) => model.get("colour_tables")[model.get("colour_map")] ?? defaultTable(model, kind);

// The ranges of the colours of A and B: one for both where they show the same quantity.
function colourRanges(chosen, [{ header: a }, { header: b }]) {
  const isUsable = Array.isArray(chosen) && chosen.every(Number.isFinite) && chosen[0] < chosen[1];
  const range = isUsable ? chosen : a.automatic;
  return [range, a.label === b.label && a.full_unit === b.full_unit ? range : b.automatic];
}

// Time, frequency and the values of A and B at a point.
function describe(point, [{ header: a }, { header: b }], shown, values, timeUnit) {
  const displayed = shown === "A" ? a : b;
  const when = timeText(displayed, timeUnit, point.sample, 1);
  const where = displayed.has_rate
    ? formatFrequency(point.hz, displayed.bands ? 0 : displayed.spacing)
    : `${short(point.hz)} cycles/sample`;
  const texts = [`A ${valueText(values[0], a)}`, `B ${valueText(values[1], b)}`];
  if (!whyNoDifference(a, b)) texts.push(`A \u2212 B ${valueText(values[0] - values[1], a)}`);
  return [when, where, ...texts].join("  \u00b7  ");
}

function valueText(value, { unit }) {
  if (!Number.isFinite(value)) return "not finite";
  return unit === "dB" ? `${fixed(value, 1)} dB` : `${short(value)}${unit ? ` ${unit}` : ""}`;
}

export default { render };
