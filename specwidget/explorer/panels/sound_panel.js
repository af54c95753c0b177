// The sound that is analysed: a menu, the parameters of synthetic signals, uploads, and a microphone.
import { h } from "../../charts/dom.js";
import { createForm, initView } from "../../widgets/fields.js";
import { createNumberInput } from "../../widgets/inputs.js";
import { createPopover } from "../../widgets/popover.js";
import { createButtonRow } from "../../widgets/roving.js";
import { FEATURES, isFeatures } from "../features_files.js";
import { joinPage, sendPageEvent } from "../page_events.js";
import { createFileButton, createUpload } from "../upload.js";
import { createMicrophone } from "./microphone.js";

const UNITS = {
  sample_rate: "Hz",
  seconds: "s",
  gap: "s",
  start: "Hz",
  stop: "Hz",
  carrier: "Hz",
  modulation: "Hz",
  deviation: "Hz",
  frequency: "Hz",
};

const SOUNDS = {
  text: "Open\u2026",
  title: "Open a sound file from this computer: WAV, FLAC, OGG, MP3 or AIFF.",
  accept: "audio/*,.wav,.flac,.ogg,.oga,.opus,.mp3,.aiff,.aif",
};

function render({ model, el }) {
  const form = createForm(model);
  const menu = createMenu(model, form);
  const upload = createUpload(model, form);
  const live = h("p", { class: "specwidget-live", role: "status" });
  let refusal = "";
  const microphone = createMicrophone(model, {
    createKey: form.id,
    showProblem(sentence) {
      refusal = sentence;
      showFailure();
    },
    showState(sentence) {
      live.textContent = sentence;
    },
  });
  const sound = createFileButton(form.id("file"), { ...SOUNDS, open: upload.start });
  const features = createFileButton(form.id("features"), { ...FEATURES, open: sendFeatures });
  const parameters = createParameters(model, form);
  const facts = h("p", { class: "specwidget-facts specwidget-muted" });
  const description = h("p");
  const credit = h("p", { class: "specwidget-muted" });
  const rate = createNumberInput(
    { id: form.id("rate"), title: "Sample rate of the sound, to give or to correct. The samples stay." },
    (value) => form.set("sample_rate", value === "" ? null : value),
  );
  rate.input.placeholder = "unknown";
  const about = createPopover({
    ...{ id: form.id("about"), title: "About this sound", text: "i", name: "specwidget-about" },
    children: [description, credit, parameters.el],
  });
  about.button.classList.add("specwidget-info");
  const problem = h("div", { class: "specwidget-error", id: form.id("sound-error"), role: "alert", hidden: true });
  initView(el, "specwidget-sound");
  const state = h("div", { class: "specwidget-state" }, [facts, upload.progress, live, problem]);
  const aboutLine = h("div", { class: "specwidget-line" }, [
    state,
    h("label", { class: "specwidget-hidden", for: rate.input.id, text: "Sample rate" }),
    h("span", { class: "specwidget-rate" }, [rate.input, h("span", { class: "specwidget-unit", text: "Hz" })]),
    about.button,
    about.panel,
  ]);
  const sources = h("div", { class: "specwidget-line", role: "toolbar", "aria-label": "Open or record" }, [
    ...sound,
    microphone.button,
    h("span", { class: "specwidget-features" }, features),
  ]);
  createButtonRow(sources, [sound[0], microphone.button, features[0]]);
  el.replaceChildren(menu.label, menu.select, aboutLine, sources);

  // The tab Identify takes them.
  function sendFeatures(file) {
    sendPageEvent(el, "features", file);
  }

  function showDetails() {
    const details = model.get("details");
    facts.textContent = (details.facts ?? []).join(" \u00b7 ");
    description.textContent = details.description ?? "";
    credit.textContent = details.credit ?? "";
  }
  function showFailure() {
    const sentence = refusal || model.get("failure") || model.get("errors").sound || "";
    problem.textContent = sentence;
    problem.hidden = !sentence;
    for (const input of [menu.select, sound[0]]) {
      input.toggleAttribute("aria-invalid", false);
      if (sentence) input.setAttribute("aria-invalid", "true");
      if (sentence) input.setAttribute("aria-describedby", problem.id);
      else input.removeAttribute("aria-describedby");
    }
  }

  function receive(message) {
    upload.receive(message);
    microphone.receive(message);
  }
  const stopDrops = acceptDrops(el, (file) => (isFeatures(file) ? sendFeatures(file) : upload.start(file)));
  const handlers = {
    "change:sample_rate": () => rate.show(model.get("sample_rate")),
    "change:choices": menu.showChoices,
    "change:selected": menu.showSelected,
    "change:details": showDetails,
    "change:failure change:errors": showFailure,
    "change:parameters": parameters.show,
    "msg:custom": receive,
  };
  for (const [names, handler] of Object.entries(handlers)) model.on(names, handler);
  rate.show(model.get("sample_rate"));
  for (const show of [menu.showChoices, showDetails, showFailure, parameters.show]) show();
  return () => {
    stopDrops();
    microphone.dispose();
    for (const [names, handler] of Object.entries(handlers)) model.off(names, handler);
  };
}

function createMenu(model, form) {
  const select = h("select", { id: form.id("sound"), title: "The sound that is analysed." });
  let values = [];
  function showChoices() {
    values = [];
    const toOption = ([value, text]) => h("option", { value: values.push(value) - 1, text });
    select.replaceChildren(
      ...model.get("choices").map(([label, entries]) => h("optgroup", { label }, entries.map(toOption))),
    );
    showSelected();
  }
  function showSelected() {
    select.selectedIndex = values.indexOf(model.get("selected"));
  }
  select.addEventListener("change", () => form.set("selected", values[select.selectedIndex]));
  // Sounds that came into the notebook meanwhile are listed when the menu is used.
  select.addEventListener("focus", () => model.send({ kind: "list" }));
  const label = h("label", { class: "specwidget-hidden", for: select.id, text: "Sound" });
  return { select, label, showChoices, showSelected };
}

// A number field for each parameter of a synthetic signal.
function createParameters(model, form) {
  const el = h("div", { class: "specwidget-parameters" });
  let fields = {};
  function createParameter(name) {
    const id = form.id(`parameter-${name}`);
    const set = (value) => form.set("parameters", { ...model.get("parameters"), [name]: value });
    const { input, show } = createNumberInput({ id }, set);
    const label = h("label", { for: id, text: name.replaceAll("_", " ") });
    if (UNITS[name]) label.append(" ", h("span", { class: "specwidget-unit", text: UNITS[name] }));
    return { show, el: h("span", { class: "specwidget-parameter" }, [label, input]) };
  }
  return {
    el,
    show() {
      const values = model.get("parameters");
      const names = Object.keys(values);
      if (String(Object.keys(fields)) !== String(names)) {
        fields = Object.fromEntries(names.map((name) => [name, createParameter(name)]));
        el.replaceChildren(...Object.values(fields).map((field) => field.el));
      }
      for (const name of names) fields[name].show(values[name]);
      el.hidden = names.length === 0;
    },
  };
}

// A file is opened wherever in the explorer it is dropped; text may be dropped into fields as everywhere.
function acceptDrops(el, start) {
  const hasFiles = (event) => [...event.dataTransfer.types].includes("Files");
  const over = (event) => hasFiles(event) && event.preventDefault();
  const drop = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer.files.length) start(event.dataTransfer.files[0]);
  };
  return joinPage(el, (root) => {
    root.addEventListener("dragover", over);
    root.addEventListener("drop", drop);
    return () => {
      root.removeEventListener("dragover", over);
      root.removeEventListener("drop", drop);
    };
  });
}

export default { render };
