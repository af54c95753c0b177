// The settings of the front end: a form built from the table of controls that Python sends. Those that the stage does not
// have are hidden.
import { h } from "../../charts/dom.js";
import { createField, createForm, initView } from "../../widgets/fields.js";

const GROUPS = {
  analysis: "Analysis",
  stage: "Front end",
  bands: "Bands",
  values: "Values",
  coefficients: "Coefficients",
  conventions: "Conventions",
  output: "Output",
};
const HEADED = ["bands", "values", "coefficients"];
const FOLDED = ["conventions", "output"];

function render({ model, el }) {
  const form = createForm(model);
  const table = model.get("table");
  const fields = new Map(table.map((control) => [control.name, createField(control, form)]));
  const groups = Object.entries(GROUPS).map(([group, title]) => {
    const inside = table.filter((control) => control.group === group).map(({ name }) => fields.get(name).el);
    return FOLDED.includes(group)
      ? h("details", { class: "specwidget-more" }, [h("summary", {}, [h("h3", { text: title })]), ...inside])
      : h("section", { "aria-label": title }, [
          ...(HEADED.includes(group) ? [h("h3", { text: title })] : []),
          ...inside,
        ]);
  });
  initView(el, "specwidget-controls");
  el.replaceChildren(...groups.filter((group) => group.querySelector(".specwidget-field")));

  const show = () => {
    const names = ["resolved", "window_parameters", "array_window", "sample_rate", "frame_length", "extra_windows"];
    const context = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    for (const [name, field] of fields) field.show(model.get(name), context);
    const stage = model.get("stage");
    for (const { name, stages } of table) fields.get(name).el.hidden = !stages.includes(stage);
    for (const group of groups)
      group.hidden = [...group.querySelectorAll(".specwidget-field")].every((field) => field.hidden);
  };
  const showErrors = () => {
    const errors = model.get("errors");
    for (const [name, field] of fields) {
      field.fail(errors[name]);
      // An error in a collapsed group would not be seen.
      if (errors[name]) field.el.closest("details")?.setAttribute("open", "");
    }
  };
  const names = [...new Set([...fields.keys(), "frame_length", "stage"]), "resolved", "array_window", "sample_rate"]
    .map((name) => `change:${name}`)
    .join(" ");
  model.on(names, show);
  model.on("change:errors", showErrors);
  show();
  showErrors();
  return () => {
    model.off(names, show);
    model.off("change:errors", showErrors);
  };
}

export default { render };
