/** Asks for the token of a server that wants one. */

import { find } from "./elements.js";

/** @type {Promise<string | null> | null} */
let asking = null;

/** Ask once, however many requests wait for it; null: whoever was asked gave up. @returns {Promise<string | null>} */
export function askToken() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

/** @returns {Promise<string | null>} */
function ask() {
  const dialog = find("token-dialog", HTMLDialogElement);
  const input = find("token", HTMLInputElement);
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const end = () => resolve(dialog.returnValue === "enter" && input.value ? input.value : null);
    dialog.addEventListener("close", end, { once: true });
  });
}
