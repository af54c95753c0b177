// The readout under the picture: a table with a row for the cursor, each pin and their difference, and the same as a
// sentence for those who hear it.
import { element } from "../../widgets/fields.js";

const HINT = "Point at the picture, or focus it and use the arrow keys.";

export function makeReadout() {
  const live = element("output", { class: "specwidget-pointer specwidget-hidden", "aria-live": "off", text: HINT });
  const hint = element("p", { class: "specwidget-muted specwidget-readout-hint", text: HINT });
  const head = element("tr");
  const body = element("tbody");
  const table = element("table", { class: "specwidget-readings", hidden: true }, [
    element("caption", { class: "specwidget-hidden", text: "Readout" }),
    element("thead", {}, [head]),
    body,
  ]);
  const note = element("p", { class: "specwidget-muted specwidget-readout-note" });
  let columns = "";

  function showColumns(names) {
    const key = names.map(({ title }) => title).join();
    if (key === columns) return;
    columns = key;
    head.replaceChildren(
      element("td"),
      ...names.map(({ name, title }) => element("th", { scope: "col", "data-name": name, text: title })),
    );
    body.replaceChildren();
  }

  // Rows are filled, not made anew: the pointer moves often.
  function showRow(i, title, names, words) {
    const row =
      body.rows[i] ??
      body.appendChild(
        element("tr", {}, [
          element("th", { scope: "row" }),
          ...names.map(({ name }) => element("td", { "data-name": name })),
        ]),
      );
    if (row.cells[0].textContent !== title) row.cells[0].textContent = title;
    names.forEach(({ name }, at) => {
      if (row.cells[at + 1].textContent !== words[name]) row.cells[at + 1].textContent = words[name];
    });
  }

  return {
    el: element("div", { class: "specwidget-readout" }, [live, hint, table, note]),
    // `rows` are [{title, words}], `sentence` is what is said of the last change, `aloud` whether it is read out.
    show({ names, rows, sentence, remark, aloud }) {
      live.setAttribute("aria-live", aloud ? "polite" : "off");
      const text = sentence || HINT;
      if (live.textContent !== text) live.textContent = text;
      hint.hidden = rows.length > 0;
      table.hidden = rows.length === 0;
      if (note.textContent !== remark) note.textContent = remark;
      if (rows.length === 0) return;
      showColumns(names);
      rows.forEach(({ title, words }, i) => showRow(i, title, names, words));
      while (body.rows.length > rows.length) body.lastChild.remove();
    },
  };
}
