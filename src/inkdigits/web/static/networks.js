/** The ONNX graphs, the same files that Python runs. The only home of the runtime. */

/** @import { Ink, Inner, Values } from "./records.js" */
/** @import { InferenceSession } from "onnxruntime-web" */

import { loadRuntime } from "./vendor.js";

const PATCH_PX = 28;
const N_LABELS = 10;
const N_COLUMNS = 14;
const SIGN = 12;

/** What is no digit is so much rarer in what people send than in the lines that the network learns from. */
const SIGNS = 0.3;

/** One look at a strip is enough if in each column one token, or the blank, is so likely. */
const ENOUGH = 0.7;

/** Numbers of protobuf's fields in an ONNX file: the graph of a model, an output of a graph, the name of a value. */
const [MODEL_GRAPH, GRAPH_OUTPUT, VALUE_NAME] = [7, 12, 1];

/** Opens each graph once, by its address and by what it shall tell. */
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

  /**
   * @param {string} url
   * @param {readonly string[]} inner values in it that it gives as well
   * @returns {Promise<InferenceSession>}
   */
  open(url, inner = []) {
    const key = [url, ...inner].join(" ");
    const known = this.#sessions.get(key);
    if (known) return known;
    const session = this.#load(url, inner);
    session.catch(() => this.#sessions.delete(key)); // the next one tries again
    this.#sessions.set(key, session);
    return session;
  }

  /** @param {string} url @param {readonly string[]} inner @returns {Promise<InferenceSession>} */
  async #load(url, inner) {
    const [runtime, graph] = await Promise.all([this.#runtime, this.#fetch(url)]);
    return runtime.InferenceSession.create(nameOutputs(graph, inner), { executionProviders: ["wasm"] });
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
   * Strip -> what stands in each of its columns. Where the network is not sure, it looks again, a pixel higher and lower.
   *
   * @param {string} url of the network for lines
   * @param {Ink} strip
   */
  async look(url, strip) {
    const { values, height, width } = strip;
    const first = await this.#lookOnce(url, strip);
    const weighed = weighSigns(first);
    if (isEnough(weighed)) return weighed;
    const [higher, lower] = [new Float32Array(values.length), new Float32Array(values.length)];
    higher.set(values.subarray(width));
    lower.set(values.subarray(0, values.length - width), width);
    const others = [await this.#lookOnce(url, { values: higher, height, width })];
    others.push(await this.#lookOnce(url, { values: lower, height, width }));
    return weighSigns(first.map((value, at) => (value + others[0][at] + others[1][at]) / 3));
  }

  /** @param {string} url @param {Ink} strip */
  async #lookOnce(url, strip) {
    const { columns } = await this.#run(url, "strips", strip.values, [1, 1, strip.height, strip.width]);
    return /** @type {Float32Array} */ (columns.data);
  }

  /**
   * Patches -> values inside a network.
   *
   * @param {Inner} graph
   * @param {Float32Array} patches one after the other
   * @param {readonly string[]} wanted names of values
   * @returns {Promise<Record<string, Values>>}
   */
  async lookInto({ url, inner }, patches, wanted) {
    const [{ Tensor }, session] = await Promise.all([this.#runtime, this.open(url, inner)]);
    const shape = [patches.length / PATCH_PX ** 2, 1, PATCH_PX, PATCH_PX];
    const said = await session.run({ patches: new Tensor("float32", patches, shape) }, wanted);
    const named = wanted.map((name) => [name, { values: said[name].data, shape: said[name].dims }]);
    return Object.fromEntries(named);
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

/** Let signs count by `SIGNS`; rows sum to 1 again. @param {Float32Array} columns (T, 14) */
function weighSigns(columns) {
  const weighed = columns.slice();
  for (let at = 0; at < columns.length; at += N_COLUMNS) {
    const row = weighed.subarray(at, at + N_COLUMNS);
    row[SIGN] *= SIGNS;
    const sum = row.reduce((total, each) => total + each, 0);
    row.forEach((each, token) => (row[token] = each / sum));
  }
  return weighed;
}

/** @param {Float32Array} columns (T, 14) */
function isEnough(columns) {
  for (let at = 0; at < columns.length; at += N_COLUMNS) {
    if (Math.max(...columns.subarray(at, at + N_COLUMNS)) < ENOUGH) return false;
  }
  return true;
}

/**
 * Let a graph give values inside it as well. Protobuf messages that follow each other are one: what is appended only
 * names these values, and no weight is there twice.
 *
 * @param {Uint8Array} graph
 * @param {readonly string[]} names
 */
function nameOutputs(graph, names) {
  const encoder = new TextEncoder();
  const outputs = names.flatMap((name) => toField(GRAPH_OUTPUT, toField(VALUE_NAME, [...encoder.encode(name)])));
  const more = names.length > 0 ? toField(MODEL_GRAPH, outputs) : [];
  const whole = new Uint8Array(graph.length + more.length);
  whole.set(graph);
  whole.set(more, graph.length);
  return whole;
}

/**
 * Encode a field of bytes: its number, how many they are, seven bits at a time, and these.
 *
 * @param {number} number
 * @param {number[]} content
 */
function toField(number, content) {
  const size = [];
  for (let left = content.length; ; left >>= 7) {
    if (left < 128) return [(number << 3) | 2, ...size, left, ...content];
    size.push((left & 127) | 128);
  }
}
