/** Talks to the server: the only module that does. */

/** @import { Model, Models, Reading } from "./records.js" */
/** @import { Correction } from "./corrections.js" */

import { HAS_SERVER } from "./local.js";
import { passing } from "./memory.js";

/**
 * @typedef {object} Kept a result
 * @property {string} id
 * @property {string} saved_at
 * @property {boolean} has_picture
 * @property {Reading} reading
 * @property {Correction[]} corrections
 */

/** Where the token is kept until the tab is closed. */
const TOKEN = "inkdigits.token";

/** What the server refused, with its code and its message. */
export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Api {
  /** Asks for a token, again where the last was wrong; null gives up. @type {(is_again: boolean) => Promise<string | null>} */
  askToken = async () => null;

  constructor() {
    const given = /^#token=(.+)$/.exec(location.hash);
    if (!given) return;
    passing.set(TOKEN, decodeURIComponent(given[1]));
    history.replaceState(null, "", location.pathname + location.search); // no token in the address, nor in its history
  }

  /** What goes with each request. @returns {Record<string, string>} */
  get headers() {
    const token = passing.get(TOKEN);
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  /** Which networks there are: what the server says, or, where none answers, those of the package. @returns {Promise<Models>} */
  async models() {
    try {
      if (HAS_SERVER) return await (await this.#send("models")).json();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // anything else is an answer
    }
    return this.load("models/index.json");
  }

  /** A file of the page, or a card. @param {string} path relative to the page @returns {Promise<any>} */
  async load(path) {
    return (await this.#send(new URL(path, document.baseURI).href)).json();
  }

  /** The card of one of the user's own networks. @param {Model} model */
  async card(model) {
    return (await this.#send(new URL(model.card_url, document.baseURI).href)).blob();
  }

  /**
   * Read one page of a picture.
   *
   * @param {Blob} file
   * @param {Record<string, string | number | boolean | null>} options of the query; null leaves one out
   * @param {AbortSignal} [signal]
   * @returns {Promise<{reading: Reading, n_pages: number, result: string | null}>}
   */
  async read(file, options, signal) {
    const answer = await this.#post(file, options, signal);
    return {
      reading: await answer.json(),
      n_pages: Number(answer.headers.get("Inkdigits-Pages") ?? 1),
      result: answer.headers.get("Inkdigits-Result"),
    };
  }

  /**
   * Read one page of a picture into a file.
   *
   * @param {Blob} file
   * @param {"xlsx" | "annotated" | "stages"} format
   * @param {Record<string, string | number | boolean | null>} options
   */
  async readInto(file, format, options) {
    return (await this.#post(file, { ...options, format })).blob();
  }

  /** @param {{query: string, after?: string | null}} asked @returns {Promise<{results: Kept[], next: string | null}>} */
  async results({ query, after = null }) {
    return (await this.#send(`results?${toQuery({ query: query || null, after, limit: 50 })}`)).json();
  }

  /** The picture of a result, as people see it. @param {string} id */
  async picture(id) {
    return (await this.#send(`results/${encodeURIComponent(id)}/picture`)).blob();
  }

  /** @param {string} id */
  async remove(id) {
    await this.#send(`results/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  /** @param {string} format */
  async export(format) {
    return (await this.#send(`results/export?${toQuery({ format })}`)).blob();
  }

  /** @param {Correction & {result: string}} correction */
  async correct(correction) {
    const headers = { "Content-Type": "application/json" };
    await this.#send("corrections", { method: "POST", body: JSON.stringify(correction), headers });
  }

  /**
   * @param {Blob} file
   * @param {Record<string, string | number | boolean | null>} options
   * @param {AbortSignal} [signal]
   */
  #post(file, options, signal) {
    const body = new FormData();
    body.append("file", file);
    return this.#send(`read?${toQuery(options)}`, { method: "POST", body, signal });
  }

  /** @param {string} path below api/v1/ @param {RequestInit} [request] @returns {Promise<Response>} */
  async #send(path, request = {}) {
    const own = this.headers;
    const headers = { ...request.headers, ...own };
    const answer = await fetch(new URL(path, new URL("api/v1/", document.baseURI)), { ...request, headers });
    if (answer.ok) return answer;
    const error = await toError(answer);
    if (error.status !== 401) throw error;
    if (own.Authorization === this.headers.Authorization) { // or another request has asked meanwhile
      const token = await this.askToken("Authorization" in own);
      if (token === null) throw error;
      passing.set(TOKEN, token);
    }
    return this.#send(path, request);
  }
}

/** @param {Response} answer */
async function toError(answer) {
  const said = await answer.json().catch(() => ({}));
  return new ApiError(answer.status, said.error?.code ?? "", said.error?.message ?? answer.statusText);
}

/** @param {Record<string, string | number | boolean | null>} options */
function toQuery(options) {
  const given = Object.entries(options).filter(([, value]) => value !== null && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
}
