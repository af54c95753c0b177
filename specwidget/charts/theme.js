// Colours and fonts of a canvas, read from the style sheet, and the observer of JupyterLab's theme.

const COLOURS = {
  ink: ["--sw-ink", "#212121"],
  muted: ["--sw-muted", "#5c5c5c"],
  line: ["--sw-line", "#bdbdbd"],
  hair: ["--sw-hair", "#e0e0e0"],
  accent: ["--sw-accent", "#0b57b0"],
  second: ["--sw-second", "#a34a00"],
  paper: ["--sw-paper", "#ffffff"],
  wave: ["--sw-wave", "#5f6b78"],
  veil: ["--sw-veil", "rgba(255, 255, 255, 0.62)"],
};
const DASHES = { solid: [], dashed: [5, 4], dotted: [1.5, 3] };
const THEME_ATTRIBUTES = ["data-jp-theme-name", "data-jp-theme-light", "class"];
const TRANSITION_EVENTS = ["transitionrun", "transitionend", "transitioncancel"];

export const isDark = () => document.body.dataset.jpThemeLight === "false";

/**
 * The theme at an element: its colours, `font`, and what the items of a chart use: `colours` by name, `dashes` by line
 * style, `maps` by kind of colour map. `palette` holds pairs for a light and a dark page, as Python's `palette()` does.
 *
 * @param {Element} node
 * @param {any} palette
 * @returns {Theme}
 */
export function readTheme(node, palette = {}) {
  const style = getComputedStyle(node);
  const get = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  /** @type {any} */
  const theme = Object.fromEntries(Object.entries(COLOURS).map(([name, variable]) => [name, get(...variable)]));
  const number = isDark() ? 1 : 0;
  const choose = (pairs = {}) => Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, pair[number]]));
  const { ink, muted, accent, second } = theme;
  return {
    ...theme,
    font: `${get("--sw-chart-size", "11px")} ${get("--sw-font", "system-ui, sans-serif")}`,
    colours: { first: accent, second, muted, ink, ...choose(palette.colours) },
    dashes: palette.dashes ?? DASHES,
    maps: choose(palette.maps),
  };
}

// Call `callback` in the next frame when the theme changes; return a function that stops. Sizes and colours are those of
// neither theme while it changes.
export function onThemeChange(node, callback) {
  let frame = 0;
  const request = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(callback);
  };
  const observer = new MutationObserver(request);
  observer.observe(document.body, { attributes: true, attributeFilter: THEME_ATTRIBUTES });
  // The explorer itself has a class for larger type.
  const page = node.closest(".specwidget");
  if (page) observer.observe(page, { attributes: true, attributeFilter: ["class"] });
  // The colours may change before or after the name of the theme. The style sheet gives charts a transition of their own
  // colour, whose events report the change; with reduced motion there is none, and the style sheet's load event does.
  for (const name of TRANSITION_EVENTS) node.addEventListener(name, request);
  const loaded = ({ target }) => target instanceof HTMLLinkElement && request();
  document.addEventListener("load", loaded, true);
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
    for (const name of TRANSITION_EVENTS) node.removeEventListener(name, request);
    document.removeEventListener("load", loaded, true);
  };
}
