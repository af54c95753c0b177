// All panels of an explorer as one view, where a host shows single widgets: the grid that ipywidgets' boxes are elsewhere.
import { h } from "../charts/dom.js";

async function render({ model, el, renderPart }) {
  const grid = h("div", { class: "specwidget-workbench" });
  const boxes = {};
  const stops = [];
  el.replaceChildren(grid);
  for (const { box, name, key, model_id: id } of model.get("parts")) {
    const place = h("div", { class: "specwidget-panel" });
    if (box) boxes[box] ??= grid.appendChild(h("div", { class: `specwidget-${box}` }));
    (boxes[box] ?? grid).append(place);
    grid.classList.add(`specwidget-has-${box || name}`);
    stops.push(await renderPart(key, id, place));
  }
  return () => {
    for (const stop of stops) stop?.();
  };
}

export default { render };
