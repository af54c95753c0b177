// Presets: a menu, the reason of the one looked at, and a button that takes it.
import { element, pageOf, prepare } from "../../widgets/fields.js";

function render({ model, el }) {
  const page = pageOf(model);
  const select = element("select", {
    id: page.id("preset"),
    title: "Settings that others have found good. The reason is shown before anything changes.",
  });
  const use = element("button", { type: "button", class: "specwidget-button", text: "Use" });
  const badge = element("span", { class: "specwidget-in-use", text: "in use", hidden: true });
  const reason = element("span", { class: "specwidget-reason", id: page.id("reason"), "aria-live": "polite" });
  const facts = element("p", { class: "specwidget-muted", id: page.id("facts") });
  select.setAttribute("aria-describedby", `${reason.id} ${facts.id}`);
  prepare(el, "specwidget-presets");
  el.replaceChildren(
    element("section", {}, [
      element("h3", { text: "Presets" }),
      element("div", { class: "specwidget-line" }, [
        element("label", { class: "specwidget-hidden", for: select.id, text: "Preset" }),
        select,
        use,
      ]),
      element("p", { class: "specwidget-why" }, [badge, reason]),
      facts,
    ]),
  );

  let looked = ""; // the preset looked at: the one in use until somebody looks at another
  function fill() {
    const groups = grouped(model.get("presets"));
    select.replaceChildren(
      ...[...groups].map(([group, presets]) =>
        element(
          "optgroup",
          { label: group },
          presets.map(({ name, title }) => element("option", { value: name, text: title })),
        ),
      ),
    );
    show();
  }
  function show() {
    const known = model.get("presets");
    const inUse = model.get("in_use");
    const shown = known.find(({ name }) => name === (looked || inUse[0])) ?? known[0];
    select.value = shown.name;
    if (reason.textContent !== shown.reason) reason.textContent = shown.reason;
    facts.textContent = shown.facts;
    badge.hidden = !inUse.includes(shown.name);
    use.title = `Set ${shown.title}.`;
  }
  select.addEventListener("change", () => {
    looked = select.value;
    show();
  });
  use.addEventListener("click", () => {
    looked = select.value;
    model.send({ kind: "use", name: looked });
  });

  model.on("change:presets", fill);
  model.on("change:in_use", show);
  fill();
  return () => {
    model.off("change:presets", fill);
    model.off("change:in_use", show);
  };
}

// Presets by group, in the order of their first.
function grouped(presets) {
  const groups = new Map();
  for (const preset of presets) groups.set(preset.group, [...(groups.get(preset.group) ?? []), preset]);
  return groups;
}

export default { render };
