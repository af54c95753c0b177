// The layer's arguments: a form built from the table that Python sends.
import { element, makeField, pageOf, prepare } from "../../widgets/fields.js";

const GROUPS = { analysis: "Analysis", output: "Output" };

function render({ model, el }) {
  const hint = element("p", { class: "specwidget-hint" });
  const page = pageOf(model, (control) => {
    hint.replaceChildren(element("code", { text: control.name }), ` ${control.tooltip}`);
  });
  const fields = new Map(model.get("table").map((control) => [control.name, makeField(control, page)]));
  const groups = Object.entries(GROUPS).map(([group, title]) => {
    const inside = model
      .get("table")
      .filter((control) => control.group === group)
      .map((control) => fields.get(control.name).el);
    return group === "analysis"
      ? element("section", {}, [element("h3", { text: title }), ...inside])
      : element("details", { class: "specwidget-more" }, [
          element("summary", {}, [element("h3", { text: title })]),
          ...inside,
        ]);
  });
  prepare(el, "specwidget-controls");
  el.replaceChildren(...groups, hint);
  hint.textContent = "Focus a control to read what it does to the picture.";

  const context = () => ({
    resolved: model.get("resolved"),
    window_parameters: model.get("window_parameters"),
    array_window: model.get("array_window"),
  });
  const show = () => {
    for (const [name, field] of fields) field.show(model.get(name), context());
  };
  const showErrors = () => {
    const errors = model.get("errors");
    for (const [name, field] of fields) {
      field.fail(errors[name]);
      if (errors[name]) field.el.closest("details")?.setAttribute("open", "");
    }
  };
  const names = [...fields.keys(), "resolved", "array_window"].map((name) => `change:${name}`).join(" ");
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
