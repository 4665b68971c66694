/** One page of a file that was given, with what was read on it and what was corrected. */

/** @import { Api } from "./api.js" */
/** @import { Correction } from "./corrections.js" */
/** @import { Reading } from "./records.js" */

import { correct, isCorrected } from "./corrections.js";
import { text } from "./texts.js";

/** @typedef {Record<string, string | number | boolean | null>} Options what is asked of the server */

/** @typedef {Pick<Api, "read"> & Partial<Pick<Api, "readInto" | "correct">>} Source reads pictures; the page itself does no more */

/**
 * @typedef {object} Shown a picture
 * @property {string} url
 * @property {number} above paper above it, in pixels of the reading
 * @property {boolean} is_annotated
 */

export class Sheet {
  /** @type {Reading | null} */
  #reading = null;
  /** The id under which the result is kept. @type {string | null} */
  result = null;
  n_pages = 1;
  /** @type {Correction[]} */
  corrections = [];
  /** @type {Options} */
  options = {};
  /** Whether somebody took it away: what is still read of it is not shown. */
  is_removed = false;
  /** @type {Promise<Shown> | null} */
  #shown = null;

  /** @param {Source} source @param {File} file @param {number} page counted from 1 */
  constructor(source, file, page) {
    this.source = source;
    this.file = file;
    this.page = page;
  }

  /** What was read, with what was corrected; null until it is there. */
  get reading() {
    return this.#reading && correct(this.#reading, this.corrections);
  }

  /** @param {Options} options */
  async read(options) {
    this.options = { ...options, page: this.page };
    await this.file.slice(0, 1).arrayBuffer(); // says it if the file cannot be read; to send it would blame the server
    const { reading, n_pages, result } = await this.source.read(this.file, this.options);
    Object.assign(this, { result, n_pages, corrections: [] });
    this.#reading = { ...reading, source: this.file.name };
    this.#forgetPicture();
  }

  /** Take it away. */
  remove() {
    this.is_removed = true;
    this.#forgetPicture();
  }

  #forgetPicture() {
    this.#shown?.then(({ url }) => URL.revokeObjectURL(url), () => {}); // what failed was said where it was shown
    this.#shown = null;
  }

  /** @param {import("./overlay.js").Place} place */
  isCorrected(place) {
    return this.reading !== null && isCorrected(this.reading, this.corrections, place);
  }

  /** @param {import("./overlay.js").Place} place */
  has({ line, digit }) {
    return this.#reading?.lines[line]?.digits[digit] !== undefined;
  }

  /** Take a correction, and send it on where the result is kept. @param {Correction} correction */
  async correct(correction) {
    if (this.result) await this.source.correct?.({ result: this.result, ...correction });
    this.corrections.push(correction);
  }

  /** Return the picture: the file itself, or what the server makes of it where the browser cannot show it. */
  show() {
    this.#shown ??= this.#makePicture();
    return this.#shown;
  }

  /** @returns {Promise<Shown>} */
  async #makePicture() {
    const url = URL.createObjectURL(this.file);
    if (this.page === 1 && (await measure(url))) return { url, above: 0, is_annotated: false };
    URL.revokeObjectURL(url);
    const annotated = URL.createObjectURL(await this.readInto("annotated"));
    const size = await measure(annotated);
    const { width, height } = /** @type {Reading} */ (this.#reading);
    return { url: annotated, above: size ? (size.height * width) / size.width - height : 0, is_annotated: true };
  }

  /** @param {"xlsx" | "annotated" | "stages"} format */
  async readInto(format) {
    const { keep: _, keep_picture: __, ...options } = this.options; // it is kept once
    if (!this.source.readInto) throw new Error(text("errorLocal"));
    return this.source.readInto(this.file, format, options);
  }
}

/** Return the size of a picture; null where the browser cannot show it. @param {string} url */
async function measure(url) {
  const picture = new Image();
  picture.src = url;
  try {
    await picture.decode();
  } catch {
    return null;
  }
  return { width: picture.naturalWidth, height: picture.naturalHeight };
}
