/** The view with the results that were kept: find, open, take away, delete. */

/** @import { Api, Kept } from "./api.js" */
/** @import { Correction } from "./corrections.js" */
/** @import { Place } from "./overlay.js" */
/** @import { Reading } from "./records.js" */

import { correct, isCorrected } from "./corrections.js";
import { button, element, find, save } from "./elements.js";
import { explain } from "./messages.js";
import { findHeld, frame, hold, markChosen } from "./overlay.js";
import { correctByTyping, describe, listLines } from "./side.js";
import { percent, text, when } from "./texts.js";

/** Typing has stopped for so long: time to search. */
const TYPING_MS = 250;

const FORMATS = ["csv", "xlsx", "jsonl"];

export class History {
  #api;
  #list = find("results", HTMLElement);
  #search = find("search", HTMLInputElement);
  #more = find("more", HTMLButtonElement);
  #live = find("history-live", HTMLElement);
  /** Where the next part begins. @type {string | null} */
  #after = null;
  /** The addresses of pictures that were opened. @type {Map<Kept, string>} */
  #pictures = new Map();
  /** Of the newest search: an older one is not shown. */
  #n_searches = 0;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    let timer = 0;
    this.#search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.load(), TYPING_MS);
    });
    this.#more.addEventListener("click", () => this.#load(this.#after));
    find("exports", HTMLElement).append(
      ...FORMATS.map((format) => button("quiet", format.toUpperCase(), () => this.#export(format))),
    );
  }

  /** Show what is kept, from the newest on. */
  load() {
    return this.#load(null);
  }

  /** @param {string | null} after */
  async #load(after) {
    const search = ++this.#n_searches;
    const query = this.#search.value.trim();
    try {
      const { results, next } = await this.#api.results({ query, after });
      if (search !== this.#n_searches) return;
      if (after === null) this.#empty();
      this.#list.append(...results.map((kept) => this.#toRow(kept)));
      this.#after = next;
      find("exports", HTMLElement).hidden = query === "" && this.#list.children.length === 0;
      this.#live.textContent = this.#list.children.length > 0 ? "" : text(query ? "noMatches" : "noResults");
    } catch (error) {
      if (search !== this.#n_searches) return;
      this.#after = null;
      this.#live.textContent = explain(/** @type {Error} */ (error));
    }
    this.#more.hidden = this.#after === null;
  }

  #empty() {
    this.#list.replaceChildren();
    for (const url of this.#pictures.values()) URL.revokeObjectURL(url);
    this.#pictures.clear();
  }

  /** @param {Kept} kept */
  #toRow(kept) {
    const reading = correct(kept.reading, kept.corrections);
    const row = element("li", "result");
    const share = reading.confidence === null ? "" : percent(reading.confidence);
    const opened = element("div", "");
    opened.hidden = true;
    const open = button("quiet", "", () => this.#open(kept, opened, open));
    open.setAttribute("aria-expanded", "false");
    const remove = button("quiet", "", () => this.#delete(kept, row));
    name(open, "open", reading.source);
    name(remove, "delete", reading.source);
    const head = element(
      "div", "head",
      element("strong", "shown", toShown(reading)),
      element("span", "faint share", share),
      element("span", "faint source", `${reading.source}, ${when(kept.saved_at)}`),
      element("span", "exports", open, remove),
    );
    row.append(head, opened);
    return row;
  }

  /** Show a result, or hide it again. @param {Kept} kept @param {HTMLElement} home @param {HTMLElement} button */
  #open(kept, home, button) {
    home.hidden = !home.hidden;
    button.setAttribute("aria-expanded", String(!home.hidden));
    name(button, home.hidden ? "open" : "close", kept.reading.source);
    if (!home.hidden) this.#show(kept, home);
  }

  /**
   * Show a result with its picture; its digits can be corrected.
   *
   * @param {Kept} kept
   * @param {HTMLElement} home
   * @param {Place | null} [chosen]
   */
  async #show(kept, home, chosen = null) {
    const reading = correct(kept.reading, kept.corrections);
    let place = chosen;
    const onCorrect = (/** @type {Correction} */ correction) => this.#correct(kept, home, correction, place);
    const sheet = { isCorrected: (/** @type {Place} */ at) => isCorrected(reading, kept.corrections, at) };
    const detail = element("div", "");
    const shown = element("div", "opened");
    const onChoose = (/** @type {Place | null} */ asked) => {
      place = asked && reading.lines[asked.line]?.digits[asked.digit] ? asked : null;
      detail.replaceChildren(describe(reading, place, onCorrect));
      markChosen(shown, place);
    };
    shown.append(listLines(sheet, reading, onChoose), detail);
    const url = kept.has_picture ? await this.#loadPicture(kept) : null;
    if (url) shown.prepend(frame(url, reading, { ...sheet, above: 0, is_annotated: false, onChoose }));
    correctByTyping(shown, onCorrect);
    const held = findHeld(home);
    home.replaceChildren(shown);
    onChoose(chosen);
    hold(shown, held);
  }

  /** Return the address of a result's picture, which is fetched once. @param {Kept} kept @returns {Promise<string | null>} */
  async #loadPicture(kept) {
    try {
      const known = this.#pictures.get(kept) ?? URL.createObjectURL(await this.#api.picture(kept.id));
      this.#pictures.set(kept, known);
      return known;
    } catch (error) {
      this.#live.textContent = explain(/** @type {Error} */ (error));
      return null;
    }
  }

  /**
   * @param {Kept} kept
   * @param {HTMLElement} home
   * @param {Correction} correction
   * @param {Place | null} chosen
   */
  async #correct(kept, home, correction, chosen) {
    try {
      await this.#api.correct({ result: kept.id, ...correction });
    } catch (error) {
      this.#live.textContent = explain(/** @type {Error} */ (error));
      return;
    }
    kept.corrections.push(correction);
    this.#live.textContent = text("savedKept");
    const row = /** @type {HTMLElement} */ (home.parentElement);
    /** @type {HTMLElement} */ (row.querySelector(".shown")).textContent = toShown(correct(kept.reading, kept.corrections));
    await this.#show(kept, home, chosen);
  }

  /** @param {Kept} kept @param {HTMLElement} row */
  async #delete(kept, row) {
    if (!confirm(text("deleteSure", { name: kept.reading.source }))) return;
    try {
      await this.#api.remove(kept.id);
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (next?.querySelector("button") ?? this.#search).focus(); // or the keyboard begins at the top of the page
      this.#live.textContent = text("deleted", { name: kept.reading.source });
    } catch (error) {
      this.#live.textContent = explain(/** @type {Error} */ (error));
    }
  }

  /** @param {string} format */
  async #export(format) {
    try {
      save(await this.#api.export(format), `results.${format}`);
    } catch (error) {
      this.#live.textContent = explain(/** @type {Error} */ (error));
    }
  }
}

/** Return what a row shows of a reading. @param {Reading} reading */
function toShown(reading) {
  return reading.lines.map((line) => line.formatted).join(", ") || text("blank");
}

/**
 * Say on a button what it does, and to screen readers with what.
 *
 * @param {HTMLElement} button
 * @param {"open" | "close" | "delete"} key
 * @param {string} source
 */
function name(button, key, source) {
  button.textContent = text(key);
  button.setAttribute("aria-label", `${text(key)} ${source}`);
}
