// The canvases: the picture with its axes, the marks over it, the waveform strip and the overview. What is drawn comes
// in as a scene; nothing is decided here.
import { drawAxes, drawColourBar } from "../../charts/axes.js";
import { clearCanvas } from "../../charts/canvas.js";
import { drawItems } from "../../charts/canvas_renderer.js";
import { drawRotatedText } from "../../charts/paths.js";
import { drawSpectrogramAxes, pictureBar, spectrumAxes } from "../../charts/spectrogram_axes.js";
import { readTheme } from "../../charts/theme.js";
import { codesOf, coloursOf, isSameThing, paintLayers } from "../../raster/layers.js";
import { layout } from "./layout.js";
import { drawMarks } from "./marks.js";
import { drawVisible } from "./overview.js";
import { placesOf } from "../../raster/region.js";
import { availableAxis, frequencyScale, zoomScale } from "../../charts/scales.js";
import { makeEmptySlices } from "./slices.js";
import { spectrumScene } from "./spectrum.js";
import { drawFrame, drawSpans, drawWave } from "./waveform.js";
import { short } from "../../charts/format.js";

export function makePainter({ stage, canvas, over, strip, stripCanvas, stripOver, overview }) {
  const contexts = new Map(
    [canvas, over, stripCanvas, stripOver, overview.canvas].map((each) => [each, each.getContext("2d")]),
  );
  let ratio = 1;
  let look = null;
  let drawn = []; // for each panel the layers' codes and their pixels
  let small = null; // the same for the overview
  const shape = { place: null, full: null, scale: null };
  const showEmpty = makeEmptySlices(stage);

  // What the canvases were fitted to. A page that scrolls takes a view out now and then, and then it has no size.
  let room = { width: 0, height: 0, strip: 0, overview: 0 };

  // Fit the canvases to the page; false where there is no room for them yet.
  function fitCanvases() {
    if (!stage.clientWidth || !stage.clientHeight) return false;
    room = {
      width: stage.clientWidth,
      height: stage.clientHeight,
      strip: strip.clientHeight,
      overview: overview.el.clientHeight,
    };
    ratio = Math.min(2, window.devicePixelRatio || 1);
    for (const each of contexts.keys()) {
      each.width = Math.round(each.clientWidth * ratio);
      each.height = Math.round(each.clientHeight * ratio);
    }
    look = null;
    return true;
  }

  // Codes to screen pixels: again when picture, size, axis or region change, not when colours do.
  function reshape({ picture, whole, region, axis }) {
    const { header } = picture;
    const place = layout(room.width, room.height, header.panels);
    const full = frequencyScale(availableAxis(axis, header.has_rate), header.top, header.spacing);
    const scale = zoomScale(full, placesOf(region, full));
    Object.assign(shape, { place, full, scale });
    const under = whole && !header.is_whole && isSameThing(picture, whole) ? whole : null;
    const layers = [picture, under].filter(Boolean);
    drawn = place.plots.map((plot, panel) =>
      layered(layers, panel, region, scale, plot.width, plot.height, drawn[panel]),
    );
    overview.resize(place, room.overview);
    reshapeOverview({ picture, whole });
  }

  // The same for the overview alone.
  function reshapeOverview({ picture, whole }) {
    const all = { first: 0, last: picture.header.n_samples };
    const layer = whole?.header.n_samples === all.last ? whole : picture;
    small = layered([layer], 0, all, shape.full, shape.place.plotWidth, room.overview, small);
  }

  // The codes of layers at each pixel, and room for their pixels; in what was there `before`, if it had the same size.
  function layered(layers, panel, view, scale, cssWidth, cssHeight, before) {
    const [width, height] = [Math.max(1, Math.round(cssWidth * ratio)), Math.max(1, Math.round(cssHeight * ratio))];
    const hasRoom = before?.image.width === width && before.image.height === height;
    return {
      layers: layers.map((layer, i) => ({
        layer,
        codes: codesOf(layer, panel, view, scale, width, height, before?.layers[i]?.codes),
      })),
      image: hasRoom ? before.image : new ImageData(width, height),
    };
  }

  function blit(context, { layers, image }, x, y, table, range) {
    const coloured = layers.map(({ layer, codes }) => ({ codes, colours: coloursOf(layer, table, range) }));
    paintLayers(coloured, new Uint32Array(image.data.buffer));
    context.putImageData(image, Math.round(x * ratio), Math.round(y * ratio));
  }

  // The picture, its axes and bar, the waveform and the overview.
  function paint(scene) {
    look ??= readTheme(stage);
    const { place, scale } = shape;
    const { header } = scene.picture;
    const context = contexts.get(canvas);
    clearCanvas(context, ratio);
    drawn.forEach((panel, i) => blit(context, panel, place.plots[i].x, place.plots[i].y, scene.table, scene.range));
    drawSpectrogramAxes(context, place.plots, header, { view: scene.region, timeUnit: scene.timeUnit, scale }, look);
    place.spectra.forEach((box, i) =>
      drawAxes(context, box, spectrumAxes(header, scene.range, scale, box, i === place.spectra.length - 1), look),
    );
    const bar = pictureBar(header, scene.table, scene.range, place.bar.height, place.width - 8);
    drawColourBar(context, place.bar, bar, look, ratio);
    paintStrip(scene);
    paintOverview(scene);
    mark(scene);
  }

  const stripBox = () => ({ x: shape.place.left, y: 1, width: shape.place.plotWidth, height: room.strip - 2 });

  function paintStrip({ waves, region, reach }) {
    const context = contexts.get(stripCanvas);
    clearCanvas(context, ratio);
    const box = stripBox();
    drawWave(context, box, waves, region, reach, look);
    context.font = look.font;
    context.fillStyle = look.muted;
    context.textAlign = "right";
    for (const [text, y, baseline] of [
      [short(reach, 2), box.y, "top"],
      [`\u2212${short(reach, 2)}`, box.y + box.height, "bottom"],
    ]) {
      context.textBaseline = baseline;
      if (reach) context.fillText(text, box.x - 7, y);
    }
    drawRotatedText(context, 7, box.y + box.height / 2, "Amplitude", look);
  }

  function paintOverview({ picture, region, table, range }) {
    const context = contexts.get(overview.canvas);
    clearCanvas(context, ratio);
    blit(context, small, shape.place.left, 0, table, range);
    drawVisible(context, overview.box(), { header: picture.header, region, full: shape.full }, look);
    context.font = look.font;
    context.fillStyle = look.muted;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText("All", shape.place.left - 7, overview.box().height / 2);
  }

  // What follows the pointer: on canvases of its own, so that the picture stays.
  function mark(scene) {
    const { place, scale } = shape;
    const { header } = scene.picture;
    const context = contexts.get(over);
    clearCanvas(context, ratio);
    drawMarks(context, place, { ...scene, header, view: scene.region, scale }, look);
    const level = scene.cursor ? scene.cursor.bin * header.spacing : null;
    place.spectra.forEach((box, panel) => {
      const curves = scene.curves.map(({ values, isCursor }) => ({
        values: values[panel],
        colour: isCursor ? "first" : "muted",
        width: isCursor ? 1.5 : 1,
      }));
      drawItems(context, box, spectrumScene(curves, { header, scale, range: scene.range, level }, box), look, ratio);
    });
    showEmpty(scene.curves.length ? [] : place.spectra);
    const small = contexts.get(stripOver);
    clearCanvas(small, ratio);
    if (scene.frame) drawFrame(small, stripBox(), scene.region, scene.frame, look);
    if (scene.highlight) drawSpans(small, stripBox(), scene.region, scene.highlight.spans, look);
  }

  return {
    shape,
    fitCanvases,
    reshape,
    reshapeOverview,
    paint,
    mark,
    // The page's colours have changed.
    paintStrip: (scene) => look && paintStrip(scene),
    forgetLook: () => (look = null),
    stripPlace: () =>
      shape.place && { plots: [stripBox()], spectra: [], left: shape.place.left, plotWidth: shape.place.plotWidth },
    size: () => [room.width * ratio, room.height * ratio],
  };
}
