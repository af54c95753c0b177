// The way of the data as a diagram: each step with its axes, and beside it the facts that it follows from. A click on a
// step, or on a fact that can be seen, says what it means and has it marked in the waveform and the picture.
import { element, prepare } from "../../widgets/fields.js";
import { glyph } from "./glyphs.js";

const HINT = "Click a step to read what it means, and to see it marked in the picture.";

function render({ model, el }) {
  const news = element("p", { class: "specwidget-hidden", role: "status" });
  const steps = model.get("steps").map((name) => makeStep(name, choose));
  prepare(el, "specwidget-shapes");
  el.replaceChildren(
    element("section", {}, [
      element("h3", { text: "Shapes" }),
      element("p", { class: "specwidget-muted", text: HINT }),
      element(
        "ol",
        { class: "specwidget-steps" },
        steps.map((step) => step.el),
      ),
      news,
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
    news.textContent = row?.meaning ?? "";
    el.dispatchEvent(new CustomEvent("specwidget:highlight", { detail: { what: row?.mark || null }, bubbles: true }));
  }
  const escape = (event) => {
    if (event.key === "Escape" && chosen) choose(chosen);
  };
  el.addEventListener("keydown", escape);
  model.on("change:shapes", show);
  show();
  return () => {
    el.removeEventListener("keydown", escape);
    model.off("change:shapes", show);
  };
}

// One step: a box of the diagram that is a button, and a table of its facts.
function makeStep(name, choose) {
  const drawing = element("span", { class: "specwidget-glyph", "aria-hidden": "true" });
  const axes = element("span", { class: "specwidget-axes" });
  const box = element("button", { type: "button", class: "specwidget-box" }, [
    element("strong", { text: name }),
    drawing,
    axes,
  ]);
  const head = element("thead", { class: "specwidget-hidden" }, [
    element(
      "tr",
      {},
      ["Fact", "Value", "How"].map((text) => element("th", { scope: "col", text })),
    ),
  ]);
  const columns = element(
    "colgroup",
    {},
    ["name", "value", "formula"].map((part) => element("col", { class: `specwidget-col-${part}` })),
  );
  const body = element("tbody");
  const meaning = element("p", { class: "specwidget-meaning", hidden: true });
  let first = null;
  box.addEventListener("click", () => first && choose(first));
  const lines = new Map(); // by name, so that a button keeps the focus while its value changes
  let shown = ""; // what stands there: what does not change is left alone, selected text too
  return {
    name,
    el: element("li", { class: "specwidget-step", "data-step": name }, [
      box,
      element("div", {}, [
        element("table", { class: "specwidget-table", "aria-label": `Facts about ${name}` }, [columns, head, body]),
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
      axes.replaceChildren(...rows[0].axes.map(axisOf));
      for (const row of rows) {
        if (!lines.has(row.name)) lines.set(row.name, makeLine(row, row.name !== first && row.mark !== "", choose));
        lines.get(row.name).show(row, chosen);
      }
      const wanted = rows.map((row) => lines.get(row.name).el);
      if (wanted.length !== body.children.length || wanted.some((each, i) => each !== body.children[i]))
        body.replaceChildren(...wanted);
      const told = rows.find((row) => row.name === chosen);
      meaning.textContent = told?.meaning ?? "";
      meaning.hidden = !told;
    },
  };
}

function makeLine({ name }, canBeSeen, choose) {
  const label = canBeSeen ? element("button", { type: "button", class: "specwidget-seen", text: name }) : null;
  label?.addEventListener("click", () => choose(name));
  const value = element("td", { class: "specwidget-value" });
  const formula = element("td", { class: "specwidget-formula" });
  return {
    el: element("tr", { "data-name": name }, [element("th", { scope: "row" }, [label ?? name]), value, formula]),
    show(row, chosen) {
      if (value.textContent !== row.value) value.textContent = row.value;
      if (formula.textContent !== row.formula) formula.textContent = row.formula;
      label?.setAttribute("aria-pressed", String(name === chosen));
    },
  };
}

const axisOf = ({ symbol, name, length }) =>
  element("span", { class: "specwidget-axis", title: `${symbol}: ${name}` }, [
    element("b", { text: String(length) }),
    element("span", { text: name }),
  ]);

export default { render };
