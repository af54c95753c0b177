// What differs from the front end of a model: a menu, and a table with a switch in each row.
import { h } from "../../charts/dom.js";
import { createForm } from "../../widgets/fields.js";
import { createLazyPanel } from "../lazy_panel.js";

const HELP =
  "Choose a model to see in which settings its front end differs from yours, in the order in which to change them.";
const SCALE =
  "Errors are relative to the deviation of the model\u2019s values, on a signal with speech, silence, an offset and noise.";

const COLUMNS = [
  ["Setting", "Its switch takes the model\u2019s value, or gives yours back."],
  ["Yours \u2192 model\u2019s", "What you have, and what the model has."],
  ["Left", "Error that is left after this row and those above it."],
  ["Alone", "Error if only this were wrong."],
];

function render({ model, el }) {
  const form = createForm(model);
  const menu = h("select", { id: form.id("model"), title: HELP });
  const options = [["", "Choose a model\u2026"], ...model.get("models")];
  menu.replaceChildren(...options.map(([value, text]) => h("option", { value, text })));
  menu.addEventListener("change", () => form.set("model", menu.value));
  const label = h("label", { class: "specwidget-hidden", for: menu.id, text: "Model" });
  const all = h("button", { type: "button", class: "specwidget-button", text: "Take all" });
  const head = h("div", { class: "specwidget-line" }, [label, menu, all]);
  const help = h("p", { class: "specwidget-muted", text: HELP });
  const verdict = h("p", { class: "specwidget-subject", role: "status" });
  const readings = h("p");
  const about = h("p", { class: "specwidget-muted" });
  const scale = h("p", { class: "specwidget-muted", text: SCALE });
  const table = createMatchTable(form, (name, isOn) =>
    model.send({ kind: isOn ? "take" : "give_back", names: [name] }),
  );
  all.addEventListener("click", () => model.send({ kind: "take", names: table.names((row) => !row.is_taken) }));
  const page = createLazyPanel({
    model,
    el,
    name: "specwidget-match",
    title: "Match a model",
    head: [head],
    empty: help,
    children: [help.cloneNode(true), verdict, readings, table.el, scale, about],
    show: { match: showMatch },
  });
  const [hint] = el.querySelectorAll(".specwidget-body > p");

  function showMatch({ rows, sentences = [], about: text = "" }) {
    const [first = "", ...rest] = sentences;
    hint.hidden = Boolean(first);
    // Text that stays is left alone, as screen readers speak each change.
    if (verdict.textContent !== first) verdict.textContent = first;
    readings.textContent = rest.join(" ");
    readings.hidden = rest.length === 0;
    about.textContent = text;
    scale.hidden = rows.length === 0;
    all.disabled = rows.every((row) => row.is_taken);
    table.show(rows);
  }
  function showModel() {
    menu.value = model.get("model");
  }
  model.on("change:model", showModel);
  showModel();
  all.disabled = true;
  return () => {
    page.stop();
    model.off("change:model", showModel);
  };
}

// The rows stay the elements that they are, so that a switch keeps the focus when its row moves.
function createMatchTable(form, turn) {
  const body = h("tbody");
  const cells = COLUMNS.map(([text, title]) => h("th", { scope: "col", text, title: title || null }));
  const el = h("table", { class: "specwidget-table", "aria-label": "Settings that differ", hidden: true }, [
    h("thead", {}, [h("tr", {}, cells)]),
    body,
  ]);
  let shown = /** @type {any[]} */ ([]);
  const items = new Map();
  function createRow(name) {
    const input = h("input", { type: "checkbox", role: "switch", id: form.id(`take-${name.replaceAll(" ", "-")}`) });
    input.addEventListener("change", () => turn(name, input.checked));
    const title = h("label", { for: input.id });
    const mine = h("span");
    const theirs = h("span", { class: "specwidget-theirs" });
    const [change, ...errors] = COLUMNS.slice(1).map(() => h("td"));
    change.append(mine, " \u2192 ", theirs);
    return {
      el: h("tr", { "data-name": name }, [h("th", { scope: "row" }, [input, title]), change, ...errors]),
      show(row) {
        input.checked = row.is_taken;
        input.disabled = !row.fits;
        input.title = row.fits ? "" : "It does not fit before the rows above are taken.";
        title.textContent = row.title;
        mine.textContent = row.mine;
        theirs.textContent = row.theirs;
        errors[0].textContent = row.left;
        errors[1].textContent = row.alone;
      },
    };
  }
  return {
    el,
    names: (isWanted) => shown.filter(isWanted).map(({ name }) => name),
    show(rows) {
      shown = rows;
      for (const name of [...items.keys()]) if (!rows.some((row) => row.name === name)) items.delete(name);
      for (const row of rows) {
        if (!items.has(row.name)) items.set(row.name, createRow(row.name));
        items.get(row.name).show(row);
      }
      const wanted = rows.map(({ name }) => items.get(name).el);
      const isSame = wanted.length === body.children.length && wanted.every((each, i) => each === body.children[i]);
      const focused = /** @type {any} */ (el.contains(document.activeElement) ? document.activeElement : null);
      if (!isSame) body.replaceChildren(...wanted);
      focused?.focus();
      el.hidden = rows.length === 0;
    },
  };
}

export default { render };
