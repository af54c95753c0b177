// The cursor and the pins: which cell keys lead to, and what a click does. A cell is {frame, bin, panel}. Pure functions.
import { clampCell } from "../../raster/cells.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
export const MAX_PINS = 2;

// Where a key leads from a cell: arrows by one, with Shift by ten; Home and End to the first and the last frame, with
// Shift to the lowest and the highest bin; PageUp and PageDown to the next panel. Null for any other key.
export function moved(cell, { key, shiftKey }, header) {
  const by = shiftKey ? 10 : 1;
  const move = MOVES[key];
  if (move) return to(cell, header, { frame: cell.frame + by * move[0], bin: cell.bin + by * move[1] });
  if (key === "Home") return to(cell, header, shiftKey ? { bin: 0 } : { frame: 0 });
  if (key === "End") return to(cell, header, shiftKey ? { bin: header.n_bins - 1 } : { frame: header.n_frames - 1 });
  const turn = { PageUp: -1, PageDown: 1 }[key];
  if (!turn || header.panels.length < 2) return null;
  return { ...cell, panel: Math.min(Math.max(cell.panel + turn, 0), header.panels.length - 1) };
}

const to = (cell, header, change) => ({ ...clampCell({ ...cell, ...change }, header), panel: cell.panel });

export const isSame = (a, b) =>
  a === b || Boolean(a && b && a.frame === b.frame && a.bin === b.bin && a.panel === b.panel);

// The pins after a click on a cell: one more, or the first of a new pair; a click on a pin takes it away.
export function pinned(pins, cell) {
  const others = pins.filter((pin) => !isSame(pin, cell));
  if (others.length < pins.length) return others;
  return pins.length < MAX_PINS ? [...pins, cell] : [cell];
}

// The two cells whose difference is told: the pins, or the pin and the cursor.
export function pairOf(pins, cursor) {
  if (pins.length === MAX_PINS) return pins;
  return pins.length === 1 && cursor && !isSame(pins[0], cursor) ? [pins[0], cursor] : null;
}
