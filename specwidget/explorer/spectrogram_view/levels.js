// What is shown and what the layer gives: from decibels to the mode's own values and back. Pure functions.
const DECIBELS_PER_NEPER = 20 / Math.LN10;

const TO_DECIBELS = {
  log: (value) => value * DECIBELS_PER_NEPER,
  magnitude: (value) => 20 * Math.log10(value),
  psd: (value) => 10 * Math.log10(value),
};
const FROM_DECIBELS = {
  log: (level) => level / DECIBELS_PER_NEPER,
  magnitude: (level) => 10 ** (level / 20),
  psd: (level) => 10 ** (level / 10),
};
// How many decibels a factor of ten is: of magnitudes, or of powers.
const PER_TEN = { log: 20, magnitude: 20, psd: 10 };

// The mode's own value and its decibels, of a value in the unit that is shown; null where the mode has no decibels.
export function bothOf(header, shown) {
  if (!header.has_decibels) return { own: shown, decibels: null };
  if (header.unit === "dB") return { own: FROM_DECIBELS[header.mode](shown), decibels: shown };
  return { own: shown, decibels: TO_DECIBELS[header.mode](shown) };
}

// How two values in the unit that is shown differ: a ratio where they are levels, else a difference.
export function compare(header, from, to) {
  if (!header.has_decibels) {
    const by = to - from;
    return { by: header.kind === "cyclic" ? wrap(by) : by, decibels: null, factor: null };
  }
  const decibels = bothOf(header, to).decibels - bothOf(header, from).decibels;
  return {
    by: bothOf(header, to).own - bothOf(header, from).own,
    decibels,
    factor: 10 ** (decibels / PER_TEN[header.mode]),
  };
}

// An angle between -pi and pi.
export const wrap = (angle) => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
