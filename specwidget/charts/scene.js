// Scenes as they arrive from Python: a header, with arrays in the buffers of its message. Pure functions.

import { toTypedArray } from "./buffers.js";

const COORDINATES = ["x", "y", "y_max", "x_edges", "y_edges"];

// Put the arrays of a message where the header of a scene refers to them by `{buffer: number}`.
export function decodeScene(header, buffers) {
  const decode = (reference, ArrayType) => toTypedArray(buffers[reference.buffer], ArrayType);
  const decodeItem = (item) => {
    const decoded = { ...item };
    for (const name of COORDINATES)
      if (item[name]?.buffer !== undefined) decoded[name] = decode(item[name], Float32Array);
    if (item.kind === "image") decoded.values = decode(item.values, Uint16Array);
    return decoded;
  };
  return { ...header, axes: header.axes.map((axes) => ({ ...axes, items: axes.items.map(decodeItem) })) };
}
