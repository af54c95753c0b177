// Which sound is explored: a menu, the parameters of synthetic signals, an upload in acknowledged slices.
import { element, numberInput, pageOf, prepare } from "../../widgets/fields.js";
import { bytes } from "../../charts/format.js";

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

function render({ model, el }) {
  const page = pageOf(model);
  const select = element("select", { id: page.id("sound"), title: "The sound whose picture is shown." });
  const file = element("input", {
    type: "file",
    id: page.id("file"),
    accept: "audio/*,.wav,.flac,.ogg,.oga,.opus,.mp3,.aiff,.aif",
  });
  const upload = element(
    "label",
    {
      class: "specwidget-button",
      for: page.id("file"),
      title: "Open a sound file from this computer: WAV, FLAC, OGG, MP3 or AIFF.",
    },
    ["Open\u2026"],
  );
  const progress = element("div", { class: "specwidget-progress", hidden: true }, [
    element("progress", { max: 1, "aria-label": "Upload" }),
    element("span"),
  ]);
  const facts = element("p", { class: "specwidget-facts" });
  const about = element("p", { class: "specwidget-about" });
  const credit = element("p", { class: "specwidget-muted" });
  const parameters = element("div", { class: "specwidget-parameters" });
  const problem = element("div", {
    class: "specwidget-error",
    id: page.id("sound-error"),
    role: "alert",
    hidden: true,
  });
  prepare(el, "specwidget-sound");
  el.replaceChildren(
    element("section", {}, [
      element("h3", { text: "Sound" }),
      element("div", { class: "specwidget-line" }, [
        element("label", { class: "specwidget-hidden", for: select.id, text: "Sound" }),
        select,
      ]),
      element("div", { class: "specwidget-buttons" }, [file, upload]),
      progress,
      problem,
      parameters,
      facts,
      about,
      credit,
    ]),
  );

  let values = [];
  function showChoices() {
    values = [];
    select.replaceChildren(
      ...model.get("choices").map(([title, entries]) =>
        element(
          "optgroup",
          { label: title },
          entries.map(([value, label]) => element("option", { value: values.push(value) - 1, text: label })),
        ),
      ),
    );
    showSelected();
  }
  function showSelected() {
    select.selectedIndex = values.indexOf(model.get("selected"));
  }
  function showDetails() {
    const details = model.get("details");
    facts.textContent = (details.facts ?? []).join(" \u00b7 ");
    about.textContent = details.description ?? "";
    credit.textContent = details.credit ?? "";
  }
  function showFailure() {
    const sentence = model.get("failure") || model.get("errors").sound || "";
    problem.textContent = sentence;
    problem.hidden = !sentence;
    for (const input of [select, file]) {
      input.toggleAttribute("aria-invalid", false);
      if (sentence) input.setAttribute("aria-invalid", "true");
      if (sentence) input.setAttribute("aria-describedby", problem.id);
      else input.removeAttribute("aria-describedby");
    }
  }
  let shown = {}; // a number field for each parameter
  function showParameters() {
    const given = model.get("parameters");
    if (String(Object.keys(shown)) !== String(Object.keys(given))) {
      shown = Object.fromEntries(Object.keys(given).map((name) => [name, parameterField(name)]));
      parameters.replaceChildren(...Object.values(shown).map((each) => each.el));
    }
    for (const [name, each] of Object.entries(shown)) each.show(given[name]);
    parameters.hidden = Object.keys(given).length === 0;
  }
  function parameterField(name) {
    const id = page.id(`parameter-${name}`);
    const field = numberInput({ id }, (value) => page.set("parameters", { ...model.get("parameters"), [name]: value }));
    const label = element("label", { for: id, text: name.replaceAll("_", " ") });
    if (UNITS[name]) label.append(" ", element("span", { class: "specwidget-unit", text: UNITS[name] }));
    return { ...field, el: element("span", { class: "specwidget-parameter" }, [label, field.input]) };
  }

  select.addEventListener("change", () => page.set("selected", values[select.selectedIndex]));
  select.addEventListener("focus", () => model.send({ kind: "list" }));

  // A file goes to the kernel in slices; the next leaves when the one before was acknowledged.
  let sending = null;
  file.addEventListener("change", () => {
    if (file.files.length) begin(file.files[0]);
    file.value = "";
  });
  el.addEventListener("dragover", (event) => {
    if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
  });
  el.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer.files.length) begin(event.dataTransfer.files[0]);
  });
  function begin(chosen) {
    sending = { file: chosen, key: page.id(String(performance.now())) };
    send(0);
  }
  async function send(offset) {
    const { file: from, key } = sending;
    showProgress(offset / Math.max(1, from.size), from.size);
    let slice;
    try {
      slice = await from.slice(offset, offset + model.get("slice_bytes")).arrayBuffer();
    } catch {
      // The file was changed, moved or removed since it was chosen.
      slice = new ArrayBuffer(0);
    }
    if (sending?.key === key)
      model.send({ kind: "slice", key, name: from.name, size: from.size, offset }, undefined, [slice]);
  }
  function showProgress(share, size) {
    progress.hidden = share === null;
    if (share === null) return;
    progress.firstChild.value = share;
    progress.lastChild.textContent = share < 1 ? `${bytes(share * size)} of ${bytes(size)}` : "reading\u2026";
  }

  function receive(message) {
    if (message.key !== sending?.key) return;
    if (message.kind === "received" && message.bytes < sending.file.size) return void send(message.bytes);
    if (message.kind === "received") return showProgress(1, sending.file.size);
    sending = null;
    showProgress(null);
  }

  const changes = {
    "change:choices": showChoices,
    "change:selected": showSelected,
    "change:details": showDetails,
    "change:failure change:errors": showFailure,
    "change:parameters": showParameters,
    "msg:custom": receive,
  };
  for (const [names, handler] of Object.entries(changes)) model.on(names, handler);
  for (const handler of [showChoices, showDetails, showFailure, showParameters]) handler();
  showProgress(null);
  return () => {
    for (const [names, handler] of Object.entries(changes)) model.off(names, handler);
  };
}

export default { render };
