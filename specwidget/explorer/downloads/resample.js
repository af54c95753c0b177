// Resampling of a sound by a windowed sinc, for a saved page, where no library does it. Pure functions.

const ZEROS = 16; // zero crossings of the sinc on each side
const PER_ZERO = 512; // entries of its table between two of them

// sin(pi x) / (pi x), times a Hann window that ends at the last zero crossing.
const KERNEL = Float64Array.from({ length: ZEROS * PER_ZERO + 2 }, (_, i) => {
  const x = i / PER_ZERO;
  if (x >= ZEROS) return 0;
  const sinc = i === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  return sinc * Math.cos((Math.PI * x) / (2 * ZEROS)) ** 2;
});

/**
 * Resample 16-bit samples; beyond their ends they count as zero.
 *
 * @param {Int16Array} samples
 * @param {number} ratio New rate divided by the old one. Where it is below 1, what the new rate can't hold is filtered
 *   out.
 * @returns {Int16Array}
 */
export function resample(samples, ratio) {
  const cutoff = Math.min(1, ratio);
  const reach = ZEROS / cutoff;
  const resampled = new Int16Array(Math.max(1, Math.round(samples.length * ratio)));
  for (let i = 0; i < resampled.length; i++) {
    const centre = i / ratio;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let k = first; k <= last; k++) {
      const place = Math.abs(k - centre) * cutoff * PER_ZERO;
      const entry = place | 0;
      sum += samples[k] * (KERNEL[entry] + (place - entry) * (KERNEL[entry + 1] - KERNEL[entry]));
    }
    resampled[i] = Math.max(-32768, Math.min(32767, Math.round(sum * cutoff)));
  }
  return resampled;
}
