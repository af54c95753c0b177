// An exercise: the question with its facts, a field for the answer, the feedback, and the score.
import { h } from "../charts/dom.js";
import { createSceneView } from "../charts/scene_view.js";
import { createForm, initView } from "../widgets/fields.js";
import { createPlayButtons } from "./play_buttons.js";

const SHAPE_HINT = "such as 3, 1249, 257";

function render({ model, el }) {
  const page = createForm(model);
  // Without a cursor: the values are to be read by eye.
  const view = createSceneView(model.get("palette"), { hasCursor: false });
  const prompt = h("p", { class: "specwidget-prompt", id: page.id("prompt") });
  const facts = h("dl", { class: "specwidget-given" });
  const answer = h("span", { class: "specwidget-answer" });
  const check = h("button", { type: "submit", class: "specwidget-button", text: "Check" });
  const next = h("button", { type: "button", class: "specwidget-button", text: "New case" });
  const score = h("output", { class: "specwidget-score", "aria-live": "off" });
  const verdict = h("p", { class: "specwidget-verdict-text", role: "status" });
  const form = h("form", {}, [answer, check, next, score]);
  let read = () => "";
  /** @type {any} */
  let buttons = null;
  initView(el, "specwidget-question");
  el.replaceChildren(h("h3", { text: model.get("title") }), prompt, facts, view.el, form, verdict);

  const showCase = (isNew) => {
    const current = model.get("case");
    prompt.textContent = current.prompt;
    facts.replaceChildren(
      ...current.facts.map(([name, value]) => h("div", {}, [h("dt", { text: name }), h("dd", { text: value })])),
    );
    view.el.hidden = !current.has_scene;
    buttons?.dispose();
    buttons?.el.remove();
    buttons = createPlayButtons(current.sounds, (name) => model.send({ kind: "play", name }));
    view.el.append(buttons.el);
    const input = current.choices.length ? choiceInput(current, page, prompt.id) : textInput(current, page, prompt.id);
    answer.replaceChildren(...input.nodes);
    read = input.read;
    if (isNew) input.focus();
  };
  const showVerdict = () => {
    const { word = "", reasoning = "", right = null } = model.get("verdict");
    verdict.replaceChildren(
      ...(word ? [h("strong", { "data-right": String(right), text: `${word}.` }), ` ${reasoning}`] : []),
    );
  };
  const showScore = () => (score.textContent = model.get("score_text"));
  const receive = ({ kind, header }, buffers) => {
    if (kind === "scene") view.show(header, buffers);
    else if (kind === "sound") buttons.play(header.name, header.rate, buffers[0]);
  };
  // JupyterLab handles Enter itself, unless the event stops here.
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
  const { header, buffers } = model.get("initial_scene");
  if (header && model.get("case").has_scene) view.show(header, buffers);
  model.send({ kind: "want" });
  return () => {
    for (const [name, handler] of Object.entries(changes)) model.off(name, handler);
    view.dispose();
    buttons.dispose();
  };
}

// A field for a number or a shape.
function textInput({ form, unit }, page, described) {
  const input = h("input", {
    type: "text",
    id: page.id("answer"),
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": described,
    class: `specwidget-${form}`,
  });
  const label = h("label", { for: input.id, text: "Answer" });
  const beside = unit || (form === "shape" ? SHAPE_HINT : "");
  const nodes = [label, input, ...(beside ? [h("span", { class: "specwidget-unit", text: beside })] : [])];
  return { nodes, read: () => input.value, focus: () => input.focus() };
}

// A radio button for each choice.
function choiceInput({ choices: all }, page, described) {
  const name = page.id("choice");
  const inputs = all.map((value, i) => h("input", { type: "radio", name, id: `${name}-${i}`, value }));
  const group = h("fieldset", { "aria-describedby": described }, [
    h("legend", { text: "Answer" }),
    ...inputs.map((input) => h("label", { for: input.id }, [input, input.value])),
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
