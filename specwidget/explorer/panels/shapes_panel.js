// The shapes from input to output as a diagram: each step with its axes, and beside it the quantities that they follow
// from. A click on a step or a quantity explains it and marks it in the waveform and the spectrogram.
import { h } from "../../charts/dom.js";
import { initView } from "../../widgets/fields.js";
import { glyph } from "./glyphs.js";

const HINT = "Click a step to read what it means; it is marked in the spectrogram.";

function render({ model, el }) {
  const status = h("p", { class: "specwidget-hidden", role: "status" });
  const steps = model.get("steps").map((name) => createStep(name, choose));
  initView(el, "specwidget-shapes");
  el.replaceChildren(
    h("section", {}, [
      h("h3", { text: "Shapes" }),
      h("p", { class: "specwidget-muted", text: HINT }),
      h(
        "ol",
        { class: "specwidget-steps" },
        steps.map((step) => step.el),
      ),
      status,
    ]),
  );

  let chosen = null; // the name of a row
  function show() {
    const rows = model.get("shapes");
    if (!rows.some((row) => row.name === chosen)) chosen = null;
    for (const step of steps)
      step.show(
        rows.filter((row) => row.step === step.name),
        chosen,
      );
  }
  function choose(name) {
    chosen = chosen === name ? null : name;
    show();
    const row = model.get("shapes").find((each) => each.name === chosen);
    status.textContent = row?.meaning ?? "";
    el.dispatchEvent(new CustomEvent("specwidget:highlight", { detail: { what: row?.mark || null }, bubbles: true }));
  }
  const onKey = (event) => {
    if (event.key === "Escape" && chosen) choose(chosen);
  };
  el.addEventListener("keydown", onKey);
  model.on("change:shapes", show);
  show();
  return () => {
    el.removeEventListener("keydown", onKey);
    model.off("change:shapes", show);
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
  const columns = h(
    "colgroup",
    {},
    ["name", "value", "formula"].map((part) => h("col", { class: `specwidget-col-${part}` })),
  );
  const body = h("tbody");
  const meaning = h("p", { class: "specwidget-meaning", hidden: true });
  let first = null;
  box.addEventListener("click", () => first && choose(first));
  const lines = new Map(); // by name, so that a button keeps the focus while its value changes
  let shown = ""; // the displayed content: a step that does not change is left alone, and with it a selection of text
  return {
    name,
    el: h("li", { class: "specwidget-step", "data-step": name }, [
      box,
      h("div", {}, [
        h("table", { class: "specwidget-table", "aria-label": `Quantities of ${name}` }, [columns, head, body]),
        meaning,
      ]),
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
      const explained = rows.find((row) => row.name === chosen);
      meaning.textContent = explained?.meaning ?? "";
      meaning.hidden = !explained;
    },
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
