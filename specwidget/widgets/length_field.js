// The field of a length: samples on a logarithmic slider, and beside them the other forms of the control: a time, an
// overlap, the spacing of bins. Each form can be typed; Python turns texts into samples. The slider has round values in
// the form that was used last, and single steps around the value from which it is moved.
import { h } from "../charts/dom.js";
import { nearestStop, sliderStops, timeStops, withNeighbours } from "../charts/scales.js";
import { formatDuration, formatHertz } from "../summary/quantities.js";
import { createNumberInput, createTextInput } from "./inputs.js";

export function createLength(control, form) {
  const bySamples = sliderStops(control.span, control.steps);
  // An empty field means the default.
  const set = (value) => form.set(control.name, value === "" && control.optional ? null : value);
  const { input, show } = createNumberInput(
    { id: form.id(control.name), inputmode: "numeric", title: "Samples" },
    (value) => {
      usedForm = "";
      set(value);
    },
    (value, by) => Math.max(1, value + by),
  );
  const others = (control.forms ?? []).map((kind) =>
    createLengthForm(control, kind, (text) => {
      usedForm = kind;
      set(text);
    }),
  );
  const slider = h("input", {
    type: "range",
    min: 0,
    max: bySamples.length - 1,
    step: 1,
    "aria-label": `${control.label}, slider`,
  });
  const automatic = h("input", {
    type: "checkbox",
    id: form.id(`${control.name}-default`),
    "aria-label": `${control.label}, default`,
  });
  let usedForm = "";
  let stops = bySamples;
  /** @type {number | null} */
  let resolved = null;
  /** @type {any} */
  let context = {};

  // The stops of the slider, with the samples around a value.
  function layStops(value) {
    const round = usedForm === "time" && context.sample_rate ? timeStops(control.span, context.sample_rate) : bySamples;
    stops = typeof value === "number" && value > 0 ? withNeighbours(round, value, control.span) : round;
    slider.max = String(stops.length - 1);
    if (typeof value === "number" && value > 0) slider.value = String(nearestStop(stops, value));
  }
  for (const name of ["pointerdown", "focus"]) slider.addEventListener(name, () => layStops(resolved));
  slider.addEventListener("input", () => {
    const value = stops[slider.valueAsNumber];
    reflect(value);
    set(value);
  });
  automatic.addEventListener("change", () => set(automatic.checked ? null : (resolved ?? stops[slider.valueAsNumber])));
  const reflect = (value) => {
    const known = value ?? context.resolved?.[control.name] ?? resolved;
    if (typeof known === "number") resolved = known;
    // What can't be read stays where it was typed.
    const typedForm = typeof known === "string" ? others.find(({ kind }) => kind === usedForm) : undefined;
    show(typedForm ? "" : known);
    for (const each of [input, ...others.map(({ input }) => input)])
      each.classList.toggle("specwidget-default", value === null);
    for (const other of others) other.show(known, context, other === typedForm);
    automatic.checked = value === null;
    if (typeof known === "number" && known > 0) {
      // A thumb that the user holds stays where it is.
      if (stops[slider.valueAsNumber] !== known) layStops(known);
      slider.style.setProperty("--fill", `${(100 * slider.valueAsNumber) / (stops.length - 1)}%`);
    }
    slider.setAttribute(
      "aria-valuetext",
      [`${known} ${control.unit}`, ...others.map(({ input }) => input.value)].join(", "),
    );
  };
  const [first, ...rest] = others.map((other) => other.input);
  const row = h("div", { class: "specwidget-slider" }, [slider, ...rest]);
  if (control.optional) row.append(h("label", { class: "specwidget-auto" }, [automatic, "default"]));
  return {
    inputs: [input, ...others.map((other) => other.input), slider, automatic],
    body: [h("span", { class: "specwidget-lengths" }, first ? [input, first] : [input])],
    below: [row],
    isUnitShown: others.length === 0,
    show(value, now) {
      context = now;
      reflect(value);
    },
  };
}

// How each form of a length is written and called: from samples and {sample_rate, frame_length}; "" where it has none.
const LENGTH_FORMS = {
  time: {
    label: "time",
    write: (samples, { sample_rate: rate }) => (rate ? formatDuration(samples / rate) : ""),
    missing: "no rate",
    hint: "A time, such as 25 ms or 0.025 s. It needs the sample rate of the sound.",
  },
  overlap: {
    label: "overlap",
    write: (samples, { frame_length: length }) =>
      length >= samples ? `${Number((100 * (1 - samples / length)).toPrecision(3))} %` : length > 0 ? "none" : "",
    missing: "",
    hint: "The overlap of adjacent frames, in percent of the frame length.",
  },
  spacing: {
    label: "bin spacing",
    write: (samples, { sample_rate: rate }) => (rate ? formatHertz(rate / samples, 4) : ""),
    missing: "no rate",
    hint: "The spacing of bins, such as 31.25 Hz. It needs the sample rate of the sound.",
  },
};

// A text field for another form of a length. A bare number has the unit that is shown.
function createLengthForm(control, kind, commit) {
  const { label, write, missing, hint } = LENGTH_FORMS[kind];
  let unit = "";
  const { input, show } = createTextInput(
    { "aria-label": `${control.label}, ${label}`, title: hint, class: `specwidget-form-${kind}` },
    (text) => commit(/^\s*[\d.]+\s*$/.test(text) ? `${text.trim()} ${unit}` : text),
  );
  return {
    input,
    kind,
    show(samples, context, isTyped = false) {
      const text = typeof samples === "number" && samples > 0 ? write(samples, context) : isTyped ? samples : "";
      unit = text.match(/^[\d.]+ (µs|ms|s|%|mHz|Hz|kHz)$/)?.[1] ?? { time: "ms", overlap: "%", spacing: "Hz" }[kind];
      input.placeholder = context.sample_rate ? "" : missing;
      show(text);
    },
  };
}
