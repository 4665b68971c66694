/** The view that looks inside: whatever is drawn, or a training digit, goes through one network or two, layer by layer. */

/** @import { Example } from "./examples.js" */
/** @import { Api } from "./api.js" */
/** @import { Draw } from "./draw.js" */
/** @import { Answer, Model, Models } from "./records.js" */

import { button, element, find } from "./elements.js";
import { Likeness, loadExamples } from "./examples.js";
import { Flow } from "./flow.js";
import { loadLayers, toInner } from "./layers.js";
import { Lens } from "./lens.js";
import { explain } from "./messages.js";
import { occlude } from "./occlusion.js";
import { PAD } from "./pad.js";
import { Numbers, drawPatch } from "./patch.js";
import { EMPTY, toCharacter } from "./records.js";
import { text } from "./texts.js";

/** How many training digits are shown that are like the patch. */
const N_ALIKE = 8;

/** What takes long begins when nothing has changed for so long: while the pen moves, it only follows the maps. */
const REST_MS = 100;

/** Maps follow a moving pen so often: more, nobody sees, and the pen needs the processor itself. */
const PAUSE_MS = 60;

/** The training digit that is looked at while nothing is drawn. */
const FIRST_LABEL = 3;

export class Inside {
  #api;
  #draw;
  #models;
  #board = find("board", HTMLElement);
  #home = /** @type {HTMLElement} */ (this.#board.parentElement);
  #which = find("inside-which", HTMLElement);
  #from = find("inside-from", HTMLElement);
  #state = find("inside-state", HTMLElement);
  #flows_home = find("flows", HTMLElement);
  #other = find("inside-other", HTMLSelectElement);
  #numbers_home = find("inside-numbers", HTMLDetailsElement);
  #numbers = new Numbers(find("numbers", HTMLTableElement));
  #lens = new Lens();
  /** @type {Flow[]} */
  #flows = [];
  /** What is known of each network that was looked into, by its digest. @type {Map<string, Promise<Flow>>} */
  #known = new Map();
  /** @type {Example[]} */
  #examples = [];
  /** The training digit that is looked at in place of the drawing. @type {Example | null} */
  #example = null;
  /** The patch that was looked at last. @type {Float32Array | null} */
  #patch = null;
  /** What stands on the pad. @type {Answer} */
  #answer = EMPTY;
  /** The digit of a number that is looked at; null: the last one. @type {number | null} */
  #digit = null;
  #is_shown = false;
  /** Raised by whatever changes what is to be seen, and how much of that was done. */
  #wanted = 1;
  #done = 0;
  #is_busy = false;
  #n_choices = 0;
  #model;

  /** @param {Api} api @param {Draw} draw @param {Models} models @param {Model} model the one that reads */
  constructor(api, draw, models, model) {
    this.#api = api;
    this.#draw = draw;
    this.#models = models;
    draw.onShow = (answer) => this.#take(answer);
    this.#other.replaceChildren(...["", ...models.models.map(({ name }) => name)].map((name) =>
      Object.assign(element("option", "", name || text("insideAlone")), { value: name }),
    ));
    this.#other.addEventListener("change", () => this.use(this.#model));
    this.#numbers_home.addEventListener("toggle", () => this.#showNumbers());
    this.#model = model;
    this.#start().catch((error) => this.#fail(error));
  }

  /** All that is wanted was looked at. */
  get is_settled() {
    return this.#done === this.#wanted;
  }

  async #start() {
    this.#examples = await loadExamples();
    this.#addSamples();
    if (this.#answer.kind === "blank") this.#example = this.#sample(FIRST_LABEL, 0);
    await this.use(this.#model);
  }

  /** Show the view, with the pad in it. */
  show() {
    find("inside-board", HTMLElement).append(this.#board);
    this.#is_shown = true;
    this.#take(this.#draw.answer);
    this.#work(); // what was broken off when the view was left
  }

  /** Give the pad back. */
  hide() {
    if (this.#is_shown) this.#home.prepend(this.#board);
    this.#is_shown = false;
  }

  /** Look into this network, and into the one that is chosen beside it. @param {Model} model */
  async use(model) {
    this.#model = model;
    const other = this.#models.models.find(({ name }) => name === this.#other.value && name !== model.name);
    const models = other ? [model, other] : [model];
    const choice = ++this.#n_choices;
    this.#state.textContent = text("loading");
    try {
      const flows = await Promise.all(models.map((each) => this.#open(each)));
      if (choice === this.#n_choices) this.#setFlows(flows, "");
    } catch (error) {
      if (choice === this.#n_choices) this.#setFlows([], text("failed", { why: explain(/** @type {Error} */ (error)) }));
    }
  }

  /** @param {Flow[]} flows @param {string} state what is said of them */
  #setFlows(flows, state) {
    this.#flows = flows;
    this.#flows_home.replaceChildren(...flows.map(({ root }) => root));
    this.#flows_home.classList.toggle("two", flows.length > 1);
    this.#state.textContent = state;
    this.#change();
  }

  /** Open a network once. @param {Model} model @returns {Promise<Flow>} */
  #open(model) {
    const open = async () => {
      const description = await loadLayers(model, this.#api.headers);
      const likeness = new Likeness(this.#examples, toInner(model, description), description.features);
      const on = {
        look: (/** @type {Parameters<Lens["look"]>} */ ...seen) => this.#lens.look(...seen),
        choose: (/** @type {Example} */ example) => this.#choose(example),
      };
      return new Flow(model, description, likeness, on);
    };
    const flow = this.#known.get(model.digest) ?? open();
    this.#known.set(model.digest, flow);
    flow.catch(() => this.#known.delete(model.digest)); // the next one tries again
    return flow;
  }

  /** Offer a training digit of each label; a second press takes the next one. */
  #addSamples() {
    const n_taken = new Map();
    const samples = Array.from({ length: 10 }, (_, label) => {
      const canvas = element("canvas", "");
      const choose = button("example", "", () => {
        const n = n_taken.get(label) ?? 0;
        n_taken.set(label, n + 1);
        this.#choose(this.#sample(label, n));
      });
      drawPatch(canvas, this.#sample(label, 0).patch);
      choose.append(canvas);
      choose.setAttribute("aria-label", text("sample", { label }));
      return choose;
    });
    find("samples", HTMLElement).replaceChildren(...samples);
  }

  /** @param {number} label @param {number} n */
  #sample(label, n) {
    const own = this.#examples.filter((example) => example.label === label);
    return own[(7 * n) % own.length]; // neighbours look alike
  }

  /** Look at a training digit until the drawing changes. @param {Example} example */
  #choose(example) {
    this.#example = example;
    this.#change();
  }

  /** Look at what stands on the pad now. @param {Answer} answer */
  #take(answer) {
    if (!this.#is_shown || (answer === this.#answer && this.#done > 0)) return;
    this.#answer = answer;
    if (answer.kind !== "blank") this.#example = null;
    if (answer.kind !== "number") this.#digit = null;
    this.#change();
  }

  #change() {
    this.#wanted++;
    this.#work();
  }

  /** Look at what is wanted, the newest first: whatever else was begun is dropped. */
  async #work() {
    if (this.#is_busy || this.#flows.length === 0) return;
    this.#is_busy = true;
    while (this.#is_shown && this.#done < this.#wanted) {
      const version = this.#wanted;
      try {
        await this.#look(() => version !== this.#wanted || !this.#is_shown);
      } catch (error) {
        this.#fail(/** @type {Error} */ (error));
      }
      if (this.#is_shown) this.#done = version;
      if (version !== this.#wanted) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.#is_busy = false;
  }

  /** @param {() => boolean} isStale */
  async #look(isStale) {
    const patch = await this.#toPatch();
    if (!patch || isStale()) return;
    this.#patch = patch;
    this.#lens.show(patch);
    this.#showNumbers();
    const flows = this.#flows;
    const { engine } = this.#draw;
    /** @type {Float32Array[]} */
    const features = [];
    for (const flow of flows) {
      const values = await engine.look(flow.graph, patch, flow.wanted);
      if (flows !== this.#flows) return;
      flow.show(values, patch);
      features.push(values[flow.features].values);
      if (isStale()) return;
    }
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    for (const flow of flows) {
      const falls = await occlude(engine, flow.reader, patch, flow.answer, isStale);
      if (!falls) return;
      flow.showRest(falls, patch);
    }
    for (const [at, flow] of flows.entries()) await this.#showAlike(flow, features[at], isStale);
  }

  /** @param {Flow} flow @param {Float32Array} features @param {() => boolean} isStale */
  async #showAlike(flow, features, isStale) {
    const { likeness } = flow;
    if (likeness.share < 1) await likeness.learn(this.#draw.engine, isStale, (share) => flow.showLearning(share));
    if (!isStale()) flow.showAlike(likeness.find(features, N_ALIKE));
  }

  /** The patch that is to be looked at; null where there is none. */
  async #toPatch() {
    this.#showChoice();
    const { boxes, seen, kind } = this.#answer;
    if (this.#example) return this.#example.patch;
    if (kind === "digit") return seen?.values ?? null;
    if (!boxes) return this.#patch; // rubbed out: what was there can still be looked at
    const digit = Math.min(this.#digit ?? boxes.length, boxes.length - 1);
    return (await this.#draw.engine.take(this.#draw.pad.coverage(), PAD.width, boxes, digit)).values;
  }

  /** Say what is looked at, and let one digit of a number be chosen. */
  #showChoice() {
    const { kind, digits } = this.#answer;
    const example = this.#example;
    this.#from.textContent = example ? text("fromExample", { label: example.label }) : text("fromDrawing");
    const last = Math.min(this.#digit ?? digits.length, digits.length - 1);
    const is_focused = this.#which.contains(document.activeElement);
    const buttons = (kind === "number" ? digits : []).map((digit, at) => {
      const made = button("tool", toCharacter(digit), () => {
        this.#digit = at;
        this.#example = null;
        this.#change();
      });
      made.setAttribute("aria-label", text("nth", { n: at + 1, label: toCharacter(digit) }));
      made.setAttribute("aria-pressed", String(!example && at === last));
      return made;
    });
    this.#which.replaceChildren(...buttons);
    if (is_focused) buttons[last]?.focus();
  }

  #showNumbers() {
    if (this.#numbers_home.open && this.#patch) this.#numbers.show(this.#patch);
  }

  /** @param {Error} error */
  #fail(error) {
    this.#state.textContent = text("failed", { why: explain(error) });
  }
}
