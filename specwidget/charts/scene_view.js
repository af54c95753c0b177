// A scene in the page: a chart for each pair of axes, and the caption that says in words what is seen.
import { createChart } from "./chart.js";
import { h } from "./dom.js";
import { hasColours, heightScale, LEAST_SCALE, leftMargin, narrowTextHeight, sharesAxis } from "./layout.js";
import { decodeScene } from "./scene.js";
import { isDark, onThemeChange } from "./theme.js";

const PANE = ".jp-WindowedPanel-outer, .jp-NotebookPanel-notebook"; // what a notebook scrolls in
const TEXT = 175; // the height of the paragraph and the lines of code that stand above a figure
const ONE_COLUMN = 640; // pixels of a scene, in which charts are below each other
const LEAST_WIDTH = 240; // pixels of a chart, with its margins
const GAP = 16; // pixels between charts, as in figure_widget.css

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
  let [scale, columns] = [1, 1];
  /** @type {Element | null} */
  let pane = null;

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

  // The text that says what to look at, the controls and the charts are seen together; in a narrow window, where a text
  // has many lines, the controls and the charts.
  function fitWindow() {
    const controls = el.getBoundingClientRect().top - (el.parentElement?.getBoundingClientRect().top ?? 0);
    const narrow = el.clientWidth <= ONE_COLUMN;
    const room = (pane?.clientHeight ?? window.innerHeight) - controls - (narrow ? 0 : TEXT);
    const fitsBelow = heightScale(scene.axes, 1, room) > LEAST_SCALE;
    const fitsBeside = el.clientWidth >= (LEAST_WIDTH + GAP) * scene.columns - GAP;
    // Charts that would be too low below each other stand beside each other in a narrow window, too.
    columns = narrow && (fitsBelow || !fitsBeside) ? 1 : scene.columns;
    const texts = narrow && columns > 1 ? narrowTextHeight(scene.axes, columns) : 0;
    scale = heightScale(scene.axes, columns, room - texts);
  }
  function showCharts() {
    const { axes: all, caption: words } = scene;
    const margin = leftMargin(all);
    grid.style.setProperty("--columns", String(columns));
    el.style.setProperty("--left", `${margin}px`);
    all.forEach((axes, i) => {
      // Charts below each other are aligned: all keep room for a colour bar where one has it.
      const hasBar = (columns > 1 ? [axes] : all).some(hasColours);
      const label = `${axes.title}: ${axes.y_label} over ${axes.x_label}. ${words}`;
      const hasXLabels = !sharesAxis(all, i, columns);
      charts[i].show(axes, { margin, hasBar, label, scale, hasXLabels });
    });
  }
  // A window of another size has room for other heights; what does not change them is not drawn again.
  const resized = new ResizeObserver(() => {
    if (!pane) {
      // There from when the view is attached on; a window that is only less high changes nothing else.
      pane = el.closest(PANE);
      if (pane) resized.observe(pane);
    }
    if (!scene) return;
    const before = [scale, columns];
    fitWindow();
    if (before[0] !== scale || before[1] !== columns) showCharts();
  });
  resized.observe(el);

  return {
    el,
    show(header, buffers) {
      const before = scene;
      scene = decodeScene(header, buffers);
      if (before?.axes.length !== scene.axes.length) build();
      caption.textContent = scene.caption;
      fitWindow();
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
