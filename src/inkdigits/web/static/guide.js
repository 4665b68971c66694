/** The view that explains: how to use the page, what it cannot do, and what the network is, in plain words. */

/** @import { Api } from "./api.js" */

import { element, find } from "./elements.js";
import { explain } from "./messages.js";
import { count, megabytes, percent, text } from "./texts.js";

/** What is explained: the network that people use. */
const NETWORK = "default";

/** What was measured, as measured.json calls it, and the name of its text. */
const MEASURED = /** @type {const} */ ([
  ["mnist", "measuredMnist"],
  ["pads", "measuredPads"],
  ["paper", "measuredPaper"],
  ["apart", "measuredApart"],
  ["touching", "measuredTouching"],
  ["cheques", "measuredCheques"],
  ["pages", "measuredPages"],
]);

/**
 * @typedef {object} Card what the card of a network says of it
 * @property {string} name
 * @property {{
 *   n_parameters: number, n_macs: number, n_epochs: number,
 *   data: Record<string, {n_train: number, classes?: string}>,
 *   validation: {n: number, accuracy: number},
 * }} facts
 */

export class Guide {
  #api;
  #tour = find("tour", HTMLVideoElement);
  #card = find("guide-card", HTMLElement);
  #is_filled = false;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    const keys = document.querySelector("#keys-dialog table");
    if (keys) find("guide-keys-table", HTMLElement).append(keys.cloneNode(true));
  }

  /** @param {boolean} is_shown */
  async show(is_shown) {
    if (!is_shown) this.#tour.pause();
    if (!is_shown || this.#is_filled) return;
    this.#is_filled = true;
    if (!this.#tour.src) this.#prepareTour();
    try {
      await this.#fill();
    } catch (error) {
      this.#is_filled = false; // the next look tries again
      this.#card.replaceChildren(element("p", "", explain(/** @type {Error} */ (error))));
    }
  }

  /** Say where the film is: in the page itself, its first picture and its captions would be loaded at each visit. */
  #prepareTour() {
    const captions = document.createElement("track");
    Object.assign(captions, { default: true, kind: "captions", srclang: "en", src: toTour("vtt") });
    this.#tour.append(captions);
    Object.assign(this.#tour, { poster: toTour("jpg"), src: toTour("mp4") });
  }

  async #fill() {
    const measured = await this.#api.load("static/measured.json");
    find("measured", HTMLTableElement).replaceChildren(...toRows(measured));
    const { models } = await this.#api.models();
    const model = models.find(({ name }) => name === NETWORK) ?? models[0];
    this.#card.replaceChildren(...toWords(await this.#api.load(model.card_url), model.size_bytes, model.card_url));
  }
}

/** @param {string} name */
function toTour(name) {
  return new URL(`static/tour/tour.${name}`, document.baseURI).href;
}

/** @param {Record<string, number>} measured shares, by what was measured @returns {Node[]} */
function toRows(measured) {
  const head = element("tr", "", element("th", "", text("measuredWhat")), element("th", "", text("measuredShare")));
  const rows = MEASURED.map(([name, key]) => {
    const bar = element("span", "bar");
    bar.style.scale = `${measured[name]} 1`;
    const share = element("td", "", element("span", "track", bar), element("span", "share", percent(measured[name])));
    const what = element("th", "", text(key));
    what.scope = "row";
    return element("tr", "", what, share);
  });
  return [element("thead", "", head), element("tbody", "", ...rows)];
}

/** @param {Card} card @param {number} size_bytes @param {string} url */
function toWords({ name, facts }, size_bytes, url) {
  const sets = Object.values(facts.data).filter(({ classes }) => classes === undefined); // the others are no digits
  const digits = sets.reduce((sum, { n_train }) => sum + n_train, 0);
  const size = megabytes(size_bytes);
  const parts = [
    text("guideCardSize", { name, parameters: count(facts.n_parameters), size, macs: count(facts.n_macs) }),
    text("guideCardData", { digits: count(digits), sets: sets.length, epochs: facts.n_epochs }),
    text("guideCardHeld", { held: count(facts.validation.n), share: percent(facts.validation.accuracy) }),
  ];
  const whole = element("a", "", text("guideCardWhole"));
  Object.assign(whole, { href: url, target: "_blank" });
  return [...parts.map((part) => element("p", "", part)), element("p", "", whole)];
}
