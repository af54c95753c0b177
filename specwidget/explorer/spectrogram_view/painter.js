// The canvases: the spectrogram with its axes, the marks over it, the waveform and the overview. A scene comes in and is
// drawn; nothing is decided here.
import { drawAxes, drawColourBar } from "../../charts/axes.js";
import { clearCanvas, pixelRatio } from "../../charts/canvas.js";
import { drawItems } from "../../charts/canvas_renderer.js";
import { h } from "../../charts/dom.js";
import { short } from "../../summary/format.js";
import { drawRotatedText } from "../../charts/paths.js";
import { zoomScale } from "../../charts/scales.js";
import { drawSpectrogramAxes, pictureBar, rowScale, spectrumAxes } from "../../charts/spectrogram_axes.js";
import { readTheme } from "../../charts/theme.js";
import { frequencyOf } from "../../raster/cells.js";
import { blankSpans, codesOf, coloursOf, isSameThing, paintLayers } from "../../raster/layers.js";
import { placesOf } from "../../raster/region.js";
import { computeLayout } from "./layout.js";
import { drawBlanks, drawMarks } from "./marks.js";
import { drawVisible } from "./overview.js";
import { drawLegend, legendOf, spectrumScene } from "./spectrum.js";
import { drawFrame, drawSpans, drawWaveform } from "./waveform.js";

const BAR_LABEL_INSET = 7; // pixels from the right edge to the label of the colour bar
const LEAST_LABELLED = 60; // pixels of a strip's height that its label needs
const NO_SPECTRUM = "Point at a frame, or use the arrow keys, to see its spectrum.";

/**
 * Create the painter of the stage and of the strips above it.
 *
 * @param {{
 *   stage: HTMLElement, canvas: HTMLCanvasElement, marksCanvas: HTMLCanvasElement,
 *   waveform: HTMLElement, waveformCanvas: HTMLCanvasElement, waveformMarks: HTMLCanvasElement,
 *   overview: ReturnType<typeof import("./overview.js").createOverview>,
 * }} elements Marks follow the pointer and have canvases of their own, so that the spectrogram is not drawn again.
 */
export function createPainter({ stage, canvas, marksCanvas, waveform, waveformCanvas, waveformMarks, overview }) {
  const canvases = [canvas, marksCanvas, waveformCanvas, waveformMarks, overview.canvas];
  const [context, marksContext, waveformContext, waveformMarksContext, overviewContext] = canvases.map(get2d);
  const showEmptySpectra = createEmptySpectra(stage);
  let ratio = 1;
  /** @type {Theme | null} */
  let currentTheme = null;
  let panels = []; // of each panel the codes of its layers at each pixel, and its pixels
  /** @type {[number, number][]} */
  let blanks = []; // the frames without any finite value
  /** @type {any} */
  let small = null; // the same of the overview
  // What the canvases were fitted to: a view that is scrolled out of sight has no size for a while.
  let size = { width: 0, height: 0, waveform: 0, overview: 0 };
  /** @type {{layout: Layout | any, fullScale: Scale | any, scale: Scale | any}} */
  const shape = { layout: null, fullScale: null, scale: null };

  const getTheme = () => (currentTheme ??= readTheme(stage));

  /** Fit the canvases to the page; return false where they have no size yet. */
  function fitCanvases() {
    if (!stage.clientWidth || !stage.clientHeight) return false;
    size = {
      width: stage.clientWidth,
      height: stage.clientHeight,
      waveform: waveform.clientHeight,
      overview: overview.el.clientHeight,
    };
    ratio = pixelRatio();
    for (const each of canvases) {
      each.width = Math.round(each.clientWidth * ratio);
      each.height = Math.round(each.clientHeight * ratio);
    }
    currentTheme = null;
    return true;
  }

  /** Resample to screen pixels: after a change of picture, size, axis or region, not of colours. */
  function reshape({ picture, whole, region, axis }) {
    const { header } = picture;
    const layout = computeLayout(size.width, size.height, header.panels);
    const fullScale = rowScale(header, axis);
    const scale = zoomScale(fullScale, placesOf(region, fullScale));
    Object.assign(shape, { layout, fullScale, scale });
    const under = whole && !header.is_whole && isSameThing(picture, whole) ? whole : null;
    const layers = [picture, under].filter(Boolean);
    blanks = blankSpans(picture);
    panels = layout.plots.map((plot, panel) =>
      resampleLayers(layers, { panel, view: region, scale, ...pixelsOf(plot, ratio) }, panels[panel]),
    );
    overview.resize(layout, size.overview);
    reshapeOverview({ picture, whole });
  }

  function reshapeOverview({ picture, whole }) {
    const view = { first: 0, last: picture.header.n_samples };
    const layer = whole?.header.n_samples === view.last ? whole : picture;
    const pixels = pixelsOf({ width: shape.layout.plotWidth, height: size.overview }, ratio);
    small = resampleLayers([layer], { panel: 0, view, scale: shape.fullScale, ...pixels }, small);
  }

  /** Draw the spectrogram with its axes and colour bar, the waveform, the overview and the marks. */
  function paint(scene) {
    const { layout, scale } = shape;
    const { header } = scene.picture;
    const theme = getTheme();
    clearCanvas(context, ratio);
    panels.forEach((panel, i) => {
      putLayers(context, panel, layout.plots[i], scene, ratio);
      drawBlanks(context, layout.plots[i], { header, view: scene.region, blanks }, theme);
    });
    const { region, timeUnit, table, range } = scene;
    drawSpectrogramAxes(context, layout.plots, header, { view: region, timeUnit, scale }, theme);
    layout.spectra.forEach((box, i) => {
      drawAxes(context, box, spectrumAxes(header, range, scale, box, i === layout.spectra.length - 1), theme);
    });
    const bar = pictureBar(header, table, range, layout.bar.height, layout.width - BAR_LABEL_INSET);
    drawColourBar(context, layout.bar, bar, theme, ratio);
    paintWaveform(scene);
    paintOverview(scene);
    paintMarks(scene);
  }

  const waveformBox = () => ({ x: shape.layout.left, y: 1, width: shape.layout.plotWidth, height: size.waveform - 2 });

  function paintWaveform({ waves, region, peak }) {
    const box = waveformBox();
    const theme = getTheme();
    clearCanvas(waveformContext, ratio);
    drawWaveform(waveformContext, box, waves, region, peak, theme);
    if (peak) {
      drawTickLabel(waveformContext, short(peak, 2), box.x, box.y, "top", theme);
      drawTickLabel(waveformContext, `\u2212${short(peak, 2)}`, box.x, box.y + box.height, "bottom", theme);
    }
    if (box.height < LEAST_LABELLED) return;
    waveformContext.font = theme.font;
    drawRotatedText(waveformContext, 7, box.y + box.height / 2, "Amplitude", theme);
  }

  function paintOverview(scene) {
    const box = overview.box();
    const theme = getTheme();
    clearCanvas(overviewContext, ratio);
    putLayers(overviewContext, small, { x: shape.layout.left, y: 0 }, scene, ratio);
    const { region, picture } = scene;
    drawVisible(overviewContext, box, { header: picture.header, region, full: shape.fullScale }, theme);
    drawTickLabel(overviewContext, "All", shape.layout.left, box.height / 2, "middle", theme);
  }

  function paintMarks(scene) {
    const { layout, scale } = shape;
    const { header } = scene.picture;
    const theme = getTheme();
    clearCanvas(marksContext, ratio);
    drawMarks(marksContext, layout, { ...scene, header, view: scene.region, scale }, theme);
    const level = scene.cursor ? frequencyOf(header, scene.cursor.bin) : null;
    layout.spectra.forEach((box, panel) => {
      const spectrum = spectrumScene(scene.curves, panel, { header, scale, range: scene.range, level }, box);
      drawItems(marksContext, box, spectrum, theme, ratio);
    });
    if (layout.spectra.length)
      drawLegend(marksContext, layout.spectra[0], legendOf(scene.curves, scene.compared), theme);
    // A mean spectrum is on its way.
    const isEmpty = scene.curves.length === 0 && (!header.has_decibels || Boolean(header.bands));
    showEmptySpectra(isEmpty ? layout.spectra : []);
    clearCanvas(waveformMarksContext, ratio);
    if (scene.frame) drawFrame(waveformMarksContext, waveformBox(), scene.region, scene.frame, theme);
    if (scene.highlight) drawSpans(waveformMarksContext, waveformBox(), scene.region, scene.highlight.spans, theme);
  }

  return {
    shape,
    fitCanvases,
    reshape,
    reshapeOverview,
    paint,
    paintOverview: (scene) => currentTheme && paintOverview(scene),
    drawMarks: paintMarks,
    paintWaveform: (scene) => currentTheme && paintWaveform(scene),
    /** Read the theme again before the next drawing. */
    forgetTheme() {
      currentTheme = null;
    },
    /** The waveform as a layout of one plot, for the pointer. */
    waveformLayout: () =>
      shape.layout && {
        plots: [waveformBox()],
        spectra: [],
        left: shape.layout.left,
        plotWidth: shape.layout.plotWidth,
      },
    /** Width and height of the stage in device pixels. */
    size: () => [size.width * ratio, size.height * ratio],
  };
}

/** @returns {CanvasRenderingContext2D} */
const get2d = (canvas) => canvas.getContext("2d");

const pixelsOf = ({ width, height }, ratio) => ({
  width: Math.max(1, Math.round(width * ratio)),
  height: Math.max(1, Math.round(height * ratio)),
});

// The codes of layers at each pixel, and an image for their colours; `before` gives its memory where the size is equal.
function resampleLayers(layers, { panel, view, scale, width, height }, before) {
  const isSameSize = before?.image.width === width && before.image.height === height;
  return {
    layers: layers.map((layer, i) => ({
      layer,
      codes: codesOf(layer, panel, view, scale, width, height, before?.layers[i]?.codes),
    })),
    image: isSameSize ? before.image : new ImageData(width, height),
  };
}

function putLayers(context, { layers, image }, { x, y }, { table, range }, ratio) {
  const coloured = layers.map(({ layer, codes }) => ({ codes, colours: coloursOf(layer, table, range) }));
  paintLayers(coloured, new Uint32Array(image.data.buffer));
  context.putImageData(image, Math.round(x * ratio), Math.round(y * ratio));
}

// A label to the left of a plot that begins at `x`.
function drawTickLabel(context, text, x, y, baseline, theme) {
  context.font = theme.font;
  context.fillStyle = theme.muted;
  context.textAlign = "right";
  context.textBaseline = baseline;
  context.fillText(text, x - 7, y);
}

// Say in the boxes of the spectra how to see one. The readout says the same to screen readers.
function createEmptySpectra(stage) {
  const container = h("div", { class: "specwidget-empty-spectra", "aria-hidden": "true" });
  stage.append(container);
  return (boxes) => {
    while (container.children.length > boxes.length) container.lastChild?.remove();
    boxes.forEach((box, i) => {
      const hint = container.children[i] ?? container.appendChild(h("p", { text: NO_SPECTRUM }));
      Object.assign(hint.style, {
        left: `${box.x}px`,
        top: `${box.y}px`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      });
    });
  };
}
