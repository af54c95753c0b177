// @ts-nocheck
// A scene in the page: a canvas for each pair of axes with its title and legend, and the caption that says what is seen.
import { h as element } from "./dom.js";
import { drawPlot } from "./canvas_renderer.js";
import { decodeScene, leftOf, legendOf, plotBox } from "./layout.js";

const UNIT_HEIGHT = 210;
const SPOKEN_AFTER = 700;
const THEME = ["data-jp-theme-name", "data-jp-theme-light"];

// Make the place of a scene. `show(header, buffers)` draws what Python's `encode_scene` sent; `palette` is its `palette()`.
export function makeStage(palette) {
  const grid = element("div", { class: "specwidget-scene" });
  const caption = element("p", { class: "specwidget-caption" });
  const spoken = element("span", { class: "specwidget-hidden", role: "status" });
  const el = element("div", { class: "specwidget-figure" }, [grid, caption, spoken]);
  let scene = null;
  let plots = [];
  let look = null;
  let speaking = 0;

  function build() {
    for (const { canvas } of plots) sizes.unobserve(canvas);
    plots = scene.axes.map(() => {
      const title = element("h4");
      const legend = element("ul", { class: "specwidget-legend" });
      const canvas = element("canvas", { role: "img" });
      sizes.observe(canvas);
      return { title, legend, canvas, el: element("figure", {}, [title, legend, canvas]), named: "" };
    });
    grid.replaceChildren(...plots.map((plot) => plot.el));
  }

  function draw() {
    if (!scene || !plots.length || !plots[0].canvas.clientWidth) return;
    look ??= readLook(el, palette);
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    scene.axes.forEach((axes, i) => {
      const { canvas } = plots[i];
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
      if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
      const context = canvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawPlot(context, plotBox(width, height, hasBar(axes, scene), leftOf(scene.axes)), axes, look, ratio);
    });
    el.dataset.serial = scene.serial ?? 0;
    el.dispatchEvent(new CustomEvent("specwidget-painted", { detail: scene.serial ?? 0, bubbles: true }));
  }

  function name() {
    grid.style.setProperty("--columns", String(scene.columns));
    el.style.setProperty("--left", `${leftOf(scene.axes)}px`);
    scene.axes.forEach((axes, i) => {
      const plot = plots[i];
      plot.title.textContent = axes.title;
      plot.canvas.style.height = `${Math.round(UNIT_HEIGHT * axes.height) + 50}px`;
      plot.canvas.setAttribute("aria-label", `${axes.title}: ${axes.y_label} over ${axes.x_label}. ${scene.caption}`);
      const entries = legendOf(axes.items);
      const named = JSON.stringify(
        entries.map(({ kind, label, colour, style, marker }) => [kind, label, colour, style, marker]),
      );
      if (named !== plot.named) plot.legend.replaceChildren(...entries.map(entryOf));
      plot.legend.hidden = entries.length === 0;
      plot.named = named;
    });
    caption.textContent = scene.caption;
    clearTimeout(speaking);
    speaking = setTimeout(() => (spoken.textContent = scene.caption), SPOKEN_AFTER);
  }

  const sizes = new ResizeObserver(() => draw());
  const themes = new MutationObserver(() => {
    look = null;
    // The theme's style sheet may arrive a moment after its name.
    draw();
    setTimeout(() => ((look = null), draw()), 300);
  });
  themes.observe(document.body, { attributes: true, attributeFilter: THEME });

  return {
    el,
    show(header, buffers) {
      const before = scene;
      scene = decodeScene(header, buffers);
      if (before?.axes.length !== scene.axes.length) build();
      name();
      draw();
    },
    clear() {
      scene = null;
      plots = [];
      grid.replaceChildren();
      caption.textContent = spoken.textContent = "";
    },
    dispose() {
      clearTimeout(speaking);
      sizes.disconnect();
      themes.disconnect();
    },
  };
}

// Below each other, axes are aligned: all keep room for a colour bar where one has it.
function hasBar(axes, { axes: all, columns }) {
  const some = columns > 1 ? [axes] : all;
  return some.some(({ items }) => items.some(({ kind }) => kind === "image"));
}

function entryOf({ kind, label, colour, style, marker, fill }) {
  const swatch = element("span", {
    class: "specwidget-swatch",
    "data-kind": kind,
    "data-style": style,
    "data-marker": marker,
    "data-fill": fill,
    "aria-hidden": "true",
  });
  swatch.style.setProperty("--colour", `var(--sw-scene-${colour})`);
  return element("li", {}, [swatch, label]);
}

function readLook(el, { colours, dashes, maps }) {
  const dark = document.body.dataset.jpThemeLight === "false" ? 1 : 0;
  const style = getComputedStyle(el);
  const get = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const pick = (pairs) => Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, pair[dark]]));
  const chosen = pick(colours);
  for (const [name, colour] of Object.entries(chosen)) el.style.setProperty(`--sw-scene-${name}`, colour);
  return {
    ink: get("--sw-ink", "#212121"),
    muted: get("--sw-muted", "#5c5c5c"),
    line: get("--sw-line", "#bdbdbd"),
    font: `11px ${get("--sw-font", "system-ui, sans-serif")}`,
    colours: chosen,
    dashes,
    maps: pick(maps),
  };
}
