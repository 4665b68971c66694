/** All the ink of a line: every stroke counts; as in ink/writing.py. */

/** @import { Ink } from "./records.js" */
/** @import { Blob } from "./blobs.js" */

import { findBlobs, grow } from "./blobs.js";
import { blur, close, findSlope, quantile, soften } from "./filters.js";
import { toContrast } from "./ground.js";
import { MIN_CONTRAST, toMask } from "./place.js";
import { resize } from "./resize.js";

/** Height that a line is brought to, enlarged at most so many times. */
const LINE_PX = 80;
const MAX_SCALE = 3;

/**
 * Width of the closing, as a share of the line's height: wider than any pen; and a narrower one, which leaves less of
 * shadows, where it is doubtful what stands there.
 */
export const GROUNDS = [0.25, 0.15];

/** Ink has this share of Otsu's threshold everywhere, and that share somewhere in each part that hangs together. */
const WEAK = 0.85;
const STRONG = 1.25;

/** A part whose edge is less steep than this share of the usual one's is a shadow. */
const SHARP = 0.6;

/** One that is so faint, and so low beside the usual one, is what is left of printed squares. */
const FAINT = 0.6;
const LOW = 0.45;

/** What covers this share of a side of the picture is a table beside the paper; so much wider it is taken out. */
const TABLE = 0.7;
const TABLE_PX = 2;

/** What stands at the left or right end over so much of the height is a table, or the next box; unless digits hang on it. */
const WHOLE = 0.97;
const SLIM = 0.3;

/** What lies along the upper or lower end for longer than the picture is high, and so over this share of its length, too. */
const ALONG = 0.5;

/** The quantile of the contrast within ink that counts as full ink, and the share of it below which paper begins. */
const STRENGTH = 0.7;
const FAINTEST = 0.2;

/** Levels of contrast that the threshold is looked for on, and how many a whole one has. */
const N_LEVELS = 256;
const LEVELS = 400;

/**
 * Find the ink of a line.
 *
 * @param {Ink} light in which ink is dark
 * @param {Ink | null} rules of the same part, 1 where printed lines are
 * @param {number} ground one of `GROUNDS`
 * @returns {Ink} as high as a line is brought to; all 0 where nothing stands out
 */
export function toWriting(light, rules, ground) {
  const scale = Math.min(LINE_PX / light.height, MAX_SCALE);
  const [width, height] = [light.width, light.height].map((side) => Math.max(1, Math.round(side * scale)));
  const small = soften(soften(resize(light, width, height)));
  const side = Math.round(ground * height) | 1;
  const contrast = toContrast(small, blur(close(blur(small, 2), side), side / 6));
  const printed = rules && resize(rules, width, height).values;
  if (printed) takeOutTable(contrast, printed);
  const threshold = findThreshold(contrast.values);
  const mask = toMask(contrast.values, WEAK * threshold);
  printed?.forEach((value, at) => (mask[at] &= value < 0.5 ? 1 : 0));
  const kept = keepInk(mask, contrast, threshold, rules !== null);
  const values = new Float32Array(contrast.values.length);
  const inked = contrast.values.filter((_, at) => kept[at]);
  const full = inked.length === 0 ? 0 : quantile(inked, STRENGTH);
  if (full < MIN_CONTRAST) return { values, width, height };
  grow(kept, width).forEach((is_near, at) => {
    const ink = contrast.values[at] / full;
    if (is_near && ink >= FAINTEST) values[at] = Math.min(ink, 1);
  });
  return { values, width, height };
}

/**
 * Take out what lies along most of a side, in place: beside a table, which is so much darker, ink would pass for paper.
 *
 * @param {Ink} contrast
 * @param {Float32Array} printed 1 where printed lines are
 */
function takeOutTable(contrast, printed) {
  const { values, width, height } = contrast;
  const mask = toMask(values, WEAK * findThreshold(values)).map((is_ink, at) => (printed[at] < 0.5 ? is_ink : 0));
  const sides = [
    Array.from({ length: width }, (_, x) => x),
    Array.from({ length: width }, (_, x) => (height - 1) * width + x),
    Array.from({ length: height }, (_, y) => y * width),
    Array.from({ length: height }, (_, y) => (y + 1) * width - 1),
  ];
  if (sides.every((side) => side.filter((at) => mask[at]).length < TABLE * side.length)) return;
  const { labels, blobs } = findBlobs(mask, contrast, findSlope(contrast), false);
  const is_table = blobs.map((_, n) =>
    sides.some((side) => side.filter((at) => mask[at] && labels[at] === n + 1).length >= TABLE * side.length),
  );
  /** @type {Uint8Array} */
  let table = mask.map((is_ink, at) => (is_ink && is_table[labels[at] - 1] ? 1 : 0));
  for (let px = 0; px < TABLE_PX; px++) table = grow(table, width);
  table.forEach((is_gone, at) => is_gone && (values[at] = 0));
}

/**
 * Keep the parts that are strong somewhere, as sharp and strong as most, and no edge of a table or a box.
 *
 * @param {Uint8Array} mask
 * @param {Ink} contrast
 * @param {number} threshold
 * @param {boolean} has_room above and below: a strip that others cut out may cut its digits
 */
function keepInk(mask, contrast, threshold, has_room) {
  const { labels, blobs } = findBlobs(mask, contrast, findSlope(contrast), false);
  const is_strong = blobs.map(() => false);
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] && contrast.values[at] > STRONG * threshold) is_strong[labels[at] - 1] = true;
  }
  const strong = blobs.filter((_, at) => is_strong[at]);
  const sharpness = findUsual(strong, (blob) => blob.steepness / blob.contrast);
  const strength = findUsual(strong, (blob) => blob.contrast);
  const usual_high = findUsual(strong, ({ box }) => box.y1 - box.y0);
  const contact = has_room ? countContact(mask, labels, contrast, blobs.length) : blobs.map(() => 0);
  const is_kept = blobs.map((blob, at) => {
    const wide = blob.box.x1 - blob.box.x0;
    const is_table = contact[at] >= contrast.height && contact[at] >= ALONG * wide;
    const high = blob.box.y1 - blob.box.y0;
    const is_rest = blob.contrast < FAINT * strength && high <= LOW * usual_high;
    const is_sharp = blob.steepness / blob.contrast >= SHARP * sharpness;
    return is_strong[at] && is_sharp && !is_rest && !is_table && !isEdge(blob, contrast);
  });
  return mask.map((is_ink, at) => (is_ink && is_kept[labels[at] - 1] ? 1 : 0));
}

/**
 * Count how many pixels of each part lie along the upper end, or along the lower one if more do.
 *
 * @param {Uint8Array} mask
 * @param {Int32Array} labels 1 and up
 * @param {Ink} picture
 * @param {number} n parts
 */
function countContact(mask, labels, { width, height }, n) {
  const [upper, lower] = [0, height - 1].map((row) => {
    const counts = Array(n).fill(0);
    for (let at = row * width; at < (row + 1) * width; at++) if (mask[at]) counts[labels[at] - 1]++;
    return counts;
  });
  return upper.map((count, at) => Math.max(count, lower[at]));
}

/** Whether a part is the edge of a table, or the line of a box. @param {Blob} blob @param {Ink} picture */
function isEdge({ box }, { width, height }) {
  const is_at_side = box.x0 === 0 || box.x1 === width;
  return is_at_side && box.y1 - box.y0 >= WHOLE * height && box.x1 - box.x0 <= SLIM * height;
}

/** Return what half of the ink has at most. @param {Blob[]} blobs @param {(blob: Blob) => number} measure */
function findUsual(blobs, measure) {
  const measured = blobs.map((blob) => ({ value: measure(blob), area: blob.area }));
  const sorted = measured.toSorted((one, other) => one.value - other.value);
  let left = sorted.reduce((sum, { area }) => sum + area, 0) / 2;
  return sorted.find(({ area }) => (left -= area) <= 0)?.value ?? 0;
}

/** Return the contrast that parts ink from paper best: Otsu's. @param {Float32Array} contrast */
function findThreshold(contrast) {
  const counts = new Float64Array(N_LEVELS);
  for (const value of contrast) counts[Math.min(Math.floor(value * LEVELS), N_LEVELS - 1)]++;
  const total = counts.reduce((sum, n, level) => sum + n * level, 0);
  let [best, threshold, n_below, sum_below] = [-1, 0, 0, 0];
  for (let level = 0; level < N_LEVELS; level++) {
    n_below += counts[level];
    sum_below += counts[level] * level;
    const n_above = contrast.length - n_below;
    if (n_below === 0 || n_above === 0) continue;
    const between = n_below * n_above * (sum_below / n_below - (total - sum_below) / n_above) ** 2;
    if (between > best) [best, threshold] = [between, level];
  }
  return threshold / LEVELS;
}
