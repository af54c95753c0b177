// Uploads of files to the kernel: a button that opens one, and its progress.
import { h } from "../charts/dom.js";
import { bytes } from "../summary/format.js";

/**
 * Create a button that opens a file: a hidden input, and its label, which looks like a button.
 *
 * @param {string} id
 * @param {{text: string, title: string, accept: string, open: (file: File) => void}} about
 * @returns {[any, any]} Both belong into the page, the input first.
 */
export function createFileButton(id, { text, title, accept, open }) {
  const file = h("input", { class: "specwidget-file", type: "file", id, accept });
  file.addEventListener("change", () => {
    if (file.files.length) open(file.files[0]);
    // So that the same file can be chosen again.
    file.value = "";
  });
  return [file, h("label", { class: "specwidget-button", for: id, title, text })];
}

/**
 * Create what sends files to the kernel, in slices. The next is sent when the one before was acknowledged: JupyterLab
 * drops messages above 10 MB, and many at once would block everything else.
 *
 * @param {Model} model
 * @param {Form} form
 */
export function createUpload(model, form) {
  const bar = h("progress", { max: 1, "aria-label": "Upload" });
  const text = h("span");
  const progress = h("div", { class: "specwidget-progress", hidden: true }, [bar, text]);
  /** @type {{file: File, key: string} | null} */
  let pending = null;

  function showProgress(share, size) {
    bar.hidden = false;
    bar.value = share;
    text.textContent = share < 1 ? `${bytes(share * size)} of ${bytes(size)}` : "reading\u2026";
    progress.hidden = false;
  }
  async function send({ file: source, key }, offset) {
    const { name, size } = source;
    showProgress(offset / Math.max(1, size), size);
    let slice;
    try {
      slice = await source.slice(offset, offset + model.get("slice_bytes")).arrayBuffer();
    } catch {
      // The file was changed, moved or removed since it was chosen; the kernel refuses an empty slice.
      slice = new ArrayBuffer(0);
    }
    if (pending?.key === key) model.send({ kind: "slice", key, name, size, offset }, undefined, [slice]);
  }
  function start(chosen) {
    pending = { file: chosen, key: form.id(String(performance.now())) };
    send(pending, 0);
  }
  function receive(message) {
    if (!pending || message.key !== pending.key) return;
    const { size } = pending.file;
    if (message.kind === "received" && message.bytes < size) send(pending, message.bytes);
    else if (message.kind === "received") showProgress(1, size);
    else {
      pending = null;
      // Other reasons are in `failure`.
      progress.hidden = !message.reason;
      bar.hidden = true;
      text.textContent = message.reason ?? "";
    }
  }
  return { progress, start, receive };
}
