import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { connect, RESEND_AFTER, resendDelay, SILENT_AFTER, stateOf } from "../../specwidget/widgets/connection.js";

globalThis.window = globalThis;

/** A widget's model with the fields of ipywidgets' own that are used, and the messages that it would have sent. */
function createWhole(id) {
  const values = { _own_model_id: id, _shared_modules: "", n: 0 };
  const handlers = [];
  const sent = [];
  const whole = {
    comm_live: true,
    _pending_msgs: 0,
    comm: { send: (data) => sent.push(data) },
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value;
    },
    // As in ipywidgets: no second update before the kernel is idle again.
    save_changes() {
      if (whole._pending_msgs > 0) return;
      whole._pending_msgs += 1;
      sent.push({ state: { n: values.n, _update: values._update } });
    },
    sync: (_method, _model, { attrs }) => sent.push({ state: attrs }),
    send: (content) => sent.push({ content }),
    callbacks: () => ({}),
    on: (name, handler) => name === "msg:custom" && handlers.push(handler),
    off() {},
    once() {},
    take: (update) => {
      for (const handler of handlers) handler({ kind: "acknowledged", update });
    },
    sent,
  };
  return whole;
}

function withClock(body) {
  return () => {
    mock.timers.enable({ apis: ["setInterval", "Date"] });
    try {
      body();
    } finally {
      mock.timers.reset();
    }
  };
}

const updateOf = (message) => message.state?._update ?? message.content?.update;

test(
  "an update without an answer is sent again with its latest value, and no more once it is taken",
  withClock(() => {
    const whole = createWhole("a");
    const { model } = connect(whole, whole);
    model.set("n", 1);
    model.save_changes();
    model.set("n", 2);
    model.save_changes();
    assert.deepEqual(
      whole.sent.map(({ state }) => state.n),
      [1],
    );
    mock.timers.tick(RESEND_AFTER + 500);
    assert.deepEqual(whole.sent[1].content.state, { n: 2 });
    assert.equal(whole._pending_msgs, 1);
    whole.take(updateOf(whole.sent[1]));
    // The first was lost, and with it the answer that the queue waits for.
    assert.equal(whole._pending_msgs, 0);
    const [state, want] = whole.sent.slice(2);
    assert.deepEqual(state, { method: "request_state" });
    assert.equal(want.content.kind, "want");
    whole.take(updateOf(want));
    mock.timers.tick(60_000);
    assert.equal(whole.sent.length, 4);
  }),
);

test(
  "an answer that is only late ends the repetitions, and nothing else is requested",
  withClock(() => {
    const whole = createWhole("late");
    const { model } = connect(whole, whole);
    model.set("n", 1);
    model.save_changes();
    model.send({ kind: "undo" });
    mock.timers.tick(RESEND_AFTER + 500);
    const sent = [...whole.sent];
    assert.equal(sent.length, 4);
    for (const message of sent) whole.take(updateOf(message));
    mock.timers.tick(60_000);
    assert.equal(whole.sent.length, 4);
    assert.equal(whole._pending_msgs, 1);
  }),
);

test(
  "an update that is sent again has the value that was set, whatever the kernel has sent meanwhile",
  withClock(() => {
    const whole = createWhole("overtaken");
    const { model } = connect(whole, whole);
    model.set("n", 9999);
    model.save_changes();
    // An answer to an earlier request for the state, with the value of that time.
    whole.set("n", 128);
    mock.timers.tick(RESEND_AFTER + 500);
    assert.deepEqual(whole.sent[1].content.state, { n: 9999 });
  }),
);

test(
  "a kernel that was busy is not called silent before it had time to answer",
  withClock(() => {
    const whole = createWhole("busy");
    const signal = () => {
      const handlers = [];
      return {
        connect: (handler) => handlers.push(handler),
        emit: (status) => handlers.map((each) => each({}, status)),
      };
    };
    const kernel = { status: "busy", connectionStatusChanged: signal(), statusChanged: signal() };
    whole.widget_manager = { kernel };
    const states = [];
    const node = { setAttribute() {}, append() {}, remove() {}, dataset: {} };
    Object.assign(globalThis, { document: { createElement: () => node }, HTMLElement: class {} });
    const el = { contains: () => false, children: [], prepend() {} };
    const classList = { toggle: (_, isVeiled) => states.push(isVeiled) };
    const { model, veil } = connect(whole, whole);
    veil(/** @type {any} */ ({ ...el, classList }));
    model.set("n", 1);
    model.save_changes();
    mock.timers.tick(SILENT_AFTER + 4000);
    kernel.status = "idle";
    kernel.statusChanged.emit("idle");
    mock.timers.tick(SILENT_AFTER - 500);
    assert.deepEqual(states, [false, true, false]);
    mock.timers.tick(1000);
    assert.deepEqual(states, [false, true, false, true]);
  }),
);

test(
  "a message is sent again under its number",
  withClock(() => {
    const whole = createWhole("b");
    connect(whole, whole).model.send({ kind: "undo" });
    mock.timers.tick(RESEND_AFTER + 500);
    const numbers = whole.sent.map(({ content }) => content.update.split(":"));
    assert.deepEqual(numbers[0].slice(0, 2), numbers[1].slice(0, 2));
    assert.deepEqual(
      numbers.map(([, , attempt]) => attempt),
      ["0", "1"],
    );
  }),
);

test(
  "the answer to another page is not ours",
  withClock(() => {
    const whole = createWhole("c");
    connect(whole, whole).model.send({ kind: "undo" });
    whole.take("other:1:0");
    mock.timers.tick(RESEND_AFTER + 500);
    assert.equal(whole.sent.length, 2);
  }),
);

test(
  "no message is sent while nothing waits",
  withClock(() => {
    const whole = createWhole("d");
    const { model } = connect(whole, whole);
    model.save_changes();
    mock.timers.tick(60_000);
    assert.equal(whole.sent.length, 0);
  }),
);

test("the delay doubles up to 16 s, and large messages have the time of a slow connection", () => {
  assert.deepEqual(
    [0, 1, 2, 9].map((nTries) => resendDelay(nTries, 0)),
    [1000, 2000, 4000, 16_000],
  );
  assert.equal(resendDelay(0, 2 * 2 ** 20), 1000 + 20_971.52);
});

const LIVE = { isLive: true, isConnected: true, isBusy: false, waited: 0 };
for (const [facts, state] of [
  [{}, "live"],
  [{ waited: SILENT_AFTER - 1 }, "live"],
  [{ waited: SILENT_AFTER }, "silent"],
  [{ waited: SILENT_AFTER, isBusy: true }, "busy"],
  [{ isBusy: true }, "live"],
  [{ isConnected: false, waited: SILENT_AFTER }, "disconnected"],
  [{ isLive: false, isConnected: false }, "ended"],
])
  test(`${JSON.stringify(facts)} is ${state}`, () => {
    assert.equal(stateOf({ ...LIVE, ...facts }), state);
  });
