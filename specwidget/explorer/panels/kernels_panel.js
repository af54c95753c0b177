// @ts-nocheck
// The kernels: cosines and sines as a picture, as curves of the bin under the cursor, and what training made of them.
import { h as element } from "../../charts/dom.js";
import { createNumberInput as numberInput, createForm as pageOf } from "../../widgets/fields.js";
import { toTypedArray as typed } from "../../charts/buffers.js";
import { splitExtremes as halves, createLazyPanel as foldingPanel } from "../lazy_panel.js";
import { fixed, frequency, short } from "../../charts/format.js";
import { drawPlotAxes, makeCanvas, makePlot, placeOn, plotBox, valueAt } from "../../charts/plots.js";
import { colourTable, coverage, paint, resample } from "../../raster/raster.js";

const TITLES = { real: "Cosine kernels (real part)", imag: "Sine kernels (imaginary part)" };
const CURVES = { real: "cosine", imag: "sine" };
const COLOURS = { real: "first", imag: "second" };
const NOT_FINITE = [128, 128, 128];
// While a cursor moves, its bin is handed over no more often than this.
const PAUSE = 60;

function render({ model, el }) {
  const page = pageOf(model);
  const field = numberInput({ id: page.id("bin"), inputmode: "numeric" }, choose, (value, by) =>
    Math.max(0, value + by),
  );
  const unit = element("span", { class: "specwidget-unit" });
  const problem = element("div", { class: "specwidget-error", id: page.id("bin-error"), role: "alert", hidden: true });
  const span = element(
    "select",
    { id: page.id("view") },
    [
      ["automatic", "automatic"],
      ["whole", "whole kernels"],
      ["close up", "close up"],
    ].map(([value, text]) => element("option", { value, text })),
  );
  span.addEventListener("change", () => page.set("view", span.value));
  const facts = element("output", { class: "specwidget-bin-facts", "aria-live": "polite" });
  const pictures = { real: makePicture("real"), imag: makePicture("imag") };
  const cell = element("p", { class: "specwidget-muted" });
  const curves = makePlot("Kernels of one bin", "Focus or point at the curves to read them.");
  const drift = makePlot("Drift", "Focus or point at the drift to read it.");
  const drifted = element("p", { class: "specwidget-muted" });
  field.input.setAttribute("aria-describedby", problem.id);
  const letGo = foldingPanel({
    model,
    el,
    name: "specwidget-kernels",
    title: "Kernels",
    hint: "what each frame is multiplied by",
    children: [
      element("div", { class: "specwidget-line" }, [
        element("label", { for: field.input.id, text: "Bin" }),
        field.input,
        unit,
        facts,
        element("span", { class: "specwidget-choice" }, [element("label", { for: span.id, text: "Picture" }), span]),
      ]),
      problem,
      element("div", { class: "specwidget-plots" }, [pictures.real.el, pictures.imag.el]),
      cell,
      element("div", { class: "specwidget-plots" }, [curves.el, drift.el]),
      drifted,
    ],
    show: { kernels: showKernels, curves: showCurves, drift: showDrift },
  });

  let kernels = null;
  let curve = null;
  let moved = null; // drift, where the kernels are trained
  let wanted = null;
  let timer = null;
  // Hand a bin over: what the hand sets at once, what a cursor passes with a pause.
  function choose(bin, isPassing = false) {
    wanted = bin;
    if (isPassing && timer) return;
    const hand = () => {
      timer = null;
      if (wanted !== model.get("bin")) page.set("bin", wanted);
    };
    if (!isPassing) hand();
    else timer = setTimeout(hand, PAUSE);
  }

  function showKernels(content, buffers) {
    const [codes, rows, columns] = [Uint16Array, Int32Array, Int32Array].map((Kind, i) => typed(buffers[i], Kind));
    kernels = { ...content, rowStarts: rows, columnStarts: columns };
    const size = content.rows * content.columns;
    for (const name of Object.keys(pictures)) {
      const i = content.names.indexOf(name);
      pictures[name].el.hidden = i < 0;
      pictures[name].show(i < 0 ? null : codes.subarray(i * size, (i + 1) * size));
    }
    const [samples, bins] = content.in_cell;
    const part = content.is_close
      ? `Close up: samples ${columns[0]} to ${columns.at(-1) - 1} of ${content.frame_length}, bins ${rows[0]} to ${rows.at(-1) - 1} of ${content.n_bins}. `
      : "";
    cell.textContent =
      part +
      (samples * bins > 1
        ? `A cell stands for up to ${samples} \u00d7 ${bins} values (samples \u00d7 bins), and shows one that is far from 0: where a kernel turns faster than that, its sign means nothing.`
        : "Each cell is one value.");
    unit.textContent = `0 to ${content.n_bins - 1}`;
  }

  function showCurves(content, buffers) {
    const arrays = buffers.map((buffer) => halves(typed(buffer, Float32Array)));
    const { names, first, step, reach, frame_length: length } = content;
    const own = names.map((name, i) => ({ name: CURVES[name], first, step, ...arrays[i], colour: COLOURS[name] }));
    const fourier = content.is_trained
      ? names.map((name, i) => ({
          name: `Fourier's ${CURVES[name]}`,
          first,
          step,
          ...arrays[names.length + i],
          colour: "muted",
          style: "dashed",
          width: 1,
        }))
      : [];
    curve = content;
    curves.show({
      label: `Kernels of bin ${content.bin}.`,
      title: `Bin ${content.bin}: ${own.map(({ name, colour }) => `${name} ${colour === "first" ? "(blue)" : "(orange)"}`).join(", ")}${fourier.length ? ", Fourier's dashed" : ""}`,
      x: { low: 0, high: Math.max(1, length - 1), title: "Sample of the frame" },
      y: { low: -1.05 * reach, high: 1.05 * reach, title: "Weight" },
      curves: [...own, ...fourier],
      step,
      describe: (x) =>
        [`sample ${fixed(x)}`, ...[...own, ...fourier].map((each) => `${each.name} ${short(valueAt(each, x))}`)].join(
          "  \u00b7  ",
        ),
    });
    if (model.get("bin_problem") === "") field.show(content.bin);
    tellBin();
    for (const picture of Object.values(pictures)) picture.redraw();
  }

  function showDrift(content, buffers) {
    const [distance, centre, bandwidth] = buffers.map((buffer) => typed(buffer, Float32Array));
    moved = content.is_trained ? { ...content, distance, centre, bandwidth } : null;
    drift.el.hidden = !moved;
    drifted.textContent = moved
      ? `Training moved the kernels by ${short(moved.mean, 3)} on average, most in bin ${moved.farthest}: ${short(moved.largest, 3)} of the size of Fourier's.`
      : "These are Fourier's kernels: they have not moved.";
    tellBin();
    if (!moved) return;
    const high = 1.05 * moved.largest || 1;
    drift.show({
      label: "Drift of each bin from Fourier's kernels.",
      title: "Drift: distance from Fourier's kernels",
      x: { low: 0, high: Math.max(1, distance.length - 1), title: "Bin" },
      y: { low: 0, high, title: "Share of their size" },
      curves: [{ first: 0, step: 1, low: distance, high: distance, colour: "first" }],
      step: 1,
      describe: (x) => `bin ${fixed(x)}  \u00b7  ${driftOf(Math.round(x))}`,
    });
  }

  const hertz = (value, hasRate) => (hasRate ? frequency(value) : `${short(value)} cycles/sample`);
  function driftOf(bin) {
    const [at, width] = [moved.centre[bin], moved.bandwidth[bin]];
    const where = Number.isFinite(at)
      ? [
          `centre ${hertz(at, moved.has_rate)}, Fourier's ${hertz(bin * moved.spacing, moved.has_rate)}`,
          `bandwidth ${hertz(width, moved.has_rate)}`,
        ]
      : ["answers to nothing"];
    return [`drift ${short(moved.distance[bin], 3)}`, ...where].join("  \u00b7  ");
  }
  function tellBin() {
    if (!curve) return;
    const whole = `${hertz(curve.frequency, curve.has_rate)}  \u00b7  ${short(curve.turns)} turn${curve.turns === 1 ? "" : "s"} in a frame`;
    facts.textContent = moved && curve.bin < moved.distance.length ? `${whole}  \u00b7  ${driftOf(curve.bin)}` : whole;
  }

  // One kernel's picture: samples across, bins upwards; the chosen bin has a line, a click or an arrow key chooses another.
  function makePicture(name) {
    let codes = null;
    const label = `${TITLES[name]}: samples of the frame across, bins upwards. Up and down choose a bin.`;
    const view = makeCanvas(
      { role: "img", tabindex: 0, "aria-label": label },
      (context, width, height, look, ratio) => {
        if (!codes || !kernels) return;
        const box = plotBox(width, height, true);
        const [x, y] = axesOf(kernels);
        drawCodes(context, codes, kernels, box, ratio, tableOf());
        drawPlotAxes(context, box, { x, y, title: TITLES[name], isBare: true }, look);
        const place = Math.round(box.y + box.height - placeOn(y, curve?.bin ?? -9, box.height)) + 0.5;
        if (place > box.y && place < box.y + box.height) {
          context.strokeStyle = look.ink;
          context.strokeRect(box.x, place - 1.5, box.width, 3);
        }
      },
    );
    const canvas = view.el;
    const binAt = (event) => {
      const box = plotBox(canvas.clientWidth, canvas.clientHeight, true);
      const up = 1 - (event.clientY - canvas.getBoundingClientRect().top - box.y) / box.height;
      const [lowest, end] = [kernels.rowStarts[0], kernels.rowStarts.at(-1)];
      return up < 0 || up > 1 ? null : Math.min(end - 1, lowest + Math.floor(up * (end - lowest)));
    };
    canvas.addEventListener("click", (event) => {
      const bin = kernels && binAt(event);
      if (bin !== null) choose(bin);
    });
    canvas.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      const end = { Home: 0, End: kernels?.n_bins - 1 }[event.key];
      if (!kernels || !curve || (by === undefined && end === undefined)) return;
      event.preventDefault();
      event.stopPropagation();
      const from = Number.isInteger(wanted) ? wanted : curve.bin;
      choose(end ?? Math.min(kernels.n_bins - 1, Math.max(0, from + by * (event.shiftKey ? 10 : 1))));
    });
    return {
      el: element("figure", { class: "specwidget-plot" }, [canvas]),
      redraw: view.redraw,
      dispose: view.dispose,
      show(next) {
        codes = next;
        view.redraw();
      },
    };
  }
  function tableOf() {
    const tables = model.get("tables");
    const reach = Math.max(Math.abs(kernels.low), Math.abs(kernels.high)) || 1;
    const isDark = document.body.dataset.jpThemeLight === "false";
    return colourTable(isDark ? tables.dark : tables.light, kernels.low, kernels.high, -reach, reach, NOT_FINITE);
  }

  const showProblem = () => {
    problem.textContent = model.get("bin_problem");
    problem.hidden = !model.get("bin_problem");
    field.input.setAttribute("aria-invalid", String(!problem.hidden));
  };
  const showView = () => (span.value = model.get("view"));
  model.on("change:bin_problem", showProblem);
  model.on("change:view", showView);
  showProblem();
  showView();
  const passed = ({ detail }) => {
    if (detail && model.get("is_open") && Number.isInteger(detail.bin)) choose(detail.bin, true);
  };
  // The page around is there when the view has been attached.
  let around = null;
  const attached = requestAnimationFrame(() => {
    around = el.closest(".specwidget");
    around?.addEventListener("specwidget:cursor", passed);
  });

  return () => {
    cancelAnimationFrame(attached);
    clearTimeout(timer);
    around?.removeEventListener("specwidget:cursor", passed);
    model.off("change:bin_problem", showProblem);
    model.off("change:view", showView);
    letGo();
    for (const each of [...Object.values(pictures), curves, drift]) each.dispose();
  };
}

// The axes of a picture: cells are as wide as what they stand for, so that half a cell lies beyond each end.
function axesOf({ columnStarts, rowStarts, spacing, has_rate: hasRate }) {
  const [lowest, highest] = [rowStarts[0], rowStarts.at(-1) - 1];
  return [
    { low: columnStarts[0] - 0.5, high: columnStarts.at(-1) - 0.5, title: "Sample of the frame" },
    {
      low: lowest - 0.5,
      high: highest + 0.5,
      title: `Bin (${frequencyText(lowest * spacing, hasRate)} to ${frequencyText(highest * spacing, hasRate)})`,
    },
  ];
}

const frequencyText = (value, hasRate) => (hasRate ? frequency(value) : `${short(value, 3)} cycles/sample`);

function drawCodes(context, codes, kernels, box, ratio, table) {
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  const edges = (starts, size) =>
    Float64Array.from(starts, (start) => ((start - starts[0]) / (starts.at(-1) - starts[0])) * size);
  const across = coverage(edges(kernels.columnStarts, width), width);
  const up = coverage(edges(kernels.rowStarts, height), height);
  const centre = 1 + ((0 - kernels.low) / (kernels.high - kernels.low || 1)) * 65534;
  const target = new Uint32Array(width * height);
  resample(codes, kernels.columns, across, up, "diverging", centre, target, width, height);
  const image = new ImageData(width, height);
  paint(target, table, new Uint32Array(image.data.buffer));
  context.putImageData(image, Math.round(box.x * ratio), Math.round(box.y * ratio));
}

export default { render };
