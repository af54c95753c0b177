// Keys for the whole explorer, wherever in it the focus is, but never those of a text field.

const TEXT = "input[type='text'], input[type='number'], input[type='search'], textarea, [contenteditable='true']";

// The name of a key press: "z", "ctrl+z", "ctrl+shift+z"; the command key counts as Ctrl.
export function keyName(event) {
  const parts = [
    event.ctrlKey || event.metaKey ? "ctrl" : "",
    event.altKey ? "alt" : "",
    event.shiftKey ? "shift" : "",
    event.key.toLowerCase(),
  ];
  return parts.filter(Boolean).join("+");
}

// Whether a key press belongs to what has the focus: letters to text fields and menus, Ctrl+Z to text fields.
export function isTaken(target, name) {
  if (target.closest(TEXT)) return true;
  return name.length === 1 && Boolean(target.closest("select"));
}

// Call an action for each key in `actions` that is pressed inside the explorer around `el`; return how to stop.
export function listen(el, actions) {
  const heard = (event) => {
    const name = keyName(event);
    const page = el.closest(".specwidget");
    if (event.defaultPrevented || !actions[name] || !page?.contains(event.target) || isTaken(event.target, name))
      return;
    event.preventDefault();
    actions[name]();
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}
