// Undo, redo and reset of the settings, and the choice between A and B: by buttons and by keys. A drag of a slider is one
// step.
import { h } from "../../charts/dom.js";
import { initView } from "../../widgets/fields.js";
import { icon } from "../../widgets/icons.js";
import { createButtonRow } from "../../widgets/roving.js";

const NO_B = "There is no B yet.";
const TEXT_FIELDS =
  "input[type='text'], input[type='number'], input[type='search'], textarea, [contenteditable='true']";

/**
 * The name of a key press, such as "ctrl+shift+z"; the command key of a Mac counts as Ctrl.
 *
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} event
 */
export function keyName(event) {
  const parts = [
    event.ctrlKey || event.metaKey ? "ctrl" : "",
    event.altKey ? "alt" : "",
    event.shiftKey ? "shift" : "",
    event.key.toLowerCase(),
  ];
  return parts.filter(Boolean).join("+");
}

/**
 * Whether a key press belongs to the element that has the focus: a text field uses every key, a menu letters.
 *
 * @param {{closest(selectors: string): any}} target
 * @param {string} name
 */
export function isUsedByField(target, name) {
  if (target.closest(TEXT_FIELDS)) return true;
  return name.length === 1 && Boolean(target.closest("select"));
}

function render({ model, el }) {
  const status = h("p", { class: "specwidget-hidden", role: "status" });
  const isOther = (name) => model.get("has_b") && model.get("shown") !== name;
  // What each action would do; "" where there is nothing to do.
  const change = (verb, name) => name && `${verb} ${name}`;
  const effects = {
    undo: () => change("Undo", model.get("undo")),
    redo: () => change("Redo", model.get("redo")),
    reset: () => (model.get("is_default") ? "" : "Reset all settings to their defaults"),
    a: () => (isOther("A") ? "Display A" : ""),
    b: () => (isOther("B") ? "Display B" : ""),
    swap_ab: () => (model.get("has_b") ? `Display ${model.get("shown") === "A" ? "B" : "A"}` : ""),
    set_b: () => "Store the current settings and sound as B; what follows changes A",
  };
  function act(kind) {
    const effect = effects[kind]();
    status.textContent = effect ? `${effect}.` : ACTIONS[kind].disabled();
    // Undo and redo are sent in any case: when keys follow each other quickly, what is displayed here lags behind.
    if (["a", "b"].includes(kind)) effect && model.send({ kind: "swap_ab" });
    else model.send({ kind });
  }
  const ACTIONS = {
    undo: { label: "Undo", keys: "Ctrl+Z", disabled: () => "Nothing to undo." },
    redo: { label: "Redo", keys: "Ctrl+Shift+Z", disabled: () => "Nothing to redo." },
    reset: { label: "Reset", keys: "", disabled: () => "Every setting has its default." },
    a: { label: "A", keys: "B", disabled: () => "A is displayed." },
    b: { label: "B", keys: "B", disabled: () => (model.get("has_b") ? "B is displayed." : NO_B) },
    set_b: { label: "Set B", keys: "", disabled: () => "" },
    swap_ab: { label: "", keys: "B", disabled: () => NO_B },
  };
  const createButton = (kind) => {
    const { label } = ACTIONS[kind];
    const button = h("button", {
      type: "button",
      class: "specwidget-button",
      "data-action": kind,
      "aria-label": label,
    });
    if (["undo", "redo", "reset"].includes(kind)) button.innerHTML = icon(kind);
    else button.textContent = label;
    button.addEventListener("click", () => act(kind));
    return [kind, button];
  };
  const buttons = Object.fromEntries(["undo", "redo", "reset", "a", "b", "set_b"].map(createButton));
  const { undo, redo, reset, a, b, set_b } = buttons;
  el.setAttribute("role", "toolbar");
  el.setAttribute("aria-label", "Settings");
  createButtonRow(el, Object.values(buttons));
  const group = (label, name, children) =>
    h("div", { class: `specwidget-group ${name}`, role: "group", "aria-label": label }, children);
  initView(el, "specwidget-history");
  el.replaceChildren(
    group("History", "", [undo, redo, reset]),
    group("A and B", "specwidget-ab", [group("Displayed", "specwidget-joined", [a, b]), set_b]),
    status,
  );

  // Not the attribute `disabled`: the button that made the last step keeps the focus.
  function show() {
    for (const [kind, button] of Object.entries(buttons)) {
      const effect = effects[kind]();
      const { keys, disabled } = ACTIONS[kind];
      button.setAttribute("aria-disabled", String(!effect));
      button.title = effect ? `${effect}${keys ? ` (${keys})` : ""}.` : disabled();
    }
    for (const [name, button] of [
      ["A", a],
      ["B", b],
    ])
      button.setAttribute("aria-pressed", String(model.get("has_b") && model.get("shown") === name));
  }

  const detach = [
    watchSliders(el, (isHeld) => model.send({ kind: isHeld ? "hold" : "release" })),
    listenToKeys(el, {
      "ctrl+z": () => act("undo"),
      "ctrl+shift+z": () => act("redo"),
      "ctrl+y": () => act("redo"),
      b: () => act("swap_ab"),
    }),
  ];
  const names = "change:undo change:redo change:is_default change:has_b change:shown";
  model.on(names, show);
  show();
  return () => {
    for (const stop of detach) stop();
    model.off(names, show);
  };
}

// Call `onHold` when the pointer takes or releases a slider of the explorer around `el`; return how to stop.
function watchSliders(el, onHold) {
  let isHeld = false;
  const grab = (event) => {
    const slider = event.target.closest?.("input[type='range']");
    if (isHeld || !slider || !el.closest(".specwidget")?.contains(slider)) return;
    isHeld = true;
    onHold(true);
  };
  const release = () => {
    if (!isHeld) return;
    isHeld = false;
    onHold(false);
  };
  document.addEventListener("pointerdown", grab, true);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, release, true);
  return () => {
    release();
    document.removeEventListener("pointerdown", grab, true);
    for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, release, true);
  };
}

// Call an action for its key, wherever in the explorer around `el` the focus is; return how to stop.
function listenToKeys(el, actions) {
  const press = (event) => {
    const name = keyName(event);
    const isInside = el.closest(".specwidget")?.contains(event.target);
    if (event.defaultPrevented || !actions[name] || !isInside || isUsedByField(event.target, name)) return;
    event.preventDefault();
    actions[name]();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}

export default { render };
