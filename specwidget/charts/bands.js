// The axis of a mel spectrogram: band m lies between m and m + 1, its centre in the middle. Pure functions; `bands` is that
// of a picture's header, `mel/scales.py` has the same formulas.

const BREAK = 1000; // Hz, from which Slaney's scale is logarithmic
const HERTZ_PER_MEL = 200 / 3;
const LOG_STEP = Math.log(6.4) / 27;

/** From Hz to mel, and back, by scale. */
const SCALES = {
  htk: [(hertz) => 2595 * Math.log10(1 + hertz / 700), (mel) => 700 * (10 ** (mel / 2595) - 1)],
  slaney: [
    (hertz) => (hertz < BREAK ? hertz / HERTZ_PER_MEL : BREAK / HERTZ_PER_MEL + Math.log(hertz / BREAK) / LOG_STEP),
    (mel) =>
      mel * HERTZ_PER_MEL < BREAK ? mel * HERTZ_PER_MEL : BREAK * Math.exp(LOG_STEP * (mel - BREAK / HERTZ_PER_MEL)),
  ],
};

/** The frequency at a place on the axis, Hz: that of the centre of band m at m + 0.5. */
export const hertzAt = ({ scale, low, step }, place) => SCALES[scale][1](low + (place + 0.5) * step);

/** The place of a frequency on the axis. */
export const placeOfHertz = ({ scale, low, step }, hertz) => (SCALES[scale][0](hertz) - low) / step - 0.5;

/** Where the triangle of a band begins and ends, Hz. */
export const bandRange = (bands, band) => [hertzAt(bands, band - 0.5), hertzAt(bands, band + 1.5)];
