// Notes about settings that conflict, each with a button that applies its fix where there is one.
import { h } from "../../charts/dom.js";
import { createTabPage } from "../tab_page.js";

const NO_NOTES = "No notes: these settings don\u2019t conflict.";

function render({ model, el }) {
  const list = h("ul", { class: "specwidget-notes" });
  const empty = h("p", { class: "specwidget-muted", text: NO_NOTES });
  const status = h("p", { class: "specwidget-hidden", role: "status" });
  const page = createTabPage({
    ...{ model, el },
    name: "specwidget-notes-panel",
    title: "Notes",
    children: [empty, list, status],
  });

  const items = new Map(); // by name, so that a button keeps the focus while other notes come and go
  function show() {
    const notes = model.get("notes");
    for (const name of [...items.keys()]) if (!notes.some((note) => note.name === name)) items.delete(name);
    for (const note of notes) {
      if (!items.has(note.name)) items.set(note.name, createItem(note.name));
      items.get(note.name).show(note);
    }
    const wanted = notes.map((note) => items.get(note.name).el);
    const isSame = wanted.length === list.children.length && wanted.every((each, i) => each === list.children[i]);
    if (!isSame) list.replaceChildren(...wanted);
    empty.hidden = notes.length > 0;
    list.hidden = notes.length === 0;
  }
  function createItem(name) {
    const sentence = h("span", { class: "specwidget-sentence" });
    const button = h("button", { type: "button", class: "specwidget-button" });
    button.addEventListener("click", () => {
      status.textContent = `Applied: ${button.textContent}.`;
      model.send({ kind: "apply", name });
    });
    return {
      el: h("li", { "data-name": name }, [sentence, button]),
      show(note) {
        sentence.textContent = note.sentence;
        button.textContent = note.fix;
        button.hidden = !note.fix;
      },
    };
  }

  model.on("change:notes", show);
  show();
  return () => {
    page.stop();
    model.off("change:notes", show);
  };
}

export default { render };
