// A panel that folds. What is in it is made by the kernel, part by part, and only while it is open.
import { element, prepare } from "../widgets/fields.js";

// A message may get lost on its way: a page that waits for one asks for it, a few times.
const ASK_AFTER = 2000;
const MOST_ASKED = 15;
// Shown as waiting only when it takes longer than a glance.
const WAITS_AFTER = 400;

// `show` holds a function (content, buffers) for each part. Returns a function that lets go of the model.
export function foldingPanel({ model, el, name, title, hint, children, show }) {
  const details = element("details", { class: "specwidget-fold" });
  const problem = element("p", { class: "specwidget-error", role: "status", hidden: true });
  const waiting = element("p", { class: "specwidget-muted", text: "Computing when the picture is done\u2026" });
  const body = element("div", { class: "specwidget-folded", hidden: true }, children);
  const summary = element("summary", { tabindex: 0 }, [
    element("h3", { text: title }),
    element("span", { class: "specwidget-muted", text: hint }),
  ]);
  details.append(summary, waiting, problem, body);
  prepare(el, name);
  el.replaceChildren(details);

  const shown = {};
  const stored = new Map(); // newest message of each part that is not drawn yet
  let asked = 0;
  let lateSince = null;
  let timer = null;
  const follow = () => {
    details.open = model.get("is_open");
    settle();
    draw();
    watch();
  };
  // What is folded has no place on the page, not even a hidden one.
  const settle = () => {
    body.hidden = !details.open || !problem.hidden || Object.keys(shown).length === 0;
  };
  details.addEventListener("toggle", () => {
    settle();
    draw();
    if (details.open !== model.get("is_open")) {
      model.set("is_open", details.open);
      model.save_changes();
      // Where there is no kernel that makes the parts now, they are there already.
      if (details.open) model.send({ kind: "want" });
    }
    watch();
  });
  function receive(content, buffers) {
    if (!show[content.kind]) return;
    shown[content.kind] = content.serial;
    asked = 0;
    stored.set(content.kind, { content, buffers });
    draw();
    watch();
  }
  // Draw what has arrived. The kernel may send a part that it began before it knew that the panel was folded; such a
  // part is drawn when the panel unfolds.
  function draw() {
    if (!details.open) return;
    for (const [part, { content, buffers }] of stored) {
      stored.delete(part);
      problem.textContent = content.problem ?? "";
      problem.hidden = !content.problem;
      settle();
      if (!content.problem) show[part](content, buffers);
    }
  }
  // Say when what is shown is late, and ask for it.
  function watch() {
    const isLate =
      details.open && Object.entries(model.get("serials")).some(([part, serial]) => shown[part] !== serial);
    lateSince = isLate ? (lateSince ?? Date.now()) : null;
    const waits = isLate ? Date.now() - lateSince : 0;
    body.classList.toggle("specwidget-late", waits > WAITS_AFTER);
    waiting.hidden = !body.hidden || !problem.hidden;
    if (waits > ASK_AFTER * (asked + 1) && asked < MOST_ASKED) {
      asked += 1;
      model.send({ kind: "want" });
    }
    clearTimeout(timer);
    if (isLate) timer = setTimeout(watch, 200);
  }

  const changes = { "change:is_open": follow, "change:serials": watch, "msg:custom": receive };
  for (const [names, handler] of Object.entries(changes)) model.on(names, handler);
  follow();
  // A second view of an open panel has missed what was sent.
  if (model.get("is_open")) model.send({ kind: "want" });
  return () => {
    clearTimeout(timer);
    for (const [names, handler] of Object.entries(changes)) model.off(names, handler);
  };
}

// A buffer as a typed array, copied only where its place in memory asks for it.
export function typed(view, Kind) {
  const { buffer, byteOffset, byteLength } = view;
  const aligned = byteOffset % Kind.BYTES_PER_ELEMENT === 0;
  return aligned
    ? new Kind(buffer, byteOffset, byteLength / Kind.BYTES_PER_ELEMENT)
    : new Kind(buffer.slice(byteOffset, byteOffset + byteLength));
}

// A reduced curve: its lowest values come first, the highest ones after them.
export function halves(values) {
  const n = values.length / 2;
  return { low: values.subarray(0, n), high: values.subarray(n) };
}

// A table of rows {name, values, formula, verdicts}: a column for each form of what is told, and one for the formula.
export function rowsTable(label, formulas) {
  const titles = element("tr");
  const rows = element("tbody");
  const table = element("table", { class: "specwidget-table specwidget-rows", "aria-label": label }, [
    element("thead", {}, [titles]),
    rows,
  ]);
  return {
    el: table,
    show(columns, entries) {
      const last = element("th", { scope: "col", class: "specwidget-formula", text: formulas });
      titles.replaceChildren(element("td"), ...columns.map((text) => element("th", { scope: "col", text })), last);
      rows.replaceChildren(
        ...entries.map(({ name, values, formula, verdicts = [] }) =>
          element("tr", { "data-name": name }, [
            element("th", { scope: "row", text: name }),
            ...values.map((text, i) =>
              element("td", { class: "specwidget-value", "data-verdict": verdicts[i] ?? null, text }),
            ),
            element("td", { class: "specwidget-formula", text: formula }),
          ]),
        ),
      );
    },
  };
}
