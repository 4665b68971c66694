/** Whether results are kept: off until somebody switches it on, and the same wherever the switch is shown. */

import { find } from "./elements.js";
import { lasting } from "./memory.js";

const KEPT = "inkdigits.keep";

export class Keeping {
  #switches = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(".keep-results"));

  /** @param {(is_on: boolean) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    for (const each of this.#switches) each.addEventListener("change", () => this.#set(each.checked));
    this.#set(this.is_on);
  }

  get is_on() {
    return lasting.get(KEPT) === "on";
  }

  /** Take the switches away: this server keeps nothing. */
  forbid() {
    this.#set(false);
    for (const each of this.#switches) /** @type {HTMLElement} */ (each.parentElement).hidden = true;
    find("keep-why", HTMLElement).hidden = true;
  }

  /** @param {boolean} is_on */
  #set(is_on) {
    lasting.set(KEPT, is_on ? "on" : "off");
    for (const each of this.#switches) each.checked = is_on;
    this.onChange(is_on);
  }
}
