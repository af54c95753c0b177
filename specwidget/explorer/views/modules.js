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
    const load = assemble(texts ?? (await modelOf(model, "_shelf")).get("modules"));
    const { default: view } = await load(key);
    await reopen(model);
    return view.render({ model, el });
  };
}

const modelOf = (model, trait) => model.widget_manager.get_model(model.get(trait));

// anywidget 0.11 lets no message through to a model whose module was not loaded within two seconds, and never again: on
// a busy machine a page would wait for its picture for good. Where it has given up, messages take the way of any other
// widget, and what has been missed is asked for.
async function reopen(model) {
  const whole = await modelOf(model, "_itself");
  const hasGivenUp = await whole._handle_comm_msg({ content: { data: {} } }).then(() => false, () => true);
  if (!hasGivenUp || !whole.comm) return;
  const plain = Object.getPrototypeOf(Object.getPrototypeOf(whole));
  whole.comm.on_msg((message) => plain._handle_comm_msg.call(whole, message));
  whole.comm.send({ method: "request_state" });
}
