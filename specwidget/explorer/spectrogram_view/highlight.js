// What a word about the framing means in the sound and in the picture. Pure functions.

// Spans of samples and of frequencies to be marked, and a caption; null where there is nothing to mark.
export function highlightOf(what, header, cell) {
  return MARKS[what]?.(header, cell) ?? null;
}

const startOf = (header, frame) => frame * header.step_samples - header.left;
const frameSpan = (header, frame) => [startOf(header, frame), startOf(header, frame) + header.window_length];

const riseOf = (header, bin) => {
  const middle = bin * header.spacing;
  return [Math.max(0, middle - header.spacing / 2), Math.min(header.top, middle + header.spacing / 2)];
};

const MARKS = {
  sound: (header) => ({ spans: [[0, header.n_samples]], rise: null, caption: `input: ${header.n_samples} samples` }),
  frame: (header, { frame }) => ({
    spans: [frameSpan(header, frame)],
    rise: null,
    caption: `frame ${frame}: ${header.window_length} samples`,
  }),
  step(header, { frame }) {
    const from = Math.min(frame, Math.max(0, header.n_frames - 2));
    const start = startOf(header, from);
    return {
      spans: [[start, start + header.step_samples]],
      rise: null,
      caption: `step: ${header.step_samples} samples from frame ${from} to the next`,
    };
  },
  bin: (header, { bin }) => ({ spans: [], rise: riseOf(header, bin), caption: `bin ${bin}` }),
  // Where its column and its row cross: a column is as wide as the step, round the middle of its frame.
  value(header, { frame, bin }) {
    const middle = startOf(header, frame) + header.window_length / 2;
    const span = [middle - header.step_samples / 2, middle + header.step_samples / 2];
    return { spans: [span], rise: riseOf(header, bin), caption: `one value of the output: frame ${frame}, bin ${bin}` };
  },
  padding(header) {
    const end = Math.max(header.n_samples, frameSpan(header, header.n_frames - 1)[1]);
    const right = end - header.n_samples;
    const spans = [
      [-header.left, 0],
      [header.n_samples, end],
    ].filter(([first, last]) => last > first);
    return {
      spans,
      rise: null,
      caption: spans.length ? `padding: ${header.left} zeros before the sound, ${right} after it` : "padding: none",
    };
  },
  tail(header) {
    const end = frameSpan(header, header.n_frames - 1)[1];
    const left = Math.max(0, header.n_samples - end);
    return {
      spans: left ? [[end, header.n_samples]] : [],
      rise: null,
      caption: left ? `tail: the last ${left} samples are in no frame` : "tail: none, every sample is in a frame",
    };
  },
};
