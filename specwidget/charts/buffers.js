// Binary buffers of messages as typed arrays. Pure functions.

/**
 * A buffer as a typed array; copied only where its offset is not a multiple of the item size.
 *
 * @template {Uint16ArrayConstructor | Int32ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor} T
 * @param {any} view A DataView, a typed array or an ArrayBuffer.
 * @param {T} ArrayType
 * @returns {InstanceType<T>}
 */
export function toTypedArray(view, ArrayType) {
  const { buffer = view, byteOffset = 0, byteLength } = view;
  const isAligned = byteOffset % ArrayType.BYTES_PER_ELEMENT === 0;
  const array = isAligned
    ? new ArrayType(buffer, byteOffset, byteLength / ArrayType.BYTES_PER_ELEMENT)
    : new ArrayType(buffer.slice(byteOffset, byteOffset + byteLength));
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
