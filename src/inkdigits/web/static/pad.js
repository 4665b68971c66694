/** Draws strokes: on the screen, as sharp as it is, and as ink of one size, which the networks read. */

/** @import { Stroke } from "./strokes.js" */

import { Layer } from "./layer.js";

/** Size of the pad in its own units, which are pixels of its ink: what is read depends on no screen. */
export const PAD = { width: 500, height: 400 };

/** @typedef {"white" | "black"} Paper */

const COLOURS = { white: { paper: "#ffffff", ink: "#16161a" }, black: { paper: "#000000", ink: "#f6f6f2" } };

export class Pad {
  #shown;
  #ink = new Layer(new OffscreenCanvas(PAD.width, PAD.height), PAD, true);
  /** @type {Paper} */
  #paper = "white";

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.#shown = new Layer(canvas, PAD, false);
    new ResizeObserver(() => this.#fit()).observe(canvas);
    this.onResize = () => {};
  }

  /** Follow the size and the sharpness of the screen. */
  #fit() {
    const { width, height } = this.canvas.getBoundingClientRect();
    const [across, down] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (across === 0 || (across === this.canvas.width && down === this.canvas.height)) return;
    this.#shown.resize(across, down);
    this.onResize();
  }

  /** The colour of the canvas. */
  get paper() {
    return this.#paper;
  }

  set paper(paper) {
    this.#paper = paper;
    this.#shown.dye(COLOURS[paper].ink);
  }

  /** Turn a place in the window into one on the pad. @param {number} x @param {number} y @returns {[number, number]} */
  place(x, y) {
    const box = this.canvas.getBoundingClientRect();
    return [((x - box.left) / box.width) * PAD.width, ((y - box.top) / box.height) * PAD.height];
  }

  /** @param {readonly Stroke[]} done @param {readonly Stroke[]} open */
  draw(done, open) {
    this.#shown.draw(done, open);
    this.#ink.draw(done, open);
  }

  /** Return how much of each pixel the pen covered, 0-255, row by row. */
  coverage() {
    const { data } = this.#ink.front.getImageData(0, 0, PAD.width, PAD.height);
    const coverage = new Uint8Array(PAD.width * PAD.height);
    for (let at = 0; at < coverage.length; at++) coverage[at] = data[4 * at + 3];
    return coverage;
  }

  /** Return the pad as a PNG file. */
  async picture() {
    const canvas = new OffscreenCanvas(PAD.width, PAD.height);
    const sheet = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const { paper, ink } = this.#paper === "black" ? { paper: "#000", ink: "#fff" } : { paper: "#fff", ink: "#000" };
    sheet.fillStyle = ink;
    sheet.fillRect(0, 0, PAD.width, PAD.height);
    sheet.globalCompositeOperation = "destination-in";
    sheet.drawImage(this.#ink.front.canvas, 0, 0);
    sheet.globalCompositeOperation = "destination-over";
    sheet.fillStyle = paper;
    sheet.fillRect(0, 0, PAD.width, PAD.height);
    return new File([await canvas.convertToBlob()], "pad.png", { type: "image/png" });
  }
}
