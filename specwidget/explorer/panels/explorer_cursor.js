// The cursor of the explorer's spectrogram, for panels that follow it.

// Call `callback` with the cursor {frame, bin, sample, hz} or null when it moves; return a function that stops.
export function followCursor(el, callback) {
  const listener = ({ detail }) => callback(detail);
  /** @type {any} */
  let explorer = null;
  // The view is attached to the page after it has been rendered.
  const attached = requestAnimationFrame(() => {
    explorer = el.closest(".specwidget");
    explorer?.addEventListener("specwidget:cursor", listener);
  });
  return () => {
    cancelAnimationFrame(attached);
    explorer?.removeEventListener("specwidget:cursor", listener);
  };
}
