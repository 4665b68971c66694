/** When a reading of moving pictures may be trusted: once several frames in a row say the same; as desktop/lock.py. */

/** @import { PhotoAnswer } from "./records.js" */

/** So many frames in a row must be read alike, with no digit rejected. */
const LOCK_AFTER = 5;

/** So many in a row must be read otherwise, or show nothing, before what was locked is let go. */
const UNLOCK_AFTER = 3;

export class Lock {
  /** What is locked. @type {PhotoAnswer | null} */
  held = null;
  /** What the last frame said; empty where it was doubtful. */
  #seen = "";
  #n_alike = 0;
  #n_other = 0;

  /** Take one more frame in. @param {PhotoAnswer} answer */
  see(answer) {
    const is_sure = answer.digits.length > 0 && answer.digits.every(({ label }) => label !== null);
    const seen = is_sure ? answer.text : "";
    this.#n_alike = seen === "" ? 0 : seen === this.#seen ? this.#n_alike + 1 : 1;
    this.#seen = seen;
    this.#n_other = this.held && seen !== this.held.text ? this.#n_other + 1 : 0;
    if (this.#n_other >= UNLOCK_AFTER) this.held = null;
    if (!this.held && this.#n_alike >= LOCK_AFTER) this.held = answer;
    if (!this.held) this.#n_other = 0;
  }
}
