/** What went wrong, in words that say what to do. */

import { ApiError } from "./api.js";
import { button, element } from "./elements.js";
import { text } from "./texts.js";

/** Statuses with words of their own. */
const KNOWN = /** @type {const} */ ([401, 404, 413, 415, 422, 503]);

/** Say why something failed. @param {Error} error */
export function explain(error) {
  if (error instanceof TypeError) return text("error0"); // what fetch throws where nobody answers
  if (error instanceof DOMException) return text("errorFile"); // what a file says that was changed, moved, or is a folder
  const known = KNOWN.find((status) => error instanceof ApiError && error.status === status);
  return known ? text(`error${known}`, { why: error.message }) : error.message;
}

export class Messages {
  /** @param {HTMLElement} home */
  constructor(home) {
    this.home = home;
  }

  clear() {
    this.home.replaceChildren();
  }

  /**
   * @param {string} name of what failed
   * @param {Error} error
   * @param {() => void} [again] tries once more; offered where that may help
   */
  show(name, error, again) {
    const row = element("p", "message", element("span", "", text("error", { name, why: explain(error) })));
    const may_help = !(error instanceof ApiError) || error.status === 503;
    if (again && may_help) row.append(button("quiet", text("again"), () => (row.remove(), again())));
    row.append(button("quiet", text("close"), () => row.remove()));
    this.home.append(row);
  }
}
