// Small drawings of the steps from input to output, to scale where the layer's numbers are given. Pure functions to SVG text.

const [WIDTH, HEIGHT] = [112, 20];
const MIN_WIDTH = 3; // of padding
const COLUMNS = WIDTH / 8;

const shape = (tag, attributes) =>
  `<${tag} ${Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ")}/>`;

const bar = (x, y, width, height, kind) =>
  shape("rect", { x, y, width: Math.max(width, 1), height, class: `specwidget-${kind}` });
const wave = (points, kind = "line") =>
  shape("polyline", {
    points: points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "),
    class: `specwidget-${kind}`,
  });

function sine(x, width, turns, phase, kind) {
  return wave(
    Array.from({ length: 41 }, (_, i) => [
      x + (i * width) / 40,
      HEIGHT / 2 - 8 * Math.cos((2 * Math.PI * turns * i) / 40 - phase) * Math.sin((Math.PI * i) / 40),
    ]),
    kind,
  );
}

// A made-up signal that looks like one.
function signal(x, width) {
  const n = Math.max(2, Math.floor(width / 3));
  return wave(
    Array.from({ length: n + 1 }, (_, i) => [
      x + (i * width) / n,
      HEIGHT / 2 + (i % 2 ? -1 : 1) * (1.5 + 7 * Math.abs(Math.sin(2.2 * Math.sin(i / 3) + i / 9))),
    ]),
  );
}

/** Widths of the padding at both ends: visible even where it is short. */
export function paddingWidths([left = 0, right = 0], width = WIDTH) {
  const widthOf = (share) => (share > 0 ? Math.min(0.35 * width, Math.max(MIN_WIDTH, share * width)) : 0);
  return [widthOf(left), widthOf(right)];
}

/** Position and width of `count` frames on a drawing, for a step that is a fraction of a frame. */
export function framePlaces([step = 0.5], count = 5, width = WIDTH) {
  const size = width / (1 + (count - 1) * step);
  return Array.from({ length: count }, (_, i) => ({ x: i * step * size, width: size }));
}

const GLYPHS = {
  input: () => [signal(0, WIDTH)],
  padded(shares) {
    const [left, right] = paddingWidths(shares);
    const zeros = [
      [0, left],
      [WIDTH - right, right],
    ]
      .filter(([, width]) => width > 0)
      .map(([x, width]) => bar(x, 3, width, HEIGHT - 6, "zeros"));
    return [...zeros, signal(left, WIDTH - left - right)];
  },
  frames: (shares) =>
    framePlaces(shares).map(({ x, width }, i) => bar(x + 0.5, 0.5 + 4 * i, width - 1, 3, i === 0 ? "solid" : "soft")),
  kernels: () => [sine(0, WIDTH / 2 - 5, 3, 0, "line"), sine(WIDTH / 2 + 5, WIDTH / 2 - 5, 3, Math.PI / 2, "second")],
  bins: () =>
    Array.from({ length: Math.floor(WIDTH / 6) }, (_, i) => {
      const height = 3 + 15 * Math.abs(Math.sin(0.7 * i) * Math.exp(-i / 14));
      return bar(i * 6, HEIGHT - 1 - height, 3, height, i === 2 ? "solid" : "soft");
    }),
  // Triangles that become wider.
  bands: () =>
    Array.from({ length: 9 }, (_, i) => {
      const place = (k) => (WIDTH * (1.16 ** k - 1)) / (1.16 ** 10 - 1);
      const points = [place(i), place(i + 1), place(i + 2)].map((x, k) => [x, k === 1 ? 2 : HEIGHT - 2]);
      return wave(points, i === 4 ? "second" : "line");
    }),
  output: () =>
    Array.from({ length: 3 * COLUMNS }, (_, i) => {
      const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
      return shape("rect", {
        x: column * 8,
        y: row * 7,
        width: 7,
        height: 6,
        class: "specwidget-solid",
        opacity: (0.12 + 0.8 * Math.abs(Math.sin(column / 3 + row) * Math.cos(column / 5 - row / 2))).toFixed(2),
      });
    }),
};

export function glyph(name, shares) {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">${GLYPHS[name](shares).join("")}</svg>`;
}
