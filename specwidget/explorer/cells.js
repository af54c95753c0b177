// Which cell of a picture lies where: between pixels, times and frequencies, frames and bins. Pure functions.

// The borders of columns on an axis of `width` pixels.
export function columnEdges(header, starts, width) {
  const scale = width / header.duration;
  return Float64Array.from(starts, (frame) => (header.first_centre + (frame - 0.5) * header.step) * scale);
}

// The borders of rows on an axis of `height` pixels, from its bottom.
export function rowEdges(header, starts, scale, height) {
  return Float64Array.from(starts, (bin) => {
    const edge = Math.min(Math.max((bin - 0.5) * header.spacing, 0), header.top);
    return Math.max(scale.place(edge), -1) * height;
  });
}

// The last of the rising `starts` that is not above `value`.
export function groupOf(starts, value) {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

// The frame and bin at a place of a plot; null outside the picture.
export function cellAt(header, columnStarts, rowStarts, scale, across, up) {
  const time = across * header.duration;
  const frame = Math.round((time - header.first_centre) / header.step);
  const bin = Math.round(scale.at(up) / header.spacing);
  const frames = columnStarts[columnStarts.length - 1];
  const bins = rowStarts[rowStarts.length - 1];
  if (frame < 0 || frame >= frames || bin < 0 || bin >= bins) return null;
  return { frame, bin };
}

// What a value is of: one frame and bin, or what stands for a group of them where the picture is finer than the screen.
export function namesOf(kind, [firstFrame, endFrame], [firstBin, endBin]) {
  if (endFrame - firstFrame === 1 && endBin - firstBin === 1) return [`frame ${firstFrame}`, `bin ${firstBin}`];
  const chosen = { sequential: "largest", diverging: "farthest from 0", cyclic: "middle" }[kind];
  return [`${chosen} of ${range("frame", firstFrame, endFrame)} and ${range("bin", firstBin, endBin)}`];
}

function range(name, first, end) {
  return end - first === 1 ? `${name} ${first}` : `${name}s ${first}\u2013${end - 1}`;
}

export const timeOf = (header, frame) => header.first_centre + frame * header.step;
export const frequencyOf = (header, bin) => bin * header.spacing;
