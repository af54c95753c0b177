// Presets: a menu, the reason for the one that is selected, and a button that applies it.
import { h } from "../../charts/dom.js";
import { createForm, initView } from "../../widgets/fields.js";
import { createPopover } from "../../widgets/popover.js";

function render({ model, el }) {
  const { select, use, reason, facts, children } = createElements(createForm(model));
  initView(el, "specwidget-presets");
  el.replaceChildren(...children);

  let selected = ""; // the preset that the user has selected; the one in use before that
  function fill() {
    const groups = groupPresets(model.get("presets"));
    select.replaceChildren(...[...groups].map(([label, presets]) => h("optgroup", { label }, presets.map(toOption))));
    show();
  }
  function show() {
    const presets = model.get("presets");
    const inUse = model.get("in_use");
    const shown = presets.find(({ name }) => name === (selected || inUse[0])) ?? presets[0];
    select.value = shown.name;
    // Text that stays is left alone, as screen readers speak each change.
    if (reason.textContent !== shown.reason) reason.textContent = shown.reason;
    facts.textContent = shown.facts;
    const isInUse = inUse.includes(shown.name);
    use.textContent = isInUse ? "In use" : "Use";
    use.disabled = isInUse;
    use.title = isInUse ? "The settings are those of this preset." : `Set ${shown.title}.`;
  }
  select.addEventListener("change", () => {
    selected = select.value;
    show();
  });
  use.addEventListener("click", () => {
    selected = select.value;
    model.send({ kind: "use", name: selected });
  });

  model.on("change:presets", fill);
  model.on("change:in_use", show);
  fill();
  return () => {
    model.off("change:presets", fill);
    model.off("change:in_use", show);
  };
}

function createElements(form) {
  const select = h("select", {
    id: form.id("preset"),
    title: "Common settings and the reason for them. Nothing changes until you press Use.",
  });
  const use = h("button", { type: "button", class: "specwidget-button specwidget-use", text: "Use" });
  const reason = h("p", { id: form.id("reason"), "aria-live": "polite" });
  const facts = h("p", { class: "specwidget-muted specwidget-facts", id: form.id("facts") });
  select.setAttribute("aria-describedby", `${reason.id} ${facts.id}`);
  const about = createPopover({
    ...{ id: form.id("about"), title: "About this preset", text: "i", name: "specwidget-about" },
    children: [reason],
  });
  about.button.classList.add("specwidget-info");
  const label = h("label", { class: "specwidget-hidden", for: select.id, text: "Preset" });
  const tools = h("div", { class: "specwidget-line" }, [facts, about.button, use, about.panel]);
  return { select, use, reason, facts, children: [label, select, tools] };
}

const toOption = ({ name, title }) => h("option", { value: name, text: title });

// Presets by group, groups in the order of their first preset.
function groupPresets(presets) {
  const groups = new Map();
  for (const preset of presets) groups.set(preset.group, [...(groups.get(preset.group) ?? []), preset]);
  return groups;
}

export default { render };
