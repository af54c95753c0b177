// A panel behind a disclosure: the kernel computes its parts, and only while it is expanded.
import { h } from "../charts/dom.js";
import { initView } from "../widgets/fields.js";

const PENDING_AFTER = 400; // ms before what is shown is dimmed: most parts arrive before that
const POLL = 200; // ms

/**
 * Create a panel behind a disclosure.
 *
 * @param {{
 *   model: Model, el: HTMLElement, name: string, title: string, hint: string, children: HTMLElement[],
 *   show: Record<string, (content: any, buffers: DataView[]) => void>,
 * }} panel `show` has a function for each part that the kernel sends.
 * @returns {() => void} Stops listening to the model.
 */
export function createLazyPanel({ model, el, name, title, hint, children, show }) {
  const { details, problem, waiting, body } = createDisclosure(title, hint, children);
  initView(el, name);
  el.replaceChildren(details);

  const received = {}; // serial number of the latest message of each part
  const stored = new Map(); // that message, until it is drawn
  /** @type {number | null} */
  let pendingSince = null;
  let timer;

  function updateExpanded() {
    details.open = model.get("is_open");
    updateBody();
    draw();
    checkPending();
  }
  // A collapsed body takes no space, and neither does one that is still empty.
  function updateBody() {
    body.hidden = !details.open || !problem.hidden || Object.keys(received).length === 0;
  }
  function receive(content, buffers) {
    if (!show[content.kind]) return;
    received[content.kind] = content.serial;
    stored.set(content.kind, { content, buffers });
    draw();
    checkPending();
  }
  // Draw what has arrived. The kernel may send a part that it began before it knew that the panel was collapsed: such a
  // part is drawn when the panel is expanded.
  function draw() {
    if (!details.open) return;
    for (const [part, { content, buffers }] of stored) {
      stored.delete(part);
      problem.textContent = content.problem ?? "";
      problem.hidden = !content.problem;
      updateBody();
      if (!content.problem) show[part](content, buffers);
    }
  }
  // Dim what is out of date.
  function checkPending() {
    const serials = Object.entries(model.get("serials"));
    const isPending = details.open && serials.some(([part, serial]) => received[part] !== serial);
    pendingSince = isPending ? (pendingSince ?? Date.now()) : null;
    const waited = pendingSince === null ? 0 : Date.now() - pendingSince;
    body.classList.toggle("specwidget-pending", waited > PENDING_AFTER);
    waiting.hidden = !body.hidden || !problem.hidden;
    clearTimeout(timer);
    if (isPending) timer = setTimeout(checkPending, POLL);
  }

  details.addEventListener("toggle", () => {
    updateBody();
    draw();
    if (details.open !== model.get("is_open")) {
      model.set("is_open", details.open);
      model.save_changes();
      // A saved page has no kernel that follows `is_open`: it answers this request.
      if (details.open) model.send({ kind: "want" });
    }
    checkPending();
  });
  const handlers = { "change:is_open": updateExpanded, "change:serials": checkPending, "msg:custom": receive };
  for (const [names, handler] of Object.entries(handlers)) model.on(names, handler);
  updateExpanded();
  // A second view of an expanded panel has missed what was sent.
  if (model.get("is_open")) model.send({ kind: "want" });
  return () => {
    clearTimeout(timer);
    for (const [names, handler] of Object.entries(handlers)) model.off(names, handler);
  };
}

function createDisclosure(title, hint, children) {
  const summary = h("summary", { tabindex: 0 }, [
    h("h3", { text: title }),
    h("span", { class: "specwidget-muted", text: hint }),
  ]);
  const waiting = h("p", { class: "specwidget-muted", text: "Waiting for the spectrogram\u2026" });
  const problem = h("p", { class: "specwidget-error", role: "status", hidden: true });
  const body = h("div", { class: "specwidget-disclosure-body", hidden: true }, children);
  const details = h("details", { class: "specwidget-disclosure" }, [summary, waiting, problem, body]);
  return { details, problem, waiting, body };
}

/**
 * Create a table of rows {name, values, formula, verdicts}: one column for each of several settings, and the formulas.
 *
 * @param {string} label
 * @param {string} formulas Title of the last column.
 */
export function createRowsTable(label, formulas) {
  const head = h("tr");
  const body = h("tbody");
  const el = h("table", { class: "specwidget-table specwidget-rows", "aria-label": label }, [
    h("thead", {}, [head]),
    body,
  ]);
  const createRow = ({ name, values, formula, verdicts = [] }) =>
    h("tr", { "data-name": name }, [
      h("th", { scope: "row", text: name }),
      ...values.map((text, i) => h("td", { class: "specwidget-value", "data-verdict": verdicts[i] ?? null, text })),
      h("td", { class: "specwidget-formula", text: formula }),
    ]);
  return {
    el,
    show(columns, rows) {
      const last = h("th", { scope: "col", class: "specwidget-formula", text: formulas });
      head.replaceChildren(h("td"), ...columns.map((text) => h("th", { scope: "col", text })), last);
      body.replaceChildren(...rows.map(createRow));
    },
  };
}
