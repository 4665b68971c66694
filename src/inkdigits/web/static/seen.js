/** Shows what the network got, pixel by pixel: a patch, or the strip of a line. */

/** @import { Ink } from "./records.js" */

import { text } from "./texts.js";

export class Seen {
  #canvas = document.createElement("canvas");
  #caption = document.createElement("figcaption");

  /** @param {HTMLElement} figure */
  constructor(figure) {
    this.figure = figure;
    figure.replaceChildren(this.#canvas, this.#caption);
    this.show(null);
  }

  /** @param {Ink | null} ink */
  show(ink) {
    const { width, height } = ink ?? { width: 28, height: 28 };
    const is_strip = width !== height;
    this.#caption.textContent = text(!ink ? "seenNothing" : is_strip ? "seenStrip" : "seenPatch");
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", this.#caption.textContent);
    this.figure.classList.toggle("strip", is_strip);
    this.figure.classList.toggle("nothing", !ink);
    [this.#canvas.width, this.#canvas.height] = [width, height];
    const sheet = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    const pixels = sheet.createImageData(width, height);
    for (let at = 0; at < width * height; at++) {
      pixels.data.fill(ink ? Math.round(255 * ink.values[at]) : 0, 4 * at, 4 * at + 3);
      pixels.data[4 * at + 3] = ink ? 255 : 0;
    }
    sheet.putImageData(pixels, 0, 0);
  }
}
