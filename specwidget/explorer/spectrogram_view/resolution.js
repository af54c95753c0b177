// How fine a frame sees: its duration, and the equivalent noise bandwidth of its window. Pure functions.

// Width in bins of the rectangle that passes as much noise as the window's main lobe: L sum(w^2) / sum(w)^2, where L is
// the frame's length. Infinite where the window's sum is 0.
export function noiseBandwidth(window) {
  let sum = 0;
  let squares = 0;
  for (const value of window) {
    sum += value;
    squares += value * value;
  }
  return sum === 0 ? Infinity : (window.length * squares) / (sum * sum);
}

// The box of a frame at a cell: its samples, and the frequencies around the bin that its window does not tell apart.
export function boxOf(header, bandwidth, frame, bin) {
  const first = frame * header.step_samples - header.left;
  const middle = bin * header.spacing;
  const half = ((bandwidth / header.window_length) * 2 * header.top) / 2;
  return {
    first,
    last: first + header.window_length,
    low: Math.max(0, middle - half),
    high: Math.min(header.top, middle + half),
    rise: 2 * half,
  };
}
