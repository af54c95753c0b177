// What is asked of the kernel, the latest always winning: frames one at a time, the visible part when it rests.

// Exact frames: `send(frame)` asks for one; the next leaves when its answer is there, and is the latest that is wanted.
export function makeFrames(send, patience = 2000) {
  const known = new Map(); // frame: {values, samples, window}
  let asked = null;
  let wanted = [];
  let window = null;

  function next() {
    const missing = wanted.find((frame) => !known.has(frame));
    if (missing === undefined || (asked && performance.now() - asked.at < patience)) return;
    asked = { frame: missing, at: performance.now() };
    send(missing);
  }

  return {
    get: (frame) => known.get(frame) ?? null,
    window: () => window,
    // The frames that are shown, the most needed first; others are forgotten.
    want(frames) {
      wanted = [...new Set(frames)];
      for (const frame of known.keys()) if (!wanted.includes(frame)) known.delete(frame);
      next();
    },
    take(frame, parts) {
      const isMeant = asked !== null && !asked.isStale;
      asked = null;
      if (isMeant) window = parts.window;
      if (isMeant && wanted.includes(frame)) known.set(frame, parts);
      next();
    },
    // Everything known is of other settings by now, and so is the answer that is under way.
    clear() {
      known.clear();
      window = null;
      if (asked) asked.isStale = true;
    },
  };
}

// Call `send` with the latest value when it rests for `wait` ms, and at most every `pace` ms while it moves.
export function makeSettler(send, wait = 60, pace = 160) {
  let timer = null;
  let latest;
  let last = -Infinity;
  const hand = () => {
    timer = null;
    last = performance.now();
    send(latest);
  };
  return {
    set(value) {
      latest = value;
      clearTimeout(timer);
      timer = setTimeout(hand, Math.max(0, Math.min(wait, last + pace - performance.now())));
    },
    isMoving: () => timer !== null,
    stop() {
      clearTimeout(timer);
      timer = null;
    },
  };
}

// Ask, and ask again as long as nothing comes: a message may get lost on its way. Each time the wait is twice as long, as
// a kernel that is busy answers all of them when it is done.
export function makeReminder(ask, wait = 2000, most = 6) {
  let timer = null;
  let asked = 0;
  return {
    start() {
      if (asked < most) timer = setTimeout(this.start.bind(this), wait * 2 ** asked);
      asked += 1;
      ask();
    },
    stop: () => clearTimeout(timer),
  };
}
