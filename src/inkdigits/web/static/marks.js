/**
 * Points and commas that stand alone between the digits of a line, where the network for lines saw none; as `find_marks`
 * does it in segment/spans.py. Only where touching digits are cut apart is of no interest here: no mark fits between them.
 */

/** @import { Piece } from "./pieces.js" */
/** @import { Part, Place } from "./spelling.js" */
/** @import { Strip } from "./strip.js" */
/** @import { Box } from "./records.js" */

import { gaps, surround } from "./pieces.js";
import { DIGIT_PX, toColumn } from "./strip.js";

/** A piece in no digit's column belongs to one if it lies no further from it than this share of its height ... */
const NEAR = 0.25;

/** ... unless it is smaller than this share, and beside it: a point, a comma, a speck. */
const SMALL = 0.3;

/** A digit stands in the piece that has most ink within so many heights of its column: others reach around it. */
const BAND = 0.15;

/** And if the digit with it has at most so many times the height of one: what is left of underlines and boxes is none. */
const HIGHEST = 1.15;

/** A point has at least this share of the height; from so many times as high as wide on, it is a comma. */
const DOT = 0.06;
const COMMA = 1.4;

/** Soft edge of a digit, outside of its pieces. */
const EDGE_PX = 1;

/**
 * Find the mark before each digit.
 *
 * @param {Piece[]} pieces of the line's ink
 * @param {Strip} strip
 * @param {Part[]} digits from left to right
 * @returns {string[]} before each digit ".", "," or nothing
 */
export function findMarks(pieces, strip, digits) {
  const boxes = findBoxes(pieces, strip, digits);
  return boxes.map((after, at) => (at === 0 ? "" : findMark(pieces, boxes[at - 1], after, DIGIT_PX / strip.scale)));
}

/** @param {Piece[]} pieces @param {Box} before @param {Box} after @param {number} high */
function findMark(pieces, before, after, high) {
  const foot = Math.min(before.y1, after.y1);
  const found = pieces.findLast(({ box: { x0, y0, x1, y1 } }) => {
    const longer = Math.max(x1 - x0, y1 - y0);
    const is_small = DOT * high <= longer && longer <= SMALL * high;
    const is_low = Math.abs((y0 + y1) / 2 - foot) <= SMALL * high;
    return is_small && is_low && before.x1 - EDGE_PX <= x0 && x1 <= after.x0 + EDGE_PX;
  });
  if (!found) return "";
  const { x0, y0, x1, y1 } = found.box;
  return y1 - y0 > COMMA * (x1 - x0) ? "," : ".";
}

/**
 * Return the box of each digit: of the pieces that it stands in, and of those near it that no digit stands in.
 *
 * @param {Piece[]} pieces
 * @param {Strip} strip
 * @param {Part[]} digits
 * @returns {Box[]}
 */
export function findBoxes(pieces, strip, digits) {
  const columns = digits.map(({ column }) => toColumn(strip, column));
  const own = findOwn(pieces, strip, digits);
  const homes = own.map(([home]) => home);
  const shares = own.map(([, ...others], at) => surround([shareOf(homes, columns, at), ...others.map(({ box }) => box)]));
  return shares.map(({ x0, y0, x1, y1 }) => ({
    x0: x0 - EDGE_PX, y0: y0 - EDGE_PX, x1: x1 + EDGE_PX, y1: y1 + EDGE_PX,
  }));
}

/**
 * Return the pieces of each digit: first the one that it stands in, which several may share.
 *
 * @param {Piece[]} pieces
 * @param {Strip} strip
 * @param {Place[]} digits
 * @returns {Piece[][]}
 */
export function findOwn(pieces, strip, digits) {
  const high = DIGIT_PX / strip.scale;
  const homes = digits.map(({ column }) => findInked(pieces, toColumn(strip, column), BAND * high));
  const own = homes.map((home) => [home]);
  for (const piece of pieces.filter((each) => !homes.includes(each))) {
    const digit = findNearest(piece, homes, high);
    if (digit >= 0) own[digit].push(piece);
  }
  return own;
}

/**
 * Return the piece that has most ink within reach of a column; the nearest one where none has any.
 *
 * @param {Piece[]} pieces
 * @param {number} column
 * @param {number} reach
 */
function findInked(pieces, column, reach) {
  const [first, last] = [Math.round(column - reach), Math.round(column + reach)];
  const inked = pieces.map(({ columns }) => {
    let sum = 0;
    for (let at = first; at <= last; at++) sum += columns.get(at) ?? 0;
    return sum;
  });
  const most = Math.max(...inked);
  return most > 0 ? pieces[inked.indexOf(most)] : findHome(pieces, column);
}

/**
 * Return the piece that a digit stands in: the nearest one, and of several the largest.
 *
 * @param {Piece[]} pieces
 * @param {number} column
 */
export function findHome(pieces, column) {
  const away = (/** @type {Piece} */ { box }) => Math.round(Math.max(0, box.x0 - column, column - box.x1 + 1));
  return pieces.reduce((best, each) => (away(each) - away(best) || best.area - each.area) < 0 ? each : best);
}

/**
 * Return a digit's part of its piece: as far as half the way to those that stand in it too.
 *
 * @param {Piece[]} homes
 * @param {number[]} columns
 * @param {number} digit
 * @returns {Box}
 */
function shareOf(homes, columns, digit) {
  const { box } = homes[digit];
  const middle = (/** @type {number} */ other) => (columns[digit] + columns[other]) / 2;
  return {
    ...box,
    x0: homes[digit - 1] === homes[digit] ? middle(digit - 1) : box.x0,
    x1: homes[digit + 1] === homes[digit] ? middle(digit + 1) : box.x1,
  };
}

/**
 * Return the digit that a piece without one belongs to; -1: none.
 *
 * @param {Piece} piece
 * @param {Piece[]} homes
 * @param {number} high
 */
function findNearest({ box }, homes, high) {
  const is_large = Math.max(box.x1 - box.x0, box.y1 - box.y0) >= SMALL * high;
  const reach = NEAR * high;
  const distances = homes.map((home) => {
    const [across, down] = gaps(box, home.box);
    const { y0, y1 } = surround([box, home.box]);
    if (y1 - y0 > HIGHEST * high) return Infinity;
    return down <= reach && across <= (is_large ? reach : 0) ? across + down : Infinity;
  });
  const least = Math.min(...distances);
  return least < Infinity ? distances.indexOf(least) : -1;
}
