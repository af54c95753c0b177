// Form fields: labelled native inputs, one function for each kind of `Control` in `summary/controls.py`.
//
// Each takes (control, form) and returns { inputs, body, below, inline, show(value, context) }: the inputs, what stands in
// the line of the label, what stands below it, and how a value is shown.
import { h } from "../charts/dom.js";
import { createNumberInput, parseNumber } from "./inputs.js";
import { createLength } from "./length_field.js";

/** Give the root of a view its class names. */
export function initView(el, name) {
  el.classList.add("specwidget-view", name);
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// A menu of any values: the option's number stands for its value.
function createSelect(attributes, choices, commit) {
  const select = h("select", attributes);
  let values = [];
  const fill = (groups) => {
    values = [];
    select.replaceChildren(
      ...groups.flatMap(([title, entries]) => {
        const options = entries.map(([value, label]) => h("option", { value: values.push(value) - 1, text: label }));
        return title ? h("optgroup", { label: title }, options) : options;
      }),
    );
  };
  fill(choices);
  select.addEventListener("change", () => commit(values[select.selectedIndex]));
  const show = (value) => {
    select.selectedIndex = values.findIndex((each) => same(each, value));
  };
  return { select, fill, show, values: () => values };
}

function createChoice(control, form) {
  const { select, show } = createSelect({ id: form.id(control.name) }, [["", control.choices]], (value) =>
    form.set(control.name, value),
  );
  return { inputs: [select], body: [select], show };
}

function createIndex(control, form) {
  const { select, fill, show } = createSelect({ id: form.id(control.name) }, [], (value) =>
    form.set(control.name, value),
  );
  let nFilled = 0;
  return {
    inputs: [select],
    body: [select],
    show(value, { counts = {} }) {
      const count = counts[control.name] ?? 1;
      if (count !== nFilled)
        fill([["", Array.from({ length: Math.min(count, 4096) }, (_, i) => [i, `${i + 1} of ${count}`])]]);
      nFilled = count;
      select.closest(".specwidget-field").hidden = count < 2;
      show(value);
    },
  };
}

function createSwitch(control, form) {
  const input = h("input", { type: "checkbox", role: "switch", id: form.id(control.name) });
  input.addEventListener("change", () => form.set(control.name, input.checked));
  const show = (value) => {
    input.checked = value === true;
  };
  return { inputs: [input], body: [input], inline: true, show };
}

const createTyped = (inputmode, parse) => (control, form) => {
  // An empty field means that there is no limit.
  const commit = (value) => form.set(control.name, value === "" && control.optional ? null : value);
  const attributes = { id: form.id(control.name), inputmode, ...(control.optional ? { placeholder: "none" } : {}) };
  const { input, show } = createNumberInput(attributes, commit, undefined, parse);
  return { inputs: [input], body: [input], show };
};

// A number on a linear slider, which can be typed, too.
function createSlider(control, form) {
  const set = (value) => form.set(control.name, value);
  const [low, high] = control.span;
  const digits = (String(control.step).split(".")[1] ?? "").length;
  const nudge = (value, by) => Number((value + by * control.step).toFixed(digits));
  const { input, show } = createNumberInput({ id: form.id(control.name) }, set, nudge);
  const thumb = h("input", {
    type: "range",
    min: low,
    max: high,
    step: control.step,
    "aria-label": `${control.label}, slider`,
  });
  const reflect = (value) => {
    show(value);
    if (typeof value === "number" && thumb.valueAsNumber !== value) thumb.value = String(value);
    thumb.setAttribute("aria-valuetext", `${value} ${control.unit}`.trim());
  };
  thumb.addEventListener("input", () => {
    const value = Number(thumb.valueAsNumber.toFixed(digits));
    reflect(value);
    set(value);
  });
  return {
    inputs: [input, thumb],
    body: [input],
    below: [h("div", { class: "specwidget-slider" }, [thumb])],
    show: reflect,
  };
}

function createRange(control, form) {
  const automatic = h("input", {
    type: "checkbox",
    id: form.id(`${control.name}-auto`),
    "aria-label": `${control.label}, automatic`,
  });
  const ends = ["Lowest value", "Highest value"].map((label, i) =>
    createNumberInput(
      { "aria-label": `${control.label}, ${label.toLowerCase()}`, ...(i ? {} : { id: form.id(control.name) }) },
      () => commit(),
    ),
  );
  const commit = () =>
    form.set(
      control.name,
      ends.map(({ input }) => parseNumber(input.value)),
    );
  automatic.addEventListener("change", () => (automatic.checked ? form.set(control.name, null) : commit()));
  const body = h("span", { class: "specwidget-range" }, [
    ends[0].input,
    "to",
    ends[1].input,
    h("label", { class: "specwidget-auto" }, [automatic, "automatic"]),
  ]);
  return {
    inputs: [...ends.map(({ input }) => input), automatic],
    body: [body],
    show(value, { automatic: found }) {
      automatic.checked = value === null;
      const shown = Array.isArray(value) ? value : (found ?? [null, null]);
      ends.forEach(({ input, show }, i) => {
        show(typeof shown[i] === "number" ? Number(shown[i].toPrecision(4)) : shown[i]);
        input.classList.toggle("specwidget-default", value === null);
      });
    },
  };
}

function createWindow(control, form) {
  const none = ["", [[null, "none: no window, no scaling"]]];
  const { select, fill, show, values } = createSelect({ id: form.id(control.name) }, [], choose);
  const below = h("div", { class: "specwidget-parameters" });
  let families = {};
  let parameters = [];
  let shownFor = "";
  const named = (name, numbers) => ({ name, parameters: numbers });
  function choose(value) {
    form.set(
      control.name,
      value?.name
        ? named(
            value.name,
            families[value.name].map((each) => each.default),
          )
        : value,
    );
  }
  const build = (name) => {
    parameters = (families[name] ?? []).map((parameter) => {
      const id = form.id(`window-${parameter.name}`);
      const field = createNumberInput({ id, title: parameter.meaning }, () =>
        form.set(
          control.name,
          named(
            name,
            parameters.map((each) => parseNumber(each.input.value)),
          ),
        ),
      );
      const label = h("label", { for: id, title: parameter.meaning, text: parameter.name });
      return { ...field, row: h("span", { class: "specwidget-parameter" }, [label, field.input]) };
    });
    below.replaceChildren(...parameters.map((each) => each.row));
    below.hidden = parameters.length === 0;
  };
  build("");
  return {
    inputs: [select],
    body: [select],
    below: [below],
    show(value, { window_parameters = {}, array_window = null, extra_windows = [] }) {
      families = window_parameters;
      const array =
        array_window === null
          ? []
          : [["Passed from Python", [[{ samples: array_window }, `array of ${array_window} values`]]]];
      const extra = extra_windows.length ? [["Of front ends", extra_windows.map((name) => [name, name])]] : [];
      const known = JSON.stringify([array, extra]);
      if (values().length === 0 || select.dataset.array !== known) fill([...control.choices, none, ...extra, ...array]);
      select.dataset.array = known;
      show(value?.name ? { name: value.name } : value);
      const family = value?.name ?? "";
      if (family !== shownFor) build(family);
      shownFor = family;
      parameters.forEach((each, i) => {
        each.show(value.parameters?.[i]);
      });
    },
  };
}

const CREATORS = {
  choice: createChoice,
  index: createIndex,
  switch: createSwitch,
  number: createTyped("decimal", parseNumber),
  text: createTyped("text", (text) => text.trim()),
  length: createLength,
  slider: createSlider,
  range: createRange,
  window: createWindow,
};

/**
 * Create the field of a control, with its label, tooltip and error.
 *
 * @param {Control} control
 * @param {Form} form
 * @returns {Field}
 */
export function createField(control, form) {
  const parts = CREATORS[control.kind](control, form);
  const { inputs, body, below = [], inline = false, isUnitShown = true, show } = parts;
  const problem = h("div", {
    class: "specwidget-error",
    id: form.id(`${control.name}-error`),
    role: "alert",
    hidden: true,
  });
  const label = h("label", { for: form.id(control.name), text: control.label });
  if (control.unit && isUnitShown) label.append(" ", h("span", { class: "specwidget-unit", text: control.unit }));
  const line = h("div", { class: "specwidget-line" }, [label, ...body]);
  const el = h(
    "div",
    { class: "specwidget-field", "data-name": control.name, "data-kind": control.kind, title: control.tooltip },
    [line, ...below, problem],
  );
  el.classList.toggle("specwidget-inline", inline);
  for (const input of inputs) {
    input.setAttribute("aria-description", control.tooltip);
  }
  return {
    el,
    show,
    disable(reason) {
      for (const input of inputs) input.disabled = Boolean(reason);
      el.title = reason || control.tooltip;
      el.classList.toggle("specwidget-disabled", Boolean(reason));
    },
    fail(sentence) {
      if (problem.textContent !== (sentence ?? "")) problem.textContent = sentence ?? "";
      problem.hidden = !sentence;
      for (const input of inputs) {
        input.toggleAttribute("aria-invalid", false);
        if (sentence) {
          input.setAttribute("aria-invalid", "true");
          input.setAttribute("aria-describedby", problem.id);
        } else input.removeAttribute("aria-describedby");
      }
    },
  };
}

/**
 * Create what fields need of a view. `set` goes through a trait and not through a message, as ipywidgets then keeps one
 * update on its way and a slider does not flood the kernel.
 *
 * @param {Model} model
 * @returns {Form}
 */
export function createForm(model) {
  const prefix = `sw${Math.random().toString(36).slice(2, 8)}`;
  return {
    id: (part) => `${prefix}-${part}`,
    set(name, value) {
      model.set(name, value);
      model.save_changes();
    },
  };
}
