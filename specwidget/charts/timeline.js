// The time axis in seconds, frames or samples; its values are sample numbers. Pure functions.
import { formatTime } from "../summary/quantities.js";
import { decimals, fixed } from "../summary/format.js";
import { linearTicks } from "./ticks.js";

const MINUTES_FROM = 120; // seconds
const CLOCK_STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

export const firstCentre = (header) => header.window_length / 2 - header.left;
/** @returns {any} samples per second, or null */
export const sampleRate = (header) => (header.has_rate ? header.n_samples / header.duration : null);

// The unit that an axis can have where `unit` is chosen: seconds need a sample rate.
const availableUnit = (header, unit) =>
  unit === "frames" || unit === "samples" ? unit : header.has_rate ? "seconds" : "samples";

// The title of the axis between two samples, and about `count` ticks: [{sample, label}].
export function timeAxis(header, unit, first, last, count) {
  return AXES[availableUnit(header, unit)](header, first, last, count);
}

const AXES = {
  seconds(header, first, last, count) {
    const rate = sampleRate(header);
    if (last / rate >= MINUTES_FROM) return clock(rate, first, last, count);
    const [unit, title] = last / rate <= 0.75 ? [rate / 1000, "Time (ms)"] : [rate, "Time (s)"];
    return { title, ticks: ticksIn(unit, 0, first, last, count) };
  },
  frames: (header, first, last, count) => ({
    title: "Frame",
    ticks: ticksIn(header.step_samples, firstCentre(header), first, last, count).filter((tick) =>
      isInteger((tick.sample - firstCentre(header)) / header.step_samples),
    ),
  }),
  samples: (_header, first, last, count) => ({
    title: "Time (samples)",
    ticks: ticksIn(1, 0, first, last, count).filter((tick) => isInteger(tick.sample)),
  }),
};

function ticksIn(unit, origin, first, last, count) {
  return linearTicks(first - origin, last - origin, count, unit).map(({ value, label }) => ({
    sample: value + origin,
    label,
  }));
}

function clock(rate, first, last, count) {
  const span = (last - first) / rate;
  const step = CLOCK_STEPS.find((each) => span / each <= count) ?? CLOCK_STEPS[CLOCK_STEPS.length - 1];
  if (span < 1) return { title: "Time (s)", ticks: ticksIn(rate, 0, first, last, count) };
  const ticks = [];
  for (let i = Math.ceil(first / rate / step - 1e-9); i * step <= last / rate + 1e-9 && ticks.length < 100; i++) {
    ticks.push({ sample: i * step * rate, label: clockText(i * step, step < 1 ? 1 : 0) });
  }
  return { title: last / rate < 3600 ? "Time (min:s)" : "Time (h:min:s)", ticks };
}

// Seconds as minutes and seconds.
export function clockText(seconds, digits = 0) {
  const rest = fixed(seconds % 60, digits);
  const padded = rest.padStart(digits ? digits + 3 : 2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${padded}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${padded}`;
}

// The time of a sample to the precision of `resolution` samples, in seconds; or its number without a sample rate, or where
// `unit` is "samples".
export function timeText(header, unit, sample, resolution) {
  const rate = sampleRate(header);
  if (unit === "samples" || rate === null) return `sample ${fixed(sample, sample % 1 ? 1 : 0)}`;
  return formatTime(sample / rate, Math.min(resolution / rate, 0.01));
}

// A difference of times.
export function spanText(header, unit, samples, resolution) {
  const rate = sampleRate(header);
  if (unit === "samples" || rate === null) return `${fixed(samples, samples % 1 ? 1 : 0)} samples`;
  const seconds = samples / rate;
  if (Math.abs(seconds) < 1) return `${fixed(seconds * 1000, Math.max(1, decimals((resolution / rate) * 1000)))} ms`;
  return formatTime(seconds, Math.min(resolution / rate, 0.01));
}

const isInteger = (value) => Math.abs(value - Math.round(value)) < 1e-6;
