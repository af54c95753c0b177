// A figure of the course: its controls, its scene, and buttons for its sounds.
import { h } from "../charts/dom.js";
import { createSceneView } from "../charts/scene_view.js";
import { createField, createForm, initView } from "../widgets/fields.js";
import { createPlayButtons } from "./play_buttons.js";

function render({ model, el }) {
  const page = createForm(model);
  // All controls are one trait, so that the kernel gets the latest value of each at once.
  const set = (name, value) => page.set("values", { ...model.get("values"), [name]: value });
  const fields = new Map(
    model.get("controls").map((control) => [control.name, createField(control, { ...page, set })]),
  );
  const problem = h("div", { class: "specwidget-error", role: "alert", hidden: true });
  const view = createSceneView(model.get("palette"));
  const buttons = createPlayButtons(model.get("sounds"), (name) => model.send({ kind: "play", name }));
  const controls = h(
    "div",
    { class: "specwidget-fields", role: "group", "aria-label": `Controls of ${model.get("title")}` },
    [...fields.values()].map((field) => field.el),
  );
  initView(el, "specwidget-live");
  el.replaceChildren(h("h3", { text: model.get("title") }), controls, problem, view.el);
  view.el.append(buttons.el);

  const showValues = () => {
    for (const [name, field] of fields) field.show(model.get("values")[name], {});
  };
  const showErrors = () => {
    const errors = model.get("errors");
    for (const [name, field] of fields) field.fail(errors[name]);
    problem.textContent = errors[""] ?? "";
    problem.hidden = !errors[""];
    view.el.classList.toggle("specwidget-outdated", Object.keys(errors).length > 0);
  };
  const receive = ({ kind, header }, buffers) => {
    if (kind === "scene") view.show(header, buffers);
    else if (kind === "sound") buttons.play(header.name, header.rate, buffers[0]);
  };
  model.on("change:values", showValues);
  model.on("change:errors", showErrors);
  model.on("msg:custom", receive);
  showValues();
  showErrors();
  const { header, buffers } = model.get("initial_scene");
  view.show(header, buffers);
  model.send({ kind: "want" });
  return () => {
    model.off("change:values", showValues);
    model.off("change:errors", showErrors);
    model.off("msg:custom", receive);
    view.dispose();
    buttons.dispose();
  };
}

export default { render };
