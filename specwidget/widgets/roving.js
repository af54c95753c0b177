// A row of buttons that is one stop of the Tab key; the arrow keys, Home and End move in it, as in every toolbar and tab
// list by ARIA's practices.

/**
 * Make a row of buttons one stop of the Tab key. The stop is the button that had the focus last.
 *
 * @param {HTMLElement} el Contains the buttons.
 * @param {(HTMLButtonElement | HTMLInputElement)[]} buttons In their order; inputs are those of files.
 * @param {(button: HTMLElement) => void} [onMove] Called with the button that a key has moved to.
 * @returns {(button?: HTMLButtonElement | HTMLInputElement) => void} Makes a button the stop; without one, another if it is disabled.
 */
export function createButtonRow(el, buttons, onMove = () => {}) {
  let stop = buttons[0];
  function setStop(button = stop) {
    stop = button.disabled ? (buttons.find((each) => !each.disabled) ?? button) : button;
    for (const each of buttons) each.tabIndex = each === stop ? 0 : -1;
  }
  el.addEventListener("keydown", (event) => {
    const enabled = buttons.filter((button) => !button.disabled && button.checkVisibility?.() !== false);
    const at = enabled.indexOf(/** @type {any} */ (event.target));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: enabled.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = enabled[(to + enabled.length) % enabled.length];
    next.focus();
    onMove(next);
  });
  el.addEventListener("focusin", ({ target }) => {
    const button = buttons.find((each) => each === target);
    if (button) setStop(button);
  });
  setStop();
  return setStop;
}
