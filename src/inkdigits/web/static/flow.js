/** One network, from the patch to its answer: its layers, the answer, what that rests on, and what is like the patch. */

/** @import { Example, Likeness } from "./examples.js" */
/** @import { Look } from "./card.js" */
/** @import { Description, Model, Values } from "./records.js" */

import { Bars } from "./bars.js";
import { Card, PATCHES } from "./card.js";
import { button, element } from "./elements.js";
import { toInner, toTable } from "./layers.js";
import { resize, toCanvas } from "./maps.js";
import { WINDOW_PX } from "./occlusion.js";
import { PATCH_PX, drawPatch } from "./patch.js";
import { findMost, onNewShades } from "./shades.js";
import { count, megabytes, number, percent, text } from "./texts.js";

/** Side of what the answer rests on, on the screen. */
const REST_PX = 224;

/** Falls of the probability below this are rounding, and stay pale. */
const LEAST_FALL = 1e-6;

/** What a network says of every patch. */
const ANSWERS = ["probabilities", "digit_score"];

export class Flow {
  #cards;
  #says = element("p", "flow-says");
  #bars = element("div", "");
  #score = element("p", "faint");
  #rest = element("canvas", "rest");
  #rest_words = element("p", "");
  #alike = element("ol", "alike");
  #table = new Bars(this.#bars);
  /** What the answer rests on, and the patch under it. @type {{values: Float32Array, patch: Float32Array} | null} */
  #falls = null;

  /** The most probable label, and how probable it is. */
  answer = { label: 0, probability: 0 };

  /**
   * @param {Model} model
   * @param {Description} description
   * @param {Likeness} likeness of the training digits
   * @param {{look: Look, choose: (example: Example) => void}} on told which cell is looked at, which training digit chosen
   */
  constructor(model, description, likeness, on) {
    this.model = model;
    this.likeness = likeness;
    this.onChoose = on.choose;
    const { layers, features } = description;
    this.features = features;
    /** The network, as it tells what is inside. */
    this.graph = toInner(model, description);
    /** Names of all that is shown of a patch. */
    this.wanted = [...this.graph.inner, ...ANSWERS];
    /** The network, as it reads: a little faster. */
    this.reader = { url: model.url, inner: [] };
    this.#cards = layers.map((_, at) => new Card(layers, at, on.look));
    this.root = element("article", "flow", this.#toTop(), ...this.#toSections(description));
    onNewShades(() => this.#drawRest());
  }

  #toTop() {
    const { name, n_parameters, size_bytes } = this.model;
    const size = megabytes(size_bytes);
    const facts = n_parameters === null ? size : text("networkFacts", { n: count(n_parameters), size });
    const stations = element("ol", "stations", ...this.#cards.map(({ station }) => element("li", "", station)));
    stations.setAttribute("aria-label", text("stations"));
    return element("header", "flow-top", element("h2", "", name), element("p", "faint", facts), this.#says, stations);
  }

  /** @param {Description} description */
  #toSections(description) {
    const scroller = element("div", "scroll", toTable(description, this.model.n_parameters));
    Object.assign(scroller, { tabIndex: 0, role: "region", ariaLabel: text("tableOf", { name: this.model.name }) });
    const words = (/** @type {string} */ said) => element("p", "words", said);
    return [
      toSection(text("layersTitle"), words(text("layersWords")), ...this.#cards.map(({ root }) => root)),
      toSection(text("answerTitle"), words(text("answerWords")), this.#bars, this.#score),
      toSection(text("restTitle"), words(text("restWords", { n: WINDOW_PX })), element("div", "rest-frame", this.#rest, this.#rest_words)),
      toSection(text("alikeTitle"), words(text("alikeWords")), this.#alike),
      toSection(text("tableTitle"), scroller),
    ];
  }

  /** Show what the network makes of a patch. @param {Record<string, Values>} values @param {Float32Array} patch */
  show(values, patch) {
    const probabilities = [...values.probabilities.values];
    const probability = Math.max(...probabilities);
    this.answer = { label: probabilities.indexOf(probability), probability };
    const score = values.digit_score.values[0];
    const is_digit = score >= this.model.digit_score_threshold;
    const label = element("strong", "", is_digit ? String(this.answer.label) : "?");
    const share = element("span", "", is_digit ? percent(probability) : text("notDigit"));
    this.#says.replaceChildren(label, " ", share);
    this.#table.show(probabilities);
    this.#score.textContent = text("score", { share: percent(score) });
    const all = { ...values, [PATCHES]: { values: patch, shape: [1, 1, PATCH_PX, PATCH_PX] } };
    for (const card of this.#cards) card.show(all);
  }

  /** Show what the answer rests on. @param {Float32Array} values @param {Float32Array} patch */
  showRest(values, patch) {
    this.#falls = { values, patch };
    const [most, least] = [Math.max(...values), Math.min(...values)];
    const words = text("restMost", { label: this.answer.label, share: percent(Math.max(0, most)) });
    this.#rest_words.textContent = least < -0.005 ? `${words} ${text("restLeast", { share: percent(-least) })}` : words;
    this.#rest.setAttribute("role", "img");
    this.#rest.setAttribute("aria-label", text("restPicture", { label: this.answer.label }));
    this.#drawRest();
  }

  /** Draw the pixels that speak for the answer, and those against it; faintly under them, the digit. */
  #drawRest() {
    if (!this.#falls) return;
    const { values, patch } = this.#falls;
    const sheet = resize(this.#rest, REST_PX, REST_PX);
    sheet.imageSmoothingEnabled = false;
    sheet.drawImage(toCanvas(values, PATCH_PX, Math.max(findMost(values), LEAST_FALL)), 0, 0, REST_PX, REST_PX);
    sheet.fillStyle = getComputedStyle(this.#rest).color;
    const side = REST_PX / PATCH_PX;
    patch.forEach((ink, at) => {
      if (ink < 0.35) return;
      sheet.fillRect(((at % PATCH_PX) + 0.36) * side, (Math.floor(at / PATCH_PX) + 0.36) * side, 0.28 * side, 0.28 * side);
    });
  }

  /**
   * Show training digits that are like the patch.
   *
   * @param {{example: Example, likeness: number}[]} found
   */
  showAlike(found) {
    this.#alike.replaceChildren(...found.map(({ example, likeness }) => {
      const canvas = element("canvas", "");
      drawPatch(canvas, example.patch);
      const choose = button("example", "", () => this.onChoose(example));
      choose.append(canvas, element("span", "", element("b", "", String(example.label)), ` ${number(likeness)}`));
      choose.classList.toggle("other", example.label !== this.answer.label);
      choose.setAttribute("aria-label", text("alikeOne", { label: example.label, likeness: number(likeness) }));
      return element("li", "", choose);
    }));
  }

  /** Say how much of the training digits was looked at. @param {number} share */
  showLearning(share) {
    if (share < 1) this.#alike.replaceChildren(element("li", "faint", text("alikeWait", { share: percent(share) })));
  }
}

/** @param {string} title @param {...Node} content */
function toSection(title, ...content) {
  return element("section", "chapter", element("h3", "", title), ...content);
}
