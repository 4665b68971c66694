/** What the browser remembers; where it may remember nothing for this page, the page does until it is closed. */

class Memory {
  /** @type {Pick<Storage, "getItem" | "setItem">} */
  #storage;

  /** @param {"localStorage" | "sessionStorage"} name */
  constructor(name) {
    try {
      this.#storage = window[name];
    } catch {
      this.#storage = makeStorage(); // the user keeps sites from storing anything
    }
  }

  /** @param {string} key @returns {string | null} */
  get(key) {
    return this.#storage.getItem(key);
  }

  /** @param {string} key @param {string} value */
  set(key, value) {
    this.#storage.setItem(key, value);
  }
}

function makeStorage() {
  /** @type {Map<string, string>} */
  const values = new Map();
  return {
    getItem: (/** @type {string} */ key) => values.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void values.set(key, value),
  };
}

/** For good. */
export const lasting = new Memory("localStorage");

/** Until the tab is closed. */
export const passing = new Memory("sessionStorage");
