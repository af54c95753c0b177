// From codes to pixels: resampling that preserves extremes, and colours. Pure functions on typed arrays.

export const N_CODES = 65535;

// The code of pixels that no cell covers: it is transparent.
export const GAP = N_CODES + 1;

// Which cells each pixel of an axis covers: from[i] up to, not including, to[i]; from[i] = -1 where there is none.
// `edges` are the edges of the cells on the axis, in pixels, rising.
export function coverage(edges, nPixels) {
  const nCells = edges.length - 1;
  const from = new Int32Array(nPixels).fill(-1);
  const to = new Int32Array(nPixels);
  let cell = 0;
  for (let pixel = 0; pixel < nPixels; pixel++) {
    while (cell < nCells && edges[cell + 1] <= pixel) cell++;
    if (cell >= nCells) break;
    if (edges[cell] >= pixel + 1) continue;
    // A cell wider than a pixel belongs to the pixels whose centres it covers; narrower ones are all kept.
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

// How codes that share a pixel are reduced: to the highest, to that of largest magnitude, or to the central one. Code 0, of
// values that are not finite, takes precedence. `rows(codes, columns, from, to, centre, line)` joins rows into one line, and
// `cells(line, across, centre, target, start)` the cells of the line into pixels. Each kind has loops of its own: a
// function called for each cell takes five times as long.
const JOIN = {
  sequential: {
    rows(codes, columns, from, to, centre, line) {
      line.set(codes.subarray(from * columns, (from + 1) * columns));
      for (let row = from + 1; row < to; row++) {
        for (let i = 0, k = row * columns; i < columns; i++, k++) {
          const code = codes[k];
          if (code === 0 || (code > line[i] && line[i] !== 0)) line[i] = code;
        }
      }
    },
    cells(line, { from, to }, centre, target, start) {
      for (let x = 0; x < from.length; x++) {
        let joined = from[x] < 0 ? GAP : line[from[x]];
        for (let i = from[x] + 1; i < to[x]; i++) {
          const code = line[i];
          if (code === 0 || (code > joined && joined !== 0)) joined = code;
        }
        target[start + x] = joined;
      }
    },
  },
  diverging: {
    rows(codes, columns, from, to, centre, line) {
      line.set(codes.subarray(from * columns, (from + 1) * columns));
      for (let row = from + 1; row < to; row++) {
        for (let i = 0, k = row * columns; i < columns; i++, k++) line[i] = farther(line[i], codes[k], centre);
      }
    },
    cells(line, { from, to }, centre, target, start) {
      for (let x = 0; x < from.length; x++) {
        let joined = from[x] < 0 ? GAP : line[from[x]];
        for (let i = from[x] + 1; i < to[x]; i++) joined = farther(joined, line[i], centre);
        target[start + x] = joined;
      }
    },
  },
  cyclic: {
    rows(codes, columns, from, to, centre, line) {
      const middle = (from + to - 1) >> 1;
      line.set(codes.subarray(middle * columns, (middle + 1) * columns));
    },
    cells(line, { from, to }, centre, target, start) {
      for (let x = 0; x < from.length; x++) target[start + x] = from[x] < 0 ? GAP : line[(from[x] + to[x] - 1) >> 1];
    },
  },
};

const farther = (a, b, centre) => (a === 0 || b === 0 ? 0 : Math.abs(b - centre) > Math.abs(a - centre) ? b : a);

// Resample codes (rows x columns, row 0 lowest) to `width` x `height` pixels, top row first. `target` holds 32-bit
// numbers, as GAP does not fit into 16. `centre` is the code of zero, for values with a sign.
export function resample(codes, columns, across, up, kind, centre, target, width, height) {
  const join = JOIN[kind];
  const line = new Uint16Array(columns);
  let last = { from: -2, to: -2, start: -1 };
  for (let y = 0; y < height; y++) {
    const [from, to] = [up.from[height - 1 - y], up.to[height - 1 - y]];
    const start = y * width;
    if (from < 0) {
      target.fill(GAP, start, start + width);
    } else if (from === last.from && to === last.to) {
      target.copyWithin(start, last.start, last.start + width);
    } else {
      join.rows(codes, columns, from, to, centre, line);
      join.cells(line, across, centre, target, start);
      last = { from, to, start };
    }
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
