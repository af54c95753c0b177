// Where things lie on the stage, in CSS pixels: plots above each other, a spectrum beside each, and the colour bar.
// Pure functions.
const BAR_WIDTH = 12;
const SPECTRUM_GAP = 12;

const spectrumWidth = (width) => (width >= 860 ? 136 : width >= 540 ? 88 : 0);

/**
 * Lay out the stage. Overview and waveform above it have the same left edge and plot width.
 *
 * @param {number} width
 * @param {number} height
 * @param {string[]} panels Title of each plot.
 * @returns {Layout}
 */
export function computeLayout(width, height, panels) {
  const [left, right] = [56, 84];
  const bottom = 40;
  const head = panels.length > 1 ? 22 : 8;
  const beside = spectrumWidth(width);
  const plotWidth = Math.max(16, Math.floor(width - left - right - (beside ? beside + SPECTRUM_GAP : 0)));
  const plotHeight = Math.max(16, Math.floor((height - bottom - 2) / panels.length - head));
  const plots = panels.map((title, i) => ({
    title,
    x: left,
    y: head + i * (plotHeight + head),
    width: plotWidth,
    height: plotHeight,
  }));
  const spectra = beside
    ? plots.map(({ y }) => ({ x: left + plotWidth + SPECTRUM_GAP, y, width: beside, height: plotHeight }))
    : [];
  const last = plots[plots.length - 1];
  const edge = spectra.length ? spectra[0].x + beside : left + plotWidth;
  const bar = { x: edge + 14, y: plots[0].y, width: BAR_WIDTH, height: last.y + last.height - plots[0].y };
  return { plots, spectra, bar, left, plotWidth, width, height };
}

/**
 * What lies at a point of the stage; null where nothing does.
 *
 * @param {Pick<Layout, "plots" | "spectra" | "left" | "plotWidth">} layout
 * @param {number} x
 * @param {number} y
 * @returns {StagePoint | null}
 */
export function partAt(layout, x, y) {
  const panel = layout.plots.findIndex((plot) => y >= plot.y && y < plot.y + plot.height);
  const last = layout.plots[layout.plots.length - 1];
  const across = (x - layout.left) / layout.plotWidth;
  if (panel < 0)
    return y >= last.y + last.height && across >= 0 && across < 1 ? { part: "time", panel: 0, across, up: 0 } : null;
  const plot = layout.plots[panel];
  const up = 1 - (y - plot.y) / plot.height;
  if (across < 0) return { part: "frequency", panel, across: 0, up };
  if (across < 1) return { part: "plot", panel, across, up };
  const spectrum = layout.spectra[panel];
  return spectrum && x >= spectrum.x && x < spectrum.x + spectrum.width
    ? { part: "spectrum", panel, across: 1, up }
    : null;
}

/** The position in a plot that is nearest to a point, for drags that leave the plot. */
export function clampToPlot(plot, x, y) {
  const clamp = (value) => Math.min(Math.max(value, 0), 1);
  return { across: clamp((x - plot.x) / plot.width), up: 1 - clamp((y - plot.y) / plot.height) };
}
