// A button that copies a text, or selects it where a page may not use the clipboard.
import { element } from "./fields.js";

const SHOWN_FOR = 1500;

// `source` is the element that holds the text; `what` names it, for those who hear the button.
export function copyButton(source, what) {
  const button = element("button", {
    type: "button",
    class: "specwidget-button",
    text: "Copy",
    title: `Copy ${what}.`,
  });
  const news = element("span", { class: "specwidget-hidden", role: "status" });
  let timer = null;
  button.addEventListener("click", async () => {
    const done = await copyText(source);
    button.textContent = done;
    news.textContent = done === "Copied" ? `Copied ${what}.` : `Selected ${what}: copy it with your keyboard.`;
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = "Copy";
      news.textContent = "";
    }, SHOWN_FOR);
  });
  return element("span", { class: "specwidget-copy" }, [button, news]);
}

async function copyText(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return "Copied";
  } catch {
    // Without a secure origin, or without leave, there is no clipboard: the text is selected, to be copied by hand.
    getSelection().selectAllChildren(source);
    return "Selected";
  }
}
