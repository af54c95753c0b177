// Where things stand on the stage, in CSS pixels: plots over each other, a spectrum beside each, and the colour bar.
// Pure functions.
export const BAR_WIDTH = 12;
const GAP_TO_SPECTRUM = 12;

const spectrumWidth = (width) => (width >= 860 ? 136 : width >= 540 ? 88 : 0);

// The strips above the stage have the same left edge and plot width.
export function layout(width, height, panels) {
  const [left, right] = [56, 80];
  const bottom = 40;
  const head = panels.length > 1 ? 22 : 8;
  const beside = spectrumWidth(width);
  const plotWidth = Math.max(16, Math.floor(width - left - right - (beside ? beside + GAP_TO_SPECTRUM : 0)));
  const each = Math.max(16, Math.floor((height - bottom - 2) / panels.length - head));
  const plots = panels.map((title, i) => ({
    title,
    x: left,
    y: head + i * (each + head),
    width: plotWidth,
    height: each,
  }));
  const spectra = beside
    ? plots.map(({ y }) => ({ x: left + plotWidth + GAP_TO_SPECTRUM, y, width: beside, height: each }))
    : [];
  const last = plots.at(-1);
  const edge = spectra.length ? spectra[0].x + beside : left + plotWidth;
  const bar = { x: edge + 14, y: plots[0].y, width: BAR_WIDTH, height: last.y + last.height - plots[0].y };
  return { plots, spectra, bar, left, plotWidth, width, height };
}

// What lies at a point: {part: "plot" | "spectrum" | "frequency" | "time", panel, across, up}, or null.
export function partAt(place, x, y) {
  const panel = place.plots.findIndex((plot) => y >= plot.y && y < plot.y + plot.height);
  const bottom = place.plots.at(-1).y + place.plots.at(-1).height;
  const across = (x - place.left) / place.plotWidth;
  if (panel < 0) return y >= bottom && across >= 0 && across < 1 ? { part: "time", panel: 0, across, up: 0 } : null;
  const plot = place.plots[panel];
  const up = 1 - (y - plot.y) / plot.height;
  if (across < 0) return { part: "frequency", panel, across: 0, up };
  if (across < 1) return { part: "plot", panel, across, up };
  const spectrum = place.spectra[panel];
  return spectrum && x >= spectrum.x && x < spectrum.x + spectrum.width
    ? { part: "spectrum", panel, across: 1, up }
    : null;
}

// Where a point outside of a plot would lie in it, for drags that leave it.
export function placeIn(plot, x, y) {
  const clamp = (value) => Math.min(Math.max(value, 0), 1);
  return { across: clamp((x - plot.x) / plot.width), up: 1 - clamp((y - plot.y) / plot.height) };
}
