// The workbench: the tab strip, the line with the shapes, the errors over the picture, height, keys and full screen.
import { h } from "../../charts/dom.js";
import { createForm, initView } from "../../widgets/fields.js";
import { icon } from "../../widgets/icons.js";
import { createPopover } from "../../widgets/popover.js";
import { createButtonRow } from "../../widgets/roving.js";
import { joinPage } from "../page_events.js";
import { HELP } from "../spectrogram_view/interaction.js";
import { createHeightHandle, keepHeight } from "./height.js";
import { keepKeys } from "./keys.js";

const FADE = 24; // pixels at the end of the tab strip, as in the style
const STALE = "Showing the last valid result.";
const HISTORY_HELP = [
  ["Ctrl + Z", "undo"],
  ["Ctrl + Shift + Z", "redo"],
  ["B", "display the other of A and B"],
];

function render({ model, el }) {
  const form = createForm(model);
  const strip = createTabStrip(form, model.get("tabs"), openTab);
  const hasShapes = model.get("tabs").some(({ name }) => name === "shapes");
  const shapes = hasShapes
    ? h("button", { type: "button", class: "specwidget-shape-line", title: "Open the tab Shapes." })
    : h("p", { class: "specwidget-shape-line" });
  const problems = h("div", { class: "specwidget-problems", role: "alert", hidden: true });
  /** @type {HTMLElement | null} */
  let root = null;
  let shownProblems = "";
  /** @type {ReturnType<typeof keepHeight> | null} */
  let height = null;
  const handle = createHeightHandle(
    model.get("height_range"),
    () => root?.querySelector(".specwidget-workbench")?.clientHeight ?? 0,
    (pixels) => {
      model.set("height", pixels);
      model.save_changes();
    },
  );
  const tools = createTools(form, model.get("has_history") ? [...HELP, ...HISTORY_HELP] : HELP, {
    type: () => toggleType(),
    screen: () => toggleScreen(),
  });
  initView(el, "specwidget-bar");
  el.replaceChildren(strip.el, h("div", { class: "specwidget-foot" }, [shapes, tools.el]), problems, handle);
  if (hasShapes) shapes.addEventListener("click", () => openTab("shapes"));

  function openTab(name) {
    model.set("open_tab", name);
    model.save_changes();
  }
  function showTab() {
    const name = model.get("open_tab");
    strip.showOpen(name);
    if (!root || root.dataset.tab === name) return;
    root.dataset.tab = name;
    root.dispatchEvent(new CustomEvent("specwidget:tab"));
  }
  function toggleType() {
    model.set("has_large_type", !model.get("has_large_type"));
    model.save_changes();
  }
  function showType() {
    tools.type.setAttribute("aria-pressed", String(model.get("has_large_type")));
    root?.classList.toggle("specwidget-large", model.get("has_large_type"));
  }
  const toggleScreen = () =>
    document.fullscreenElement ? document.exitFullscreen() : root?.requestFullscreen?.().catch(() => {});
  function showScreen() {
    tools.screen.setAttribute("aria-pressed", String(Boolean(root) && document.fullscreenElement === root));
  }
  function showShapes() {
    shapes.textContent = model.get("shape_summary").replaceAll("->", "\u2192");
  }
  function showProblems() {
    const found = model.get("problems");
    problems.hidden = !model.get("is_stale") && found.length === 0;
    root?.classList.toggle("specwidget-is-stale", model.get("is_stale"));
    // Problems that stay are left alone, with the focus on a button and what a screen reader has spoken.
    const text = JSON.stringify([found, model.get("is_stale")]);
    if (text === shownProblems) return;
    shownProblems = text;
    // The errors of controls are read with their controls.
    const isRead = (name) => (root?.querySelector(`.specwidget-field[data-name="${name}"]`) ? "true" : null);
    const texts = found.flatMap(({ name, sentence, fix }) => [
      h("p", { class: "specwidget-problem", "data-name": name, "aria-hidden": isRead(name), text: sentence }),
      ...(fix ? [createRemedy(name, fix)] : []),
    ]);
    const stale = model.get("is_stale") ? [h("p", { class: "specwidget-stale", text: STALE })] : [];
    problems.replaceChildren(...texts, ...stale);
  }
  function createRemedy(name, text) {
    const button = h("button", { type: "button", class: "specwidget-button specwidget-remedy", text });
    button.addEventListener("click", () => model.send({ kind: "remedy", name }));
    return button;
  }
  const handlers = {
    "change:open_tab": showTab,
    "change:badges": () => strip.showBadges(model.get("badges")),
    "change:shape_summary": showShapes,
    "change:problems change:is_stale": showProblems,
    "change:height": () => height?.update(),
    "change:has_large_type": showType,
  };
  for (const [names, handler] of Object.entries(handlers)) model.on(names, handler);
  const leave = joinPage(el, (found) => {
    root = found;
    height = keepHeight(
      root,
      () => model.get("height"),
      (pixels) => handle.setAttribute("aria-valuenow", String(pixels)),
    );
    const stopKeys = keepKeys(root);
    const skip = createSkip(root);
    document.addEventListener("fullscreenchange", showScreen);
    for (const handler of [...Object.values(handlers), showScreen]) handler();
    return () => {
      height?.stop();
      stopKeys();
      skip.remove();
      document.removeEventListener("fullscreenchange", showScreen);
    };
  });
  return () => {
    leave();
    strip.stop();
    for (const [names, handler] of Object.entries(handlers)) model.off(names, handler);
  };
}

// The first stop of the Tab key: it leads past the controls, and is seen while it has the focus.
function createSkip(root) {
  const skip = h("button", { type: "button", class: "specwidget-skip", text: "Skip to the spectrogram" });
  skip.addEventListener("click", () => root.querySelector(".specwidget-stage")?.focus());
  root.querySelector(".specwidget-has-side .specwidget-side")?.prepend(skip);
  return skip;
}

// Buttons for the explorer as a whole, at the end of the line with the shapes.
function createTools(form, help, act) {
  const createButton = (name, label, tooltip) => {
    const button = h("button", {
      type: "button",
      class: "specwidget-button",
      "data-action": name,
      "aria-label": label,
      "aria-pressed": "false",
      title: tooltip,
    });
    button.innerHTML = icon(name);
    button.addEventListener("click", act[name]);
    return button;
  };
  const type = createButton("type", "Large type", "Larger type and lines, for a projector.");
  const screen = createButton("screen", "Full screen", "Full screen; Esc ends it.");
  const rows = help.map(([what, does]) =>
    h("tr", {}, [h("th", { scope: "row", text: what }), h("td", { text: does })]),
  );
  const keys = createPopover({
    ...{ id: form.id("keys"), title: "Keys and gestures", html: icon("keys"), name: "specwidget-help" },
    children: [h("table", {}, [h("tbody", {}, rows)])],
  });
  const el = h("div", { class: "specwidget-group specwidget-tools", role: "toolbar", "aria-label": "Explorer" }, [
    ...[type, screen, keys.button, keys.panel],
  ]);
  createButtonRow(el, [type, screen, keys.button]);
  return { el, type, screen };
}

// The tabs, as a list that the arrow keys move in. A click on the open tab closes it, which leaves its room to the picture.
// Where the strip is too narrow for them, a button at its end lists them all.
function createTabStrip(form, tabs, open) {
  const items = new Map(
    tabs.map(({ name, title, tooltip }) => {
      const badge = h("span", { class: "specwidget-badge" });
      const button = h(
        "button",
        { type: "button", role: "tab", class: "specwidget-tab", "data-tab": name, title: tooltip },
        [h("span", { text: title }), badge],
      );
      button.addEventListener("click", () => open(button.getAttribute("aria-selected") === "true" ? "" : name));
      return [name, { button, badge }];
    }),
  );
  const buttons = [...items.values()].map(({ button }) => button);
  const strip = h("div", { class: "specwidget-tabs", role: "tablist", "aria-label": "Results" }, buttons);
  const all = createTabList(form, tabs, open);
  // For the pointer: the arrow keys reach every tab of the strip.
  all.button.tabIndex = -1;
  const children = [strip, all.button, all.panel];
  const el = h("div", { class: "specwidget-tab-bar", hidden: tabs.length < 2 }, children);
  // Without tabs there is no stop to choose.
  const setStop = buttons.length ? createButtonRow(strip, buttons, ({ dataset }) => open(dataset.tab)) : () => {};
  // The width of the bar, as that of the strip depends on the button.
  const checkWidth = () => {
    all.button.hidden = strip.scrollWidth <= el.clientWidth;
  };
  // In a narrow strip; `scrollIntoView` would scroll the notebook, too. Of a tab that is too wide the start is seen.
  const revealOpen = () => {
    const button = buttons.find((each) => each.getAttribute("aria-selected") === "true");
    if (!button) return;
    const end = button.offsetLeft + button.offsetWidth + FADE;
    strip.scrollLeft = Math.min(button.offsetLeft, Math.max(strip.scrollLeft, end - strip.clientWidth));
  };
  const observer = new ResizeObserver(() => {
    checkWidth();
    revealOpen();
  });
  observer.observe(el);
  return {
    el,
    stop: () => observer.disconnect(),
    showOpen(name) {
      setStop(items.get(name)?.button ?? buttons[0]);
      for (const button of buttons) {
        const isOpen = button.dataset.tab === name;
        button.setAttribute("aria-selected", String(isOpen));
      }
      all.showOpen(name);
      revealOpen();
    },
    showBadges(badges) {
      let isOpenChanged = false;
      for (const [name, { button, badge }] of items) {
        const text = badges[name] ?? "";
        if (badge.textContent === text) continue;
        badge.textContent = text;
        // After the badges of other tabs the strip stays where a hand may have scrolled it.
        isOpenChanged ||= button.getAttribute("aria-selected") === "true";
      }
      checkWidth();
      if (isOpenChanged) revealOpen();
    },
  };
}

// A button that opens a list of all tabs.
function createTabList(form, tabs, open) {
  const choices = tabs.map(({ name, title, tooltip }) => {
    const choice = h("button", { type: "button", class: "specwidget-tab-choice", title: tooltip, text: title });
    choice.dataset.name = name;
    choice.addEventListener("click", () => {
      all.panel.hidePopover();
      open(name);
    });
    return choice;
  });
  const all = createPopover({
    ...{ id: form.id("tabs"), title: "All tabs", html: icon("more"), name: "specwidget-tab-list", children: choices },
  });
  return {
    ...all,
    showOpen(open) {
      for (const choice of choices) choice.setAttribute("aria-current", String(choice.dataset.name === open));
    },
  };
}

export default { render };
