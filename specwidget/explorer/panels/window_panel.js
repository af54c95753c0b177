// The window: its shape, its frequency response and its figures of merit, of the symmetric and the periodic form.
import { createChart } from "../../charts/chart.js";
import { h } from "../../charts/dom.js";
import { fixed, short } from "../../summary/format.js";
import { formatFrequency, formatHertz } from "../../summary/quantities.js";
import { readableItems, valueAt } from "../../charts/readout.js";
import { decodeScene } from "../../charts/scene.js";
import { createForm } from "../../widgets/fields.js";
import { createLazyPanel, createRowsTable } from "../lazy_panel.js";

const NOTHING = -299; // dB
const RESPONSES = [
  ["near", "main lobe"],
  ["whole", "all frequencies"],
];
const NEAR_STEP = 1 / 16; // bins

function render({ model, el }) {
  const form = createForm(model);
  const title = h("p", { class: "specwidget-subject" });
  const sentence = h("p", { class: "specwidget-muted" });
  const shape = createChart({ hint: "Focus or point at the shape to read it." });
  const response = createChart({ hint: "Focus or point at the response to read it." });
  const options = RESPONSES.map(([value, text]) => h("option", { value, text }));
  const span = h("select", { id: form.id("span") }, options);
  const table = createRowsTable("Figures of merit", "What it is");
  const unit = h("p", { class: "specwidget-muted" });
  /** @type {any} */
  let shown = null;
  const page = createLazyPanel({
    model,
    el,
    name: "specwidget-window",
    title: "Window",
    children: [
      h("div", { class: "specwidget-line" }, [
        title,
        h("span", { class: "specwidget-choice" }, [h("label", { for: span.id, text: "Response" }), span]),
      ]),
      h("div", { class: "specwidget-charts" }, [shape.el, response.el]),
      sentence,
      table.el,
      unit,
    ],
    show: { window: receive },
  });
  span.addEventListener("change", () => shown && showResponse());

  function receive(content, buffers) {
    shown = { ...content, axes: decodeScene(content.scene, buffers).axes };
    title.textContent = content.title;
    sentence.textContent = content.sentence;
    table.show(content.names, content.rows);
    unit.textContent = binText(content);
    const [axes] = shown.axes;
    const step = (axes.items[0].x[1] ?? 1) - (axes.items[0].x[0] ?? 0);
    shape.show(axes, { label: `Window: ${content.title}.`, step, describe: ({ x }) => describeShape(axes, x) });
    showResponse();
  }

  function showResponse() {
    const isWhole = span.value === "whole";
    const axes = shown.axes[isWhole ? 2 : 1];
    const [curve] = readableItems(axes);
    response.show(axes, {
      label: `Frequency response of ${shown.title}, in dB.`,
      step: isWhole ? curve.x[1] - curve.x[0] : NEAR_STEP,
      describe: ({ x }) => describeResponse(axes, x, shown.bin_hertz),
    });
  }

  return () => {
    page.stop();
    shape.dispose();
    response.dispose();
  };
}

const linesOf = (axes) => readableItems(axes).filter(({ kind }) => kind === "line");

const describeShape = (axes, x) =>
  [`sample ${fixed(x)}`, ...linesOf(axes).map((line) => `${line.label} ${short(valueAt(line, x))}`)].join("  \u00b7  ");

function describeResponse(axes, x, hertz) {
  const where = hertz === null ? [] : [formatFrequency(x * hertz)];
  const values = linesOf(axes).map((line) => `${line.label} ${decibels(valueAt(line, x))}`);
  return [`${short(x)} bins`, ...where, ...values].join("  \u00b7  ");
}

const decibels = (value) => (value <= NOTHING ? "nothing" : `${fixed(value, 1)} dB`);

function binText({ frame_length: length, n_fft: points, bin_hertz: hertz, is_pair: isPair }) {
  const width = hertz === null ? "" : ` = ${formatHertz(hertz, 4)}`;
  const one = isPair ? "One bin of A" : "One bin";
  const bin = `${one} is sample_rate / frame_length${width}, as in the tables of Harris (1978).`;
  if (points === length) return bin;
  const spacing = hertz === null ? "" : `, ${formatHertz((hertz * length) / points, 4)} apart`;
  return `${bin} The bins of the FFT of ${points} samples are closer together${spacing}.`;
}

export default { render };
