/** Ink of one line -> a strip: the line level, its digits of one height; as in segment/strip.py, without a training part. */

/** @import { Ink } from "./records.js" */
/** @import { Piece } from "./pieces.js" */

import { resize } from "./resize.js";

/** Rows of the strip, height of the digits in its middle, paper left and right, and the most that it may be wide. */
const STRIP_PX = 32;
export const DIGIT_PX = 20;
const MARGIN_PX = 8;
const MAX_WIDTH_PX = 1024;

/** Columns of the strip for each that the network speaks of. */
const COLUMN_PX = 2;

/** The width of what the network sees is a multiple of this. */
const STEP_PX = 4;

/** Lower than that, a line is dirt. */
const LEAST_PX = 5;

/** Pieces whose height, as a share of that of most ink, is outside say nothing of the line: points, hats, bars. */
const ALIKE = [0.5, 2.5];

/** A line rises or falls by at most so much. */
const MAX_SLOPE = 0.15;

/** @typedef {Ink & {scale: number, left: number}} Strip with its pixels for each of the ink, and the column it begins at */

/**
 * Bring a line to the size that the network reads.
 *
 * @param {Ink} ink
 * @param {Piece[]} pieces of the ink
 * @returns {Strip | null} null where there is no ink but dirt
 */
export function toStrip(ink, pieces) {
  if (pieces.length === 0) return null;
  const { height_px, middle, slope } = fitLine(pieces);
  if (height_px < LEAST_PX) return null;
  const left = Math.min(...pieces.map((piece) => piece.box.x0));
  const right = Math.max(...pieces.map((piece) => piece.box.x1));
  const scale = Math.min(DIGIT_PX / height_px, (MAX_WIDTH_PX - 2 * MARGIN_PX) / (right - left));
  const small = resize(ink, Math.max(1, Math.round(ink.width * scale)), Math.max(1, Math.round(ink.height * scale)));
  const [across, down] = [small.width / ink.width, small.height / ink.height];
  const strip = place(small, {
    width: Math.round((right - left) * across) + 2 * MARGIN_PX,
    left: left * across - MARGIN_PX,
    top: middle * down - STRIP_PX / 2 + 0.5,
    slope: (slope * down) / across,
  });
  return { ...strip, scale: across, left: left - MARGIN_PX / across };
}

/** Turn a column of the network's answer into one of the line's ink. @param {Strip} strip @param {number} column */
export function toColumn({ scale, left }, column) {
  return (COLUMN_PX * column + COLUMN_PX / 2) / scale + left;
}

/** Do the reverse. @param {Strip} strip @param {number} column */
export function fromColumn({ scale, left }, column) {
  return ((column - left) * scale - COLUMN_PX / 2) / COLUMN_PX;
}

/**
 * Move some ink into a strip, level.
 *
 * @param {Ink} ink
 * @param {{width: number, left: number, top: number, slope: number}} to
 * @returns {Ink} as wide as the network takes it
 */
function place(ink, { width, left, top, slope }) {
  const strip = { values: new Float32Array(0), width: Math.ceil(width / STEP_PX) * STEP_PX, height: STRIP_PX };
  strip.values = new Float32Array(strip.width * strip.height);
  for (let y = 0; y < strip.height; y++) {
    for (let x = 0; x < width; x++) {
      strip.values[y * strip.width + x] = sample(ink, x + left, y + top + slope * (x + left));
    }
  }
  return strip;
}

/** Return the ink between pixels; outside there is none. @param {Ink} ink @param {number} x @param {number} y */
function sample({ values, width, height }, x, y) {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  let sum = 0;
  for (let below = 0; below <= 1; below++) {
    for (let beside = 0; beside <= 1; beside++) {
      const [i, j] = [column + beside, row + below];
      if (i < 0 || j < 0 || i >= width || j >= height) continue;
      sum += values[j * width + i] * Math.abs(1 - beside - (x - column)) * Math.abs(1 - below - (y - row));
    }
  }
  return sum;
}

/**
 * Return the height of a line's digits, the row of its middle in column 0, and how much it falls a column.
 *
 * @param {Piece[]} pieces
 */
function fitLine(pieces) {
  const all = pieces.map(({ box, area, centre_x }) => {
    const [width, height] = [box.x1 - box.x0, box.y1 - box.y0];
    const stout = Math.min(1, height / width) * Math.min(1, (3 * width) / height); // dashes and bars are not
    return { width, height, middle: box.y0 + height / 2, column: centre_x, weight: area * stout };
  });
  const usual = median(all.map(({ height, weight }) => [height, weight]));
  const alike = all.filter(({ height }) => height >= ALIKE[0] * usual && height <= ALIKE[1] * usual);
  const slope = alike.length > 2 ? fitSlope(alike) : 0;
  return {
    height_px: median(alike.map(({ height, width }) => [height, width])),
    middle: median(alike.map(({ middle, column, width }) => [middle - slope * column, width])),
    slope,
  };
}

/** @param {{width: number, column: number, middle: number}[]} pieces */
function fitSlope(pieces) {
  const total = pieces.reduce((sum, { width }) => sum + width, 0);
  const column = pieces.reduce((sum, each) => sum + each.column * each.width, 0) / total;
  const middle = pieces.reduce((sum, each) => sum + each.middle * each.width, 0) / total;
  const joint = pieces.reduce((sum, each) => sum + each.width * (each.column - column) * (each.middle - middle), 0);
  const spread = pieces.reduce((sum, each) => sum + each.width * (each.column - column) ** 2, 0);
  return Math.min(Math.max(joint / total / Math.max(spread / total, 1e-9), -MAX_SLOPE), MAX_SLOPE);
}

/** Return the first value up to which half of the weight lies. @param {[number, number][]} weighted */
function median(weighted) {
  const sorted = weighted.toSorted((one, other) => one[0] - other[0]);
  const half = sorted.reduce((sum, each) => sum + each[1], 0) / 2;
  let sum = 0;
  for (const [value, weight] of sorted) {
    sum += weight;
    if (sum >= half) return value;
  }
  return sorted[sorted.length - 1][0];
}
