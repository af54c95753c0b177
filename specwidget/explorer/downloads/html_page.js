// A saved page: stands in for the widget manager and the kernel. A model here has the part of a widget's model that views
// use; messages that a view sends to the kernel are answered from what was saved with the page.

/**
 * Create a model.
 *
 * @param {Record<string, any>} traits Initial values.
 * @param {(content: any) => {message: any, buffers: DataView[]}[]} answer The kernel's answers to a message.
 * @returns {Model}
 */
export function createModel(traits, answer) {
  const values = { ...traits };
  /** @type {Map<string, ((...about: any[]) => void)[]>} */
  const listeners = new Map();
  const listenersOf = (name) => listeners.get(name) ?? [];
  // A copy, as listeners may be added or removed while they are called.
  const emit = (name, ...about) => {
    for (const listener of [...listenersOf(name)]) listener(...about);
  };
  return {
    get: (name) => values[name],
    set(name, value) {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      values[name] = value;
      emit(`change:${name}`);
    },
    save_changes() {},
    on(names, listener) {
      for (const name of names.split(/\s+/)) listeners.set(name, [...listenersOf(name), listener]);
    },
    off(names, listener) {
      for (const name of names.split(/\s+/)) {
        const others = listenersOf(name).filter((each) => each !== listener);
        listeners.set(name, others);
      }
    },
    // Answers come later, as they do from a kernel.
    send(content) {
      queueMicrotask(() => {
        for (const { message, buffers } of answer(content)) emit("msg:custom", message, buffers);
      });
    },
  };
}

/**
 * Create the answers to a view's messages: what was sent to it, and frames and samples cut from saved arrays.
 *
 * @param {{message: any, buffers: ArrayBuffer[]}[]} messages
 * @param {any} store
 */
export function createAnswers(messages, store) {
  const answers = {
    want: () => messages.map(({ message, buffers }) => ({ message, buffers: buffers.map((buffer) => viewOf(buffer)) })),
    frame: ({ frame }) => answerFrame(store, frame),
    sound: (content) => answerSound(store, content),
  };
  return (content) => answers[content.kind]?.(content) ?? [];
}

function answerFrame({ values, window }, frame) {
  if (!values || frame < 0 || frame >= values.frames) return [];
  const row = viewOf(values.data, 4 * frame * values.width, 4 * values.width);
  const message = { kind: "slice", header: { serial: Infinity, frame } };
  return [{ message, buffers: [row, new DataView(new ArrayBuffer(0)), viewOf(window)] }];
}

function answerSound({ sound }, { from, to, source = "sound", speed = 1 }) {
  const toMessage = (header) => ({ kind: "sound", header: { serial: Infinity, source, from, ...header } });
  const reason = reasonAgainst(sound, source);
  if (reason) return [{ message: toMessage({ reason }), buffers: [] }];
  const { total, gain } = sound;
  const [first, last] = [from, to].map((sample) => Math.min(Math.max(Math.floor(sample), 0), total));
  // There may be more or fewer samples of PCM than of the sound.
  const nPcm = sound.data.byteLength / 2;
  const [begin, end] = [first, last].map((sample) => Math.round((sample * nPcm) / total));
  const [rate, heard] = [sound.rate, sound.heard].map((each) => each * speed);
  const message = toMessage({ first, last, from: first, to: last, total, rate, heard, gain });
  return [{ message, buffers: [viewOf(sound.data, 2 * begin, 2 * (end - begin))] }];
}

function reasonAgainst(sound, source) {
  if (source === "reconstruction") return "A reconstruction is computed by a kernel, and a saved page has none.";
  return sound ? "" : "The sound was too long to be saved with this page.";
}

/** A part of a buffer, in the form in which the widget manager hands buffers over. */
export function viewOf(buffer, start = 0, length = buffer.byteLength - start) {
  return new DataView(buffer, start, length);
}

/** Decode base64. */
export function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

function unpack(saved) {
  const messages = saved.messages.map(({ message, buffers }) => ({ message, buffers: buffers.map(bytesOf) }));
  const store = Object.fromEntries(
    Object.entries(saved.store).map(([name, part]) => [
      name,
      typeof part === "string" ? bytesOf(part) : { ...part, data: bytesOf(part.data) },
    ]),
  );
  return createAnswers(messages, store);
}

/**
 * Show the saved views, each in the element whose id is its name, in the light or dark theme of the system.
 *
 * @param {Record<string, any>} saved
 * @param {{render(context: ViewContext): void}[]} views In the order of `saved`.
 */
export function show(saved, views) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    document.body.dataset.jpThemeLight = String(!dark.matches);
  };
  follow();
  dark.addEventListener("change", follow);
  const names = Object.keys(saved);
  const models = names.map((name) => ({
    model: createModel(saved[name].traits, unpack(saved[name])),
    shared: saved[name].shared,
  }));
  link(models);
  names.forEach((name, i) => {
    const el = document.getElementById(name);
    if (el) views[i].render({ model: models[i].model, el });
  });
}

/**
 * Keep traits equal that several models share.
 *
 * @param {{model: Model, shared: string[]}[]} models
 */
export function link(models) {
  for (const { model, shared } of models) {
    for (const name of shared) {
      const others = models.filter((each) => each.model !== model && each.shared.includes(name));
      if (!others.length) continue;
      model.on(`change:${name}`, () => {
        for (const other of others) other.model.set(name, model.get(name));
      });
    }
  }
}
