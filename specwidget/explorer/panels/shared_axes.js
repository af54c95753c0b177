// The axes of A and B: one time and one frequency axis for both, also where their sounds differ. Pure functions.
import { availableAxis, frequencyScale, zoomScale } from "../../charts/scales.js";
import { rowScale } from "../../charts/spectrogram_axes.js";
import { hertzAtPlace, placeAtHertz } from "../../raster/cells.js";
import { fromVisible, placesOf, wholeOf } from "../../raster/region.js";

const rateOf = (header) => header.n_samples / header.duration;

/** Whether two sounds have time and frequency in common: both have a sample rate, or neither has. */
export const haveSharedAxes = (a, b) => a.has_rate === b.has_rate;

/**
 * The visible part of each side in its own samples, its frequency axis, and conversions of a point {sample, hz} between
 * what is displayed, in Hz, and the side, in places on its axis; `toOwn` returns null where the sounds have nothing in
 * common. Bands and coefficients have an axis of their own.
 *
 * @param {Layer[]} layers A and B.
 * @param {{shown: string, visible: any, axis: string}} choices
 */
export function axesOfBoth(layers, { shown, visible, axis }) {
  const headers = layers.map(({ header }) => header);
  const displayed = headers[shown === "B" ? 1 : 0];
  const isShared = haveSharedAxes(headers[0], headers[1]);
  const seconds = Math.max(...headers.map((header) => header.duration));
  const region = Array.isArray(visible)
    ? fromVisible(visible, displayed)
    : { ...wholeOf(displayed), last: isShared ? seconds * rateOf(displayed) : displayed.n_samples };
  // With nothing zoomed, the axes hold both sounds.
  const inHertz = headers.filter((header) => !header.bands);
  const top =
    Array.isArray(visible) || !isShared || displayed.bands
      ? displayed.top
      : Math.max(...inHertz.map((header) => header.top));
  const shared = displayed.bands
    ? null
    : frequencyScale(availableAxis(axis, displayed.has_rate), top, displayed.spacing);
  const fullScale = (header) => (shared && !header.bands ? shared : rowScale(header, axis));
  const visibleScale = (header) => {
    const full = fullScale(header);
    const places = full === shared || header === displayed ? placesOf(region, full) : placesOfHertz(header, full);
    return zoomScale(full, places);
  };
  // The band in Hz that is visible of what is displayed, as part of another kind of axis; the whole where it is not on it.
  function placesOfHertz(header, full) {
    const isWhole = region.low <= 0 && region.high >= 1;
    if (isWhole || [header, displayed].some(({ bands }) => bands?.name === "coefficient")) return [0, 1];
    const end = fullScale(displayed).domain[1];
    const [from, to] = [region.low, region.high].map((part) => {
      const place = full.toUnit(placeAtHertz(header, hertzAtPlace(displayed, part * end)));
      return Math.min(Math.max(place, 0), 1);
    });
    return to > from ? [from, to] : [0, 1];
  }
  return headers.map((header) => {
    if (!isShared && header !== displayed) return axesAlone(header, axis);
    const ratio = rateOf(header) / rateOf(displayed);
    return {
      region: { ...region, first: region.first * ratio, last: region.last * ratio },
      scale: visibleScale(header),
      toOwn: (point) => ({ ...point, sample: point.sample * ratio, hz: placeAtHertz(header, point.hz) }),
      toDisplayed: (point) => ({ ...point, sample: point.sample / ratio, hz: hertzAtPlace(header, point.hz) }),
    };
  });
}

function axesAlone(header, axis) {
  return { region: wholeOf(header), scale: rowScale(header, axis), toOwn: () => null, toDisplayed: () => null };
}
