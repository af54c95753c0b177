// Notes of equal temperament, A4 = 440 Hz. Pure functions.
const NAMES = ["C", "C\u266f", "D", "E\u266d", "E", "F", "F\u266f", "G", "A\u266d", "A", "B\u266d", "B"];
const A4 = 69;
const LOWEST = 0;
const HIGHEST = 135; // E♭10, 20 kHz

// The number of a frequency among the semitones: 69 is A4.
export const semitoneOf = (hertz) => A4 + 12 * Math.log2(hertz / 440);
export const hertzOf = (semitone) => 440 * 2 ** ((semitone - A4) / 12);
export const nameOf = (semitone) => `${NAMES[((semitone % 12) + 12) % 12]}${Math.floor(semitone / 12) - 1}`;

// The nearest note and how far it is, in cents; null where nobody speaks of notes.
export function nearestNote(hertz) {
  if (!(hertz > 0)) return null;
  const place = semitoneOf(hertz);
  const semitone = Math.round(place);
  if (semitone < LOWEST || semitone > HIGHEST) return null;
  return { name: nameOf(semitone), cents: Math.round(100 * (place - semitone)) };
}

// The interval between two frequencies in cents; null where one of them is 0.
export const centsBetween = (from, to) => (from > 0 && to > 0 ? 1200 * Math.log2(to / from) : null);

// Notes between two frequencies, the ones to be marked first first: C in each octave, then thirds and fifths, then all.
export function notesBetween(low, high) {
  const first = Math.max(LOWEST, Math.ceil(semitoneOf(Math.max(low, 1)) - 1e-9));
  const last = Math.min(HIGHEST, Math.floor(semitoneOf(Math.max(high, 1)) + 1e-9));
  const all = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  const rank = (semitone) =>
    [0].includes(semitone % 12)
      ? 0
      : [4, 7, 9].includes(semitone % 12)
        ? 1
        : [2, 5, 11].includes(semitone % 12)
          ? 2
          : 3;
  return all
    .sort((a, b) => rank(a) - rank(b) || a - b)
    .map((semitone) => ({ hertz: hertzOf(semitone), name: nameOf(semitone) }));
}
