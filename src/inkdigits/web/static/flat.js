/** The ink on a flat ground: screenshots, drawing pads, cut-out digits. It differs from the ground; as in ink/flat.py. */

/** @import { Ink, Pixels } from "./records.js" */

import { MIN_CONTRAST } from "./place.js";

/** Pictures up to this are cut-out digits: always on a flat ground. */
const SMALL_PX = 64;

/** Levels that JPEG and a scanner add to a flat ground. */
const FLAT_LEVELS = 8;

/** So much of a picture on a flat ground has the ground's colour; a thick digit leaves about half. */
const FLAT_SHARE = 0.35;

/** A flat ground is as light in each of so many cells a side, but for this share of them, which a blurred stroke fills. */
const CELLS = 12;
const UNEVEN_SHARE = 0.03;

/** What has this share of the strongest difference is ink: in each cell, and of each pixel half as much. */
const INK_SHARE = 0.4;

/** So many pixels a side are looked at of each cell, and of the whole picture. */
const CELL_PX = 10;
const SAMPLE_PX = 256;

/**
 * Find the ink on a flat ground.
 *
 * @param {Pixels} pixels
 * @returns {Ink | null} null where the ground is not flat
 */
export function toFlatInk(pixels) {
  const { width, height } = pixels;
  const ground = findGround(pixels);
  const is_small = Math.max(width, height) <= SMALL_PX;
  const cells = is_small ? [] : lookAtCells(pixels, ground);
  if (!is_small && !hasGround(cells)) return null; // which most photos have not: then it was found out soon
  const difference = findDifference(pixels, ground);
  const peak = difference.reduce((most, each) => Math.max(most, each), 0);
  const values = new Float32Array(difference.length);
  if (peak < 255 * MIN_CONTRAST) return { values, width, height };
  if (!is_small && !isEven(cells, peak)) return null;
  const least = Math.max((INK_SHARE * peak) / 2, is_small ? 0 : FLAT_LEVELS);
  for (let at = 0; at < values.length; at++) values[at] = difference[at] > least ? difference[at] / peak : 0;
  return { values, width, height };
}

/** Whether enough of what was looked at is ground. @param {number[][]} cells */
function hasGround(cells) {
  const all = cells.flat();
  return all.filter((difference) => difference <= FLAT_LEVELS).length >= FLAT_SHARE * all.length;
}

/** Whether the ground is as light everywhere. @param {number[][]} cells @param {number} peak */
function isEven(cells, peak) {
  const usual = cells.map((cell) => cell.toSorted((one, other) => one - other)[cell.length >> 1]);
  const uneven = usual.filter((each) => each > FLAT_LEVELS / 2 && each < INK_SHARE * peak);
  return uneven.length <= UNEVEN_SHARE * cells.length;
}

/**
 * Return how far some pixels of each cell lie from the ground's colour.
 *
 * @param {Pixels} pixels
 * @param {number[]} ground
 */
function lookAtCells(pixels, ground) {
  const [n_across, n_down] = [Math.min(CELLS, pixels.width), Math.min(CELLS, pixels.height)];
  const [across, down] = [pixels.width / n_across, pixels.height / n_down];
  return Array.from({ length: n_across * n_down }, (_, cell) => {
    const [left, top] = [(cell % n_across) * across, Math.floor(cell / n_across) * down];
    return Array.from({ length: CELL_PX * CELL_PX }, (_, sample) => {
      const column = Math.floor(left + (across * (sample % CELL_PX)) / CELL_PX);
      const row = Math.floor(top + (down * Math.floor(sample / CELL_PX)) / CELL_PX);
      return measure(pixels.data, 4 * (row * pixels.width + column), ground);
    });
  });
}

/**
 * How far a pixel lies from the ground's colour, in the channel where it lies farthest.
 *
 * @param {Uint8ClampedArray} data
 * @param {number} at
 * @param {number[]} ground
 */
function measure(data, at, ground) {
  return Math.max(Math.abs(data[at] - ground[0]), Math.abs(data[at + 1] - ground[1]), Math.abs(data[at + 2] - ground[2]));
}

/** @param {Pixels} pixels @param {number[]} ground */
function findDifference({ data, width, height }, ground) {
  const difference = new Uint8Array(width * height);
  for (let at = 0; at < difference.length; at++) difference[at] = measure(data, 4 * at, ground);
  return difference;
}

/** Return the ground's colour: the commonest, where the edge counts as much as all the rest. @param {Pixels} pixels */
function findGround({ data, width, height }) {
  const step = Math.max(1, Math.floor(Math.max(width, height) / SAMPLE_PX));
  const [inner, edge] = [[], []].map(() => [0, 1, 2].map(() => new Float64Array(256)));
  const count = (/** @type {Float64Array[]} */ counts, /** @type {number} */ x, /** @type {number} */ y) => {
    for (let channel = 0; channel < 3; channel++) counts[channel][data[4 * (y * width + x) + channel]]++;
  };
  for (let y = 0; y < height; y += step) for (let x = 0; x < width; x += step) count(inner, x, y);
  for (let x = 0; x < width; x++) count(edge, x, 0), count(edge, x, height - 1);
  for (let y = 0; y < height; y++) count(edge, 0, y), count(edge, width - 1, y);
  return inner.map((counts, channel) => findMode(counts, edge[channel]));
}

/** Return the commonest level within the commonest few. @param {Float64Array} inner @param {Float64Array} edge */
function findMode(inner, edge) {
  const [n_inner, n_edge] = [inner, edge].map((counts) => counts.reduce((sum, each) => sum + each, 0));
  const votes = inner.map((count, level) => count / n_inner + edge[level] / n_edge);
  const near = votes.map((_, level) => {
    const few = votes.subarray(Math.max(0, level - FLAT_LEVELS / 2), level + FLAT_LEVELS / 2 + 1);
    return few.reduce((sum, each) => sum + each, 0);
  });
  const most = Math.max(...near);
  const likely = votes.map((vote, level) => (near[level] > 0.9 * most ? vote : 0));
  return likely.indexOf(Math.max(...likely));
}
