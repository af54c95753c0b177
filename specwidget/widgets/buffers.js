// Binary messages of the kernel as typed arrays. Pure functions.

/**
 * A buffer as a typed array; copied only where its offset is not a multiple of the item size.
 *
 * @template {Uint16ArrayConstructor | Int32ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor} T
 * @param {DataView} view
 * @param {T} Kind
 * @returns {InstanceType<T>}
 */
export function toTypedArray(view, Kind) {
  const { byteOffset, byteLength } = view;
  const buffer = /** @type {ArrayBuffer} */ (view.buffer);
  const isAligned = byteOffset % Kind.BYTES_PER_ELEMENT === 0;
  const array = isAligned
    ? new Kind(buffer, byteOffset, byteLength / Kind.BYTES_PER_ELEMENT)
    : new Kind(buffer.slice(byteOffset, byteOffset + byteLength));
  return /** @type {InstanceType<T>} */ (array);
}

/**
 * A picture from its header, codes, row starts and column starts.
 *
 * @param {Header} header
 * @param {DataView[]} buffers
 * @returns {Layer}
 */
export function layerFrom(header, [codes, rowStarts, columnStarts]) {
  return {
    header,
    codes: toTypedArray(codes, Uint16Array),
    rowStarts: toTypedArray(rowStarts, Int32Array),
    columnStarts: toTypedArray(columnStarts, Int32Array),
  };
}

/**
 * A curve that was reduced to lowest and highest values: the lowest come first.
 *
 * @param {Float32Array} values
 */
export function splitExtremes(values) {
  const n = values.length / 2;
  return { low: values.subarray(0, n), high: values.subarray(n) };
}
