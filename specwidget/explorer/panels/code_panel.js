// The present settings as code for another library: choose it, read it, copy it.
import { copyButton } from "../../widgets/copy_button.js";
import { element, pageOf, prepare } from "../../widgets/fields.js";
import { pieces } from "./syntax.js";

const STALE = "The settings ask for something impossible: this is the code of the last that could be computed.";

function render({ model, el }) {
  const page = pageOf(model);
  const targets = model.get("targets");
  const radios = targets.map(({ name, label }) => {
    const id = page.id(`target-${name}`);
    const radio = element("input", { type: "radio", name: page.id("target"), id, value: name });
    radio.addEventListener("change", () => {
      page.set("target", name);
      // A page without a kernel was given the code for every library.
      const [code, install] = model.get("written")[name] ?? [];
      if (code === undefined) return;
      model.set("code", code);
      model.set("install", install);
    });
    return {
      name,
      radio,
      chip: element("span", { class: "specwidget-chip" }, [radio, element("label", { for: id, text: label })]),
    };
  });
  const choice = element("fieldset", { class: "specwidget-targets" }, [
    element("legend", { class: "specwidget-hidden", text: "Library" }),
    ...radios.map(({ chip }) => chip),
  ]);
  const needs = element("p", { class: "specwidget-muted specwidget-needs" });
  const stale = element("p", { class: "specwidget-muted", role: "status", hidden: true, text: STALE });
  const code = element("pre", { class: "specwidget-code-text", tabindex: 0, role: "region" });
  const copy = copyButton(code, "the code");
  const summary = element("summary", { tabindex: 0 }, [
    element("h3", { text: "Take it as code" }),
    element("span", { class: "specwidget-muted", text: targets.map(({ label }) => label).join(" \u00b7 ") }),
  ]);
  const head = element("div", { class: "specwidget-line" }, [needs, copy]);
  const details = element("details", { class: "specwidget-fold" }, [summary, choice, head, stale, code]);
  prepare(el, "specwidget-code");
  el.replaceChildren(details);

  // Folded, nothing is written.
  details.addEventListener("toggle", () => {
    if (details.open !== model.get("is_open")) page.set("is_open", details.open);
  });
  const changes = {
    "change:is_open": () => (details.open = model.get("is_open")),
    "change:target": () => {
      const name = model.get("target");
      for (const each of radios) each.radio.checked = each.name === name;
      code.setAttribute("aria-label", `Code for ${targets.find((target) => target.name === name).label}`);
    },
    "change:install": () => {
      const install = model.get("install");
      needs.replaceChildren(...(install ? ["Needs ", element("code", { text: install })] : []));
    },
    "change:code": () => {
      code.replaceChildren(
        ...pieces(model.get("code")).map(([kind, text]) =>
          kind ? element("span", { class: `specwidget-${kind}`, text }) : text,
        ),
      );
      copy.hidden = model.get("code") === "";
    },
    "change:is_stale": () => (stale.hidden = !model.get("is_stale")),
  };
  for (const [name, handler] of Object.entries(changes)) {
    model.on(name, handler);
    handler();
  }
  return () => {
    for (const [name, handler] of Object.entries(changes)) model.off(name, handler);
  };
}

export default { render };
