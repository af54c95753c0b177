// The overview: the whole sound in a strip, with the visible part marked, which the pointer drags and keys move.
import { h } from "../../charts/dom.js";
import { placesOf } from "../../raster/region.js";

const GRIP = 6; // CSS pixels around an end of the mark
const POINTERS = { first: "ew-resize", last: "ew-resize", inside: "grab", outside: "pointer" };

/**
 * Create the overview.
 *
 * @param {{
 *   move(first: number, low: number): void,
 *   resize(first: number, last: number): void,
 *   key(event: KeyboardEvent): boolean,
 * }} on `move` is given the new first sample and lowest position on the axis, `resize` new ends, and `key` returns
 *   whether it used a key.
 */
export function createOverview(on) {
  const canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { "aria-hidden": "true" }));
  const el = h(
    "div",
    {
      class: "specwidget-overview",
      role: "slider",
      tabindex: 0,
      "aria-label": "Visible part of the sound",
      "aria-orientation": "horizontal",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    },
    [canvas],
  );
  let box = { x: 0, width: 1, height: 1 };
  /** @type {{header: Header, region: Region, full: Scale} | null} */
  let shown = null;
  /** @type {{grip: string, at: number, first: number, low: number, up: number} | null} */
  let held = null;

  const sampleAt = (event, header) =>
    ((event.clientX - el.getBoundingClientRect().left - box.x) / box.width) * header.n_samples;
  const heightAt = (event) => 1 - (event.clientY - el.getBoundingClientRect().top) / box.height;

  // Which part of the mark a sample is at.
  function gripAt(sample, { region, header }) {
    const near = (GRIP * header.n_samples) / box.width;
    if (Math.abs(sample - region.first) < near) return "first";
    if (Math.abs(sample - region.last) < near) return "last";
    return sample > region.first && sample < region.last ? "inside" : "outside";
  }

  function grab(event) {
    if (!shown || event.button !== 0) return;
    const { region, full, header } = shown;
    const at = sampleAt(event, header);
    const grip = gripAt(at, shown);
    const [low] = placesOf(region, full);
    // A press outside of the mark centres it there; a drag goes on from that.
    const first = grip === "outside" ? at - (region.last - region.first) / 2 : region.first;
    if (grip === "outside") on.move(first, low);
    held = { grip, at, first, low, up: heightAt(event) };
    el.setPointerCapture(event.pointerId);
  }

  function drag(event) {
    if (!shown) return;
    const { region } = shown;
    const at = sampleAt(event, shown.header);
    if (!held) el.style.cursor = POINTERS[gripAt(at, shown)];
    else if (held.grip === "first") on.resize(Math.min(at, region.last - 1), region.last);
    else if (held.grip === "last") on.resize(region.first, Math.max(at, region.first + 1));
    else on.move(held.first + at - held.at, held.low + heightAt(event) - held.up);
  }

  function release() {
    held = null;
  }

  el.addEventListener("pointerdown", grab);
  el.addEventListener("pointermove", drag);
  for (const name of ["pointerup", "pointercancel"]) el.addEventListener(name, release);
  el.addEventListener("keydown", (event) => {
    if (!on.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    el,
    canvas,
    /** Take the left edge and the width of the plots. */
    resize(layout, height) {
      box = { x: layout.left, width: layout.plotWidth, height };
      Object.assign(el.dataset, { left: box.x, width: box.width });
    },
    /** Take what is visible, and its text for screen readers. */
    show(about, text) {
      shown = about;
      const { header, region } = about;
      el.setAttribute("aria-valuenow", String(Math.round((100 * (region.first + region.last)) / 2 / header.n_samples)));
      el.setAttribute("aria-valuetext", text);
    },
    box: () => ({ ...box, y: 0 }),
  };
}

/** Mark the visible part: dim everything else and draw a border. */
export function drawVisible(context, box, { header, region, full }, theme) {
  const [low, high] = placesOf(region, full);
  const x = (sample) => box.x + (sample / header.n_samples) * box.width;
  const [left, right] = [Math.round(x(region.first)), Math.round(x(region.last))];
  const [top, bottom] = [Math.round((1 - high) * box.height), Math.round((1 - low) * box.height)];
  context.fillStyle = theme.veil;
  context.fillRect(box.x, 0, left - box.x, box.height);
  context.fillRect(right, 0, box.x + box.width - right, box.height);
  context.fillRect(left, 0, right - left, top);
  context.fillRect(left, bottom, right - left, box.height - bottom);
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(box.x - 0.5, 0.5, box.width + 1, box.height - 1);
  context.strokeStyle = theme.accent;
  context.lineWidth = 2;
  context.strokeRect(left + 1, top + 1, Math.max(2, right - left - 2), Math.max(2, bottom - top - 2));
}
