// Facts about the result.
import { h } from "../../charts/dom.js";
import { initView } from "../../widgets/fields.js";

function render({ model, el }) {
  const titles = ["Quantity", "Value", "Formula"].map((text) => h("th", { scope: "col", text }));
  const head = h("thead", { class: "specwidget-hidden" }, [h("tr", {}, titles)]);
  const body = h("tbody");
  initView(el, "specwidget-readout");
  el.replaceChildren(
    h("section", {}, [h("h3", { text: "Result" }), h("table", { class: "specwidget-table" }, [head, body])]),
  );

  const show = () => body.replaceChildren(...model.get("results").map(toRow));
  model.on("change:results", show);
  show();
  return () => model.off("change:results", show);
}

const toRow = ({ name, value, formula }) =>
  h("tr", { "data-name": name }, [
    h("th", { scope: "row", text: name }),
    h("td", { class: "specwidget-value", text: value }),
    h("td", { class: "specwidget-formula", text: formula }),
  ]);

export default { render };
