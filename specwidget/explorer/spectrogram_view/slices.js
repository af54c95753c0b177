// What stands in the boxes of the spectra while no frame is pointed at: what to do to see one.
import { element } from "../../widgets/fields.js";

const WHAT_TO_DO = "Point at a frame, or use the arrow keys, to see its spectrum.";

// Returns a function that takes the boxes, in CSS pixels of the stage; none where there is nothing to ask for. The
// readout under the picture asks those who hear it.
export function makeEmptySlices(stage) {
  const held = element("div", { class: "specwidget-slices", "aria-hidden": "true" });
  stage.append(held);
  return (boxes) => {
    while (held.children.length > boxes.length) held.lastChild.remove();
    boxes.forEach((box, i) => {
      const words = held.children[i] ?? held.appendChild(element("p", { text: WHAT_TO_DO }));
      for (const [name, side] of [
        ["left", "x"],
        ["top", "y"],
        ["width", "width"],
        ["height", "height"],
      ])
        words.style[name] = `${box[side]}px`;
    });
  };
}
