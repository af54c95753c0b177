// @ts-nocheck
// A and B: figures in two columns, pictures side by side or as a difference, on the axes of the picture.
import { makeComparePlots } from "./compare_plots.js";
import { whyNot } from "./differences.js";
import { h as element } from "../../charts/dom.js";
import { createForm as pageOf } from "../../widgets/fields.js";
import { toTypedArray as typed } from "../../charts/buffers.js";
import { createLazyPanel as foldingPanel, createRowsTable as rowsTable } from "../lazy_panel.js";
import { fixed, frequency, short } from "../../charts/format.js";
import { fromVisible } from "../../raster/region.js";
import { timeText } from "../../charts/timeline.js";

const NOTHING =
  "Keep the settings as B with the button beside Undo, change what you like, and press B to flip between both.";
const VIEWS = [
  ["beside", "side by side"],
  ["difference", "difference"],
  ["none", "no pictures"],
];

function render({ model, el }) {
  const page = pageOf(model);
  const nothing = element("p", { class: "specwidget-muted", text: NOTHING });
  const view = element(
    "select",
    { id: page.id("view") },
    VIEWS.map(([value, text]) => element("option", { value, text })),
  );
  const line = element("div", { class: "specwidget-line" }, [
    element("label", { for: view.id, text: "Pictures" }),
    view,
  ]);
  const plots = makeComparePlots("Pictures of A and B on the same axes");
  const remark = element("p", { class: "specwidget-muted specwidget-remark" });
  const reading = element("output", { class: "specwidget-muted", "aria-live": "off" });
  const table = rowsTable("A and B", "What it is");
  const letGo = foldingPanel({
    model,
    el,
    name: "specwidget-compare",
    title: "A and B",
    hint: "two settings in two columns, and their pictures",
    children: [line, plots.el, remark, reading, table.el],
    show: { rows: showRows, pair: showPair },
  });
  el.querySelector("details").append(nothing);

  let layers = null;
  function showRows({ rows }) {
    table.show(
      ["A, now", "B, kept"],
      rows.map((row) => ({ ...row, verdicts: row.differs ? ["differs", "differs"] : [] })),
    );
  }
  function showPair({ headers }, buffers) {
    layers = headers.map((header, i) => {
      const [codes, rowStarts, columnStarts] = [Uint16Array, Int32Array, Int32Array].map((Kind, j) =>
        typed(buffers[3 * i + j], Kind),
      );
      return { header, codes, rowStarts, columnStarts };
    });
    draw();
  }

  function tableOf({ kind }) {
    const tables = model.get("colour_tables");
    const isDark = document.body.dataset.jpThemeLight === "false";
    return tables[(isDark && model.get("dark_maps")[kind]) || model.get("default_maps")[kind]];
  }
  const isSameQuantity = ([a, b]) => a.header.label === b.header.label && a.header.unit === b.header.unit;
  function rangesOf() {
    const chosen = model.get("value_range");
    const isUsable = Array.isArray(chosen) && chosen.every(Number.isFinite) && chosen[0] < chosen[1];
    const first = isUsable ? chosen : layers[0].header.automatic;
    return [first, isSameQuantity(layers) ? first : layers[1].header.automatic];
  }

  function draw() {
    const [a, b] = layers ?? [];
    const why = layers && view.value === "difference" ? whyNot(a.header, b.header) : "";
    plots.el.hidden = !layers || view.value === "none" || Boolean(why);
    const sketches = ["A", "B"].filter((_, i) => layers && !layers[i].header.is_exact);
    remark.textContent =
      why ||
      (layers && sketches.length && !plots.el.hidden
        ? `A sketch is shown of ${sketches.join(" and ")}: not every frame was looked at.`
        : "");
    if (plots.el.hidden) return;
    const own = model.get("colour_tables")[model.get("colour_map")];
    plots.show({
      layers,
      view: view.value,
      region: fromVisible(model.get("visible"), a.header),
      axis: model.get("frequency_axis"),
      timeUnit: model.get("time_axis"),
      tables: layers.map(({ header }) => own ?? tableOf(header)),
      ranges: rangesOf(),
      differenceTable: tableOf({ kind: "diverging" }),
    });
  }

  // What both show at a place, under the pointer here or at the cursor of the picture.
  function read(point) {
    if (!layers || plots.el.hidden) return;
    plots.mark(point);
    reading.textContent = point ? describe(point) : "";
  }
  function describe(point) {
    const { header } = layers[0];
    const when = timeText(header, model.get("time_axis"), point.sample, 1);
    const where = header.has_rate ? frequency(point.hz) : `${short(point.hz)} cycles/sample`;
    const [a, b] = plots.valuesAt(point);
    const told = [
      ["A", a, header],
      ["B", b, layers[1].header],
    ].map(([name, value, about]) => `${name} ${inUnit(value, about)}`);
    if (!whyNot(header, layers[1].header)) told.push(`A \u2212 B ${inUnit(a - b, header)}`);
    return [when, where, ...told].join("  \u00b7  ");
  }
  function inUnit(value, { unit }) {
    if (!Number.isFinite(value)) return "not finite";
    return unit === "dB" ? `${fixed(value, 1)} dB` : `${short(value)}${unit ? ` ${unit}` : ""}`;
  }
  plots.el.addEventListener("pointermove", (event) => read(plots.under(event)));
  plots.el.addEventListener("pointerleave", () => read(null));
  const follow = ({ detail }) => read(detail ? { sample: detail.sample, hz: detail.hz, panel: 0 } : null);

  function showState() {
    const hasB = model.get("has_b");
    nothing.hidden = hasB;
    el.classList.toggle("specwidget-without-b", !hasB);
  }
  view.addEventListener("change", draw);
  const names = "change:visible change:frequency_axis change:time_axis change:colour_map change:value_range";
  model.on(names, draw);
  model.on("change:has_b", showState);
  const sizes = new ResizeObserver(() => plots.draw());
  sizes.observe(plots.el);
  const themes = new MutationObserver(draw);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
  let around = null;
  const attached = requestAnimationFrame(() => {
    around = el.closest(".specwidget");
    around?.addEventListener("specwidget:cursor", follow);
  });
  showState();
  return () => {
    letGo();
    cancelAnimationFrame(attached);
    around?.removeEventListener("specwidget:cursor", follow);
    sizes.disconnect();
    themes.disconnect();
    model.off(names, draw);
    model.off("change:has_b", showState);
  };
}

export default { render };
