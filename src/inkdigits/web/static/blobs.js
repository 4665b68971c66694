/** What stands out from paper: the parts of a mask that hang together, and how much they are like strokes of a pen. */

/** @import { Box, Ink } from "./records.js" */

import { findPieces } from "./pieces.js";

/**
 * @typedef {object} Blob
 * @property {Box} box
 * @property {number} area pixels
 * @property {number} contrast mean of them
 * @property {number} steepness mean slope of the outermost ones
 * @property {number} contact pixels in the two outermost rows and columns of the picture
 *
 * @typedef {object} Blobs
 * @property {Uint8Array} mask
 * @property {Int32Array} labels 1 + the index of each pixel's blob, also around it
 * @property {Blob[]} blobs
 */

/**
 * Find the blobs of a mask.
 *
 * @param {Uint8Array} mask 1 where something stands out
 * @param {Ink} contrast
 * @param {Float32Array} slope of the contrast
 * @param {boolean} is_bridged whether a gap of a pixel or two, which grain leaves, parts nothing
 * @returns {Blobs}
 */
export function findBlobs(mask, contrast, slope, is_bridged) {
  const { width, height } = contrast;
  const values = new Float32Array(is_bridged ? grow(mask, width) : mask);
  const { labels, pieces } = findPieces({ values, width, height });
  const found = pieces.map(() => ({
    box: { x0: width, y0: height, x1: 0, y1: 0 }, area: 0, contrast: 0, steepness: 0, contact: 0, n_rim: 0,
  }));
  for (let at = 0; at < mask.length; at++) {
    if (mask[at]) note(found[labels[at] - 1], at, mask, contrast, slope);
  }
  const blobs = found.map(({ n_rim, ...blob }) => ({
    ...blob, contrast: blob.contrast / blob.area, steepness: blob.steepness / Math.max(n_rim, 1),
  }));
  return { mask, labels, blobs };
}

/**
 * Add a pixel to its blob.
 *
 * @param {Blob & {n_rim: number}} blob
 * @param {number} at
 * @param {Uint8Array} mask
 * @param {Ink} contrast
 * @param {Float32Array} slope
 */
function note(blob, at, mask, { values, width, height }, slope) {
  const x = at % width;
  const y = (at - x) / width;
  const { box } = blob;
  if (x < box.x0) box.x0 = x;
  if (y < box.y0) box.y0 = y;
  if (x >= box.x1) box.x1 = x + 1;
  if (y >= box.y1) box.y1 = y + 1;
  blob.area++;
  blob.contrast += values[at];
  if (x < 2 || y < 2 || x >= width - 2 || y >= height - 2) blob.contact++;
  else if (!isInside(mask, at, width)) {
    blob.n_rim++;
    blob.steepness += slope[at];
  }
}

/** Whether all around a pixel is in the mask too. @param {Uint8Array} mask @param {number} at @param {number} width */
function isInside(mask, at, width) {
  const [above, below] = [at - width, at + width];
  return mask[at - 1] & mask[at + 1] & mask[above] & mask[below]
    & mask[above - 1] & mask[above + 1] & mask[below - 1] & mask[below + 1];
}

/** Add the pixels around a mask. @param {Uint8Array} mask @param {number} width @returns {Uint8Array} */
export function grow(mask, width) {
  const wider = mask.slice();
  for (let at = 0; at < mask.length; at++) {
    if (!mask[at]) continue;
    if (at % width > 0) wider[at - 1] = 1;
    if ((at + 1) % width > 0) wider[at + 1] = 1;
  }
  const grown = wider.slice();
  for (let at = 0; at < wider.length; at++) {
    if (wider[at]) grown[at - width] = grown[at + width] = 1; // beyond the ends of an array nothing is kept
  }
  return grown;
}
