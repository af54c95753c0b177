// The shapes from input to output as a diagram: each step with its axes, and beside it the quantities that they follow
// from. A click on a step or a quantity explains it and marks it in the waveform and the spectrogram.
import { h } from "../../charts/dom.js";
import { sendPageEvent } from "../page_events.js";
import { createTabPage } from "../tab_page.js";
import { glyph } from "./glyphs.js";
import { createButtonRow } from "../../widgets/roving.js";

const HINT = "Click a step to read what it means; it is marked in the spectrogram.";

function render({ model, el }) {
  const status = h("p", { class: "specwidget-hidden", role: "status" });
  const meaning = h("p", { class: "specwidget-meaning", hidden: true });
  let steps = [];
  const list = h("ol", { class: "specwidget-steps" });
  const boxes = [];
  // The steps of a mel spectrogram are others than those of an STFT. Return whether they have changed.
  function showSteps() {
    const names = model.get("steps");
    if (String(names) === String(steps.map(({ name }) => name))) return false;
    steps = names.map((name) => steps.find((step) => step.name === name) ?? createStep(name, choose));
    list.replaceChildren(...steps.map((step) => step.el));
    boxes.splice(0, boxes.length, ...steps.map((step) => step.el.querySelector("button")));
    return true;
  }
  showSteps();
  const updateStop = createButtonRow(list, boxes);
  const result = createResult();
  const hint = h("p", { class: "specwidget-muted", text: HINT });
  const page = createTabPage({
    ...{ model, el },
    name: "specwidget-shapes",
    title: "Shapes",
    children: [list, meaning, result.el, hint, status],
  });

  let chosen = null; // the name of a row
  function show() {
    const rows = model.get("shapes");
    if (showSteps()) updateStop(boxes[0]);
    if (!rows.some((row) => row.name === chosen)) chosen = null;
    for (const step of steps)
      step.show(
        rows.filter((row) => row.step === step.name),
        chosen,
      );
    updateStop();
    const explained = rows.find((row) => row.name === chosen);
    meaning.textContent = explained?.meaning ?? "";
    meaning.hidden = !explained;
  }
  const showResult = () => result.show(model.get("results"));
  function choose(name) {
    chosen = chosen === name ? null : name;
    show();
    const row = model.get("shapes").find((each) => each.name === chosen);
    status.textContent = row?.meaning ?? "";
    sendPageEvent(el, "highlight", { what: row?.mark || null });
  }
  const onKey = (event) => {
    if (event.key === "Escape" && chosen) choose(chosen);
  };
  el.addEventListener("keydown", onKey);
  model.on("change:shapes change:steps", show);
  model.on("change:results", showResult);
  show();
  showResult();
  return () => {
    page.stop();
    el.removeEventListener("keydown", onKey);
    model.off("change:shapes change:steps", show);
    model.off("change:results", showResult);
  };
}

// A step: a box of the diagram that is a button, and a table of its quantities.
function createStep(name, choose) {
  const drawing = h("span", { class: "specwidget-glyph", "aria-hidden": "true" });
  const axes = h("span", { class: "specwidget-axes" });
  const box = h("button", { type: "button", class: "specwidget-box" }, [h("strong", { text: name }), drawing, axes]);
  const head = h("thead", { class: "specwidget-hidden" }, [
    h(
      "tr",
      {},
      ["Quantity", "Value", "Formula"].map((text) => h("th", { scope: "col", text })),
    ),
  ]);
  const body = h("tbody");
  let first = null;
  box.addEventListener("click", () => first && choose(first));
  const lines = new Map(); // by name, so that a button keeps the focus while its value changes
  let shown = ""; // the displayed content: a step that does not change is left alone, and with it a selection of text
  return {
    name,
    el: h("li", { class: "specwidget-step", "data-step": name }, [
      box,
      h("table", { class: "specwidget-table", "aria-label": `Quantities of ${name}` }, [head, body]),
    ]),
    show(rows, chosen) {
      const next = JSON.stringify([rows, chosen]);
      if (next === shown) return;
      shown = next;
      first = rows[0]?.name ?? null;
      box.disabled = !first;
      box.setAttribute("aria-pressed", String(first !== null && first === chosen));
      if (!first) return;
      drawing.innerHTML = glyph(name, rows[0].shares);
      axes.replaceChildren(...rows[0].axes.map(toAxis));
      for (const row of rows) {
        if (!lines.has(row.name)) lines.set(row.name, createRow(row, row.name !== first && row.mark !== "", choose));
        lines.get(row.name).show(row, chosen);
      }
      const wanted = rows.map((row) => lines.get(row.name).el);
      if (wanted.length !== body.children.length || wanted.some((each, i) => each !== body.children[i]))
        body.replaceChildren(...wanted);
    },
  };
}

// Facts about the result: each with its value, and how it follows.
function createResult() {
  const titles = ["Quantity", "Value", "Formula"].map((text) => h("th", { scope: "col", text }));
  const head = h("thead", { class: "specwidget-hidden" }, [h("tr", {}, titles)]);
  const body = h("tbody");
  const toRow = ({ name, value, formula }) =>
    h("tr", { "data-name": name }, [
      h("th", { scope: "row", text: name }),
      h("td", { class: "specwidget-value", text: value }),
      h("td", { class: "specwidget-formula", text: formula }),
    ]);
  return {
    el: h("table", { class: "specwidget-table specwidget-result", "aria-label": "Result" }, [head, body]),
    show: (rows) => body.replaceChildren(...rows.map(toRow)),
  };
}

function createRow({ name }, canBeMarked, choose) {
  const label = canBeMarked ? h("button", { type: "button", class: "specwidget-quantity", text: name }) : null;
  label?.addEventListener("click", () => choose(name));
  const value = h("td", { class: "specwidget-value" });
  const formula = h("td", { class: "specwidget-formula" });
  return {
    el: h("tr", { "data-name": name }, [h("th", { scope: "row" }, [label ?? name]), value, formula]),
    show(row, chosen) {
      if (value.textContent !== row.value) value.textContent = row.value;
      if (formula.textContent !== row.formula) formula.textContent = row.formula;
      label?.setAttribute("aria-pressed", String(name === chosen));
    },
  };
}

const toAxis = ({ symbol, name, length }) =>
  h("span", { class: "specwidget-axis", title: `${symbol}: ${name}` }, [
    h("b", { text: String(length) }),
    h("span", { text: name }),
  ]);

export default { render };
