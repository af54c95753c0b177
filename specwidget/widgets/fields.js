// Labelled native inputs, one maker for each kind of control in `controls.py`.
//
// A maker takes (control, page) and returns { el, input, show(value, context), focusable }. `page.set(name, value)` hands
// a value to the kernel; `page.id(part)` makes ids that are unique on the page.
import { h as element } from "../charts/dom.js";
import { nearestStop, sliderStops } from "../charts/scales.js";

export { element };

// A typed number as it is meant, or the text itself where it is none: the engine then says what is wrong with it.
export function parseNumber(text) {
  const trimmed = text.trim();
  const value = Number(trimmed.replace("\u2212", "-"));
  return trimmed !== "" && Number.isFinite(value) ? value : trimmed;
}

// Make an element the root of a view.
export function prepare(el, name) {
  el.classList.add("specwidget-view", name);
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// A text field that hands over its text on Enter and on leaving, and is not overwritten while somebody types.
export function numberInput(attributes, commit, nudge) {
  const input = element("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    ...attributes,
  });
  let shown = "";
  const hand = () => {
    if (input.value !== shown) {
      shown = input.value;
      commit(parseNumber(input.value));
    }
  };
  input.addEventListener("change", hand);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") hand();
    if (event.key === "Escape") input.value = shown;
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const value = parseNumber(input.value);
    if (!direction || !nudge || typeof value !== "number") return;
    event.preventDefault();
    input.value = String(nudge(value, direction));
    hand();
  });
  const show = (value) => {
    const typing = document.activeElement === input && input.value !== shown;
    shown = value === null || value === undefined ? "" : String(value);
    if (!typing) input.value = shown;
  };
  return { input, show };
}

function selectInput(attributes, choices, commit) {
  const select = element("select", attributes);
  let values = [];
  const fill = (groups) => {
    values = [];
    select.replaceChildren(
      ...groups
        .map(([title, entries]) => {
          const options = entries.map(([value, label]) =>
            element("option", { value: values.push(value) - 1, text: label }),
          );
          return title ? element("optgroup", { label: title }, options) : options;
        })
        .flat(),
    );
  };
  fill(choices);
  select.addEventListener("change", () => commit(values[select.selectedIndex]));
  const show = (value) => {
    select.selectedIndex = values.findIndex((each) => same(each, value));
  };
  return { select, fill, show, values: () => values };
}

function choice(control, page) {
  const { select, show } = selectInput({ id: page.id(control.name) }, [["", control.choices]], (value) =>
    page.set(control.name, value),
  );
  return { inputs: [select], body: [select], show };
}

function index(control, page) {
  const { select, fill, show } = selectInput({ id: page.id(control.name) }, [], (value) =>
    page.set(control.name, value),
  );
  let filled = 0;
  return {
    inputs: [select],
    body: [select],
    show(value, { counts = {} }) {
      const count = counts[control.name] ?? 1;
      if (count !== filled)
        fill([["", Array.from({ length: Math.min(count, 4096) }, (_, i) => [i, `${i + 1} of ${count}`])]]);
      filled = count;
      select.closest(".specwidget-field").hidden = count < 2;
      show(value);
    },
  };
}

function toggle(control, page) {
  const input = element("input", { type: "checkbox", role: "switch", id: page.id(control.name) });
  input.addEventListener("change", () => page.set(control.name, input.checked));
  return { inputs: [input], body: [input], inline: true, show: (value) => void (input.checked = value === true) };
}

function number(control, page) {
  const { input, show } = numberInput({ id: page.id(control.name) }, (value) => page.set(control.name, value));
  return { inputs: [input], body: [input], show };
}

function length(control, page) {
  const stops = sliderStops(control.span, control.steps);
  // An emptied field is one that is left to its default.
  const set = (value) => page.set(control.name, value === "" && control.optional ? null : value);
  const { input, show } = numberInput({ id: page.id(control.name), inputmode: "numeric" }, set, (value, by) =>
    Math.max(1, value + by),
  );
  const slider = element("input", {
    type: "range",
    min: 0,
    max: stops.length - 1,
    step: 1,
    "aria-label": `${control.label}, slider`,
  });
  const automatic = element("input", {
    type: "checkbox",
    id: page.id(`${control.name}-default`),
    "aria-label": `${control.label}, default`,
  });
  let resolved = null;
  slider.addEventListener("input", () => {
    const value = stops[slider.valueAsNumber];
    reflect(value);
    set(value);
  });
  automatic.addEventListener("change", () => set(automatic.checked ? null : (resolved ?? stops[slider.valueAsNumber])));
  const reflect = (value) => {
    const known = value ?? resolved;
    show(known);
    input.classList.toggle("specwidget-default", value === null);
    automatic.checked = value === null;
    if (typeof known === "number" && known > 0) {
      const at = nearestStop(stops, known);
      // The thumb stays where the hand has put it.
      if (stops[slider.valueAsNumber] !== known) slider.value = String(at);
      slider.style.setProperty("--fill", `${(100 * at) / (stops.length - 1)}%`);
    }
    slider.setAttribute("aria-valuetext", `${known} ${control.unit}`);
  };
  const row = element("div", { class: "specwidget-slider" }, [slider]);
  if (control.optional) row.append(element("label", { class: "specwidget-auto" }, [automatic, "default"]));
  return {
    inputs: [input, slider, automatic],
    body: [input],
    below: [row],
    show(value, context) {
      resolved = context.resolved?.[control.name] ?? resolved;
      reflect(value);
    },
  };
}

// A number on a linear slider; it can be typed, too.
function slider(control, page) {
  const set = (value) => page.set(control.name, value);
  const [low, high] = control.span;
  const digits = (String(control.step).split(".")[1] ?? "").length;
  const nudge = (value, by) => Number((value + by * control.step).toFixed(digits));
  const { input, show } = numberInput({ id: page.id(control.name) }, set, nudge);
  const thumb = element("input", {
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
    below: [element("div", { class: "specwidget-slider" }, [thumb])],
    show: reflect,
  };
}

function range(control, page) {
  const automatic = element("input", {
    type: "checkbox",
    id: page.id(`${control.name}-auto`),
    "aria-label": `${control.label}, automatic`,
  });
  const ends = ["Lowest value", "Highest value"].map((label, i) =>
    numberInput(
      { "aria-label": `${control.label}, ${label.toLowerCase()}`, ...(i ? {} : { id: page.id(control.name) }) },
      () => commit(),
    ),
  );
  const commit = () =>
    page.set(
      control.name,
      ends.map(({ input }) => parseNumber(input.value)),
    );
  automatic.addEventListener("change", () => (automatic.checked ? page.set(control.name, null) : commit()));
  const body = element("span", { class: "specwidget-range" }, [
    ends[0].input,
    "to",
    ends[1].input,
    element("label", { class: "specwidget-auto" }, [automatic, "automatic"]),
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

function windowField(control, page) {
  const none = ["", [[null, "none: no window, no scaling"]]];
  const { select, fill, show, values } = selectInput({ id: page.id(control.name) }, [], choose);
  const below = element("div", { class: "specwidget-parameters" });
  let families = {};
  let parameters = [];
  let shownFor = "";
  const named = (name, numbers) => ({ name, parameters: numbers });
  function choose(value) {
    page.set(
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
      const id = page.id(`window-${parameter.name}`);
      const field = numberInput({ id, title: parameter.meaning }, () =>
        page.set(
          control.name,
          named(
            name,
            parameters.map((each) => parseNumber(each.input.value)),
          ),
        ),
      );
      const label = element("label", { for: id, title: parameter.meaning, text: parameter.name });
      return { ...field, row: element("span", { class: "specwidget-parameter" }, [label, field.input]) };
    });
    below.replaceChildren(...parameters.map((each) => each.row));
    below.hidden = parameters.length === 0;
  };
  build("");
  return {
    inputs: [select],
    body: [select],
    below: [below],
    show(value, { window_parameters = {}, array_window = null }) {
      families = window_parameters;
      const array =
        array_window === null ? [] : [["Passed in", [[{ samples: array_window }, `array of ${array_window} values`]]]];
      const known = JSON.stringify(array);
      if (values().length === 0 || select.dataset.array !== known) fill([...control.choices, none, ...array]);
      select.dataset.array = known;
      show(value?.name ? { name: value.name } : value);
      const family = value?.name ?? "";
      if (family !== shownFor) build(family);
      shownFor = family;
      parameters.forEach((each, i) => each.show(value.parameters?.[i]));
    },
  };
}

const MAKERS = { choice, index, switch: toggle, number, length, slider, range, window: windowField };

// A control with its label, its tooltip and the place of its error.
export function makeField(control, page) {
  const { inputs, body, below = [], inline = false, show } = MAKERS[control.kind](control, page);
  const problem = element("div", {
    class: "specwidget-error",
    id: page.id(`${control.name}-error`),
    role: "alert",
    hidden: true,
  });
  const label = element("label", { for: page.id(control.name), text: control.label });
  if (control.unit) label.append(" ", element("span", { class: "specwidget-unit", text: control.unit }));
  const line = element("div", { class: "specwidget-line" }, [label, ...body]);
  const el = element(
    "div",
    { class: "specwidget-field", "data-name": control.name, "data-kind": control.kind, title: control.tooltip },
    [line, ...below, problem],
  );
  el.classList.toggle("specwidget-inline", inline);
  for (const input of inputs) {
    input.setAttribute("aria-description", control.tooltip);
    input.addEventListener("focus", () => page.hint?.(control));
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

// What makers need of a page: unique ids, and a way to the kernel that keeps one update under way.
export function pageOf(model, hint) {
  const prefix = `sw${Math.random().toString(36).slice(2, 8)}`;
  return {
    id: (part) => `${prefix}-${part}`,
    hint,
    set(name, value) {
      model.set(name, value);
      model.save_changes();
    },
  };
}
