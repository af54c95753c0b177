// What the microphone's samples wait for, and what is said of its errors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMicrophone, createSampleQueue, problemOf } from "../../specwidget/explorer/panels/microphone.js";

const RATE = 1000;

function createQueue() {
  const sent = [];
  const clock = { now: 0 };
  const queue = createSampleQueue(
    (samples) => sent.push([...samples]),
    RATE,
    () => clock.now,
  );
  return { queue, sent, clock };
}
const piece = (length, value) => new Float32Array(length).fill(value);

test("one message is under way, and the next has all that came meanwhile", () => {
  const { queue, sent } = createQueue();
  queue.add(piece(20, 1));
  queue.add(piece(30, 2));
  queue.add(piece(10, 3));
  assert.deepEqual(sent, [[...piece(20, 1)]]);
  queue.answered();
  assert.deepEqual(sent[1], [...piece(30, 2), ...piece(10, 3)]);
  queue.answered();
  assert.equal(sent.length, 2);
});

test("too few samples wait", () => {
  const { queue, sent } = createQueue();
  queue.add(piece(19, 1));
  assert.equal(sent.length, 0);
  queue.add(piece(1, 2));
  assert.equal(sent[0].length, 20);
});

test("without an answer the next are sent after a while, and no more than ten seconds wait", () => {
  const { queue, sent, clock } = createQueue();
  queue.add(piece(100, 1));
  for (let i = 0; i < 15; i++) queue.add(piece(1000, i));
  assert.equal(queue.rest().length, 10_000);
  assert.equal(queue.rest()[0], 5);
  clock.now = 2000;
  queue.add(piece(1000, 15));
  assert.equal(sent.length, 2);
  assert.deepEqual([sent[1].length, sent[1][0]], [10_000, 6]);
});

test("errors are sentences that say what to do", () => {
  assert.match(problemOf({ name: "NotAllowedError" }), /Allow it for this page/);
  assert.match(problemOf({ name: "NotFoundError" }), /Connect one/);
  assert.match(problemOf({ name: "NotReadableError" }), /another program/);
  assert.equal(problemOf(new Error("boom")), "The microphone can't be opened: boom.");
});

/** A document whose elements can be clicked, for the button alone. */
function fakeDocument() {
  const createElement = () => {
    const listeners = {};
    return {
      dataset: {},
      classList: { toggle() {}, add() {} },
      setAttribute() {},
      append() {},
      addEventListener: (name, listener) => Object.assign(listeners, { [name]: listener }),
      click: () => listeners.click(),
    };
  };
  return { createElement };
}

function createPage({ open, send = () => {} } = {}) {
  globalThis.document ??= fakeDocument();
  const page = { sent: [], problems: [], closed: 0, waiting: null };
  const device = { sampleRate: 48_000, track: { addEventListener() {} }, close: () => (page.closed += 1) };
  const model = {
    get: () => 10,
    send: (content) => {
      send(content);
      page.sent.push([content.kind, content.key]);
    },
  };
  page.microphone = createMicrophone(model, {
    showProblem: (sentence) => sentence && page.problems.push(sentence),
    showState: (text) => (page.state = text),
    createKey: () => `key-${page.sent.length}`,
    open: open ?? (() => new Promise((grant) => (page.waiting = () => grant(device)))),
  });
  page.record = async () => {
    page.microphone.button.click();
    page.waiting?.();
    await new Promise((done) => setTimeout(done, 5));
  };
  return page;
}

test("a view that has gone before permission came turns the microphone off", async () => {
  const page = createPage();
  page.microphone.button.click();
  page.microphone.dispose();
  page.waiting();
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual([page.closed, page.sent.length], [1, 0]);
});

test("a view that goes ends its recording", async () => {
  const page = createPage();
  await page.record();
  page.microphone.dispose();
  assert.deepEqual([page.closed, page.sent.map(([kind]) => kind)], [1, ["record", "stop"]]);
});

test("without a kernel the microphone is turned off", async () => {
  const page = createPage({
    send: () => {
      throw new Error("no comm");
    },
  });
  await page.record();
  assert.deepEqual([page.closed, page.state], [1, ""]);
  assert.match(page.problems[0], /no comm/);
});

test("a late answer about an earlier recording leaves the next one alone", async () => {
  const page = createPage();
  await page.record();
  page.microphone.button.click();
  await page.record();
  const keys = page.sent.filter(([kind]) => kind === "record").map(([, key]) => key);
  assert.equal(new Set(keys).size, 2);
  page.microphone.receive({ kind: "stopped", key: keys[0] });
  assert.equal(page.closed, 1);
  page.microphone.receive({ kind: "stopped", key: keys[1] });
  assert.equal(page.closed, 2);
});
