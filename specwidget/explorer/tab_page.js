// A page behind a tab: shown while its tab is the open one, which the workbench says on the root of the explorer.
import { h } from "../charts/dom.js";
import { createForm, initView } from "../widgets/fields.js";
import { joinPage } from "./page_events.js";

/**
 * Create the page of a tab. It is a region with its title, as a tab panel is.
 *
 * @param {{
 *   model: Model, el: HTMLElement, name: string, title: string, children: HTMLElement[], onOpen?: () => void,
 * }} page `name` is its class, `onOpen` is called each time that it is opened.
 * @returns {{stop: () => void, isOpen: () => boolean}}
 */
export function createTabPage({ model, el, name, title, children, onOpen }) {
  initView(el, name);
  el.id = createForm(model).id("page");
  el.setAttribute("role", "tabpanel");
  el.setAttribute("aria-label", title);
  el.hidden = true;
  el.replaceChildren(h("div", { class: "specwidget-page" }, children));

  function follow(openTab) {
    const isOpen = openTab === model.get("page");
    if (isOpen) {
      const tab = el.closest(".specwidget")?.querySelector(`[role="tab"][data-tab="${openTab}"]`);
      tab?.setAttribute("aria-controls", el.id);
    }
    if (isOpen === !el.hidden) return;
    el.hidden = !isOpen;
    if (isOpen) onOpen?.();
  }
  const stop = joinPage(el, (root) => {
    const listener = () => follow(root.dataset.tab);
    root.addEventListener("specwidget:tab", listener);
    listener();
    return () => root.removeEventListener("specwidget:tab", listener);
  });
  return { stop, isOpen: () => !el.hidden };
}
