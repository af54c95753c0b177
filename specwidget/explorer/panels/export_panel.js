// Files to take away: asked for, received in pieces and saved by the browser; settings from a file, the way back.
import { element, pageOf, prepare } from "../../widgets/fields.js";
import { bytes } from "../../charts/format.js";

function render({ model, el }) {
  const page = pageOf(model);
  const buttons = model.get("offers").map(([what, text, title]) => {
    const button = element("button", { type: "button", class: "specwidget-button", "data-file": what, title, text });
    button.addEventListener("click", () => ask(what));
    return button;
  });
  const file = element("input", { type: "file", id: page.id("settings"), accept: "application/json,.json" });
  const load = element(
    "label",
    {
      class: "specwidget-button",
      for: file.id,
      title: "Take the settings of a JSON file that was saved here or by explorer.save_settings.",
    },
    ["Load settings\u2026"],
  );
  const news = element("p", { class: "specwidget-news", role: "status" });
  const problem = element("div", { class: "specwidget-error", role: "alert", hidden: true });
  const python = element("p", { class: "specwidget-muted" }, [
    "In Python: ",
    element("code", { text: "result = explorer.result" }),
    " holds the values with their axes; ",
    element("code", { text: 'explorer.save_figure("picture.pdf")' }),
    " and its like write files.",
  ]);
  prepare(el, "specwidget-take-away");
  el.replaceChildren(
    element("section", {}, [
      element("h3", { text: "Take away" }),
      element("div", { class: "specwidget-buttons" }, [...buttons, file, load]),
      news,
      problem,
      python,
    ]),
  );

  let under = null; // the file under way
  function ask(what) {
    under = { key: page.id(String(performance.now())), pieces: [], received: 0 };
    news.textContent = "Making the file\u2026";
    model.send({ kind: "take", what, key: under.key });
  }
  function receive(message, buffers) {
    if (message.kind === "settings") return void (news.textContent = message.taken ? "Settings loaded." : "");
    if (message.key !== under?.key) return;
    if (message.kind === "refused") {
      under = null;
      news.textContent = "";
    } else if (message.kind === "file") Object.assign(under, message);
    else if (message.kind === "piece") take(message, buffers[0]);
  }
  function take(message, buffer) {
    if (message.offset !== under.received) return;
    under.pieces.push(buffer);
    under.received += buffer.byteLength;
    if (under.received < under.bytes) {
      news.textContent = `${bytes(under.received)} of ${bytes(under.bytes)}`;
      return model.send({ kind: "piece", key: under.key, offset: under.received });
    }
    save(new Blob(under.pieces, { type: under.type }), under.name);
    news.textContent = `Saved ${under.name}, ${bytes(under.bytes)}.`;
    under = null;
  }

  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    file.value = "";
    if (!chosen) return;
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
    model.off("msg:custom", receive);
    model.off("change:failure", showFailure);
  };
}

// Let the browser save a file, as if a link to it had been followed.
function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export default { render };
