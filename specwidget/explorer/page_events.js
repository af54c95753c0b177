// Events between the views of one explorer. They travel on the explorer's root, which a view finds once it is in the page.

/**
 * Call `join` with the root of the explorer that an element is in, as soon as it is there.
 *
 * @param {Element} el
 * @param {(root: HTMLElement) => () => void} join Returns how to leave.
 * @returns {() => void} Leaves.
 */
export function joinPage(el, join) {
  let frame = 0;
  /** @type {(() => void) | undefined} */
  let leave;
  const look = () => {
    const root = /** @type {HTMLElement | null} */ (el.closest(".specwidget"));
    if (root?.isConnected) leave = join(root);
    else frame = requestAnimationFrame(look);
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    leave?.();
  };
}

/**
 * Call `handle` with the detail of each event of a name; return how to stop.
 *
 * @param {Element} el
 * @param {string} name
 * @param {(detail: any) => void} handle
 */
export function onPageEvent(el, name, handle) {
  const listener = (/** @type {any} */ { detail }) => handle(detail);
  return joinPage(el, (root) => {
    root.addEventListener(`specwidget:${name}`, listener);
    return () => root.removeEventListener(`specwidget:${name}`, listener);
  });
}

/** Send an event to the other views of the explorer. */
export function sendPageEvent(el, name, detail) {
  el.dispatchEvent(new CustomEvent(`specwidget:${name}`, { detail, bubbles: true }));
}

/** Call `callback` with the cursor {frame, bin, sample, hz} of the spectrogram, or null, when it moves. */
export const followCursor = (el, callback) => onPageEvent(el, "cursor", callback);
