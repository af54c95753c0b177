// @ts-nocheck
// An exercise: what is asked and given, a place for the answer, the verdict, and the score.
import { h as element } from "../charts/dom.js";
import { createForm as pageOf, initView as prepare } from "../widgets/fields.js";
import { makePlayers } from "./play_buttons.js";
import { makeStage } from "../charts/scene_view.js";

const SHAPE_HINT = "such as 3, 1249, 257";

function render({ model, el }) {
  const page = pageOf(model);
  const stage = makeStage(model.get("palette"));
  const prompt = element("p", { class: "specwidget-prompt", id: page.id("prompt") });
  const facts = element("dl", { class: "specwidget-given" });
  const place = element("span", { class: "specwidget-answer" });
  const check = element("button", { type: "submit", class: "specwidget-button", text: "Check" });
  const next = element("button", { type: "button", class: "specwidget-button", text: "New case" });
  const score = element("output", { class: "specwidget-score", "aria-live": "off" });
  const verdict = element("p", { class: "specwidget-verdict-text", role: "status" });
  const form = element("form", {}, [place, check, next, score]);
  let read = () => "";
  let players = null;
  prepare(el, "specwidget-question");
  el.replaceChildren(element("h3", { text: model.get("title") }), prompt, facts, stage.el, form, verdict);

  const showCase = (isNew) => {
    const asked = model.get("case");
    prompt.textContent = asked.prompt;
    facts.replaceChildren(
      ...asked.facts.map(([name, value]) =>
        element("div", {}, [element("dt", { text: name }), element("dd", { text: value })]),
      ),
    );
    stage.el.hidden = !asked.has_scene;
    players?.dispose();
    players?.el.remove();
    players = makePlayers(asked.sounds, (name) => model.send({ kind: "play", name }));
    stage.el.append(players.el);
    const input = asked.choices.length ? choices(asked, page, prompt.id) : text(asked, page, prompt.id);
    place.replaceChildren(...input.nodes);
    read = input.read;
    if (isNew) input.focus();
  };
  const showVerdict = () => {
    const { word = "", reasoning = "", right = null } = model.get("verdict");
    verdict.replaceChildren(
      ...(word ? [element("strong", { "data-right": String(right), text: `${word}.` }), ` ${reasoning}`] : []),
    );
  };
  const showScore = () => (score.textContent = model.get("score_text"));
  const receive = ({ kind, header }, buffers) => {
    if (kind === "scene") stage.show(header, buffers);
    else if (kind === "sound") players.play(header.name, header.rate, buffers[0]);
  };
  // JupyterLab takes Enter for itself, and then neither a field nor a button gets it.
  form.addEventListener("keydown", (event) => event.key === "Enter" && event.stopPropagation());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    model.send({ kind: "answer", text: read() });
  });
  next.addEventListener("click", () => model.send({ kind: "next" }));

  const changes = {
    "change:case": () => showCase(true),
    "change:verdict": showVerdict,
    "change:score_text": showScore,
    "msg:custom": receive,
  };
  for (const [name, handler] of Object.entries(changes)) model.on(name, handler);
  showCase(false);
  showVerdict();
  showScore();
  const { header, buffers } = model.get("opening");
  if (header && model.get("case").has_scene) stage.show(header, buffers);
  model.send({ kind: "want" });
  return () => {
    for (const [name, handler] of Object.entries(changes)) model.off(name, handler);
    stage.dispose();
    players.dispose();
  };
}

// A field for a number or a shape.
function text({ form, unit }, page, described) {
  const input = element("input", {
    type: "text",
    id: page.id("answer"),
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": described,
    class: `specwidget-${form}`,
  });
  const label = element("label", { for: input.id, text: "Answer" });
  const beside = unit || (form === "shape" ? SHAPE_HINT : "");
  const nodes = [label, input, ...(beside ? [element("span", { class: "specwidget-unit", text: beside })] : [])];
  return { nodes, read: () => input.value, focus: () => input.focus() };
}

// A button of a group for each choice.
function choices({ choices: all }, page, described) {
  const name = page.id("choice");
  const inputs = all.map((value, i) => element("input", { type: "radio", name, id: `${name}-${i}`, value }));
  const group = element("fieldset", { "aria-describedby": described }, [
    element("legend", { text: "Answer" }),
    ...inputs.map((input) => element("label", { for: input.id }, [input, input.value])),
  ]);
  for (const input of inputs) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      input.form.requestSubmit();
    });
  }
  return {
    nodes: [group],
    read: () => inputs.find((input) => input.checked)?.value ?? "",
    focus: () => inputs[0].focus(),
  };
}

export default { render };
