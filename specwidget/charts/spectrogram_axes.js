// The axes of spectrograms: time in samples, a frequency scale, a colour bar. `header` is that of a picture.
import { axisUnit } from "../summary/quantities.js";
import { drawAxes } from "./axes.js";
import { labelWithUnit } from "../summary/format.js";
import { drawRotatedText } from "./paths.js";
import { availableAxis, createScale, frequencyScale } from "./scales.js";
import { hertzAt } from "./bands.js";
import { bandTicks, frequencyTicks, numberTicks, valueTicks } from "./ticks.js";
import { timeAxis } from "./timeline.js";

const TIME_TICK_PIXELS = 90;
const VALUE_TICK_PIXELS = 52;
const BAR_TICK_PIXELS = 48;

/** The whole frequency axis of a picture; bands and coefficients have an axis of their own. */
export function rowScale(header, axis) {
  const { bands = null, has_rate, top, spacing } = header;
  return bands ? frequencyScale("linear", top, spacing) : frequencyScale(availableAxis(axis, has_rate), top, spacing);
}

// Ticks and label of the frequency axis, at least `gap` of its length apart.
function rowAxis(header, scale, gap) {
  const { bands = null } = header;
  const [low, high] = scale.domain;
  if (bands?.name === "coefficient")
    return { y_ticks: numberTicks(scale, gap, bands.numbers), y_label: "Cepstral coefficient" };
  const ends = bands ? [hertzAt(bands, low), hertzAt(bands, high)] : [low, high];
  const [hertz, unit] = header.has_rate ? axisUnit(ends[1]) : [1, ""];
  if (bands) return { y_ticks: bandTicks(scale, gap, bands, hertz), y_label: `Mel bands (${unit})` };
  return { y_ticks: frequencyTicks(scale, gap, hertz), y_label: frequencyLabel(scale, header, unit) };
}

function frequencyLabel(scale, header, unit) {
  if (scale.axis === "notes") return "Note (A4 = 440 Hz)";
  if (!header.has_rate) return "Frequency (cycles per sample)";
  return `Frequency (${unit})`;
}

// Axes of a spectrogram for `drawAxes` and `drawChart`: `view` is the visible span in samples, `timeUnit` its unit, `scale`
// the visible frequency axis, `size` that of the plot in pixels.
export function spectrogramAxes(header, { view, timeUnit, scale }, size) {
  const time = timeAxis(header, timeUnit, view.first, view.last, size.width / TIME_TICK_PIXELS);
  const gap = (scale.axis === "notes" ? 18 : 28) / size.height;
  return {
    x: createScale("linear", [view.first, view.last]),
    y: scale,
    x_ticks: time.ticks.map(({ sample, label }) => ({ value: sample, label })),
    x_label: time.title,
    ...rowAxis(header, scale, Math.min(0.5, gap)),
  };
}

// Draw the axes of plots that stand below each other: the time axis below the last, one frequency label for all.
export function drawSpectrogramAxes(context, plots, header, visible, theme) {
  const last = plots.at(-1);
  for (const plot of plots) {
    const { y_label, ...axes } = spectrogramAxes(header, visible, plot);
    drawAxes(context, plot, plot === last ? axes : { ...axes, x_ticks: [], x_label: "" }, theme);
    if (plot === last) drawRotatedText(context, 12, (plots[0].y + last.y + last.height) / 2, y_label, theme);
    if (!plot.title) continue;
    context.fillStyle = theme.ink;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillText(plot.title, plot.x, plot.y - 7);
  }
}

// Axes of a spectrum beside a spectrogram: values across, over the range of the colours, frequencies upwards.
export function spectrumAxes(header, range, scale, { width }, isLast) {
  const [low, high] = range;
  const inside = 8; // pixels from the end of the axis to the middle of a label
  const ticks = valueTicks(range, width / VALUE_TICK_PIXELS, header.kind).map((tick) => {
    const at = ((tick.value - low) / (high - low)) * width;
    return { ...tick, shift: Math.min(Math.max(at, inside), width - inside) - at };
  });
  return {
    x: createScale("linear", range),
    y: scale,
    ...(isLast ? { x_ticks: ticks, x_label: "Spectrum" } : {}),
  };
}

// The colour bar of a picture, for `drawColourBar`; its label stands at `label_x`.
export function pictureBar(header, table, range, height, label_x) {
  const { label, full_unit: unit, kind } = header;
  const capital = /^(ln|log10) /.test(label) ? label : label.charAt(0).toUpperCase() + label.slice(1);
  return {
    table,
    range,
    ticks: valueTicks(range, height / BAR_TICK_PIXELS, kind),
    label: labelWithUnit(capital, unit),
    label_x,
  };
}
