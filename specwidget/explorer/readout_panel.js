// What the computation showed, and whether the peers agree.
import { element, prepare } from "./fields.js";

const VERDICTS = { agrees: "agrees", disagrees: "does not agree" };

// A verdict has been seen not to arrive, for a reason not found yet: a page that waits asks for it, a few times.
const ASK_AFTER = 4000;
const MOST_ASKED = 15;

function render({ model, el }) {
  const results = element("tbody");
  const agreement = element("div", { class: "specwidget-agreement", "aria-live": "polite" });
  const head = element("thead", {}, [element("tr", {}, ["Fact", "Value", "How"].map((text) => element("th", { scope: "col", text })))]);
  prepare(el, "specwidget-readout");
  el.replaceChildren(
    element("section", {}, [
      element("h3", { text: "Result" }),
      element("table", {}, [head, results]),
    ]),
    element("section", {}, [element("h3", { text: "Agreement" }), agreement]),
  );

  const showRows = (body, rows) => {
    body.replaceChildren(
      ...rows.map((row) =>
        element("tr", { "data-name": row.name }, [
          element("th", { scope: "row", text: row.name }),
          element("td", { class: "specwidget-value", text: row.value }),
          element("td", { class: "specwidget-formula", text: row.formula }),
        ]),
      ),
    );
  };
  let asked = 0;
  const asking = setInterval(() => {
    if (model.get("agreement").checked || asked >= MOST_ASKED) return;
    asked += 1;
    model.send({ kind: "ask" });
  }, ASK_AFTER);
  const changes = {
    "change:results": () => showRows(results, model.get("results")),
    "change:agreement": () => {
      agreement.replaceChildren(...reportsOf(model.get("agreement")));
      asked = 0;
    },
  };
  for (const [name, handler] of Object.entries(changes)) {
    model.on(name, handler);
    handler();
  }
  return () => {
    clearInterval(asking);
    for (const [name, handler] of Object.entries(changes)) model.off(name, handler);
  };
}

// What stands under "Agreement".
function reportsOf({ checked, reports = [], sentence = "" }) {
  const parts = reports.map(reportOf);
  if (!checked) parts.unshift(element("p", { class: "specwidget-waiting", text: "Checking against librosa when the hand rests\u2026" }));
  if (sentence) parts.push(element("p", { class: "specwidget-muted", text: sentence }));
  return parts;
}

function reportOf(report) {
  const badge = element("strong", { class: "specwidget-verdict", "data-verdict": report.verdict, text: VERDICTS[report.verdict] ?? report.verdict });
  const copy = element("button", { type: "button", class: "specwidget-button", text: "Copy" });
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(report.call);
      copy.textContent = "Copied";
    } catch {
      // Without a secure origin there is no clipboard: the text is selected, to be copied by hand.
      getSelection().selectAllChildren(copy.previousElementSibling);
      copy.textContent = "Selected";
    }
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  return element("article", { "data-peer": report.peer }, [
    element("p", {}, [badge, report.sentence]),
    ...factsOf(report),
    ...(report.call ? [element("div", { class: "specwidget-call" }, [element("pre", { tabindex: 0, "aria-label": `Call of ${report.peer}`, text: report.call }), copy])] : []),
  ]);
}

function factsOf(report) {
  if (!["agrees", "disagrees"].includes(report.verdict)) return [];
  const facts = [["Tolerance", report.tolerance], ...report.conventions.map((text, i) => [i ? "" : "Aligned", text])];
  return [element("dl", {}, facts.flatMap(([name, value]) => [element("dt", { text: name }), element("dd", { text: value })]))];
}

export default { render };
