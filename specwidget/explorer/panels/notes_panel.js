// Notes about settings that fight each other, each with a button for its remedy where there is one.
import { element, prepare } from "../../widgets/fields.js";

const NOTHING = "Nothing to note: these settings go together.";

function render({ model, el }) {
  const list = element("ul", { class: "specwidget-notes" });
  const nothing = element("p", { class: "specwidget-muted", text: NOTHING });
  const news = element("p", { class: "specwidget-hidden", role: "status" });
  prepare(el, "specwidget-notes-panel");
  el.replaceChildren(element("section", {}, [element("h3", { text: "Notes" }), nothing, list, news]));

  const items = new Map(); // by name, so that a button keeps the focus while other notes come and go
  function show() {
    const notes = model.get("notes");
    for (const name of [...items.keys()]) if (!notes.some((note) => note.name === name)) items.delete(name);
    for (const note of notes) {
      const item = items.get(note.name) ?? makeItem(note.name);
      items.set(note.name, item);
      item.sentence.textContent = note.sentence;
      item.button.textContent = note.fix;
      item.button.hidden = !note.fix;
    }
    const wanted = notes.map((note) => items.get(note.name).el);
    if (wanted.length !== list.children.length || wanted.some((each, i) => each !== list.children[i]))
      list.replaceChildren(...wanted);
    nothing.hidden = notes.length > 0;
    list.hidden = notes.length === 0;
  }
  function makeItem(name) {
    const sentence = element("span", { class: "specwidget-sentence" });
    const button = element("button", { type: "button", class: "specwidget-button" });
    button.addEventListener("click", () => {
      news.textContent = `Applied: ${button.textContent}.`;
      model.send({ kind: "apply", name });
    });
    return { el: element("li", { "data-name": name }, [sentence, button]), sentence, button };
  }

  model.on("change:notes", show);
  show();
  return () => model.off("change:notes", show);
}

export default { render };
