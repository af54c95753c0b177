// The overview: the whole sound in a strip, with the visible part marked, which can be dragged and moved by keys.
import { element } from "../../widgets/fields.js";
import { placesOf } from "../../raster/region.js";

const GRIP = 6;

// `on.move(first, low)` gives the new first sample and lowest place, `on.resize(first, last)` new ends, `on.key(event)`
// whether a key was used.
export function makeOverview(on) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const el = element(
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
  let shown = null; // {header, region, full}
  let held = null;

  const sampleAt = (event) =>
    ((event.clientX - el.getBoundingClientRect().left - box.x) / box.width) * shown.header.n_samples;
  const heightAt = (event) => 1 - (event.clientY - el.getBoundingClientRect().top) / box.height;

  // Which part of the mark a sample is at: an end to be moved, the inside, or the outside.
  function gripAt(sample) {
    const { region, header } = shown;
    const near = (GRIP * header.n_samples) / box.width;
    if (Math.abs(sample - region.first) < near) return "first";
    if (Math.abs(sample - region.last) < near) return "last";
    return sample > region.first && sample < region.last ? "inside" : "outside";
  }

  el.addEventListener("pointerdown", (event) => {
    if (!shown || event.button !== 0) return;
    const { region, full } = shown;
    const at = sampleAt(event);
    const grip = gripAt(at);
    const span = region.last - region.first;
    if (grip === "outside") on.move(at - span / 2, placesOf(region, full)[0]);
    const first = grip === "outside" ? at - span / 2 : region.first;
    held = { grip, at, first, low: placesOf(region, full)[0], up: heightAt(event) };
    el.setPointerCapture(event.pointerId);
  });
  el.addEventListener("pointermove", (event) => {
    if (!shown) return;
    const at = sampleAt(event);
    if (!held)
      return void (el.style.cursor = { first: "ew-resize", last: "ew-resize", inside: "grab", outside: "pointer" }[
        gripAt(at)
      ]);
    if (held.grip === "first") on.resize(Math.min(at, shown.region.last - 1), shown.region.last);
    else if (held.grip === "last") on.resize(shown.region.first, Math.max(at, shown.region.first + 1));
    else on.move(held.first + at - held.at, held.low + heightAt(event) - held.up);
  });
  for (const name of ["pointerup", "pointercancel"]) el.addEventListener(name, () => (held = null));
  el.addEventListener("keydown", (event) => {
    if (!on.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    el,
    canvas,
    resize(place, height) {
      box = { x: place.left, width: place.plotWidth, height };
      Object.assign(el.dataset, { left: box.x, width: box.width });
    },
    // The mark over the strip; what it hides is dimmed.
    show(about, text) {
      shown = about;
      const { header, region } = about;
      el.setAttribute("aria-valuenow", String(Math.round((100 * (region.first + region.last)) / 2 / header.n_samples)));
      el.setAttribute("aria-valuetext", text);
    },
    box: () => ({ ...box, y: 0 }),
  };
}

export function drawVisible(context, box, { header, region, full }, look) {
  const [low, high] = placesOf(region, full);
  const x = (sample) => box.x + (sample / header.n_samples) * box.width;
  const [left, right] = [Math.round(x(region.first)), Math.round(x(region.last))];
  const [top, bottom] = [Math.round((1 - high) * box.height), Math.round((1 - low) * box.height)];
  context.fillStyle = look.veil;
  context.fillRect(box.x, 0, left - box.x, box.height);
  context.fillRect(right, 0, box.x + box.width - right, box.height);
  context.fillRect(left, 0, right - left, top);
  context.fillRect(left, bottom, right - left, box.height - bottom);
  context.strokeStyle = look.line;
  context.lineWidth = 1;
  context.strokeRect(box.x - 0.5, 0.5, box.width + 1, box.height - 1);
  context.strokeStyle = look.accent;
  context.lineWidth = 2;
  context.strokeRect(left + 1, top + 1, Math.max(2, right - left - 2), Math.max(2, bottom - top - 2));
}
