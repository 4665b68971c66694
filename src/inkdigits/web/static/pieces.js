/** Ink -> its pieces, which hang together, and the glyph of the one digit; as in segment/glyph.py. */

/** @import { Box, Ink } from "./records.js" */

/** Ink of this strength makes a piece; fainter ink around it belongs to it as its soft edge. */
export const CORE = 0.35;

/** The longer side of a digit is at least this share of the pad's shorter side, and so many pixels; less is a speck. */
const MIN_SIDE = 0.03;
const MIN_SIDE_PX = 3;

/** A piece that lies this share of the digit's longer side away still belongs to it: the hat of a 5. */
const REACH = 0.2;

/** And if it has this share of the main piece's area; less is a speck. */
const PART_AREA = 0.03;

/**
 * @typedef {object} Piece
 * @property {Box} box
 * @property {number} area pixels of core ink
 * @property {number} mass ink in them
 * @property {number} centre_x mean column of its pixels
 * @property {Map<number, number>} columns how many of them lie in each column
 *
 * @typedef {object} Found what hangs together in some ink
 * @property {number} width of the ink
 * @property {Int32Array} labels 1 + the index of each pixel's piece, 0 where there is none
 * @property {Piece[]} pieces
 *
 * @typedef {Ink & {box: Box}} Glyph of a digit, and where it was cut out
 */

/**
 * Find what hangs together, corners included.
 *
 * @param {Ink} ink
 * @returns {Found}
 */
export function findPieces(ink) {
  const labels = new Int32Array(ink.values.length);
  /** @type {Piece[]} */
  const pieces = [];
  for (let start = 0; start < labels.length; start++) {
    if (labels[start] === 0 && ink.values[start] >= CORE) pieces.push(fill(ink, labels, start, pieces.length + 1));
  }
  return { width: ink.width, labels, pieces };
}

/**
 * Give a label to everything that hangs together with one pixel.
 *
 * @param {Ink} ink
 * @param {Int32Array} labels
 * @param {number} start
 * @param {number} label
 * @returns {Piece}
 */
function fill({ values, width, height }, labels, start, label) {
  const box = { x0: width, y0: height, x1: 0, y1: 0 };
  let [area, mass, sum] = [0, 0, 0];
  /** @type {Map<number, number>} */
  const columns = new Map();
  const open = [start];
  labels[start] = label;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const x = at % width;
    const y = (at - x) / width;
    area++;
    mass += values[at];
    sum += x;
    columns.set(x, (columns.get(x) ?? 0) + 1);
    widen(box, x, y);
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        const next = row * width + column;
        if (labels[next] === 0 && values[next] >= CORE) {
          labels[next] = label;
          open.push(next);
        }
      }
    }
  }
  return { box, area, mass, centre_x: sum / area, columns };
}

/** @param {Box} box @param {number} x @param {number} y */
function widen(box, x, y) {
  box.x0 = Math.min(box.x0, x);
  box.y0 = Math.min(box.y0, y);
  box.x1 = Math.max(box.x1, x + 1);
  box.y1 = Math.max(box.y1, y + 1);
}

/** Cut a part out of some ink. @param {Ink} ink @param {Box} box @returns {Ink} */
export function cut(ink, { x0, y0, x1, y1 }) {
  const [width, height] = [x1 - x0, y1 - y0];
  const values = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y0 + row) * ink.width + x0;
    values.set(ink.values.subarray(from, from + width), row * width);
  }
  return { values, width, height };
}

/** Return the whole pixels of a box that lie in some ink. @param {Box} box @param {Ink} ink @returns {Box} */
export function within({ x0, y0, x1, y1 }, { width, height }) {
  return {
    x0: Math.max(0, Math.floor(x0)), y0: Math.max(0, Math.floor(y0)),
    x1: Math.min(width, Math.ceil(x1)), y1: Math.min(height, Math.ceil(y1)),
  };
}

/**
 * Find the glyph of the one digit: the piece with most ink, with what lies close to it.
 *
 * @param {Ink} ink
 * @param {Found} found
 * @returns {Glyph | null} null where there is no ink, or only specks
 */
export function findGlyph(ink, { labels, pieces }) {
  if (pieces.length === 0) return null;
  const main = pieces.reduce((best, each) => (each.mass > best.mass ? each : best));
  const least = Math.max(MIN_SIDE_PX, MIN_SIDE * Math.min(ink.width, ink.height));
  if (longerSide(main.box) < least) return null;
  return cutOut(ink, labels, findOwn(pieces, main));
}

/** @param {Box} box */
function longerSide(box) {
  return Math.max(box.x1 - box.x0, box.y1 - box.y0);
}

/**
 * Say which pieces make up the digit: grows from the main one until nothing is near.
 *
 * @param {Piece[]} pieces
 * @param {Piece} main
 * @returns {boolean[]} one a label, the first for none
 */
function findOwn(pieces, main) {
  const reach = REACH * longerSide(main.box);
  const own = new Set([main]);
  for (let isGrowing = true; isGrowing; ) {
    const around = surround([...own].map((each) => each.box));
    const near = pieces.filter(
      (each) => !own.has(each) && each.area >= PART_AREA * main.area && Math.hypot(...gaps(each.box, around)) <= reach,
    );
    near.forEach((each) => own.add(each));
    isGrowing = near.length > 0;
  }
  return [false, ...pieces.map((each) => own.has(each))];
}

/** @param {Box[]} boxes @returns {Box} */
export function surround(boxes) {
  return {
    x0: Math.min(...boxes.map((box) => box.x0)),
    y0: Math.min(...boxes.map((box) => box.y0)),
    x1: Math.max(...boxes.map((box) => box.x1)),
    y1: Math.max(...boxes.map((box) => box.y1)),
  };
}

/** How far one box lies from another, across and down. @param {Box} one @param {Box} other @returns {[number, number]} */
export function gaps(one, other) {
  const across = Math.max(0, one.x0 - other.x1, other.x0 - one.x1);
  const down = Math.max(0, one.y0 - other.y1, other.y0 - one.y1);
  return [across, down];
}

/**
 * Cut a glyph out with its soft edges, without other ink in its box.
 *
 * @param {Ink} ink
 * @param {Int32Array} labels
 * @param {boolean[]} own whether each label is its own
 * @returns {Glyph}
 */
export function cutOut(ink, labels, own) {
  const { width, height } = ink;
  const values = new Float32Array(ink.values.length);
  const box = { x0: width, y0: height, x1: 0, y1: 0 };
  for (let at = 0; at < labels.length; at++) {
    if (!own[labels[at]]) continue;
    const x = at % width;
    const y = (at - x) / width;
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        const near = row * width + column;
        if (ink.values[near] === 0) continue;
        values[near] = ink.values[near];
        widen(box, column, row);
      }
    }
  }
  return { ...cut({ values, width, height }, box), box };
}
