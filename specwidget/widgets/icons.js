// Icons of buttons, drawn in the colour of the text. The button's label says what each means.
const PATHS = {
  undo: '<path d="M5.5 3 2.5 6l3 3M3 6h6a4 4 0 0 1 0 8H6"/>',
  redo: '<path d="m10.5 3 3 3-3 3M13 6H7a4 4 0 0 0 0 8h3"/>',
  reset: '<path d="M3.2 6.2a5.2 5.2 0 1 1-.4 3.3M3 2.6v3.8h3.8"/>',
  loop: '<path d="M4 9.5V8a3 3 0 0 1 3-3h6m-2-2.2L13.2 5 11 7.2M12 6.5V8a3 3 0 0 1-3 3H3m2 2.2L2.8 11 5 8.8"/>',
  screen: '<path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10"/>',
  type: '<path d="M1.5 13 5 4l3.5 9M2.8 10h4.4M11.5 5.5v5M9 8h5"/>',
  more: '<path d="m4 6 4 4 4-4"/>',
  keys: '<rect x="1.5" y="4" width="13" height="8.5" rx="1.5"/><path d="M4 6.8h.01M6.7 6.8h.01M9.3 6.8h.01M12 6.8h.01M5 9.8h6"/>',
};

/**
 * The text of an SVG element.
 *
 * @param {string} name
 */
export const icon = (name) =>
  `<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${PATHS[name]}</svg>`;
