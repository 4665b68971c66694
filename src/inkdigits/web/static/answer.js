/** Shows what stands on the pad: the number, ten bars, and what the network saw. */

/** @import { Answer } from "./records.js" */

import { Bars } from "./bars.js";
import { button, element, find } from "./elements.js";
import { explain } from "./messages.js";
import { EMPTY, toCharacter } from "./records.js";
import { Seen } from "./seen.js";
import { percent, text } from "./texts.js";

/** A screen reader is told once nothing has changed for so long: not of every stroke. */
const QUIET_MS = 700;

export class AnswerView {
  #says = find("answer", HTMLElement);
  #note = find("note", HTMLElement);
  #live = find("live", HTMLElement);
  #which = find("which", HTMLElement);
  #keep = find("keep-drawing", HTMLButtonElement);
  #bars = new Bars(find("bars", HTMLElement));
  #seen = new Seen(find("seen", HTMLElement));
  /** @type {number | null} the digit whose bars are shown; null: the last one */
  #chosen = null;
  #timer = 0;

  /** Of the pad that the answer is for. */
  version = -1;
  /** Whether a pen is down: then nothing is announced. */
  is_writing = false;

  /** Write upon the empty pad what to do. @param {string} hint */
  hint(hint) {
    find("hint", HTMLElement).textContent = hint;
    this.announce(hint);
  }

  /**
   * @param {Answer} answer
   * @param {number} version of the pad that was read: an older one never takes the place of a newer
   * @param {string} note
   */
  show(answer, version, note = "") {
    if (version < this.version) return;
    this.version = version;
    this.#says.replaceChildren(...toWords(answer));
    this.#says.dataset.kind = answer.digits.some((digit) => digit.label !== null) ? answer.kind : "none";
    this.#note.textContent = note || toOthers(answer);
    this.#keep.disabled = answer.kind === "blank";
    if (answer.kind !== "number") this.#chosen = null;
    this.#showDigit(answer);
    this.#seen.show(answer.seen);
    if (answer.kind !== "blank" || version > 1) this.#announceLater();
  }

  /**
   * Say what went wrong.
   *
   * @param {Error} error
   * @param {number} [version] of the pad that could not be read: what was read of an older one goes
   */
  fail(error, version) {
    const words = text("failed", { why: explain(error) });
    if (version === undefined) this.tell(words);
    else if (version >= this.version) {
      this.show(EMPTY, version);
      this.#says.replaceChildren(element("span", "state failed", words));
      this.announce(words);
    }
  }

  /** Say something beside the answer, until the next one. @param {string} what */
  tell(what) {
    this.#note.textContent = what;
    this.announce(what);
  }

  /** Tell a screen reader. @param {string} what */
  announce(what) {
    clearTimeout(this.#timer);
    this.#live.textContent = what;
  }

  #announceLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.is_writing) this.announce(this.#says.textContent ?? "");
    }, QUIET_MS);
  }

  /** Show the bars of one digit, and of a number the choice between them. @param {Answer} answer */
  #showDigit({ kind, digits }) {
    const last = digits.length - 1;
    const chosen = this.#chosen === null ? last : Math.min(this.#chosen, last);
    this.#bars.show(digits[chosen]?.probabilities ?? null);
    if (kind !== "number") {
      this.#which.replaceChildren();
      return;
    }
    const is_focused = this.#which.contains(document.activeElement);
    const buttons = digits.map((digit, at) => {
      const made = button("tool", toCharacter(digit), () => {
        this.#chosen = at;
        this.#showDigit({ ...EMPTY, kind: "number", digits });
      });
      made.setAttribute("aria-label", text("nth", { n: at + 1, label: toCharacter(digit) }));
      made.setAttribute("aria-pressed", String(at === chosen));
      return made;
    });
    this.#which.replaceChildren(...buttons);
    if (is_focused) buttons[chosen].focus();
  }
}

/** Say what stands there, such as "Number: 5 (99.12 %)". @param {Answer} answer @returns {(string | Node)[]} */
export function toWords({ kind, formatted, confidence, digits }) {
  if (kind === "blank") return [element("span", "state", text("empty"))];
  if (digits.every((digit) => digit.label === null)) return [element("span", "state", text("notDigit"))];
  return [
    element("span", "label", text("number")), " ",
    element("strong", toSize(formatted.length), formatted), " ",
    element("span", "share", text("share", { share: percent(confidence) })),
  ];
}

/** Return the class for a number of so many signs: it stands on one line. @param {number} n */
function toSize(n) {
  return n > 7 ? "longer" : n > 3 ? "long" : "";
}

/** Name other ways to read a number. @param {Answer} answer */
function toOthers({ kind, alternatives }) {
  const others = alternatives.slice(1, 4).filter(({ probability }) => probability >= 0.005);
  if (kind !== "number" || others.length === 0) return "";
  return `${text("alternatives")} ${others.map((each) => `${each.text} (${percent(each.probability)})`).join(", ")}`;
}
