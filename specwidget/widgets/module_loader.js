// Load modules from texts. Each is created once per page, whichever view needs it first.
//
// A text imports others by their keys, which are hashes of their contents. The browser keeps one module for each address,
// so every view of the page shares the map below.
// @ts-expect-error: tsc resolves no data URLs.
import { addresses } from "data:text/javascript,export const addresses = new Map();";

const KEY = /"(specwidget:[0-9a-f]+\/[\w./]+)"/g;

/**
 * Create modules.
 *
 * @param {[string, string][]} texts Key and text of each, after those that it imports.
 * @returns {(key: string) => Promise<any>} Imports the module of a key.
 */
export function assemble(texts) {
  for (const [key, text] of texts) {
    if (addresses.has(key)) continue;
    const linked = text.replace(KEY, (_, other) => `"${addresses.get(other)}"`);
    addresses.set(key, URL.createObjectURL(new Blob([linked], { type: "text/javascript" })));
  }
  return (key) => import(addresses.get(key));
}

/**
 * Create the `render` of a widget: that of the default export of a module. Modules are loaded when the view is rendered,
 * as anywidget waits only two seconds for the widget's own module.
 *
 * @param {string} key
 * @param {string} connectionKey Key of `connection.js`.
 * @param {[string, string][] | null} texts The modules, or null where the widget's `_shared_modules` has them.
 */
export function viewOf(key, connectionKey, texts = null) {
  return async ({ model, el }) => {
    const [whole, shared] = await Promise.all(
      ["_own_model_id", "_shared_modules"].map((trait) => modelOf(model, trait)),
    );
    // The widget was closed meanwhile.
    if (!whole || !(shared || texts)) return undefined;
    const load = assemble(texts ?? shared.get("modules"));
    const [{ default: view }, { connect }] = await Promise.all([load(key), load(connectionKey)]);
    const showFallback = hideStaticFallback(model);
    const connection = isOfIpywidgets(whole) ? await connectTo(whole, shared, model, connect) : { model: plain(model) };
    // ipywidgets adds the class to a widget's element.
    if (!el.closest(".specwidget")) el.classList.add("specwidget");
    const renderPart = async (part, id, place) =>
      (await load(part)).default.render({ model: plain(await model.widget_manager.get_model(id)), el: place });
    const stop = await view.render({ model: connection.model, el, renderPart });
    const unveil = connection.veil?.(el);
    return () => {
      stop();
      unveil?.();
      el.replaceChildren();
      showFallback();
    };
  };
}

// Whether a model is that of ipywidgets' manager. Other hosts, such as marimo, have what anywidget documents, and look after
// the connection themselves.
const isOfIpywidgets = (whole) => typeof whole._handle_comm_msg === "function" && typeof whole.once === "function";

// A model of which only what anywidget documents is used: an event at a time.
function plain(model) {
  const each = (method) => (names, listener) => {
    for (const name of names.split(" ")) model[method](name, listener);
  };
  const own = { on: each("on"), off: each("off") };
  return new Proxy(model, {
    get(target, name) {
      const value = own[name] ?? target[name];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

async function connectTo(whole, shared, model, connect) {
  await reopen(whole);
  for (const each of [whole, shared]) if (each) releaseWhenClosed(each);
  return connect(model, whole);
}

// Hide the static image of a widget wherever it is on the page, now or later; return how to show it again.
function hideStaticFallback(model) {
  const rule = document.createElement("style");
  const name = `.specwidget-static-fallback-${model.get("_own_model_id")}`;
  rule.textContent = `${name}, .jp-OutputArea-child:has(${name}) { display: none !important; }`;
  if (model.get("has_static_fallback")) document.head.append(rule);
  return () => rule.remove();
}

// The model whose id is the value of a trait; null where there is none.
async function modelOf(model, trait) {
  try {
    return await model.widget_manager.get_model(model.get(trait));
  } catch {
    return null;
  }
}

// JupyterLab 4.6 keeps every comm that was opened until the kernel ends, and with it the model and its last view. What
// they hold is released once the widget is closed; not at once, as views are being removed then and still read it.
const releasing = new WeakSet();
function releaseWhenClosed(whole) {
  if (releasing.has(whole)) return;
  releasing.add(whole);
  const release = () =>
    Object.assign(whole, { attributes: {}, _previousAttributes: {}, state_change: Promise.resolve() });
  whole.once("destroy", () => setTimeout(release));
}

// anywidget 0.11 drops every message to a model whose module was not loaded within two seconds, for good: on a busy
// machine a view would stay empty. There messages are handled as those of any other widget, and missed state is requested.
async function reopen(whole) {
  const hasGivenUp = await whole._handle_comm_msg({ content: { data: {} } }).then(
    () => false,
    () => true,
  );
  if (!hasGivenUp || !whole.comm) return;
  const plain = Object.getPrototypeOf(Object.getPrototypeOf(whole));
  whole.comm.on_msg((message) => plain._handle_comm_msg.call(whole, message));
  whole.comm.send({ method: "request_state" });
}
