// The spectra beside the picture: the frame under the cursor, and those of the pins, on the picture's frequency axis.
import { profileOf } from "./envelope.js";

// `curves` are [{values, colour, width}] from the back to the front, values for one panel; `level` is the cursor's place.
export function drawSpectrum(context, box, curves, { header, scale, range: [low, high] }, level, look) {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  const across = (value) =>
    box.x + ((Math.min(Math.max(value, low - 1e9), high + 1e9) - low) / (high - low)) * box.width;
  if (low < 0 && high > 0 && header.kind !== "sequential")
    stroke(context, look.line, () => vertical(context, Math.round(across(0)) + 0.5, box));
  if (level !== null) {
    const y = Math.round(box.y + (1 - scale.place(level)) * box.height) + 0.5;
    stroke(context, look.muted, () => {
      context.moveTo(box.x, y);
      context.lineTo(box.x + box.width, y);
    });
  }
  for (const { values, colour, width } of curves)
    stroke(context, colour, () => trace(context, box, values, header.spacing, scale, across), width);
  context.restore();
}

function trace(context, box, values, spacing, scale, across) {
  const rows = Math.max(1, Math.round(box.height));
  const { low, high } = profileOf(values, spacing, scale, rows);
  const edge = (value) => (value === -Infinity ? box.x : across(value));
  let isJoined = false;
  for (let i = 0; i < rows; i++) {
    const isGap = Number.isNaN(low[i]);
    const y = box.y + box.height - i - 0.5;
    const [left, right] = [edge(low[i]), edge(high[i])];
    if (!isGap && isJoined) context.lineTo(left, y);
    else if (!isGap) context.moveTo(left, y);
    if (right > left) context.lineTo(right, y);
    isJoined = !isGap;
  }
}

function vertical(context, x, box) {
  context.moveTo(x, box.y);
  context.lineTo(x, box.y + box.height);
}

function stroke(context, colour, path, width = 1) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  path();
  context.stroke();
}
