// Paths and texts that several modules draw on a canvas.

export function strokeLine(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

export function drawFrame(context, { x, y, width, height }, theme) {
  context.lineWidth = 1;
  context.strokeStyle = theme.line;
  context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
}

// A text that reads from the bottom to the top, with its middle at (x, y).
export function drawRotatedText(context, x, y, text, theme) {
  // Of the canvas itself, as a view that is hidden for a while has no size on the page.
  const height = context.canvas.height / context.getTransform().d;
  const room = 2 * Math.min(y, height - y);
  // Where the whole has no room, the unit or the range in parentheses is left out.
  if (context.measureText(text).width > room) text = text.replace(/ \(.*\)$/, "");
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = theme.muted;
  context.fillText(text, 0, 0);
  context.restore();
}

const HALO = [
  ["rgba(0, 0, 0, 0.6)", 3],
  ["rgba(255, 255, 255, 0.95)", 1],
];

// Stroke a path in white with a dark halo, which is visible on every colour.
export function strokeWithHalo(context, path, dash = []) {
  for (const [style, width] of HALO) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.setLineDash(width === 1 ? dash : []);
    context.beginPath();
    path();
    context.stroke();
  }
  context.setLineDash([]);
}

export function clipTo(context, { x, y, width, height }) {
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
}
