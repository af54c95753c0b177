// A scene in the page: a chart for each pair of axes, and the caption that says in words what is seen.
import { createChart } from "./chart.js";
import { h } from "./dom.js";
import { hasColours, heightScale, leftMargin } from "./layout.js";
import { decodeScene } from "./scene.js";
import { isDark, onThemeChange } from "./theme.js";

const SHARE_OF_WINDOW = 0.55; // of its height, for all charts of a scene
const ONE_COLUMN = 640; // as in figure_widget.css

const ANNOUNCE_DELAY = 700; // milliseconds: a slider passes many scenes

// Create the view of scenes. `show(header, buffers)` draws what Python's `encode_scene` made; `palette` is its `palette()`.
// Without `hasCursor` values are to be read by eye, as in exercises.
export function createSceneView(palette, { hasCursor = true } = {}) {
  const grid = h("div", { class: "specwidget-scene" });
  const caption = h("p", { class: "specwidget-caption" });
  const announcement = h("span", { class: "specwidget-hidden", role: "status" });
  const el = h("div", { class: "specwidget-figure" }, [grid, caption, announcement]);
  /** @type {any} */
  let scene = null;
  let charts = [];
  let timer = 0;
  let scale = 1;

  // The legends are no canvases: they have the colours as variables of the style sheet.
  function setColours() {
    for (const [name, pair] of Object.entries(palette.colours))
      el.style.setProperty(`--sw-chart-${name}`, pair[isDark() ? 1 : 0]);
  }
  setColours();
  const stopObserving = onThemeChange(el, setColours);

  function clearCharts() {
    for (const chart of charts) chart.dispose();
    charts = [];
    grid.replaceChildren();
  }
  function reportDrawn(i) {
    if (!scene || i !== charts.length - 1) return;
    const serial = scene.serial ?? 0;
    el.dataset.serial = serial;
    el.dispatchEvent(new CustomEvent("specwidget-painted", { detail: serial, bubbles: true }));
  }
  function build() {
    clearCharts();
    charts = scene.axes.map((_, i) => createChart({ palette, hasCursor, onDraw: () => reportDrawn(i) }));
    grid.replaceChildren(...charts.map((chart) => chart.el));
  }

  const scaleForWindow = () =>
    heightScale(scene.axes, el.clientWidth > ONE_COLUMN ? scene.columns : 1, SHARE_OF_WINDOW * window.innerHeight);
  function showCharts() {
    const { axes: all, columns, caption: words } = scene;
    const margin = leftMargin(all);
    grid.style.setProperty("--columns", String(columns));
    el.style.setProperty("--left", `${margin}px`);
    all.forEach((axes, i) => {
      // Charts below each other are aligned: all keep room for a colour bar where one has it.
      const hasBar = (columns > 1 ? [axes] : all).some(hasColours);
      const label = `${axes.title}: ${axes.y_label} over ${axes.x_label}. ${words}`;
      charts[i].show(axes, { margin, hasBar, label, scale });
    });
  }
  // A window of another size has room for other heights; what does not change them is not drawn again.
  const resized = new ResizeObserver(() => {
    const next = scene ? scaleForWindow() : scale;
    if (next === scale) return;
    scale = next;
    showCharts();
  });
  resized.observe(el);

  return {
    el,
    show(header, buffers) {
      const before = scene;
      scene = decodeScene(header, buffers);
      if (before?.axes.length !== scene.axes.length) build();
      caption.textContent = scene.caption;
      scale = scaleForWindow();
      showCharts();
      clearTimeout(timer);
      timer = setTimeout(() => (announcement.textContent = caption.textContent), ANNOUNCE_DELAY);
    },
    clear() {
      scene = null;
      clearCharts();
      caption.textContent = announcement.textContent = "";
    },
    dispose() {
      clearTimeout(timer);
      resized.disconnect();
      stopObserving();
      clearCharts();
    },
  };
}
