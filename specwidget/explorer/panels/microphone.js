// The microphone: its samples go to the kernel, which displays the latest seconds. Nothing is recorded before the button is
// pressed, and nothing goes anywhere else.
import { h } from "../../charts/dom.js";

const SEND_AFTER = 0.02; // seconds of samples, at least, in a message
const LONGEST = 10; // seconds that wait for a kernel that does not answer, at most
const ANSWER_WITHIN = 2000; // ms after which the next samples are sent without an answer

const INSECURE =
  "The browser gives the microphone to secure pages only: open the notebook on localhost, or over a secure connection.";
const PROBLEMS = {
  NotAllowedError: "The browser does not allow the microphone. Allow it for this page, and press Record again.",
  NotFoundError: "No microphone was found. Connect one, and press Record again.",
  NotReadableError: "The microphone can't be opened; another program may use it. Close that, and press Record again.",
};

// An own thread for the audio: it collects samples, as 128 at a time would be hundreds of messages per second.
const WORKLET = `registerProcessor("specwidget-capture", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = new Float32Array(1024);
    this.length = 0;
  }
  process([channels]) {
    if (!channels.length) return true;
    this.samples.set(channels[0], this.length);
    this.length += channels[0].length;
    if (this.length + 128 > this.samples.length) {
      this.port.postMessage(this.samples.slice(0, this.length));
      this.length = 0;
    }
    return true;
  }
});`;

/** The sentence about an error of the microphone. */
export const problemOf = (error) =>
  PROBLEMS[error?.name] ?? `The microphone can't be opened: ${error?.message || error}.`;

/**
 * Samples that wait for the kernel: one message is under way at a time, and the next has all that came meanwhile.
 *
 * @param {(samples: Float32Array) => void} send
 * @param {number} sampleRate Hz.
 * @param {() => number} now The time, ms.
 */
export function createSampleQueue(send, sampleRate, now = () => performance.now()) {
  /** @type {Float32Array[]} */
  let waiting = [];
  let sentAt = -Infinity;
  const count = () => waiting.reduce((sum, piece) => sum + piece.length, 0);
  function sendNext() {
    if (count() < SEND_AFTER * sampleRate || now() - sentAt < ANSWER_WITHIN) return;
    sentAt = now();
    const pieces = waiting;
    waiting = [];
    send(joined(pieces));
  }
  return {
    add(samples) {
      waiting.push(samples);
      while (waiting.length > 1 && count() > LONGEST * sampleRate) waiting.shift();
      sendNext();
    },
    answered() {
      sentAt = -Infinity;
      sendNext();
    },
    /** Everything that was not sent yet. */
    rest: () => joined(waiting),
  };
}

function joined(pieces) {
  const all = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}

/** Open the microphone at its own sample rate; `onSamples` receives Float32Arrays. */
async function openMicrophone(onSamples) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 },
  });
  const [track] = stream.getAudioTracks();
  const own = track.getSettings().sampleRate;
  const context = new AudioContext({ latencyHint: "interactive", ...(own ? { sampleRate: own } : {}) });
  const close = () => {
    for (const each of stream.getTracks()) each.stop();
    context.close().catch(() => {});
  };
  try {
    const address = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
    await context.audioWorklet.addModule(address).finally(() => URL.revokeObjectURL(address));
    const capture = new AudioWorkletNode(context, "specwidget-capture", { numberOfOutputs: 0 });
    capture.port.onmessage = ({ data }) => onSamples(data);
    context.createMediaStreamSource(stream).connect(capture);
  } catch (error) {
    close();
    throw error;
  }
  return { sampleRate: context.sampleRate, track, close };
}

/**
 * The button "Record", which is "Stop" while the microphone is on. Each recording has a key, which all messages about it
 * carry: the kernel may answer an earlier one late, and another view of the panel may have one of its own.
 *
 * @param {any} model
 * @param {{
 *   showProblem: (sentence: string) => void,
 *   showState: (text: string) => void,
 *   createKey: (name: string) => string,
 *   open?: typeof openMicrophone,
 * }} page
 */
export function createMicrophone(model, { showProblem, showState, createKey, open = openMicrophone }) {
  const text = h("span", { text: "Record" });
  const button = h(
    "button",
    {
      type: "button",
      class: "specwidget-button specwidget-record",
      title: "Record with the microphone, and watch it.",
    },
    [h("span", { class: "specwidget-dot", "aria-hidden": "true" }), text],
  );
  /** @type {any} */
  let recording = null;
  let isOpening = false;
  let isDisposed = false;

  async function start() {
    if (isOpening) return;
    showProblem("");
    if (!globalThis.navigator?.mediaDevices?.getUserMedia && open === openMicrophone) return showProblem(INSECURE);
    isOpening = true;
    try {
      /** @type {any} */
      let queue = null;
      const microphone = await open((samples) => queue?.add(samples));
      // The view may have gone while the browser asked for permission.
      if (isDisposed) return microphone.close();
      const key = createKey(String(performance.now()));
      const send = (samples) => model.send({ kind: "samples", key }, undefined, [samples.buffer]);
      queue = createSampleQueue(send, microphone.sampleRate);
      recording = { ...microphone, queue, key, send };
      microphone.track.addEventListener("ended", finish);
      model.send({ kind: "record", key, sample_rate: microphone.sampleRate });
    } catch (error) {
      turnOff();
      showProblem(problemOf(error));
    } finally {
      isOpening = false;
      show();
    }
  }
  // Turn the microphone off. What was not sent yet is sent, and the kernel keeps the recording.
  function finish() {
    if (!recording) return;
    const { queue, key, send } = recording;
    turnOff();
    try {
      const rest = queue.rest();
      if (rest.length) send(rest);
      model.send({ kind: "stop", key });
    } catch {
      // The kernel is gone, and with it what it had.
    }
  }
  function turnOff() {
    recording?.close();
    recording = null;
    show();
  }
  function show() {
    const isOn = Boolean(recording);
    text.textContent = isOn ? "Stop" : "Record";
    button.classList.toggle("specwidget-is-recording", isOn);
    const rate = recording?.sampleRate;
    showState(isOn ? `Recording at ${rate} Hz; the latest ${model.get("live_seconds")} s are kept.` : "");
  }
  button.addEventListener("click", () => (recording ? finish() : start()));
  return {
    button,
    receive({ kind, key }) {
      if (!recording || key !== recording.key) return;
      if (kind === "displayed") recording.queue.answered();
      // Another sound was chosen, or the kernel can't record at this rate.
      if (kind === "stopped") turnOff();
    },
    /** The view is gone. */
    dispose() {
      isDisposed = true;
      finish();
    },
  };
}
