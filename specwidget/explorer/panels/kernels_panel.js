// The kernels: images of the cosines and sines, the curves of one bin, and how far training moved each bin.
import { toTypedArray } from "../../charts/buffers.js";
import { createChart } from "../../charts/chart.js";
import { h } from "../../charts/dom.js";
import { fixed, short } from "../../summary/format.js";
import { formatFrequency } from "../../summary/quantities.js";
import { cellValue, readableItems, valueAt } from "../../charts/readout.js";
import { decodeScene } from "../../charts/scene.js";
import { createForm } from "../../widgets/fields.js";
import { createNumberInput } from "../../widgets/inputs.js";
import { createLazyPanel } from "../lazy_panel.js";
import { followCursor } from "../page_events.js";

const VIEWS = [
  ["automatic", "automatic"],
  ["whole", "whole kernels"],
  ["close up", "close up"],
];
const SEPARATOR = "  \u00b7  ";
// Milliseconds between two bins that are set while the cursor of the spectrogram moves.
const THROTTLE_MS = 60;

function render({ model, el }) {
  const form = createForm(model);
  const chooser = createBinChooser(model, form);
  const field = createBinField(model, form, chooser.choose);
  const images = createKernelImages(model, chooser);
  const view = createViewMenu(model, form);
  const cell = h("p", { class: "specwidget-muted" });
  const curves = createChart({ hint: "Focus or point at the curves to read them." });
  const drift = createChart({ hint: "Focus or point at the drift to read it." });
  const drifted = h("p", { class: "specwidget-muted" });
  /** @type {any} */
  let shownBin = null; // the content of the curves
  /** @type {any} */
  let trained = null; // the drift, where the kernels are trained
  const page = createLazyPanel({
    model,
    el,
    name: "specwidget-kernels",
    title: "Kernels",
    children: [
      h("div", { class: "specwidget-line" }, [...field.nodes, h("span", { class: "specwidget-choice" }, view.nodes)]),
      field.problem,
      h("div", { class: "specwidget-charts" }, images.nodes),
      cell,
      h("div", { class: "specwidget-charts" }, [curves.el, drift.el]),
      drifted,
    ],
    show: { kernels: showKernels, curves: showCurves, drift: showDrift },
  });

  function showKernels(content, buffers) {
    images.show(content, decodeScene(content.scene, buffers).axes);
    cell.textContent = cellText(content);
    field.setLimit(content.n_bins - 1);
  }
  function showCurves(content, buffers) {
    const [axes] = decodeScene(content.scene, buffers).axes;
    const [{ x }] = axes.items;
    shownBin = content;
    curves.show(axes, {
      label: `Kernels of bin ${content.bin}.`,
      step: x.length > 1 ? x[1] - x[0] : 1,
      describe: (cursor) => describeCurves(axes, cursor),
    });
    chooser.shown(content.bin);
    images.markBin(content.bin);
    field.show(content.bin);
    field.setFacts(binFacts(content, trained));
  }
  function showDrift(content, buffers) {
    trained = content.is_trained ? decodeDrift(content, buffers) : null;
    drift.el.hidden = !trained;
    drifted.textContent = driftText(content);
    if (shownBin) field.setFacts(binFacts(shownBin, trained));
    if (!trained) return;
    drift.show(trained.axes, {
      label: "Drift of each bin from the Fourier kernels.",
      step: 1,
      describe: ({ x }) => `bin ${fixed(x)}${SEPARATOR}${driftFacts(trained, Math.round(x))}`,
    });
  }

  const stopFollowing = followCursor(el, (cursor) => {
    if (cursor && page.isOpen() && Number.isInteger(cursor.bin)) chooser.choose(cursor.bin, true);
  });
  return () => {
    stopFollowing();
    chooser.dispose();
    field.dispose();
    view.dispose();
    page.stop();
    images.dispose();
    for (const chart of [curves, drift]) chart.dispose();
  };
}

// Sets the bin: at once, or throttled where it follows the cursor of the spectrogram.
function createBinChooser(model, form) {
  /** @type {any} */
  let wanted = null;
  let current = 0;
  /** @type {any} */
  let timer = null;
  const send = () => {
    timer = null;
    if (wanted !== model.get("bin")) form.set("bin", wanted);
  };
  return {
    choose(bin, isThrottled = false) {
      wanted = bin;
      if (isThrottled && timer) return;
      if (!isThrottled) send();
      else timer = setTimeout(send, THROTTLE_MS);
    },
    // The bin that was chosen last, which may not be shown yet.
    bin: () => (Number.isInteger(wanted) ? wanted : current),
    shown: (bin) => (current = bin),
    dispose: () => clearTimeout(timer),
  };
}

// The number of the bin, what is known of it, and why a number is refused.
function createBinField(model, form, choose) {
  const { input, show } = createNumberInput({ id: form.id("bin"), inputmode: "numeric" }, choose, (value, by) =>
    Math.max(0, value + by),
  );
  const limit = h("span", { class: "specwidget-unit" });
  const facts = h("output", { class: "specwidget-bin-facts", "aria-live": "polite" });
  const problem = h("div", { class: "specwidget-error", id: form.id("bin-error"), role: "alert", hidden: true });
  input.setAttribute("aria-describedby", problem.id);
  const showProblem = () => {
    problem.textContent = model.get("bin_problem");
    problem.hidden = !model.get("bin_problem");
    input.setAttribute("aria-invalid", String(!problem.hidden));
  };
  model.on("change:bin_problem", showProblem);
  showProblem();
  return {
    nodes: [h("label", { for: input.id, text: "Bin" }), input, limit, facts],
    problem,
    show: (bin) => model.get("bin_problem") === "" && show(bin),
    setLimit: (highest) => (limit.textContent = `0 to ${highest}`),
    setFacts: (text) => (facts.textContent = text),
    dispose: () => model.off("change:bin_problem", showProblem),
  };
}

// The menu of the part that the images show.
function createViewMenu(model, form) {
  const options = VIEWS.map(([value, text]) => h("option", { value, text }));
  const menu = h("select", { id: form.id("view") }, options);
  const show = () => (menu.value = model.get("view"));
  menu.addEventListener("change", () => form.set("view", menu.value));
  model.on("change:view", show);
  show();
  return {
    nodes: [h("label", { for: menu.id, text: "Show" }), menu],
    dispose: () => model.off("change:view", show),
  };
}

// The images of the kernels. The chosen bin lies between two lines; a click, or an arrow key up or down, chooses another.
function createKernelImages(model, chooser) {
  const { light, dark } = model.get("tables");
  const palette = { maps: { diverging: [light, dark] } };
  const charts = ["real", "imag"].map((name) => ({ name, chart: createChart({ palette }) }));
  let nBins = 0;
  /** @type {number[]} */
  let range = []; // of the samples
  let markedBin = 0;
  function mark() {
    const y = [markedBin - 0.5, markedBin + 0.5];
    for (const { chart } of charts) chart.mark([{ kind: "band", x: range, y, colour: "ink", fill: "none" }]);
  }
  const onKey = (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const end = { Home: 0, End: nBins - 1 }[event.key];
    if (!nBins || (by === undefined && end === undefined)) return;
    event.preventDefault();
    // The chart would move its cursor.
    event.stopImmediatePropagation();
    chooser.choose(end ?? Math.min(nBins - 1, Math.max(0, chooser.bin() + by * (event.shiftKey ? 10 : 1))));
  };
  for (const { chart } of charts) {
    chart.canvas.addEventListener("keydown", onKey, true);
    chart.canvas.addEventListener("click", (event) => {
      const point = chart.pointAt(event);
      if (point) chooser.choose(Math.min(nBins - 1, Math.round(point.y)));
    });
  }
  return {
    nodes: charts.map(({ chart }) => chart.el),
    show({ n_bins: count, names }, axes) {
      nBins = count;
      range = axes[0].x_range;
      for (const { name, chart } of charts) {
        const i = names.indexOf(name);
        chart.el.hidden = i < 0;
        if (i < 0) continue;
        chart.show(axes[i], {
          label: `${axes[i].title}: samples of the frame across, bins upwards. Up and down choose a bin.`,
          step: { x: 1, y: 1 },
          describe: ({ x, y }) => describeCell(axes[i], x, y),
        });
      }
      mark();
    },
    markBin(bin) {
      markedBin = bin;
      mark();
    },
    dispose() {
      for (const { chart } of charts) chart.dispose();
    },
  };
}

function decodeDrift(content, buffers) {
  const [centre, bandwidth] = buffers.slice(-2).map((buffer) => toTypedArray(buffer, Float32Array));
  const [axes] = decodeScene(content.scene, buffers).axes;
  return { ...content, axes, distance: axes.items[0].y, centre, bandwidth };
}

function cellText({
  samples,
  bins,
  in_cell: [nSamples, nBins],
  is_close: isClose,
  frame_length: length,
  n_bins: count,
}) {
  const part = isClose
    ? `Close up: samples ${samples[0]} to ${samples[1]} of ${length}, bins ${bins[0]} to ${bins[1]} of ${count}. `
    : "";
  if (nSamples * nBins === 1) return `${part}Each cell is one value.`;
  const size = `${nSamples} \u00d7 ${nBins} values (samples \u00d7 bins)`;
  return `${part}Each cell shows the value of largest magnitude among up to ${size}; where a kernel oscillates within a cell, the sign is arbitrary.`;
}

const hertzText = (value, hasRate) => (hasRate ? formatFrequency(value) : `${short(value)} cycles/sample`);

function driftText({ is_trained: isTrained, mean, largest, farthest }) {
  if (!isTrained) return "The kernels are still the Fourier basis.";
  const size = `${short(largest, 3)} of the norm of its Fourier kernel`;
  return `Distance from the Fourier kernels: ${short(mean, 3)} on average, largest in bin ${farthest}: ${size}.`;
}

function driftFacts({ distance, centre, bandwidth, has_rate: hasRate, spacing }, bin) {
  const [at, width] = [centre[bin], bandwidth[bin]];
  const response = Number.isFinite(at)
    ? [
        `centre ${hertzText(at, hasRate)}, Fourier ${hertzText(bin * spacing, hasRate)}`,
        `bandwidth ${hertzText(width, hasRate)}`,
      ]
    : ["no response"];
  return [`drift ${short(distance[bin], 3)}`, ...response].join(SEPARATOR);
}

function binFacts({ bin, frequency: hertz, has_rate: hasRate, cycles }, trained) {
  const facts = [hertzText(hertz, hasRate), `${short(cycles)} cycle${cycles === 1 ? "" : "s"} per frame`];
  return [...facts, ...(trained && bin < trained.distance.length ? [driftFacts(trained, bin)] : [])].join(SEPARATOR);
}

const describeCurves = (axes, { x }) =>
  [`sample ${fixed(x)}`, ...readableItems(axes).map((line) => `${line.label} ${short(valueAt(line, x))}`)].join(
    SEPARATOR,
  );

function describeCell({ items: [image] }, x, y) {
  return [`sample ${fixed(x)}`, `bin ${fixed(y)}`, short(cellValue(image, { x, y }))].join(SEPARATOR);
}

export default { render };
