// @ts-nocheck
// The window: its shape, its frequency response, and its figures of merit, symmetric and periodic over each other.
import { h as element } from "../../charts/dom.js";
import { createForm as pageOf } from "../../widgets/fields.js";
import { toTypedArray as typed } from "../../charts/buffers.js";
import {
  splitExtremes as halves,
  createLazyPanel as foldingPanel,
  createRowsTable as rowsTable,
} from "../lazy_panel.js";
import { fixed, frequency, short } from "../../charts/format.js";
import { makePlot, valueAt } from "../../charts/plots.js";

const COLOURS = ["first", "second"];
const STYLES = ["solid", "dashed"];
const CURVES = ["shape", "near", "whole"];
// Bins of the DFT are dotted on the response where they lie at least so many pixels apart.
const LEAST_APART = 5;

function render({ model, el }) {
  const page = pageOf(model);
  const title = element("p", { class: "specwidget-subject" });
  const legend = element("p", { class: "specwidget-legend" });
  const sentence = element("p", { class: "specwidget-muted" });
  const shape = makePlot("Window", "Focus or point at the shape to read it.");
  const response = makePlot("Frequency response", "Focus or point at the response to read it.");
  const span = element("select", { id: page.id("span") }, [
    element("option", { value: "near", text: "main lobe" }),
    element("option", { value: "whole", text: "all frequencies" }),
  ]);
  const table = rowsTable("Figures of merit", "What it is");
  const unit = element("p", { class: "specwidget-muted" });
  const letGo = foldingPanel({
    model,
    el,
    name: "specwidget-window",
    title: "Window",
    hint: "shape, frequency response, figures of merit",
    children: [
      element("div", { class: "specwidget-line" }, [
        title,
        legend,
        element("span", { class: "specwidget-choice" }, [element("label", { for: span.id, text: "Response" }), span]),
      ]),
      element("div", { class: "specwidget-plots" }, [shape.el, response.el]),
      sentence,
      table.el,
      unit,
    ],
    show: { window: receive },
  });
  span.addEventListener("change", () => shown && showResponse());

  let shown = null;
  function receive(content, buffers) {
    const arrays = buffers.map((buffer) => typed(buffer, Float32Array));
    const forms = content.forms.map((form, i) => ({
      name: form.name,
      ...Object.fromEntries(
        CURVES.map((name, j) => [
          name,
          { ...form[name], ...halves(arrays[CURVES.length * i + j]), colour: COLOURS[i], style: STYLES[i] },
        ]),
      ),
    }));
    shown = { ...content, forms };
    title.textContent = content.title;
    legend.replaceChildren(
      ...forms.map(({ name }, i) =>
        element("span", { class: `specwidget-key specwidget-key-${STYLES[i]}`, text: name }),
      ),
    );
    legend.hidden = forms.length < 2;
    sentence.textContent = content.sentence;
    table.show(
      forms.map(({ name }) => name),
      content.rows,
    );
    unit.textContent = unitOf(content);
    showShape();
    showResponse();
  }

  function showShape() {
    const { frame_length: length, forms } = shown;
    shape.show({
      label: `Window: ${shown.title}.`,
      title: "Shape",
      x: { low: 0, high: Math.max(1, length - 1), title: "Sample of the frame" },
      y: rangeOf(forms.map((form) => form.shape)),
      curves: forms.map((form) => form.shape),
      step: forms[0].shape.step,
      describe: (x) =>
        [`sample ${fixed(x)}`, ...forms.map((form) => `${form.name} ${short(valueAt(form.shape, x))}`)].join(
          "  \u00b7  ",
        ),
    });
  }

  function showResponse() {
    const { forms, near, frame_length: length, n_fft: points, bin_hertz: hertz } = shown;
    const whole = span.value === "whole";
    const high = whole ? length / 2 : near;
    const bottom = bottomOf(shown.side_lobe);
    const curves = forms.map((form) => (whole ? form.whole : mirrored(form.near)));
    const apart = length / points;
    const dots = [];
    const width = Math.max(1, response.el.clientWidth - 62);
    if (!whole && (apart / (2 * high)) * width >= LEAST_APART) {
      for (let k = -Math.floor(high / apart); k * apart <= high; k++)
        dots.push({ x: k * apart, y: valueAt(curves[0], k * apart) });
    }
    response.show({
      label: `Frequency response of ${shown.title}, in dB.`,
      title: dots.length ? "Response; dots: the FFT's bins" : "Response",
      x: {
        low: whole ? 0 : -high,
        high,
        title: hertz === null ? "Frequency (bins)" : `Frequency (bins of ${short(hertz)} Hz)`,
      },
      y: { low: bottom, high: 5, title: "dB" },
      curves,
      points: dots,
      step: whole ? curves[0].step : 1 / 16,
      describe: (x) => {
        const where = [
          `${short(x)} bins`,
          ...(hertz === null ? [] : [`${x < 0 ? "\u2212" : ""}${frequency(Math.abs(x) * hertz)}`]),
        ];
        return [
          ...where,
          ...forms.map(
            (form) =>
              `${form.name} ${decibels(valueAt(whole ? { ...form.whole, low: form.whole.high } : form.near, Math.abs(x)))}`,
          ),
        ].join("  \u00b7  ");
      },
    });
  }

  return () => {
    letGo();
    shape.dispose();
    response.dispose();
  };
}

const decibels = (value) => (value <= -299 ? "nothing" : `${fixed(value, 1)} dB`);

// A curve that begins near 0, together with its mirror image.
export function mirrored(curve) {
  const join = (values) => Float32Array.from([...[...values].reverse(), ...values.subarray(curve.first === 0 ? 1 : 0)]);
  const n = curve.low.length - (curve.first === 0 ? 1 : 0);
  return {
    ...curve,
    first: curve.first === 0 ? -n * curve.step : -curve.first - n * curve.step + curve.step,
    low: join(curve.low),
    high: join(curve.high),
  };
}

// The axis of a shape: from 0, or lower where it has values below, to a little above the highest.
export function rangeOf(curves) {
  let [low, high] = [0, 0];
  for (const curve of curves) {
    for (const value of curve.low) low = Math.min(low, value);
    for (const value of curve.high) high = Math.max(high, value);
  }
  const room = 0.05 * (high - low || 1);
  return { low: low < 0 ? low - room : 0, high: high + room, title: "Weight" };
}

// The lowest decibels shown: some way below the highest side lobe.
export function bottomOf(sideLobe) {
  const lowest = sideLobe === null ? -100 : 20 * Math.floor((sideLobe - 40) / 20);
  return Math.max(-220, Math.min(-80, lowest));
}

function unitOf({ frame_length: length, n_fft: points, bin_hertz: hertz }) {
  const bin = `A bin is here sample_rate / frame_length${hertz === null ? "" : ` = ${short(hertz)} Hz`}, as in the tables of Harris (1978).`;
  return points === length
    ? bin
    : `${bin} The FFT of ${points} samples has its bins closer together${hertz === null ? "" : `, ${short((hertz * length) / points)} Hz apart`}.`;
}

export default { render };
