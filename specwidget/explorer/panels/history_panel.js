// Undo, redo and reset of the settings, A and B, by buttons and by keys; a drag of a slider is one step.
import { element, prepare } from "../../widgets/fields.js";
import { listen } from "./shortcuts.js";

const BUTTONS = {
  undo: { text: "Undo", keys: "Ctrl+Z", nothing: "Nothing to undo." },
  redo: { text: "Redo", keys: "Ctrl+Shift+Z", nothing: "Nothing to redo." },
  reset: { text: "Reset", keys: "", nothing: "Every setting has its default." },
  keep: { text: "Keep as B", keys: "", nothing: "" },
  flip: { text: "Flip A/B", keys: "B", nothing: "Nothing is kept as B yet." },
};

function render({ model, el }) {
  const news = element("p", { class: "specwidget-hidden", role: "status" });
  const what = {
    undo: () => model.get("undo"),
    redo: () => model.get("redo"),
    reset: () => (model.get("is_default") ? "" : "all settings to their defaults"),
    keep: () => "the settings as they are, to compare others with them",
    flip: () => (model.get("has_b") ? "between the settings and those kept as B" : ""),
  };
  const act = (kind) => {
    const about = what[kind]();
    news.textContent = about ? `${BUTTONS[kind].text}: ${about}.` : BUTTONS[kind].nothing;
    // The kernel knows best: what is shown here may be a moment old when keys follow each other quickly.
    model.send({ kind });
  };
  const buttons = Object.fromEntries(
    Object.entries(BUTTONS).map(([kind, { text }]) => {
      const button = element("button", { type: "button", class: "specwidget-button", "data-action": kind, text });
      button.addEventListener("click", () => act(kind));
      return [kind, button];
    }),
  );
  prepare(el, "specwidget-history");
  const { keep, flip, ...steps } = buttons;
  const row = (label, some) =>
    element("div", { class: "specwidget-buttons", role: "group", "aria-label": label }, some);
  el.replaceChildren(row("Steps of the settings", Object.values(steps)), row("A and B", [keep, flip]), news);

  // A button that can't do anything stays in the tab order: the focus is not lost by the last step back.
  const show = () => {
    for (const [kind, button] of Object.entries(buttons)) {
      const about = what[kind]();
      const { text, keys, nothing } = BUTTONS[kind];
      button.setAttribute("aria-disabled", String(!about));
      button.title = about ? `${text} ${about}${keys ? ` (${keys})` : ""}.` : nothing;
    }
  };

  let held = false;
  const grab = (event) => {
    const slider = event.target.closest?.("input[type='range']");
    if (held || !slider || !el.closest(".specwidget")?.contains(slider)) return;
    held = true;
    model.send({ kind: "hold" });
  };
  const drop = () => {
    if (!held) return;
    held = false;
    model.send({ kind: "release" });
  };
  document.addEventListener("pointerdown", grab, true);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, drop, true);

  const silence = listen(el, {
    "ctrl+z": () => act("undo"),
    "ctrl+shift+z": () => act("redo"),
    "ctrl+y": () => act("redo"),
    b: () => act("flip"),
  });
  const names = "change:undo change:redo change:is_default change:has_b";
  model.on(names, show);
  show();
  return () => {
    drop();
    silence();
    document.removeEventListener("pointerdown", grab, true);
    for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, drop, true);
    model.off(names, show);
  };
}

export default { render };
