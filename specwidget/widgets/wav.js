// WAV files. Pure functions.

/**
 * The header of a file of 16-bit mono samples.
 *
 * @param {number} nSamples
 * @param {number} rate Hz.
 */
export function wavHeader(nSamples, rate) {
  const view = new DataView(new ArrayBuffer(44));
  const text = (at, letters) => {
    for (let i = 0; i < letters.length; i++) view.setUint8(at + i, letters.charCodeAt(i));
  };
  const nBytes = 2 * nSamples;
  text(0, "RIFF");
  view.setUint32(4, 36 + nBytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, nBytes, true);
  return view.buffer;
}
