// A view without a kernel: what stands in for the widget manager in a page that was saved as a file.
//
// A model here has the part of a widget's model that views use: get, set, save_changes, on, off, send. Messages that a
// view would send to the kernel are answered from what was saved with the page.

export function makeModel(traits, answer) {
  const values = { ...traits };
  const listeners = new Map();
  const tell = (name, ...about) => {
    for (const listener of [...(listeners.get(name) ?? [])]) listener(...about);
  };
  const each = (names, act) => {
    for (const name of names.split(/\s+/)) act(name, listeners.get(name) ?? []);
  };
  return {
    get: (name) => values[name],
    set(name, value) {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      values[name] = value;
      tell(`change:${name}`);
    },
    save_changes() {},
    on: (names, listener) => each(names, (name, known) => listeners.set(name, [...known, listener])),
    off: (names, listener) =>
      each(names, (name, known) =>
        listeners.set(
          name,
          known.filter((one) => one !== listener),
        ),
      ),
    // Answers come later, as they do from a kernel.
    send(content) {
      queueMicrotask(() => {
        for (const { message, buffers } of answer(content)) tell("msg:custom", message, buffers);
      });
    },
  };
}

// Answers from what was saved: messages that are told to a view that wants them, frames and sound cut from wholes.
export function makeAnswers(messages, store) {
  const replies = {
    want: () => messages.map(({ message, buffers }) => ({ message, buffers: buffers.map((buffer) => viewOf(buffer)) })),
    frame({ frame }) {
      const { values, window } = store;
      if (!values || frame < 0 || frame >= values.frames) return [];
      const row = viewOf(values.data, 4 * frame * values.width, 4 * values.width);
      return [
        {
          message: { kind: "slice", header: { serial: Infinity, frame } },
          buffers: [row, new DataView(new ArrayBuffer(0)), viewOf(window)],
        },
      ];
    },
    sound({ from, to, source = "sound" }) {
      const { sound } = store;
      const reason =
        source === "kept"
          ? "What the layer keeps is made by a kernel, and this page has none."
          : sound
            ? ""
            : "The sound was too long to be saved with this page.";
      if (reason)
        return [{ message: { kind: "sound", header: { serial: Infinity, source, from, reason } }, buffers: [] }];
      const total = sound.data.byteLength / 2;
      const [first, last] = [from, to].map((sample) => Math.min(Math.max(Math.floor(sample), 0), total));
      const header = { serial: Infinity, source, first, last, from: first, to: last, total, rate: sound.rate };
      return [{ message: { kind: "sound", header }, buffers: [viewOf(sound.data, 2 * first, 2 * (last - first))] }];
    },
  };
  return (content) => replies[content.kind]?.(content) ?? [];
}

// A part of a buffer, as the widget manager hands buffers over.
export function viewOf(buffer, start = 0, length = buffer.byteLength - start) {
  return new DataView(buffer, start, length);
}

export function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

// Everything that was saved as text, as buffers.
function unpack(saved) {
  const messages = saved.messages.map(({ message, buffers }) => ({ message, buffers: buffers.map(bytesOf) }));
  const store = Object.fromEntries(
    Object.entries(saved.store).map(([name, part]) => [
      name,
      typeof part === "string" ? bytesOf(part) : { ...part, data: bytesOf(part.data) },
    ]),
  );
  return makeAnswers(messages, store);
}

// Show the saved views, in their order, each in the element of its name, in the light or dark of the reader's system.
export function show(saved, views) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => (document.body.dataset.jpThemeLight = String(!dark.matches));
  follow();
  dark.addEventListener("change", follow);
  const names = Object.keys(saved);
  const models = names.map((name) => ({
    model: makeModel(saved[name].traits, unpack(saved[name])),
    shared: saved[name].shared,
  }));
  link(models);
  names.forEach((name, i) => views[i].render({ model: models[i].model, el: document.getElementById(name) }));
}

// What several models share changes in all of them.
export function link(models) {
  for (const { model, shared } of models) {
    for (const name of shared) {
      const others = models.filter((each) => each.model !== model && each.shared.includes(name));
      if (others.length)
        model.on(`change:${name}`, () => others.forEach((each) => each.model.set(name, model.get(name))));
    }
  }
}
