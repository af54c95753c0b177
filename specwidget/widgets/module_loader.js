// Modules that came as texts. Each becomes one module of the page, whoever asks for it and however often.
//
// A text imports others by their keys, which follow from what is in them. The browser keeps one module for an address,
// so this map is the same one for every view of the page.
import { addresses } from "data:text/javascript,export const addresses = new Map();";

const KEY = /"(specwidget:[0-9a-f]+\/[\w./]+)"/g;

// `texts` are [[key, text]], each after those that it imports. Returns a function that loads the module of a key.
export function assemble(texts) {
  for (const [key, text] of texts) {
    if (addresses.has(key)) continue;
    const linked = text.replace(KEY, (_, other) => `"${addresses.get(other)}"`);
    addresses.set(key, URL.createObjectURL(new Blob([linked], { type: "text/javascript" })));
  }
  return (key) => import(addresses.get(key));
}

// What renders a view of a widget: the default export of the module of a key. Its texts come along with the view, or
// they are on the shelf of the widget. They are loaded here and not before, as anywidget has no time to wait.
export function viewOf(key, texts = null) {
  return async ({ model, el }) => {
    const [whole, shelf] = await Promise.all(["_own_model_id", "_shared_modules"].map((trait) => modelOf(model, trait)));
    // Closed while it was being opened.
    if (!whole || !(shelf || texts)) return undefined;
    const { default: view } = await assemble(texts ?? shelf.get("modules"))(key);
    await reopen(whole);
    for (const each of [whole, shelf]) if (each) forgetWhenClosed(each);
    const showStandIn = hideStandIn(model);
    const letGo = view.render({ model, el });
    return () => {
      letGo();
      el.replaceChildren();
      showStandIn();
    };
  };
}

// Hide the picture that stands for a view elsewhere, wherever on the page it is or will be; return how to show it again.
function hideStandIn(model) {
  const rule = document.createElement("style");
  const name = `.specwidget-static-fallback-${model.get("_own_model_id")}`;
  rule.textContent = `${name}, .jp-OutputArea-child:has(${name}) { display: none !important; }`;
  if (model.get("has_static_fallback")) document.head.append(rule);
  return () => rule.remove();
}

// The model that a trait names; null where there is none, or none any more.
async function modelOf(model, trait) {
  try {
    return await model.widget_manager.get_model(model.get(trait));
  } catch {
    return null;
  }
}

// JupyterLab 4.6 keeps every comm that was ever opened, until the kernel ends, and so the model and its last view: what
// they hold is given back here. Not at once: views are being taken away at that moment, and may still ask.
const forgotten = new WeakSet();
function forgetWhenClosed(whole) {
  if (forgotten.has(whole)) return;
  forgotten.add(whole);
  const forget = () =>
    Object.assign(whole, { attributes: {}, _previousAttributes: {}, state_change: Promise.resolve() });
  whole.once("destroy", () => setTimeout(forget));
}

// anywidget 0.11 lets no message through to a model whose module was not loaded within two seconds, and never again: on
// a busy machine a page would wait for its picture for good. Where it has given up, messages take the way of any other
// widget, and what has been missed is asked for.
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
