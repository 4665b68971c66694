/** Chooses the network for single digits; the same choice wherever it is shown. */

/** @import { Model, Models } from "./records.js" */

import { element } from "./elements.js";
import { lasting } from "./memory.js";
import { count, megabytes, text } from "./texts.js";

/** Where the choice is kept. */
const CHOICE = "inkdigits.network";

export class Picker {
  #homes;
  /** @type {Models} */
  #models;
  /** @type {Model} the active one */
  model;

  /**
   * @param {HTMLDetailsElement[]} homes
   * @param {Models} models
   * @param {(model: Model) => void} onChoose
   * @param {(model: Model) => void} onCard the card of one of the user's own is asked for
   */
  constructor(homes, models, onChoose, onCard) {
    this.#homes = homes;
    this.#models = models;
    this.onChoose = onChoose;
    this.onCard = onCard;
    const names = [lasting.get(CHOICE), models.default];
    const found = names.map((name) => models.models.find((model) => model.name === name)).find(Boolean);
    this.model = found ?? models.models[0];
    homes.forEach((home, at) => this.#fill(home, `network-${at}`));
    this.#mark();
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close(document.activeElement));
    document.addEventListener("pointerdown", ({ target }) => this.#close(null, target));
  }

  /**
   * Close every open list but the one that was touched, and lead the keyboard back to its button.
   *
   * @param {Element | null} focused
   * @param {EventTarget | null} [touched]
   */
  #close(focused, touched) {
    for (const home of this.#homes) {
      if (!home.open || (touched instanceof Node && home.contains(touched))) continue;
      home.open = false;
      if (focused && home.contains(focused)) home.querySelector("summary")?.focus();
    }
  }

  /** @param {HTMLDetailsElement} home @param {string} group */
  #fill(home, group) {
    const summary = document.createElement("summary");
    const list = document.createElement("fieldset");
    list.append(
      element("legend", "hidden", text("network")),
      ...this.#models.models.map((model) => this.#toChoice(model, group)),
      ...this.#models.unusable.map(({ name, error }) => element("p", "faint", text("networkBroken", { name, why: error }))),
      element("p", "faint", text("networkLines")),
    );
    home.replaceChildren(summary, list);
  }

  /** @param {Model} model @param {string} group */
  #toChoice(model, group) {
    const row = element("div", "choice");
    const label = document.createElement("label");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: group, value: model.name });
    radio.addEventListener("change", () => this.#choose(model));
    const size = megabytes(model.size_bytes);
    const facts = [model.n_parameters === null ? size : text("networkFacts", { n: count(model.n_parameters), size })];
    if (!model.is_bundled) facts.unshift(text("networkOwn"));
    if (!model.has_digit_score) facts.push(text("networkNoScore"));
    label.append(radio, element("span", "name", model.name), element("span", "faint", facts.join(", ")));
    const card = document.createElement("a");
    Object.assign(card, { href: model.card_url, textContent: text("cardShort"), target: "_blank" });
    card.setAttribute("aria-label", text("card", { name: model.name }));
    if (!model.is_bundled) {
      card.addEventListener("click", (event) => {
        event.preventDefault(); // a link carries no token
        this.onCard(model);
      });
    }
    row.append(label, card);
    return row;
  }

  /** @param {Model} model */
  #choose(model) {
    this.model = model;
    lasting.set(CHOICE, model.name);
    this.#mark();
    this.onChoose(model);
  }

  /** Mark the active one everywhere. */
  #mark() {
    for (const home of this.#homes) {
      const summary = /** @type {HTMLElement} */ (home.querySelector("summary"));
      summary.replaceChildren(element("span", "faint", text("network")), element("b", "", this.model.name));
      for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (home.querySelectorAll("input"))) {
        radio.checked = radio.value === this.model.name;
      }
    }
  }
}
