// The files of a survey: a table that a click on a title sorts, and a button in each row that explores the file.
import { h } from "../../charts/dom.js";
import { createTabPage } from "../tab_page.js";

const MARKS = { ascending: " \u25b2", descending: " \u25bc" };

function render({ model, el }) {
  const titles = new Map(model.get("columns").map(([name, title]) => [name, createTitle(model, name, title)]));
  const head = h(
    "tr",
    {},
    [...titles.values()].map((title) => title.el),
  );
  const body = h("tbody");
  const table = h("table", { class: "specwidget-files" }, [h("thead", {}, [head]), body]);
  const oddest = h("button", { type: "button", class: "specwidget-button", text: "Ten oddest" });
  oddest.title = "List the ten files that differ most from the others.";
  oddest.addEventListener("click", () => model.send({ kind: "oddest" }));
  const nAll = Math.min(model.get("total"), model.get("most"));
  const all = h("button", { type: "button", class: "specwidget-button", text: nameList(nAll, model.get("total")) });
  all.addEventListener("click", () => model.send({ kind: "all" }));
  const count = h("span", { class: "specwidget-muted", role: "status" });
  const problem = h("p", { class: "specwidget-error", role: "alert", hidden: true });
  const page = createTabPage({
    ...{ model, el },
    name: "specwidget-files-panel",
    title: "Files",
    children: [h("p", { class: "specwidget-line" }, [oddest, all, count]), problem, table],
  });

  function showRows() {
    const rows = model.get("rows");
    body.replaceChildren(...rows.map(([number, cells]) => createRow(model, number, cells)));
    const total = model.get("total");
    count.textContent = rows.length < total ? `${rows.length} of ${total} files` : `${total} files`;
    all.hidden = rows.length >= nAll;
    for (const [name, title] of titles) title.show(name === model.get("order"), model.get("descending"));
    showChosen();
  }
  function showChosen() {
    for (const row of body.children) {
      const isChosen = Number(row.dataset.number) === model.get("chosen");
      row.classList.toggle("specwidget-chosen", isChosen);
      if (isChosen) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }
  function showFailure() {
    problem.textContent = model.get("failure");
    problem.hidden = !problem.textContent;
  }
  const handlers = {
    "change:rows change:order change:descending": showRows,
    "change:chosen": showChosen,
    "change:failure": showFailure,
  };
  for (const [names, handler] of Object.entries(handlers)) model.on(names, handler);
  showRows();
  showFailure();
  return () => {
    page.stop();
    for (const [names, handler] of Object.entries(handlers)) model.off(names, handler);
  };
}

/** Return what the button says that lists as many files as the list may have. */
export function nameList(count, total) {
  return count < total ? `First ${count}` : "All files";
}

// A second click on a title reverses the order; the first puts the largest first, but names from A to Z.
function createTitle(model, name, title) {
  const button = h("button", { type: "button", text: title });
  const el = h("th", { scope: "col" }, [button]);
  button.addEventListener("click", () => {
    const isSorted = model.get("order") === name;
    model.set("descending", isSorted ? !model.get("descending") : name !== "path" && name !== "measure");
    model.set("order", name);
    model.save_changes();
  });
  return {
    el,
    show(isSorted, descending) {
      const order = descending ? "descending" : "ascending";
      el.setAttribute("aria-sort", isSorted ? order : "none");
      button.textContent = title + (isSorted ? MARKS[order] : "");
    },
  };
}

function createRow(model, number, cells) {
  const [path, ...values] = cells.slice(0, -1);
  const button = h("button", { type: "button", text: cells.at(-1), title: path });
  button.addEventListener("click", () => model.send({ kind: "show", number }));
  return h("tr", { "data-number": number }, [
    h("th", { scope: "row" }, [button]),
    ...values.map((text) => h("td", { text })),
  ]);
}

export default { render };
