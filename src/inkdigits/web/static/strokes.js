/** What was written, as data, with every earlier state: undo and redo. */

/**
 * @typedef {[x: number, y: number, pressure: number]} Point in units of the pad; pressure in [0, 1]
 *
 * @typedef {object} Stroke from pen down to pen up
 * @property {Point[]} points
 * @property {number} width of the pen, in units of the pad
 * @property {boolean} has_pressure whether the pen tells how hard it is pressed
 * @property {boolean} is_eraser whether it takes ink away
 */

/** How many steps can be undone. */
const N_STEPS = 200;

export class Strokes {
  /** @type {readonly (readonly Stroke[])[]} */
  #states = [[]];
  #at = 0;

  /** Raised by every change. */
  version = 0;

  /** @param {() => void} onChange */
  constructor(onChange = () => {}) {
    this.onChange = onChange;
  }

  /** What stands on the pad; another array after each change. */
  get now() {
    return this.#states[this.#at];
  }

  get can_undo() {
    return this.#at > 0;
  }

  get can_redo() {
    return this.#at < this.#states.length - 1;
  }

  /** @param {Stroke} stroke */
  add(stroke) {
    this.#push([...this.now, stroke]);
  }

  /** Take everything away; it can be undone. */
  clear() {
    if (this.now.length > 0) this.#push([]);
  }

  undo() {
    if (this.can_undo) this.#go(this.#at - 1);
  }

  redo() {
    if (this.can_redo) this.#go(this.#at + 1);
  }

  /** @param {readonly Stroke[]} state */
  #push(state) {
    this.#states = [...this.#states.slice(0, this.#at + 1), state].slice(-N_STEPS - 1);
    this.#go(this.#states.length - 1);
  }

  /** @param {number} at */
  #go(at) {
    this.#at = at;
    this.version++;
    this.onChange();
  }
}
