// What several tests need.
import assert from "node:assert/strict";

/** Of two seconds at 8 kHz. */
export const HEADER = {
  n_samples: 16_000,
  duration: 2.0,
  has_rate: true,
  n_frames: 124,
  n_bins: 129,
  window_length: 256,
  step_samples: 128,
  left: 0,
  spacing: 31.25,
  top: 4000,
  panels: [""],
  kind: "sequential",
  label: "magnitude",
  unit: "dB",
  full_unit: "dB re 1",
  mode: "log",
  has_decibels: true,
};

/** Assert that two numbers differ by no more than a millionth. */
export function assertClose(actual, expected, tolerance = 1e-6 * Math.abs(expected) + 1e-12) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}
