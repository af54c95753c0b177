// Text fields.
import { h } from "../charts/dom.js";

/**
 * The number that a text means, or the text itself where it means none: Python then says what is wrong with it.
 *
 * @param {string} text
 * @returns {number | string}
 */
export function parseNumber(text) {
  const trimmed = text.trim();
  const value = Number(trimmed.replace("\u2212", "-"));
  return trimmed !== "" && Number.isFinite(value) ? value : trimmed;
}

/**
 * Create a text field for a number. It commits on Enter and on losing the focus, and is not overwritten while the user
 * types.
 *
 * @param {Record<string, any>} attributes
 * @param {(value: number | string) => void} commit
 * @param {(value: number, direction: number) => number} [nudge] The next value by an arrow key.
 */
export function createNumberInput(attributes, commit, nudge, parse = parseNumber) {
  const { input, show, flush } = createTextInput({ inputmode: "decimal", ...attributes }, (text) =>
    commit(parse(text)),
  );
  input.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const value = parseNumber(input.value);
    if (!direction || !nudge || typeof value !== "number") return;
    event.preventDefault();
    input.value = String(nudge(value, direction));
    flush();
  });
  return { input, show };
}

/** Create a text field that commits on Enter and on losing the focus, and is not overwritten while the user types. */
export function createTextInput(attributes, commit) {
  const input = h("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
  let shown = "";
  const flush = () => {
    if (input.value === shown) return;
    shown = input.value;
    commit(input.value);
  };
  input.addEventListener("change", flush);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") flush();
    if (event.key === "Escape") input.value = shown;
  });
  selectOnFirstClick(input);
  const show = (value) => {
    const isTyping = document.activeElement === input && input.value !== shown;
    shown = value === null || value === undefined ? "" : String(value);
    if (isTyping || input.value === shown) return;
    // What is selected to be replaced stays so: a new value would put the cursor behind it.
    const isSelected =
      document.activeElement === input && input.selectionStart === 0 && input.selectionEnd === input.value.length;
    input.value = shown;
    if (isSelected) input.select();
  };
  return { input, show, flush };
}

// The first click into a field, and the first after Enter, selects all of it, as the Tab key does: what is typed then takes
// its place. A second click sets the cursor, and a drag selects a part.
function selectOnFirstClick(input) {
  let isFirst = true;
  input.addEventListener("blur", () => (isFirst = true));
  input.addEventListener("keydown", ({ key }) => (isFirst ||= key === "Enter"));
  input.addEventListener("click", () => {
    if (isFirst && input.selectionStart === input.selectionEnd) input.select();
    isFirst = false;
  });
}
