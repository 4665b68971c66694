/** A thousand digits that the networks learned from, and which of them a network finds like a patch. */

/** @import { Engine } from "./engine.js" */
/** @import { Inner } from "./records.js" */

import { askAll } from "./batches.js";
import { PATCH_PX, PATCH_SIZE } from "./patch.js";

/** Digits of each label, one label after the other. */
const N_EACH = 100;

/** @typedef {{label: number, patch: Float32Array}} Example */

/** Load the picture that benchmarks/examples.py makes. @returns {Promise<Example[]>} */
export async function loadExamples() {
  const answer = await fetch(new URL("./examples.png", import.meta.url));
  if (!answer.ok) throw new Error(`examples.png: ${answer.status}`);
  const picture = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const sheet = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  sheet.drawImage(picture, 0, 0);
  const { data } = sheet.getImageData(0, 0, picture.width, picture.height);
  const n = (picture.width * picture.height) / PATCH_SIZE;
  return Array.from({ length: n }, (_, at) => ({ label: Math.floor(at / N_EACH), patch: cutOut(data, picture.width, at) }));
}

/** @param {Uint8ClampedArray} pixels of the picture, four numbers each @param {number} width @param {number} at */
function cutOut(pixels, width, at) {
  const n_columns = width / PATCH_PX;
  const [left, top] = [(at % n_columns) * PATCH_PX, Math.floor(at / n_columns) * PATCH_PX];
  const patch = new Float32Array(PATCH_SIZE);
  for (let pixel = 0; pixel < PATCH_SIZE; pixel++) {
    const [x, y] = [left + (pixel % PATCH_PX), top + Math.floor(pixel / PATCH_PX)];
    patch[pixel] = pixels[4 * (y * width + x)] / 255;
  }
  return patch;
}

/** What a network makes of the examples: found out once, a few at a time, and where it was broken off it goes on. */
export class Likeness {
  /** Features of each example that was looked at, of length 1. @type {Float32Array[]} */
  #features = [];
  #examples;
  #graph;
  #wanted;

  /** @param {Example[]} examples @param {Inner} graph @param {string} wanted name of its features */
  constructor(examples, graph, wanted) {
    this.#examples = examples;
    this.#graph = graph;
    this.#wanted = wanted;
  }

  /** The share of the examples that was looked at. */
  get share() {
    return this.#features.length / this.#examples.length;
  }

  /**
   * Look at the examples that were not looked at yet.
   *
   * @param {Engine} engine
   * @param {() => boolean} isStale
   * @param {(share: number) => void} onPart told how much of it is done
   */
  async learn(engine, isStale, onPart) {
    const left = this.#examples.slice(this.#features.length);
    const patches = new Float32Array(left.length * PATCH_SIZE);
    left.forEach(({ patch }, at) => patches.set(patch, at * PATCH_SIZE));
    for await (const { n, values } of askAll(engine, this.#graph, this.#wanted, patches, isStale)) {
      const size = values.length / n;
      for (let at = 0; at < n; at++) this.#features.push(toUnit(values.slice(at * size, (at + 1) * size)));
      onPart(this.share);
    }
  }

  /**
   * Find the examples whose features point most nearly the same way.
   *
   * @param {Float32Array} features of a patch
   * @param {number} n
   * @returns {{example: Example, likeness: number}[]} likeness: the cosine, at most 1
   */
  find(features, n) {
    const unit = toUnit(features);
    const found = this.#features.map((other, at) => ({ example: this.#examples[at], likeness: multiply(unit, other) }));
    return found.toSorted((one, other) => other.likeness - one.likeness).slice(0, n);
  }
}

/** @param {Float32Array} values */
function toUnit(values) {
  const length = Math.sqrt(multiply(values, values));
  return length > 0 ? values.map((value) => value / length) : values;
}

/** @param {Float32Array} one @param {Float32Array} other */
function multiply(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at] * other[at];
  return sum;
}
