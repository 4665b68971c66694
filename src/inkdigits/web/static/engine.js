/** Talks to the worker: one reading at a time, and of those that wait only the newest. */

/** @import { Answer, Box, Ink, Inner, Model, Models, PhotoAnswer, Pixels, Values } from "./records.js" */
/** @import { Graphs } from "./reader.js" */

/**
 * @typedef {object} Snapshot of the pad
 * @property {Uint8Array} coverage
 * @property {number} width
 * @property {number} version newer ones have a higher one
 */

export class Engine {
  #worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  #open = new Map();
  #n_calls = 0;
  #is_busy = false;
  /** @type {Snapshot | null} */
  #waiting = null;
  /** @type {Graphs | null} */
  #graphs = null;

  /** Why the worker will never answer. @type {Error | null} */
  #broken = null;

  /** Whether it can answer. */
  is_ready = false;
  /** How many readings were made. */
  n_read = 0;

  /**
   * @param {(answer: Answer, version: number) => void} onAnswer
   * @param {(error: Error, version: number) => void} onError
   */
  constructor(onAnswer, onError) {
    this.onAnswer = onAnswer;
    this.onError = onError;
    this.#worker.addEventListener("message", ({ data }) => this.#settle(data));
    this.#worker.addEventListener("error", () => this.#fail(new Error("The worker did not start.")));
  }

  /**
   * Open the graphs.
   *
   * @param {Models} models
   * @param {Model} model the network for single digits
   * @param {Record<string, string>} headers for requests
   */
  async start(models, model, headers) {
    this.#graphs = {
      normaliser: toAddress(models.normaliser.url),
      lines: toAddress(models.line_model.url),
      calibration: models.line_model.calibration,
      ...toGraph(model),
    };
    await this.#call("open", { headers, graphs: this.#graphs });
    this.is_ready = true;
  }

  /** Use another network for single digits from the next reading on. @param {Model} model */
  use(model) {
    if (this.#graphs) this.#graphs = { ...this.#graphs, ...toGraph(model) };
  }

  /** Read a pad as soon as what is being read is done, unless a newer one comes. @param {Snapshot} snapshot */
  async read(snapshot) {
    this.#waiting = snapshot;
    if (this.#is_busy) return;
    this.#is_busy = true;
    while (this.#waiting) {
      const { version, coverage, width } = this.#waiting;
      this.#waiting = null;
      try {
        const answer = await this.#call("read", { graphs: this.#graphs, coverage, width }, [coverage.buffer]);
        this.n_read++;
        this.onAnswer(answer, version);
      } catch (error) {
        this.onError(/** @type {Error} */ (error), version);
      }
    }
    this.#is_busy = false;
  }

  /**
   * Read a photo of one digit or one number. Its pixels are handed over: they are gone afterwards.
   *
   * @param {Pixels} pixels
   * @param {"auto" | "digit" | "number"} layout
   * @returns {Promise<PhotoAnswer>}
   */
  readPhoto({ data, width, height }, layout) {
    const pixels = { data, width, height };
    return this.#call("readPhoto", { graphs: this.#graphs, pixels, layout }, [data.buffer]);
  }

  /**
   * Classify many glyphs at once.
   *
   * @param {Ink[]} inks
   * @returns {Promise<{probabilities: number[], score: number, patch: Ink}[]>}
   */
  classify(inks) {
    return this.#call("classify", { graphs: this.#graphs, inks });
  }

  /**
   * Look into a network: as a reading may come at any time, at few patches a call.
   *
   * @param {Inner} graph
   * @param {Float32Array} patches one after the other
   * @param {readonly string[]} wanted names of values
   * @returns {Promise<Record<string, Values>>}
   */
  look({ url, inner }, patches, wanted) {
    return this.#call("look", { graph: { url: toAddress(url), inner }, patches, wanted });
  }

  /**
   * Make one digit of a number a patch.
   *
   * @param {Uint8Array} coverage of the pad
   * @param {number} width
   * @param {Box[]} boxes of the number's digits
   * @param {number} digit
   * @returns {Promise<Ink>}
   */
  take(coverage, width, boxes, digit) {
    return this.#call("take", { graphs: this.#graphs, coverage, width, boxes, digit }, [coverage.buffer]);
  }

  /**
   * @param {string} call
   * @param {object} given
   * @param {Transferable[]} moved
   * @returns {Promise<any>}
   */
  #call(call, given, moved = []) {
    if (this.#broken) return Promise.reject(this.#broken);
    const id = ++this.#n_calls;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#worker.postMessage({ id, call, given }, moved);
    });
  }

  /** @param {{id: number, answer?: unknown, error?: string}} data */
  #settle({ id, answer, error }) {
    const call = this.#open.get(id);
    this.#open.delete(id);
    if (error === undefined) call?.resolve(answer);
    else call?.reject(new Error(error));
  }

  /** Give up, also what is asked from now on: often the worker fails before anything is. @param {Error} error */
  #fail(error) {
    this.#broken = error;
    this.is_ready = false;
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}

/** @param {Model} model */
function toGraph(model) {
  return { digits: toAddress(model.url), threshold: model.digit_score_threshold };
}

/** Addresses are relative to the page, but the worker lies elsewhere. @param {string} url */
function toAddress(url) {
  return new URL(url, document.baseURI).href;
}
