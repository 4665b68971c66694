/** Reads pictures in the page itself: where there is no server, and what the camera sees. */

/** @import { Engine } from "./engine.js" */
/** @import { Box, Model, PhotoAnswer, Pixels, Reading } from "./records.js" */

import { text } from "./texts.js";

/** Longer side of the pictures that are looked at, as in ink/sizes.py. */
const WORK_PX = 1024;

/** Whether a server answers this page: the static site says that none does. */
export const HAS_SERVER = document.querySelector('meta[name="inkdigits-server"][content="none"]') === null;

export class Local {
  #engine;
  /** The network for single digits. @type {Model | null} */
  model = null;
  /** Settles when the networks are loaded, or cannot be. @type {Promise<unknown>} */
  started = Promise.resolve();

  /** @param {Engine} engine */
  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * Read a picture, as the server does; of its pages the only one.
   *
   * @param {Blob} file
   * @param {Record<string, string | number | boolean | null>} options what is asked for
   */
  async read(file, { layout }) {
    await this.started;
    if (!this.#engine.is_ready) throw new Error(text("errorEngine"));
    const picture = await open(file);
    const { width, height } = picture;
    const pixels = toPixels(picture, { x0: 0, y0: 0, x1: width, y1: height }, WORK_PX);
    picture.close();
    const scale = width / pixels.width;
    const asked = layout === "digit" || layout === "number" ? layout : "auto";
    const answer = await this.#engine.readPhoto(pixels, asked);
    return { reading: { ...toReading(answer, scale, this.model), width, height }, n_pages: 1, result: null };
  }
}

/** @param {Blob} file */
async function open(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(text("errorLocal"));
  }
}

/**
 * Return the pixels of a part of a picture, on white paper where it is transparent.
 *
 * @param {ImageBitmap | HTMLVideoElement | HTMLCanvasElement} picture
 * @param {Box} part
 * @param {number} most_px longer side that they have at most
 * @returns {Pixels}
 */
export function toPixels(picture, { x0, y0, x1, y1 }, most_px) {
  const scale = Math.min(1, most_px / Math.max(x1 - x0, y1 - y0));
  const [width, height] = [Math.max(1, Math.round((x1 - x0) * scale)), Math.max(1, Math.round((y1 - y0) * scale))];
  const sheet = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!sheet) throw new Error(text("errorLocal"));
  sheet.fillStyle = "#fff";
  sheet.fillRect(0, 0, width, height);
  sheet.imageSmoothingQuality = "high";
  sheet.drawImage(picture, x0, y0, x1 - x0, y1 - y0, 0, 0, width, height);
  return sheet.getImageData(0, 0, width, height);
}

/**
 * Say what was read as the server does.
 *
 * @param {PhotoAnswer} answer
 * @param {number} scale pixels of the picture for each that was looked at
 * @param {Model | null} model
 * @returns {Reading}
 */
export function toReading(answer, scale, model) {
  const { text: plain, formatted, confidence, alternatives, boxes } = answer;
  const placed = boxes.map(({ x0, y0, x1, y1 }) => [x0, y0, x1, y1].map((side) => Math.round(side * scale)));
  const digits = answer.digits.map(({ label, confidence, digit_score, probabilities }, at) => ({
    label, confidence, digit_score, probabilities, box: placed[at],
  }));
  const ends = [0, 1, 2, 3].map((side) => Math[side < 2 ? "min" : "max"](...placed.map((box) => box[side])));
  const lines = digits.length > 0 ? [{ text: plain, formatted, confidence, box: ends, alternatives, digits }] : [];
  const names = { source: "", page: 1, model: model?.name ?? "", model_digest: model?.digest ?? "", version: "" };
  return { ...names, text: plain, confidence: lines.length > 0 ? confidence : null, width: 0, height: 0, lines };
}
