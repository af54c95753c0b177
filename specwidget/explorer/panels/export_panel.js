// Export: files that the kernel creates, received in pieces and saved by the browser; and settings loaded from a file.
import { h } from "../../charts/dom.js";
import { bytes } from "../../summary/format.js";
import { createField, createForm } from "../../widgets/fields.js";
import { createButtonRow } from "../../widgets/roving.js";
import { createTabPage } from "../tab_page.js";

function render({ model, el }) {
  const form = createForm(model);
  const buttons = model.get("downloads").map(([what, text, title]) => {
    const button = h("button", { type: "button", class: "specwidget-button", "data-file": what, title, text });
    button.addEventListener("click", () => download.start(what));
    return button;
  });
  const file = h("input", { type: "file", id: form.id("settings"), accept: "application/json,.json" });
  const status = h("p", { class: "specwidget-news", role: "status" });
  const problem = h("div", { class: "specwidget-error", role: "alert", hidden: true });
  const setStatus = (text) => {
    status.textContent = text;
  };
  const download = createDownload({
    send: (content) => model.send({ ...content, choices: choices.values() }),
    createKey: form.id,
    setStatus,
  });
  const files = h("div", { class: "specwidget-buttons", role: "toolbar", "aria-label": "Files" }, buttons);
  createButtonRow(files, buttons);
  const row = h("div", { class: "specwidget-buttons" }, [files, file, createLoadButton(file.id)]);
  const choices = createChoices(model.get("choices"), form.id);
  const page = createTabPage({
    ...{ model, el },
    name: "specwidget-export",
    title: "Export",
    children: [row, status, problem, choices.el, createPythonHint()],
  });

  function receive(message, buffers) {
    if (message.kind === "settings")
      setStatus(message.is_loaded ? ["Settings loaded.", message.remark].filter(Boolean).join(" ") : "");
    else download.receive(message, buffers);
  }
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    file.value = "";
    if (!chosen) return;
    // Python says that a file is too large, and needs only its name for that.
    const text = chosen.size <= model.get("most_settings") ? await chosen.text() : "";
    model.send({ kind: "settings", name: chosen.name, text });
  });
  function showFailure() {
    problem.textContent = model.get("failure");
    problem.hidden = !model.get("failure");
  }
  model.on("msg:custom", receive);
  model.on("change:failure", showFailure);
  showFailure();
  return () => {
    page.stop();
    model.off("msg:custom", receive);
    model.off("change:failure", showFailure);
  };
}

const GROUPS = { figure: "Figures", page: "Page" };

// What is chosen for a file is sent with the request for it, and changes nothing before.
function createChoices(table, createId) {
  const values = Object.fromEntries(table.map(({ name, value }) => [name, value]));
  const set = (name, value) => {
    values[name] = value;
    fields.get(name)?.show(value, {});
  };
  /** @type {Map<string, any>} */
  const fields = new Map(table.map((control) => [control.name, createField(control, { id: createId, set })]));
  for (const [name, value] of Object.entries(values)) fields.get(name).show(value, {});
  const groups = Object.entries(GROUPS).map(([group, title]) => {
    const inside = table.filter((control) => control.group === group).map(({ name }) => fields.get(name).el);
    return h("section", { class: "specwidget-choices", "aria-label": title }, [h("h4", { text: title }), ...inside]);
  });
  const summary = h("summary", {}, [h("h3", { text: "Options of figures and page" })]);
  return { el: h("details", { class: "specwidget-more" }, [summary, ...groups]), values: () => values };
}

const createLoadButton = (id) =>
  h(
    "label",
    {
      class: "specwidget-button",
      for: id,
      title: "Load the settings of a JSON file that was saved here or by explorer.save_settings.",
    },
    ["Load settings\u2026"],
  );

const createPythonHint = () =>
  h("p", { class: "specwidget-muted" }, [
    "In Python: ",
    h("code", { text: "result = explorer.result" }),
    " holds the values with their axes; ",
    h("code", { text: 'explorer.save_figure("spectrogram.pdf")' }),
    " and the other save methods write files.",
  ]);

// One file at a time. The next piece is requested when the one before is there, so that the kernel stays responsive.
function createDownload({ send, createKey, setStatus }) {
  /** @type {any} */
  let pending = null;

  function receivePiece(message, buffer) {
    if (message.offset !== pending.received) return;
    pending.pieces.push(buffer);
    pending.received += buffer.byteLength;
    if (pending.received < pending.bytes) {
      setStatus(`${bytes(pending.received)} of ${bytes(pending.bytes)}`);
      return send({ kind: "piece", key: pending.key, offset: pending.received });
    }
    save(new Blob(pending.pieces, { type: pending.type }), pending.name);
    setStatus(`Saved ${pending.name}, ${bytes(pending.bytes)}.`);
    pending = null;
  }

  return {
    start(what) {
      pending = { key: createKey(String(performance.now())), pieces: [], received: 0 };
      setStatus("Creating the file\u2026");
      send({ kind: "download", what, key: pending.key });
    },
    receive(message, buffers) {
      if (message.key !== pending?.key) return;
      if (message.kind === "refused") {
        pending = null;
        setStatus("");
      } else if (message.kind === "file") Object.assign(pending, message);
      else if (message.kind === "piece") receivePiece(message, buffers[0]);
    },
  };
}

// Let the browser save a file, as if the user had followed a link to it.
function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // Browsers read the file after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export default { render };
