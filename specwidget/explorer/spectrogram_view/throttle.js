// Limits on what is sent to the kernel: frames one at a time, moves at a steady rate, repeats ever more slowly.

/**
 * Request exact frames one at a time, the most needed first.
 *
 * @param {(frame: number) => void} send Asks the kernel for a frame.
 * @param {number} patience Milliseconds after which an answer counts as lost.
 */
export function createFrameRequests(send, patience = 2000) {
  /** @type {Map<number, FrameSlice>} */
  const known = new Map();
  /** @type {{frame: number, at: number, isStale: boolean} | null} */
  let pending = null;
  /** @type {number[]} */
  let wanted = [];
  /** @type {Float32Array | null} */
  let window = null;

  function sendNext() {
    const missing = wanted.find((frame) => !known.has(frame));
    if (missing === undefined || (pending && performance.now() - pending.at < patience)) return;
    pending = { frame: missing, at: performance.now(), isStale: false };
    send(missing);
  }

  return {
    get: (frame) => known.get(frame) ?? null,
    window: () => window,
    /** Set the frames that are displayed; all others are dropped. */
    request(frames) {
      wanted = [...new Set(frames)];
      for (const frame of known.keys()) if (!wanted.includes(frame)) known.delete(frame);
      sendNext();
    },
    receive(frame, slice) {
      const isExpected = pending !== null && !pending.isStale;
      pending = null;
      if (isExpected) window = slice.window;
      if (isExpected && wanted.includes(frame)) known.set(frame, slice);
      sendNext();
    },
    /** Drop everything, as it belongs to other settings; so does the answer that is on its way. */
    clear() {
      known.clear();
      window = null;
      if (pending) pending.isStale = true;
    },
  };
}

/**
 * Call `send` with the latest value once it has not changed for `wait` ms, and every `pace` ms while it changes.
 *
 * @param {(value: any) => void} send
 */
export function throttleTrailing(send, wait = 60, pace = 160) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let latest;
  let last = -Infinity;
  const flush = () => {
    timer = undefined;
    last = performance.now();
    send(latest);
  };
  return {
    set(value) {
      latest = value;
      clearTimeout(timer);
      timer = setTimeout(flush, Math.max(0, Math.min(wait, last + pace - performance.now())));
    },
    isPending: () => timer !== undefined,
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
