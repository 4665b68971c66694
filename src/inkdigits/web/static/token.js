/** Asks for the token of a server that wants one. */

import { find } from "./elements.js";

/** @type {Promise<string | null> | null} */
let asking = null;

/**
 * Ask once, however many requests wait for it; null: whoever was asked gave up.
 *
 * @param {boolean} is_again the last one was wrong
 * @returns {Promise<string | null>}
 */
export function askToken(is_again) {
  asking ??= ask(is_again).finally(() => (asking = null));
  return asking;
}

/** @param {boolean} is_again @returns {Promise<string | null>} */
function ask(is_again) {
  const dialog = find("token-dialog", HTMLDialogElement);
  const input = find("token", HTMLInputElement);
  input.value = "";
  find("token-wrong", HTMLElement).hidden = !is_again;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const end = () => resolve(dialog.returnValue === "enter" && input.value ? input.value : null);
    dialog.addEventListener("close", end, { once: true });
  });
}
