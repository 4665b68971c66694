/** Where in a photo the digits stand: the blob that is most like ink, and what stands beside it; as in ink/photo.py. */

/** @import { Box, Ink } from "./records.js" */
/** @import { Blob, Blobs } from "./blobs.js" */

import { findBlobs, grow } from "./blobs.js";
import { findSlope, quantile, soften, thin } from "./filters.js";
import { toContrasts } from "./ground.js";
import { surround } from "./pieces.js";
import { findRules } from "./rules.js";

/** Fainter than this is no ink. */
export const MIN_CONTRAST = 0.06;

/** Ink stands out from the paper's grain by so many standard deviations. */
const N_SIGMAS = 5;

/** What has this share of the ink's own contrast is ink; below lie blurred edges, rules and shadows. */
const INK_SHARE = 0.4;

/** Widths of the ground, as shares of the longer side: each fills strokes up to about that width. */
const WIDTHS = [0.03, 0.06, 0.12, 0.2];

/** What touches the edge counts so much; what does over that share of the shorter side, hardly; over more, not at all. */
const AT_EDGE = 0.1;
const ALONG_EDGE = 0.1;
const EDGE_ITSELF = 0.5;

/** And what has this share of its pixels there is what the light leaves at the edge. */
const MOSTLY_EDGE = 0.15;
const HARDLY = 1e-9;

/** A blob of a line is ink like the best one at least so far: digits are not all drawn as sharply. */
const TRUSTED = 0.1;

/** What belongs to a line shares so much of its height, or of the line's, stands within so many heights, and is no higher. */
const BESIDE = 0.4;
const REACH = 2;
const HIGHEST = 2;

/** The contrast of ink rises by so much in a pixel at its edge; squared, it is so many times the grain's deviation. */
const MIN_SLOPE = 0.011;
const MIN_CLEARNESS = 1.1;

/** A digit is so long, as a share of the photo's shorter side; what is one pixel wide longer, since rules leave such bits. */
const LEAST = 0.05;
const LEAST_OF_LINE = 0.15;

/**
 * @typedef {object} Found what stands out
 * @property {Ink} contrast
 * @property {number} strength contrast of the best blob's strokes
 * @property {Blobs} blobs
 * @property {number[]} worth how likely each blob is a digit
 * @property {number[]} weight the same, whatever its size
 * @property {Uint8Array} rules 1 where printed lines are
 *
 * @typedef {object} Place
 * @property {Box} line around the digits
 * @property {Ink} ink of the whole photo: as much of it as is like the best blob
 * @property {Uint8Array} rules of the whole photo
 */

/** Find the line of digits, or the one digit. @param {Ink} light in which ink is dark @returns {Place | null} */
export function findPlace(light) {
  const found = findBest(light);
  if (!found) return null;
  const { blobs, worth, weight, rules } = found;
  const best = worth.indexOf(Math.max(...worth));
  const trust = weight.map((each) => Math.min(1, each / Math.max(weight[best], 1e-12)));
  const trusted = blobs.blobs.filter((_, at) => trust[at] >= TRUSTED);
  return { line: growLine(blobs.blobs[best].box, trusted.map(({ box }) => box)), ink: cutOut(found, trust), rules };
}

/**
 * Return the ink of the blobs with their soft edges, each as strong as it is trusted.
 *
 * @param {Found} found
 * @param {number[]} trust
 * @returns {Ink}
 */
function cutOut({ contrast: { values: contrast, width, height }, strength, blobs: { mask, labels } }, trust) {
  const values = new Float32Array(contrast.length);
  grow(mask, width).forEach((is_near, at) => { // where a blob ends, its label goes on
    const ink = is_near ? Math.min(contrast[at] / strength, 1) * trust[labels[at] - 1] : 0;
    if (ink >= INK_SHARE / 2) values[at] = ink;
  });
  return { values, width, height };
}

/**
 * Take boxes to a line for as long as one stands beside it, at its height.
 *
 * @param {Box} main
 * @param {Box[]} boxes
 * @returns {Box}
 */
function growLine(main, boxes) {
  const line = surround([main, ...boxes.filter((box) => isBeside(box, main))]);
  const has_grown = line.x0 < main.x0 || line.y0 < main.y0 || line.x1 > main.x1 || line.y1 > main.y1;
  return has_grown ? growLine(line, boxes) : line;
}

/** @param {Box} box @param {Box} line */
function isBeside(box, line) {
  const [high, line_high] = [box.y1 - box.y0, line.y1 - line.y0];
  const shared = Math.min(box.y1, line.y1) - Math.max(box.y0, line.y0);
  const gap = Math.max(box.x0 - line.x1, line.x0 - box.x1);
  return shared >= BESIDE * Math.min(high, line_high) && gap <= REACH * line_high && high <= HIGHEST * line_high;
}

/** Try the widths of the ground; return what stands out at the one with the best blob. @param {Ink} light */
function findBest(light) {
  const contrasts = toContrasts(soften(light), WIDTHS);
  const slope = findSlope(contrasts[contrasts.length - 1]);
  const usual = quantile(thin(slope, 13), 0.5);
  for (let at = 0; at < slope.length; at++) slope[at] = Math.max(slope[at] - usual, 0);
  /** @type {Found | null} */
  let best = null;
  /** @type {Uint8Array | null} */
  let rules = null;
  for (const contrast of contrasts) {
    const { middle, sigma } = findGrain(contrast.values);
    const mask = toMask(contrast.values, middle + Math.max(N_SIGMAS * sigma, MIN_CONTRAST));
    rules ??= findRules(mask, contrast.width); // they are thin, so the narrowest closing shows them best
    const found = lookAt(contrast, mask, slope, sigma, rules);
    if (found && Math.max(...found.worth) > (best ? Math.max(...best.worth) : 0)) best = found;
  }
  return best;
}

/**
 * Find the blobs at one width; then again, without what is fainter than the best of them.
 *
 * @param {Ink} contrast
 * @param {Uint8Array} mask
 * @param {Float32Array} slope
 * @param {number} sigma of the grain
 * @param {Uint8Array} rules
 * @returns {Found | null}
 */
function lookAt(contrast, mask, slope, sigma, rules) {
  for (let at = 0; at < mask.length; at++) mask[at] &= 1 - rules[at];
  /** @type {Found | null} */
  let found = null;
  for (let turn = 0; turn < 2; turn++) {
    const blobs = findBlobs(mask.slice(), contrast, slope, true);
    if (blobs.blobs.length === 0) return null;
    const judged = judge(blobs.blobs, Math.min(contrast.width, contrast.height), sigma);
    found = { contrast, strength: 0, blobs, rules, ...judged };
    const main = 1 + found.worth.indexOf(Math.max(...found.worth));
    found.strength = quantile(collect(contrast.values, mask, blobs.labels, main), 0.75);
    for (let at = 0; at < mask.length; at++) if (contrast.values[at] <= INK_SHARE * found.strength) mask[at] = 0;
  }
  return found;
}

/**
 * Say of each blob how likely it is a digit: it has much ink, and above all sharp edges, which no shadow has.
 *
 * @param {Blob[]} blobs
 * @param {number} side_px the shorter one of the photo
 * @param {number} sigma of the grain
 */
function judge(blobs, side_px, sigma) {
  const weight = blobs.map(({ box, area, contrast, steepness, contact }) => {
    const [short, long] = [box.x1 - box.x0, box.y1 - box.y0].toSorted((one, other) => one - other);
    if (long < (short > 1 ? LEAST : LEAST_OF_LINE) * side_px) return 0;
    if (contact > EDGE_ITSELF * side_px || steepness < MIN_SLOPE || contrast ** 2 < MIN_CLEARNESS * sigma) return 0;
    if (contact > ALONG_EDGE * side_px) return contact > MOSTLY_EDGE * area ? 0 : HARDLY;
    return (steepness / Math.max(contrast, 1e-6)) ** 3 * (contact > 0 ? AT_EDGE : 1);
  });
  return { weight, worth: blobs.map(({ contrast, area }, at) => contrast * area * weight[at]) };
}

/**
 * Return the values of one blob.
 *
 * @param {Float32Array} values
 * @param {Uint8Array} mask
 * @param {Int32Array} labels
 * @param {number} label
 */
function collect(values, mask, labels, label) {
  const found = [];
  for (let at = 0; at < mask.length; at++) if (mask[at] && labels[at] === label) found.push(values[at]);
  return found;
}

/**
 * Return the contrast of bare paper, and the standard deviation that its grain gives it.
 *
 * @param {Float32Array} contrast
 */
function findGrain(contrast) {
  const sample = thin(contrast, 13);
  const middle = quantile(sample, 0.5);
  return { middle, sigma: 1.4826 * quantile(sample.map((value) => Math.abs(value - middle)), 0.5) };
}

/** @param {Float32Array} values @param {number} least */
export function toMask(values, least) {
  const mask = new Uint8Array(values.length);
  for (let at = 0; at < mask.length; at++) mask[at] = values[at] > least ? 1 : 0;
  return mask;
}
