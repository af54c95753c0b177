// A tab page whose contents the kernel computes, and only while it is open.
import { h } from "../charts/dom.js";
import { createTabPage } from "./tab_page.js";

const PENDING_AFTER = 400; // ms before what is shown is dimmed: most parts arrive before that
const POLL = 200; // ms

/**
 * Create a tab page with contents.
 *
 * @param {{
 *   model: Model, el: HTMLElement, name: string, title: string, children: HTMLElement[], head?: HTMLElement[],
 *   empty?: HTMLElement,
 *   show: Record<string, (content: any, buffers: DataView[]) => void>,
 * }} page `show` has a function for each part that the kernel sends; `head` is always there; `empty` stands
 *   below it while there is nothing yet.
 * @returns {{stop: () => void, isOpen: () => boolean}}
 */
export function createLazyPanel({ model, el, name, title, children, head = [], empty, show }) {
  const waiting = empty ?? h("p", { class: "specwidget-muted", text: "Waiting for the spectrogram\u2026" });
  const problem = h("p", { class: "specwidget-error", role: "status", hidden: true });
  const body = h("div", { class: "specwidget-body", hidden: true }, children);

  const received = {}; // serial number of the latest message of each part
  const stored = new Map(); // that message, until it is drawn
  const problems = new Map(); // why a part could not be made
  /** @type {number | null} */
  let pendingSince = null;
  let timer;

  // A body takes no space while it is empty.
  function updateBody() {
    body.hidden = !problem.hidden || Object.keys(received).length === 0;
    waiting.hidden = !body.hidden || !problem.hidden;
  }
  function receive(content, buffers) {
    if (!show[content.kind]) return;
    received[content.kind] = content.serial;
    stored.set(content.kind, { content, buffers });
    draw();
    checkPending();
  }
  // Draw what has arrived. The kernel may send a part that it began before it knew that the tab was closed: such a part
  // is drawn when the tab is opened.
  function draw() {
    if (!page.isOpen()) return;
    for (const [part, { content, buffers }] of stored) {
      stored.delete(part);
      if (content.problem) problems.set(part, content.problem);
      else problems.delete(part);
      problem.textContent = [...new Set(problems.values())].join(" ");
      problem.hidden = problems.size === 0;
      updateBody();
      if (!content.problem) show[part](content, buffers);
    }
  }
  // Dim what is out of date.
  function checkPending() {
    const serials = Object.entries(model.get("serials"));
    const isPending = page.isOpen() && serials.some(([part, serial]) => received[part] !== serial);
    pendingSince = isPending ? (pendingSince ?? Date.now()) : null;
    const waited = pendingSince === null ? 0 : Date.now() - pendingSince;
    body.classList.toggle("specwidget-pending", waited > PENDING_AFTER);
    body.setAttribute("aria-busy", String(isPending || (!empty && !waiting.hidden)));
    clearTimeout(timer);
    if (isPending) timer = setTimeout(checkPending, POLL);
  }
  function open() {
    // What was sent before this view was there, and what a saved page holds.
    model.send({ kind: "want" });
    updateBody();
    draw();
    checkPending();
  }

  let isReady = false;
  const page = createTabPage({
    ...{ model, el, name, title },
    children: [...head, waiting, problem, body],
    onOpen: () => isReady && open(),
  });
  isReady = true;
  const handlers = { "change:serials": checkPending, "msg:custom": receive };
  for (const [names, handler] of Object.entries(handlers)) model.on(names, handler);
  if (page.isOpen()) open();
  return {
    ...page,
    stop() {
      page.stop();
      clearTimeout(timer);
      for (const [names, handler] of Object.entries(handlers)) model.off(names, handler);
    },
  };
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
