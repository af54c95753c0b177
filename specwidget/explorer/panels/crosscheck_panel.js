// The cross-check: a row for each library, which opens to its errors over time and frequency and the code for its library.
import { createChart } from "../../charts/chart.js";
import { h } from "../../charts/dom.js";
import { createCopyButton } from "../../widgets/copy_button.js";
import { createTabPage } from "../tab_page.js";
import { describeError, errorMapAxes } from "./error_map.js";

const NOT_COMPARED =
  "Not compared yet; loading the library takes some seconds. Open the row, or press \u201cCheck all\u201d.";

const BADGES = {
  agrees: "agrees",
  "differs by convention": "differs by convention",
  disagrees: "does not agree",
  "trained kernels": "trained kernels",
  "not comparable": "not comparable",
  "not installed": "not installed",
};

// Statuses that the summary counts, with their verbs for one library and for several.
const COUNTED = [
  ["agrees", "agrees", "agree"],
  ["differs by convention", "differs by convention", "differ by convention"],
  ["disagrees", "does not agree", "do not agree"],
  ["failed", "failed", "failed"],
  ["waiting", "is being compared", "are being compared"],
];

/**
 * The badge of a row, and the text beside it.
 *
 * @returns {[string, string]}
 */
export function badgeOf(row) {
  if (row.status === "waiting") return ["comparing\u2026", ""];
  if (row.status === "not compared") return ["not compared yet", "Open to compare."];
  if (row.status === "left") return ["not compared", "Not compared when this page was saved."];
  if (row.status === "failed") return ["failed", row.sentence];
  const badge = BADGES[row.verdict];
  if (row.verdict === "differs by convention") return [badge, row.differences.map(({ name }) => name).join(", ")];
  if (row.verdict === "agrees") return [badge, `Largest error ${percent(row.share_of_tolerance)} of the tolerance.`];
  if (row.verdict === "disagrees")
    return [badge, row.reason || `Largest error ${times(row.share_of_tolerance)} the tolerance.`];
  return [badge, row.reason];
}

/** How many libraries agree, differ and so on, in one line. */
export function summaryOf(rows) {
  const statuses = rows.map((row) => (row.status === "done" ? row.verdict : row.status));
  return COUNTED.map(([status, one, several]) => [statuses.filter((each) => each === status).length, one, several])
    .filter(([count]) => count > 0)
    .map(([count, one, several]) => `${count} ${count === 1 ? one : several}`)
    .join(" \u00b7 ");
}

const percent = (share) => (share === 0 ? "0 %" : `${Number((100 * share).toPrecision(2))} %`);
const times = (share) => (typeof share === "number" ? `${Number(share.toPrecision(3))} times` : "far beyond");

function render({ model, el }) {
  const { all, summary, note, list, children } = createElements();
  const page = createTabPage({ ...{ model, el, children }, name: "specwidget-crosscheck", title: "Cross-check" });

  const requests = {
    check: (peers) => model.send({ kind: "check", peers }),
    map: (peer) => model.send({ kind: "map", peers: [peer] }),
    colours: () => model.get("colours"),
  };
  const items = new Map(); // by library, so that an open row stays open
  const notCompared = () => model.get("rows").filter((row) => row.status === "not compared");

  function show() {
    const rows = model.get("rows");
    for (const row of rows) {
      if (!items.has(row.peer)) items.set(row.peer, createItem(row, requests));
      items.get(row.peer).show(row);
    }
    const wanted = rows.map(({ peer }) => items.get(peer).el);
    if (wanted.length !== list.children.length || wanted.some((each, i) => each !== list.children[i]))
      list.replaceChildren(...wanted);
    summary.textContent = summaryOf(rows);
    all.disabled = notCompared().length === 0;
    note.textContent = model.get("sentence");
    note.hidden = !note.textContent;
  }
  function receive(message, buffers) {
    if (message.kind === "map") items.get(message.peer)?.receive(message.header, buffers);
  }

  all.addEventListener("click", () => requests.check(notCompared().map((row) => row.peer)));
  model.on("change:rows change:sentence", show);
  model.on("msg:custom", receive);
  show();
  // A saved page answers with its maps, a kernel with the results that it has.
  model.send({ kind: "want" });
  return () => {
    page.stop();
    for (const item of items.values()) item.dispose();
    model.off("change:rows change:sentence", show);
    model.off("msg:custom", receive);
  };
}

function createElements() {
  const all = h("button", {
    type: "button",
    class: "specwidget-button",
    text: "Check all",
    title:
      "Compare with every installed library. Loading PyTorch and Keras takes some seconds; the spectrogram does not wait.",
  });
  const summary = h("p", { class: "specwidget-muted specwidget-summary", role: "status" });
  const note = h("p", { class: "specwidget-muted", hidden: true });
  const list = h("div", { class: "specwidget-crosscheck-rows" });
  const head = h("div", { class: "specwidget-head" }, [summary, all]);
  return { all, summary, note, list, children: [head, list, note] };
}

// The row of one library. Its content changes; the row itself stays.
function createItem({ peer, title }, requests) {
  const name = h("span", { class: "specwidget-peer", text: title });
  const badge = h("strong", { class: "specwidget-verdict" });
  const short = h("span", { class: "specwidget-short" });
  const head = h("summary", { tabindex: 0 }, [name, badge, short]);
  const sentence = h("p", { class: "specwidget-sentence" });
  const label = `Errors against ${title} over time and frequency, in units of the tolerance.`;
  const chart = createChart({ hint: "Focus or point at the errors to read them." });
  chart.el.hidden = true;
  const facts = h("dl");
  const code = h("pre", { tabindex: 0, role: "group", "aria-label": `Code for ${title}` });
  const codeBox = h("div", { class: "specwidget-peer-code" }, [code, createCopyButton(code, `the code for ${title}`)]);
  const body = h("div", { class: "specwidget-body" }, [sentence, chart.el, facts, codeBox]);
  const el = h("details", { "data-peer": peer }, [head, body]);
  let row = /** @type {any} */ ({});
  let isMapStale = true; // it belongs to an earlier report

  function showReport() {
    sentence.textContent = row.status === "not compared" ? NOT_COMPARED : (row.sentence ?? "");
    facts.replaceChildren(...factsOf(row));
    facts.hidden = !facts.children.length;
    code.textContent = row.code ?? "";
    codeBox.hidden = !row.code;
    chart.el.hidden = !row.has_map;
    isMapStale = true;
    if (row.has_map && el.open) requests.map(peer);
  }
  el.addEventListener("toggle", () => {
    if (!el.open) return;
    if (row.status === "not compared") requests.check([peer]);
    if (row.has_map && isMapStale) requests.map(peer);
  });
  return {
    el,
    dispose: chart.dispose,
    show(next) {
      if (JSON.stringify(next) === JSON.stringify(row)) return;
      row = next;
      name.textContent = row.title;
      el.dataset.status = row.status;
      [badge.textContent, short.textContent] = badgeOf(row);
      badge.dataset.verdict = row.verdict ?? row.status;
      // The last report stays, dimmed, until the next one: nothing on the page jumps.
      if (row.status !== "waiting" || !sentence.textContent) showReport();
    },
    receive(header, buffers) {
      const axes = /** @type {any} */ (errorMapAxes(header, buffers, requests.colours()));
      const step = { x: header.step_samples, y: header.spacing };
      chart.show(axes, { label, step, describe: (cursor) => describeError(axes, header, cursor) });
      isMapStale = false;
    },
  };
}

function factsOf(row) {
  if (!row.tolerance) return [];
  const differences = row.verdict === "differs by convention" ? row.differences : [];
  const facts = [
    ["Tolerance", [row.tolerance]],
    ["Aligned", row.conventions],
    ["Not aligned", differences.map(({ sentence }) => sentence)],
  ];
  return facts.flatMap(([name, sentences]) =>
    sentences.flatMap((text, i) => [h("dt", { text: i ? "" : name }), h("dd", { text })]),
  );
}

export default { render };
