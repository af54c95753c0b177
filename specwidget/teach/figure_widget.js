// A figure of the course: its controls, its scene, and buttons for its sounds.
import { h as element } from "../charts/dom.js";
import { createField as makeField, createForm as pageOf, initView as prepare } from "../widgets/fields.js";
import { makePlayers } from "./play_buttons.js";
import { makeStage } from "../charts/scene_view.js";

function render({ model, el }) {
  const page = pageOf(model);
  // All controls travel as one trait, so that the kernel sees the latest of each at once.
  const set = (name, value) => page.set("values", { ...model.get("values"), [name]: value });
  const fields = new Map(model.get("controls").map((control) => [control.name, makeField(control, { ...page, set })]));
  const problem = element("div", { class: "specwidget-error", role: "alert", hidden: true });
  const stage = makeStage(model.get("palette"));
  const players = makePlayers(model.get("sounds"), (name) => model.send({ kind: "play", name }));
  const controls = element(
    "div",
    { class: "specwidget-fields", role: "group", "aria-label": `Controls of ${model.get("title")}` },
    [...fields.values()].map((field) => field.el),
  );
  prepare(el, "specwidget-live");
  el.replaceChildren(element("h3", { text: model.get("title") }), controls, problem, stage.el);
  stage.el.append(players.el);

  const showValues = () => {
    for (const [name, field] of fields) field.show(model.get("values")[name], {});
  };
  const showErrors = () => {
    const errors = model.get("errors");
    for (const [name, field] of fields) field.fail(errors[name]);
    problem.textContent = errors[""] ?? "";
    problem.hidden = !errors[""];
    stage.el.classList.toggle("specwidget-outdated", Object.keys(errors).length > 0);
  };
  const receive = ({ kind, header }, buffers) => {
    if (kind === "scene") stage.show(header, buffers);
    else if (kind === "sound") players.play(header.name, header.rate, buffers[0]);
  };
  model.on("change:values", showValues);
  model.on("change:errors", showErrors);
  model.on("msg:custom", receive);
  showValues();
  showErrors();
  const { header, buffers } = model.get("opening");
  stage.show(header, buffers);
  model.send({ kind: "want" });
  return () => {
    model.off("change:values", showValues);
    model.off("change:errors", showErrors);
    model.off("msg:custom", receive);
    stage.dispose();
    players.dispose();
  };
}

export default { render };
