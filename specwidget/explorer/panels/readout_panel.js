// What the computation showed.
import { element, prepare } from "../../widgets/fields.js";

function render({ model, el }) {
  const results = element("tbody");
  const head = element("thead", { class: "specwidget-hidden" }, [
    element(
      "tr",
      {},
      ["Fact", "Value", "How"].map((text) => element("th", { scope: "col", text })),
    ),
  ]);
  prepare(el, "specwidget-readout");
  el.replaceChildren(
    element("section", {}, [
      element("h3", { text: "Result" }),
      element("table", { class: "specwidget-table" }, [head, results]),
    ]),
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
  const changes = {
    "change:results": () => showRows(results, model.get("results")),
  };
  for (const [name, handler] of Object.entries(changes)) {
    model.on(name, handler);
    handler();
  }
  return () => {
    for (const [name, handler] of Object.entries(changes)) model.off(name, handler);
  };
}

export default { render };
