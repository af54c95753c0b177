// Buffers of messages as typed arrays. Pure functions.

// A buffer as a typed array, copied only where its place in memory demands it.
export function toTypedArray(view, ArrayType) {
  const { buffer = view, byteOffset = 0, byteLength } = view;
  const isAligned = byteOffset % ArrayType.BYTES_PER_ELEMENT === 0;
  return isAligned
    ? new ArrayType(buffer, byteOffset, byteLength / ArrayType.BYTES_PER_ELEMENT)
    : new ArrayType(buffer.slice(byteOffset, byteOffset + byteLength));
}
