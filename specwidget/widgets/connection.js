// What the page sends arrives at the kernel, or the page says that it does not.
//
// ipywidgets sends the next update of a widget once the kernel has handled the one before. If that answer is lost, as a
// connection was cut, the widget waits for it for ever, and the page looks alive. So each update carries a number, and
// the kernel answers when it has taken it, see `View` in `view.py`. What is not answered is sent again; the kernel
// ignores a message that it has taken before. All widgets of one explorer share their fate: if one is not answered,
// none of them shows a result as current.
import { h } from "../charts/dom.js";

export const RESEND_AFTER = 1000; // ms; doubles with each time that there is no answer
const RESEND_AT_MOST_AFTER = 16_000; // ms
const BYTES_PER_MS = 100; // large messages are given the time of a slow connection
export const SILENT_AFTER = 4000; // ms without an answer after which the page says so
const TICK = 250; // ms

const SENTENCES = {
  busy: "The kernel is busy. Your changes are applied when the running cell has finished.",
  silent:
    "The kernel does not answer, so the results may not be those of the controls. Your changes are sent again until it answers.",
  disconnected: "The connection to the kernel is lost. Your changes are sent when it is back.",
  ended: "The kernel was restarted or has ended. Run the cell again to continue; the results are the last ones.",
};

/** States in which a control could change nothing. */
const IS_OFF = new Set(["silent", "disconnected", "ended"]);

/**
 * The state of a connection.
 *
 * @param {{ isLive: boolean, isConnected: boolean, isBusy: boolean, waited: number }} facts `waited` is the time since the
 * oldest update without an answer was sent, ms.
 */
export function stateOf({ isLive, isConnected, isBusy, waited }) {
  if (!isLive) return "ended";
  if (!isConnected) return "disconnected";
  if (waited < SILENT_AFTER) return "live";
  return isBusy ? "busy" : "silent";
}

/** The time after which a message is sent again, ms. */
export function resendDelay(nTries, bytes) {
  return Math.min(RESEND_AFTER * 2 ** nTries, RESEND_AT_MOST_AFTER) + bytes / BYTES_PER_MS;
}

// Numbers of this page begin with its name: a kernel may have several pages.
const PAGE = Math.random().toString(36).slice(2, 10);

/** Updates of one widget that have no answer yet. */
class Link {
  constructor(whole, group) {
    this.whole = whole;
    this.group = group;
    this.number = 0;
    this.sent = 0;
    /** @type {Map<string, {number: number, value: any}>} The latest update of each trait. */
    this.traits = new Map();
    /** @type {Map<number, {content: any, buffers: any[] | undefined, bytes: number}>} */
    this.messages = new Map();
    this.since = 0;
    this.nTries = 0;
    whole.on("msg:custom", (content) => {
      if (content.kind === "acknowledged") this.onAcknowledged(content.update);
    });
  }
  get isPending() {
    return this.traits.size + this.messages.size > 0;
  }
  begin() {
    if (!this.isPending) [this.since, this.nTries, this.sent] = [Date.now(), 0, Date.now()];
    this.number += 1;
    this.group.watch();
    return this.number;
  }
  setTraits(names) {
    const number = this.begin();
    for (const name of names) this.traits.set(name, { number, value: this.whole.get(name) });
    this.whole.set("_update", `${PAGE}:${number}:0`);
    this.whole.save_changes();
  }
  send(content, buffers) {
    const number = this.begin();
    const bytes = (buffers ?? []).reduce((sum, buffer) => sum + buffer.byteLength, 0);
    const message = { content, buffers, bytes };
    this.messages.set(number, message);
    this.post(number, message);
  }
  /**
   * @param {number} number
   * @param {{content: any, buffers?: any[]}} message
   */
  post(number, { content, buffers }) {
    this.whole.send({ ...content, update: `${PAGE}:${number}:${this.nTries}` }, undefined, buffers);
  }
  onAcknowledged(update) {
    const [page, number, attempt] = update.split(":");
    if (page !== PAGE || !this.isPending) return;
    this.messages.delete(Number(number));
    for (const [name, last] of this.traits) if (last.number <= Number(number)) this.traits.delete(name);
    this.since = Date.now();
    // Answers come in order: where one to a repetition comes first, the original was lost. With it went what the kernel
    // has sent meanwhile, and the answer that ipywidgets' queue waits for; these fields of WidgetModel are private.
    if (Number(attempt) > 0 && !this.isPending) {
      Object.assign(this.whole, { _pending_msgs: 0, _msg_buffer: null });
      this.whole._expectedEchoMsgIds?.clear();
      this.requestState();
    }
    this.group.update();
  }
  // Send everything again that has no answer: messages as they were, traits with the latest values that were set here. The
  // model's may be others: what the kernel has sent meanwhile, about the time before. A message of its own does not wait in
  // the queue.
  resend() {
    this.nTries += 1;
    this.sent = Date.now();
    for (const [number, message] of this.messages) this.post(number, message);
    if (this.traits.size === 0) return;
    const state = Object.fromEntries([...this.traits].map(([name, { value }]) => [name, value]));
    const number = Math.max(...[...this.traits.values()].map((each) => each.number));
    this.post(number, { content: { kind: "traits", state } });
  }
  resendIfDue(now) {
    if (!this.isPending) return;
    const bytes = [...this.messages.values()].reduce((sum, message) => sum + message.bytes, 0);
    if (now - this.sent >= resendDelay(this.nTries, bytes)) this.resend();
  }
  requestState() {
    this.nTries = 0;
    this.whole.comm?.send({ method: "request_state" }, this.whole.callbacks());
    this.send({ kind: "want" });
  }
}

/** The widgets that share their modules: those of one explorer, or a single one. */
class Group {
  constructor(name) {
    this.name = name;
    /** @type {Set<Link>} */
    this.links = new Set();
    /** @type {Set<(state: string) => void>} */
    this.views = new Set();
    this.state = "live";
    this.timer = 0;
    this.isConnected = true;
    this.idleSince = 0;
    /** @type {any} Of JupyterLab's services. */
    this.kernel = null;
  }
  add(whole) {
    const link = new Link(whole, this);
    this.links.add(link);
    whole.on("comm_live_update", () => this.update());
    whole.once("destroy", () => this.remove(link));
    if (!this.kernel) this.follow(whole.widget_manager?.kernel);
    return link;
  }
  remove(link) {
    this.links.delete(link);
    if (this.links.size > 0) return;
    // Signals of the kernel would keep everything of a closed explorer.
    groups.delete(this.name);
    window.clearInterval(this.timer);
    this.kernel?.connectionStatusChanged.disconnect(this.onStatus);
    this.kernel?.statusChanged?.disconnect(this.onKernelStatus);
    this.kernel?.disposed?.disconnect(this.onDisposed);
  }
  // Hosts other than JupyterLab may have no such object; there only an answer tells.
  follow(kernel) {
    if (!kernel?.connectionStatusChanged) return;
    this.kernel = kernel;
    this.onStatus = (_, status) => {
      const wasConnected = this.isConnected;
      this.isConnected = status === "connected";
      if (this.isConnected && !wasConnected) for (const link of this.links) this.reconnect(link);
      this.update();
    };
    this.onKernelStatus = (_, status) => {
      if (status === "idle") this.idleSince = Date.now();
    };
    this.onDisposed = () => this.update();
    kernel.connectionStatusChanged.connect(this.onStatus);
    kernel.statusChanged?.connect(this.onKernelStatus);
    kernel.disposed?.connect(this.onDisposed);
  }
  reconnect(link) {
    if (!isLive(link.whole)) return;
    if (link.isPending) link.resend();
    link.requestState();
  }
  watch() {
    if (!this.timer) this.timer = window.setInterval(() => this.update(), TICK);
  }
  update() {
    const now = Date.now();
    const links = [...this.links];
    const isEnded = this.kernel?.isDisposed || links.some((link) => !isLive(link.whole));
    if (!isEnded && this.isConnected) for (const link of links) link.resendIfDue(now);
    const pending = links.filter((link) => link.isPending);
    const isBusy = this.kernel?.status === "busy";
    // A kernel that was busy until a moment ago has yet to take what came meanwhile.
    const free = isBusy ? 0 : this.idleSince;
    const state = stateOf({
      isLive: !isEnded,
      isConnected: this.isConnected,
      isBusy,
      waited: Math.max(0, ...pending.map((link) => now - Math.max(link.since, free))),
    });
    if (pending.length === 0 || isEnded) {
      window.clearInterval(this.timer);
      this.timer = 0;
    }
    // The first sign of life of a silent kernel is that it is busy.
    const isSameTrouble = state === "busy" && this.state === "silent";
    if (state !== this.state && !isSameTrouble) {
      this.state = state;
      for (const show of this.views) show(state);
    }
  }
}

const isLive = (whole) => whole.comm_live !== false;

/** @type {Map<string, Group>} */
const groups = new Map();
const links = new WeakMap();

function linkOf(whole) {
  if (!links.has(whole)) {
    const name = whole.get("_shared_modules") || whole.get("_own_model_id");
    const group = groups.get(name) ?? new Group(name);
    groups.set(name, group);
    links.set(whole, group.add(whole));
  }
  return links.get(whole);
}

/**
 * Connect a view: everything that it sends arrives, or the view is veiled and says why.
 *
 * @param {Model} model The model as the view gets it.
 * @param {any} whole The same model with all its fields.
 * @returns {{ model: Model, veil: (el: HTMLElement) => () => void }} `veil` shows the state on a rendered view, until the
 * function that it returns is called.
 */
export function connect(model, whole) {
  const link = linkOf(whole);
  /** @type {Set<string>} */
  const changed = new Set();
  return {
    model: {
      get: (name) => model.get(name),
      set(name, value) {
        changed.add(name);
        model.set(name, value);
      },
      save_changes() {
        if (changed.size > 0) link.setTraits(changed);
        changed.clear();
      },
      send: (content, _callbacks, buffers) => link.send(content, buffers),
      on: (names, handler) => model.on(names, handler),
      off: (names, handler) => model.off(names, handler),
    },
    veil(el) {
      const show = createVeil(el, whole.get("reports_connection"));
      link.group.views.add(show);
      show(link.group.state);
      return () => link.group.views.delete(show);
    },
  };
}

// Results that may not be current are veiled, and controls that reach nobody are off.
function createVeil(el, isReporter) {
  const notice = h("p", { class: "specwidget-connection", role: "alert" });
  /** @type {Element | null} */
  let focused = null;
  return (state) => {
    const isOff = IS_OFF.has(state);
    if (isOff && el.contains(document.activeElement)) focused = document.activeElement;
    el.classList.toggle("specwidget-veiled", state !== "live");
    for (const child of el.children) if (child !== notice) child.toggleAttribute("inert", isOff);
    notice.textContent = SENTENCES[state] ?? "";
    if (isReporter && state !== "live") el.prepend(notice);
    else notice.remove();
    if (isOff) return;
    if (focused instanceof HTMLElement && document.activeElement === document.body) focused.focus();
    focused = null;
  };
}
