/** What an answer rests on: paper covers one place after the other (Zeiler and Fergus 2014), as in report/attribute.py. */

/** @import { Engine } from "./engine.js" */
/** @import { Inner } from "./records.js" */

import { askAll } from "./batches.js";
import { PATCH_PX, PATCH_SIZE } from "./patch.js";

/** Side of the window: about as wide as two strokes. */
export const WINDOW_PX = 5;

const N_PLACES = PATCH_PX - WINDOW_PX + 1;
const N_LABELS = 10;

/**
 * Find out how much the probability of a label falls, on average, when a window covers each pixel.
 *
 * @param {Engine} engine
 * @param {Inner} graph
 * @param {Float32Array} patch
 * @param {{label: number, probability: number}} answer what it is without a window
 * @param {() => boolean} isStale
 * @returns {Promise<Float32Array | null>} 28 x 28, above 0 where ink speaks for the label; null: it became stale
 */
export async function occlude(engine, graph, patch, { label, probability }, isStale) {
  const places = findPlaces(patch);
  const covered = new Float32Array(places.length * PATCH_SIZE);
  places.forEach((place, at) => covered.set(cover(patch, place), at * PATCH_SIZE));
  const falls = new Float32Array(places.length);
  for await (const { from, n, values } of askAll(engine, graph, "probabilities", covered, isStale)) {
    for (let at = 0; at < n; at++) falls[from + at] = probability - values[at * N_LABELS + label];
  }
  return isStale() ? null : spread(places, falls);
}

/** Return where a window covers any ink: elsewhere nothing changes. @param {Float32Array} patch @returns {[number, number][]} */
function findPlaces(patch) {
  /** @type {[number, number][]} */
  const places = [];
  for (let y = 0; y < N_PLACES; y++) {
    for (let x = 0; x < N_PLACES; x++) {
      if (toWindow(x, y).some((at) => patch[at] > 0)) places.push([x, y]);
    }
  }
  return places;
}

/** @param {Float32Array} patch @param {[number, number]} place */
function cover(patch, [x, y]) {
  const covered = patch.slice();
  for (const at of toWindow(x, y)) covered[at] = 0;
  return covered;
}

/** @param {[number, number][]} places @param {Float32Array} falls */
function spread(places, falls) {
  const sums = new Float32Array(PATCH_SIZE);
  places.forEach(([x, y], at) => {
    for (const pixel of toWindow(x, y)) sums[pixel] += falls[at];
  });
  return sums.map((sum, at) => sum / (countWindows(at % PATCH_PX) * countWindows(Math.floor(at / PATCH_PX))));
}

/** How many windows cover a column. @param {number} at */
function countWindows(at) {
  return Math.min(at, N_PLACES - 1) - Math.max(0, at - WINDOW_PX + 1) + 1;
}

/** The pixels of a window. @param {number} x @param {number} y */
function toWindow(x, y) {
  return Array.from({ length: WINDOW_PX ** 2 }, (_, at) => (y + Math.floor(at / WINDOW_PX)) * PATCH_PX + x + (at % WINDOW_PX));
}
