// Whether the peers agree: a row for each, which opens to its map of errors and the code for its library.
import { copyButton } from "../../widgets/copy_button.js";
import { createChart } from "../../charts/chart.js";
import { describeError, errorMapAxes } from "./error_map.js";
import { element, prepare } from "../../widgets/fields.js";
import { shortOf, summaryOf } from "./verdicts.js";

const UNASKED = "Not compared yet: loading it takes some seconds. Open the row, or check all.";

// An answer has been seen not to arrive, for a reason not found yet: a page that waits asks for it, a few times.
const ASK_AFTER = 4000;
const MOST_ASKED = 15;

function render({ model, el }) {
  const all = element("button", {
    type: "button",
    class: "specwidget-button",
    text: "Check all",
    title:
      "Compare with every library that is installed. Loading PyTorch and Keras takes some seconds; the picture does not wait.",
  });
  const summary = element("p", { class: "specwidget-muted specwidget-summary", role: "status" });
  const note = element("p", { class: "specwidget-muted", hidden: true });
  const list = element("div", { class: "specwidget-agreement" });
  prepare(el, "specwidget-crosscheck");
  el.replaceChildren(
    element("section", {}, [
      element("div", { class: "specwidget-head" }, [element("h3", { text: "Cross-check" }), summary, all]),
      list,
      note,
    ]),
  );

  const ask = (peers) => model.send({ kind: "check", peers });
  const wantMap = (peer) => model.send({ kind: "map", peers: [peer] });
  const table = () => model.get("colours");
  const items = new Map(); // by peer, so that an open row stays open
  let asked = 0;

  function show() {
    const rows = model.get("rows");
    for (const row of rows) {
      if (!items.has(row.peer)) items.set(row.peer, makeItem(row, { ask, wantMap, table }));
      items.get(row.peer).show(row);
    }
    if (list.children.length !== items.size) list.replaceChildren(...[...items.values()].map((item) => item.el));
    summary.textContent = summaryOf(rows);
    all.disabled = !rows.some((row) => row.status === "unasked");
    note.textContent = model.get("sentence");
    note.hidden = !note.textContent;
    asked = 0;
  }
  function receive(message, buffers) {
    if (message.kind === "map") items.get(message.peer)?.receive(message.header, buffers);
  }
  all.addEventListener("click", () =>
    ask(
      model
        .get("rows")
        .filter((row) => row.status === "unasked")
        .map((row) => row.peer),
    ),
  );
  const asking = setInterval(() => {
    if (asked >= MOST_ASKED || !model.get("rows").some((row) => row.status === "waiting")) return;
    asked += 1;
    model.send({ kind: "again" });
  }, ASK_AFTER);
  model.on("change:rows change:sentence", show);
  model.on("msg:custom", receive);
  show();
  // A page that was saved is told its maps; a kernel says again what it knows.
  model.send({ kind: "want" });
  return () => {
    clearInterval(asking);
    for (const item of items.values()) item.dispose();
    model.off("change:rows change:sentence", show);
    model.off("msg:custom", receive);
  };
}

// One peer's row. What it says changes; the row itself stays.
function makeItem({ peer, title }, { ask, wantMap, table }) {
  const badge = element("strong", { class: "specwidget-verdict" });
  const short = element("span", { class: "specwidget-short" });
  const head = element("summary", { tabindex: 0 }, [
    element("span", { class: "specwidget-peer", text: title }),
    badge,
    short,
  ]);
  const sentence = element("p", { class: "specwidget-sentence" });
  const label = `Errors against ${title} over time and frequency, in units of the tolerance.`;
  const chart = createChart({ hint: "Focus or point at the errors to read them." });
  chart.el.hidden = true;
  const facts = element("dl");
  const code = element("pre", { tabindex: 0, role: "group", "aria-label": `Code for ${title}` });
  const codeBox = element("div", { class: "specwidget-peer-code" }, [code, copyButton(code, `the code for ${title}`)]);
  const el = element("details", { "data-peer": peer }, [
    head,
    element("div", { class: "specwidget-body" }, [sentence, chart.el, facts, codeBox]),
  ]);
  let row = {};
  let isOld = true; // whether the map is that of an earlier report
  el.addEventListener("toggle", () => {
    if (!el.open) return;
    if (row.status === "unasked") ask([peer]);
    if (row.has_map && isOld) wantMap(peer);
  });
  return {
    el,
    dispose: chart.dispose,
    show(next) {
      if (JSON.stringify(next) === JSON.stringify(row)) return;
      row = next;
      el.dataset.status = row.status;
      const [word, rest] = shortOf(row);
      badge.textContent = word;
      badge.dataset.verdict = row.verdict ?? row.status;
      short.textContent = rest;
      // What was said last stays, dimmed, until there is something new: nothing on the page jumps.
      if (row.status === "waiting" && sentence.textContent) return;
      sentence.textContent = row.status === "unasked" ? UNASKED : (row.sentence ?? "");
      facts.replaceChildren(...factsOf(row));
      facts.hidden = !facts.children.length;
      code.textContent = row.code ?? "";
      codeBox.hidden = !row.code;
      chart.el.hidden = !row.has_map;
      isOld = true;
      if (row.has_map && el.open) wantMap(peer);
    },
    receive(header, buffers) {
      const axes = errorMapAxes(header, buffers, table());
      const step = { x: header.step_samples, y: header.spacing };
      chart.show(axes, { label, step, describe: (cursor) => describeError(axes, header, cursor) });
      isOld = false;
    },
  };
}

function factsOf(row) {
  if (!row.tolerance) return [];
  const differs = row.verdict === "differs by convention" ? row.differences : [];
  const facts = [
    ["Tolerance", [row.tolerance]],
    ["Aligned", row.conventions],
    ["Not aligned", differs.map((each) => each.sentence)],
  ];
  return facts.flatMap(([name, sentences]) =>
    sentences.flatMap((text, i) => [element("dt", { text: i ? "" : name }), element("dd", { text })]),
  );
}

export default { render };
