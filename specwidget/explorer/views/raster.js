// From codes to pixels: resampling that keeps the extremes, and colours. Pure functions on typed arrays.

export const N_CODES = 65535;

// The code of pixels that no cell covers: it is transparent.
export const GAP = N_CODES + 1;

// Which cells each pixel of an axis covers: from[i] up to, not including, to[i]; from[i] = -1 where there is none.
// `edges` are the places of the cells' borders on the axis, in pixels, rising.
export function coverage(edges, nPixels) {
  const nCells = edges.length - 1;
  const from = new Int32Array(nPixels).fill(-1);
  const to = new Int32Array(nPixels);
  let cell = 0;
  for (let pixel = 0; pixel < nPixels; pixel++) {
    while (cell < nCells && edges[cell + 1] <= pixel) cell++;
    if (cell >= nCells) break;
    if (edges[cell] >= pixel + 1) continue;
    // A cell wider than a pixel belongs to the pixels whose middles it holds; narrower ones are all kept.
    let last = cell;
    while (last + 1 < nCells && edges[last + 1] < pixel + 1) last++;
    let first = cell;
    if (last > first) {
      const middle = pixel + 0.5;
      if (edges[first + 1] <= middle && edges[first + 1] - edges[first] >= 1) first++;
      if (last > first && edges[last] > middle && edges[last + 1] - edges[last] >= 1) last--;
    }
    from[pixel] = first;
    to[pixel] = last + 1;
  }
  return { from, to };
}

// Which of two codes stands for both: the higher, the one farther from `centre`, or the first; 0 (not finite) wins.
const CHOOSE = {
  sequential: (a, b) => (a === 0 || b === 0 ? 0 : a > b ? a : b),
  diverging: (a, b, centre) => (a === 0 || b === 0 ? 0 : Math.abs(b - centre) > Math.abs(a - centre) ? b : a),
};

// Resample codes (rows x columns, row 0 lowest) to `width` x `height` pixels, top row first. `target` holds 32-bit
// numbers, as GAP does not fit into 16. `centre` is the code of zero, for values with a sign.
export function resample(codes, columns, across, up, kind, centre, target, width, height) {
  const choose = CHOOSE[kind] ?? ((a) => a);
  const line = new Int32Array(columns);
  let lastFrom = -2;
  let lastTo = -2;
  let lastStart = -1;
  for (let y = 0; y < height; y++) {
    const from = up.from[height - 1 - y];
    const to = up.to[height - 1 - y];
    const start = y * width;
    if (from < 0) {
      target.fill(GAP, start, start + width);
      continue;
    }
    if (from === lastFrom && to === lastTo) {
      target.copyWithin(start, lastStart, lastStart + width);
      continue;
    }
    joinRows(codes, columns, from, to, kind, choose, centre, line);
    for (let x = 0; x < width; x++) {
      const first = across.from[x];
      if (first < 0) {
        target[start + x] = GAP;
        continue;
      }
      const end = across.to[x];
      let code = line[kind === "cyclic" ? (first + end - 1) >> 1 : first];
      if (kind !== "cyclic") for (let i = first + 1; i < end; i++) code = choose(code, line[i], centre);
      target[start + x] = code;
    }
    lastFrom = from;
    lastTo = to;
    lastStart = start;
  }
}

// Join the rows from `from` to `to` into one line.
function joinRows(codes, columns, from, to, kind, choose, centre, line) {
  if (kind === "cyclic") {
    const middle = ((from + to - 1) >> 1) * columns;
    for (let i = 0; i < columns; i++) line[i] = codes[middle + i];
    return;
  }
  for (let i = 0, k = from * columns; i < columns; i++, k++) line[i] = codes[k];
  for (let row = from + 1; row < to; row++) {
    for (let i = 0, k = row * columns; i < columns; i++, k++) line[i] = choose(line[i], codes[k], centre);
  }
}

// Colours of all codes, packed as canvas memory wants them. `table` holds 256 RGB triples in hexadecimal; the range
// [low, high] of values spans it; code 1 is the value `first`, code N_CODES the value `last`.
export function colourTable(table, first, last, low, high, notFinite) {
  const packed = new Uint32Array(N_CODES + 2);
  const colours = unpack(table);
  const scale = 255.999 / (high - low);
  const step = (last - first) / (N_CODES - 1);
  for (let code = 1; code <= N_CODES; code++) {
    const place = (first + (code - 1) * step - low) * scale;
    packed[code] = colours[place <= 0 ? 0 : place >= 255 ? 255 : place | 0];
  }
  packed[0] = pack(...notFinite);
  return packed;
}

// The 256 colours of a table, packed.
export function unpack(table) {
  const colours = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const [r, g, b] = [0, 2, 4].map((at) => parseInt(table.slice(6 * i + at, 6 * i + at + 2), 16));
    colours[i] = pack(r, g, b);
  }
  return colours;
}

// One opaque colour in the order of a little-endian canvas.
export function pack(red, green, blue) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

// Paint codes into pixels.
export function paint(codes, table, pixels) {
  for (let i = 0; i < codes.length; i++) pixels[i] = table[codes[i]];
}

// The value of a code.
export function valueOf(code, low, high) {
  return code === 0 ? NaN : low + ((code - 1) * (high - low)) / (N_CODES - 1);
}
