/** The ONNX graphs, the same files that Python runs. The only home of the runtime. */

/** @import { Ink } from "./records.js" */
/** @import { InferenceSession } from "onnxruntime-web" */

import { loadRuntime } from "./vendor.js";

const PATCH_PX = 28;
const N_LABELS = 10;

/** Opens each graph once, by its address. */
export class Networks {
  /** @type {Promise<typeof import("onnxruntime-web")>} */
  #runtime = loadRuntime();
  /** @type {Map<string, Promise<InferenceSession>>} */
  #sessions = new Map();
  #headers;

  /** @param {Record<string, string>} headers sent with each request for a graph */
  constructor(headers) {
    this.#headers = headers;
  }

  /** @param {string} url @returns {Promise<InferenceSession>} */
  open(url) {
    const known = this.#sessions.get(url);
    if (known) return known;
    const session = this.#load(url);
    session.catch(() => this.#sessions.delete(url)); // the next one tries again
    this.#sessions.set(url, session);
    return session;
  }

  /** @param {string} url @returns {Promise<InferenceSession>} */
  async #load(url) {
    const [runtime, graph] = await Promise.all([this.#runtime, this.#fetch(url)]);
    return runtime.InferenceSession.create(graph, { executionProviders: ["wasm"] });
  }

  /** @param {string} url */
  async #fetch(url) {
    const answer = await fetch(url, { headers: this.#headers });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  /**
   * Glyph -> patch.
   *
   * @param {string} url of the normaliser
   * @param {Ink} ink
   * @returns {Promise<Ink>}
   */
  async normalise(url, ink) {
    const { patch } = await this.#run(url, "ink", ink.values, [ink.height, ink.width]);
    return { values: /** @type {Float32Array} */ (patch.data), width: PATCH_PX, height: PATCH_PX };
  }

  /**
   * Patches -> probabilities and digit scores.
   *
   * @param {string} url of a network for digits
   * @param {Ink[]} patches
   * @returns {Promise<{probabilities: number[], score: number}[]>}
   */
  async classify(url, patches) {
    const values = new Float32Array(patches.length * PATCH_PX * PATCH_PX);
    patches.forEach((patch, at) => values.set(patch.values, at * PATCH_PX * PATCH_PX));
    const said = await this.#run(url, "patches", values, [patches.length, 1, PATCH_PX, PATCH_PX]);
    const rows = Array.from(/** @type {Float32Array} */ (said.probabilities.data));
    const scores = /** @type {Float32Array} */ (said.digit_score.data);
    return patches.map((_, at) => ({
      probabilities: rows.slice(at * N_LABELS, (at + 1) * N_LABELS),
      score: scores[at],
    }));
  }

  /**
   * Strip -> what stands in each of its columns.
   *
   * @param {string} url of the network for lines
   * @param {Ink} strip
   */
  async look(url, strip) {
    const { columns } = await this.#run(url, "strips", strip.values, [1, 1, strip.height, strip.width]);
    return /** @type {Float32Array} */ (columns.data);
  }

  /**
   * @param {string} url
   * @param {string} name
   * @param {Float32Array} values
   * @param {number[]} shape
   */
  async #run(url, name, values, shape) {
    const [{ Tensor }, session] = await Promise.all([this.#runtime, this.open(url)]);
    return session.run({ [name]: new Tensor("float32", values, shape) });
  }
}
