// The settings behind an array: a file is uploaded, the kernel searches, and the answer sets the controls.
import { h } from "../../charts/dom.js";
import { createCopyButton } from "../../widgets/copy_button.js";
import { createForm } from "../../widgets/fields.js";
import { FEATURES } from "../features_files.js";
import { onPageEvent } from "../page_events.js";
import { createTabPage } from "../tab_page.js";
import { createFileButton, createUpload } from "../upload.js";

const HELP =
  "Load the array that a pipeline made of the sound that is displayed: the settings behind it are searched, and the " +
  "controls can be set to them.";

function render({ model, el }) {
  const form = createForm(model);
  const upload = createUpload(model, form);
  const button = createFileButton(form.id("features"), { ...FEATURES, open: upload.start });
  const help = h("p", { class: "specwidget-muted", text: HELP });
  const subject = h("p", { class: "specwidget-muted specwidget-facts" });
  const head = h("div", { class: "specwidget-line" }, [help, subject, ...button]);
  const search = createSearch(() => model.send({ kind: "cancel" }));
  const failure = h("p", { class: "specwidget-error", role: "alert", hidden: true });
  const answer = createAnswer(() => model.send({ kind: "set" }));
  const page = createTabPage({
    ...{ model, el },
    name: "specwidget-identify",
    title: "Identify",
    children: [head, upload.progress, search.el, failure, answer.el],
  });

  function show() {
    const text = model.get("subject");
    subject.textContent = text;
    subject.hidden = !text;
    help.hidden = Boolean(text);
    search.show(model.get("is_searching"), model.get("progress"));
    failure.textContent = model.get("failure");
    failure.hidden = !failure.textContent;
    answer.show(model.get("answer"));
  }
  const changes = "change:subject change:is_searching change:progress change:failure change:answer";
  model.on(changes, show);
  model.on("msg:custom", upload.receive);
  const stop = onPageEvent(el, "features", upload.start);
  show();
  return () => {
    page.stop();
    stop();
    model.off(changes, show);
    model.off("msg:custom", upload.receive);
  };
}

// A search under way: how much of its time is used, and a button that ends it.
function createSearch(cancel) {
  const bar = h("progress", { max: 1, "aria-label": "Search" });
  const text = h("span", { text: "Searching\u2026" });
  const button = h("button", { type: "button", class: "specwidget-button", text: "Cancel" });
  button.addEventListener("click", cancel);
  const el = h("div", { class: "specwidget-progress", hidden: true }, [text, bar, button]);
  return {
    el,
    show(isSearching, share) {
      el.hidden = !isSearching;
      bar.value = share;
    },
  };
}

function createAnswer(set) {
  const verdict = h("p", { class: "specwidget-subject" });
  const sentences = h("ul");
  const said = h("div", { role: "status" }, [verdict, sentences]);
  const button = h("button", { type: "button", class: "specwidget-button", text: "Set the controls" });
  button.addEventListener("click", set);
  const remarks = h("p", { class: "specwidget-muted" });
  const line = h("div", { class: "specwidget-line" }, [remarks, button]);
  const rows = h("tbody");
  const table = h("table", { class: "specwidget-table", "aria-label": "Settings of the array" }, [rows]);
  const code = h("pre", { tabindex: 0, role: "group", "aria-label": "Code that makes the array" });
  const codeBox = h("div", { class: "specwidget-found-code" }, [code, createCopyButton(code, "the code")]);
  const el = h("div", { class: "specwidget-answer" }, [said, line, table, codeBox]);
  return {
    el,
    show({ level = "", sentences: [first = "", ...rest] = [], settings = [], code: text = "", ...about }) {
      el.dataset.level = level;
      if (verdict.textContent !== first) verdict.textContent = first;
      sentences.replaceChildren(...rest.map((sentence) => h("li", { text: sentence })));
      sentences.hidden = rest.length === 0;
      remarks.textContent = (about.remarks ?? []).join(" ");
      button.hidden = !about.can_set;
      line.hidden = button.hidden && !remarks.textContent;
      rows.replaceChildren(
        ...settings.map(([name, value]) =>
          h("tr", {}, [h("th", { scope: "row", text: name }), h("td", { class: "specwidget-value", text: value })]),
        ),
      );
      table.hidden = settings.length === 0;
      code.textContent = text;
      codeBox.hidden = !text;
    },
  };
}

export default { render };
