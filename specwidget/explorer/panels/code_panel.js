// The settings as code for a library: choose the library, read the code, copy it.
import { h } from "../../charts/dom.js";
import { createCopyButton } from "../../widgets/copy_button.js";
import { createForm } from "../../widgets/fields.js";
import { createTabPage } from "../tab_page.js";

const STALE = "Settings invalid; showing code for the last valid ones.";
const KEYWORDS = ["False", "None", "True", "as", "from", "import", "FALSE", "NULL", "TRUE", "library"];
const TOKEN =
  /(?<comment>#[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<number>\b\d[\d.]*(?:e[-+]?\d+)?L?\b)|(?<name>\b[A-Za-z_]\w*)/g;

/**
 * Split Python or R code into tokens for syntax colours; they add up to the text. Neighbours of one kind are one token.
 *
 * @param {string} text
 * @returns {[string, string][]} Kind ("" is not coloured) and text of each.
 */
export function tokenize(text) {
  /** @type {[string, string][]} */
  const tokens = [];
  let end = 0;
  const add = (kind, part) => {
    const last = tokens[tokens.length - 1];
    if (last && last[0] === kind) last[1] += part;
    else if (part) tokens.push([kind, part]);
  };
  for (const match of text.matchAll(TOKEN)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined) ?? [""];
    add("", text.slice(end, match.index));
    add(kind !== "name" ? kind : KEYWORDS.includes(match[0]) ? "keyword" : "", match[0]);
    end = match.index + match[0].length;
  }
  add("", text.slice(end));
  return tokens;
}

function render({ model, el }) {
  const form = createForm(model);
  const library = createLibraryField(form, (name) => chooseTarget(model, form, name));
  const needs = h("p", { class: "specwidget-muted specwidget-needs" });
  const stale = h("p", { class: "specwidget-muted", role: "status", hidden: true, text: STALE });
  const code = h("pre", { class: "specwidget-code-text", tabindex: 0, role: "region" });
  const copy = createCopyButton(code, "the code");
  const head = h("div", { class: "specwidget-line" }, [needs, copy]);
  const page = createTabPage({
    ...{ model, el },
    name: "specwidget-code",
    title: "Code",
    children: [library.el, head, stale, code],
  });
  const handlers = {
    "change:targets change:target"() {
      const [name, targets] = [model.get("target"), model.get("targets")];
      library.show(targets, name);
      code.setAttribute("aria-label", `Code for ${targets.find((target) => target.name === name)?.label}`);
    },
    "change:install"() {
      const install = model.get("install");
      needs.replaceChildren(...(install ? ["Needs ", h("code", { text: install })] : []));
    },
    "change:code"() {
      code.replaceChildren(...tokenize(model.get("code")).map(tokenNode));
      copy.hidden = model.get("code") === "";
    },
    "change:is_stale"() {
      stale.hidden = !model.get("is_stale");
    },
  };
  for (const [name, handler] of Object.entries(handlers)) {
    model.on(name, handler);
    handler();
  }
  return () => {
    page.stop();
    for (const [name, handler] of Object.entries(handlers)) model.off(name, handler);
  };
}

const tokenNode = ([kind, text]) => (kind ? h("span", { class: `specwidget-${kind}`, text }) : text);

function chooseTarget(model, form, name) {
  form.set("target", name);
  // A saved page holds the code for every library, as it has no kernel that writes it.
  const [code, install] = model.get("written")[name] ?? [];
  if (code === undefined) return;
  model.set("code", code);
  model.set("install", install);
}

// The libraries depend on the stage of the front end.
function createLibraryField(form, choose) {
  const legend = h("legend", { class: "specwidget-hidden", text: "Library" });
  const el = h("fieldset", { class: "specwidget-targets" }, [legend]);
  let shown = "";
  let radios = new Map();
  function fill(targets) {
    radios = new Map(
      targets.map(({ name }) => {
        const id = form.id(`target-${name}`);
        const radio = h("input", { type: "radio", name: form.id("target"), id, value: name });
        radio.addEventListener("change", () => choose(name));
        return [name, radio];
      }),
    );
    const chips = targets.map(({ name, label }) => {
      const radio = radios.get(name);
      return h("span", { class: "specwidget-chip" }, [radio, h("label", { for: radio.id, text: label })]);
    });
    el.replaceChildren(legend, ...chips);
  }
  return {
    el,
    show(targets, chosen) {
      if (JSON.stringify(targets) !== shown) fill(targets);
      shown = JSON.stringify(targets);
      for (const [name, radio] of radios) radio.checked = name === chosen;
    },
  };
}

export default { render };
