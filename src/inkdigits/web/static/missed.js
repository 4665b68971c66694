/**
 * What the network for lines left out: ink as high as a digit in which no digit of the line stands. As in
 * segment/missed.py and decode/missed.py.
 */

/** @import { Box } from "./records.js" */
/** @import { Found, Piece } from "./pieces.js" */
/** @import { Part, Place, Spelling } from "./spelling.js" */
/** @import { Strip } from "./strip.js" */

import { findHome, findOwn } from "./marks.js";
import { toCharacter } from "./records.js";
import { N_ALTERNATIVES, NEVER } from "./spelling.js";
import { DIGIT_PX, fromColumn, toColumn } from "./strip.js";

/** So high it is, as a share of a digit's height: a dash is lower, a rule or a shadow higher. */
const TALL = 0.6;
const TALLEST = 1.6;

/** This share of its height is level with a digit beside it, and at most that of its width lies over or under one. */
const LEVEL = 0.6;
const OVER = 0.33;

/** Accepted as a digit if the network for single digits is so sure that one stands there, and which. */
const CERTAIN = 0.9;

/**
 * Asks the network for single digits about glyphs, each of several pieces.
 *
 * @typedef {(glyphs: Piece[][]) => Promise<{probabilities: number[], score: number}[]>} Look
 */

/**
 * Put in what the network for lines left out: as the digit that the other network surely sees, or as no digit.
 *
 * @param {Spelling} spelling
 * @param {Found} found in the line's ink
 * @param {Strip} strip
 * @param {Look} look
 * @param {number} threshold digit score below which a glyph is no digit
 * @returns {Promise<Spelling>}
 */
export async function complete(spelling, found, strip, look, threshold) {
  const { pieces } = found;
  let missed = findMissed(found, strip, spelling.digits);
  if (missed.length > 0 && spelling.digits.length > 0) {
    missed = await withoutStrokes(missed, findOwn(pieces, strip, spelling.digits), spelling, look, threshold);
  }
  if (missed.length === 0) return spelling;
  const columns = missed.map(({ box }) => fromColumn(strip, (box.x0 + box.x1) / 2));
  const places = [...spelling.digits, ...columns.map((column) => ({ column }))];
  const said = await look(findOwn(pieces, strip, places).slice(spelling.digits.length));
  return addMissed(spelling, said.map((each, at) => toMissed(each, columns[at], threshold)));
}

/**
 * Leave out what belongs to a digit beside it: the two together are surely what was read there.
 *
 * @param {Piece[]} missed
 * @param {Piece[][]} own pieces of each digit
 * @param {Spelling} spelling
 * @param {Look} look
 * @param {number} threshold
 */
async function withoutStrokes(missed, own, { digits }, look, threshold) {
  const said = await look(own);
  const is_whole = said.map(({ probabilities, score }, at) => {
    return score >= threshold && probabilities.indexOf(Math.max(...probabilities)) === digits[at].label;
  });
  return missed.filter((piece) => !own.some((each, at) => is_whole[at] && each.includes(piece)));
}

/**
 * Find the pieces in which a digit may stand that was not read, from left to right.
 *
 * @param {Found} found
 * @param {Strip} strip
 * @param {Place[]} digits that were read
 */
export function findMissed({ width, pieces }, strip, digits) {
  const homes = new Set(digits.map(({ column }) => findHome(pieces, toColumn(strip, column))));
  const boxes = [...homes].map(({ box }) => box);
  const missed = pieces.filter((each) => {
    const { x0, x1 } = each.box; // at the ends of the ink are tables, and the next box of a form
    return !homes.has(each) && x0 > 0 && x1 < width && isMissed(each.box, boxes, DIGIT_PX / strip.scale);
  });
  return missed.toSorted((one, other) => one.box.x0 + one.box.x1 - other.box.x0 - other.box.x1);
}

/** @param {Box} box @param {Box[]} homes @param {number} high */
function isMissed(box, homes, high) {
  const [width, height] = [box.x1 - box.x0, box.y1 - box.y0];
  if (height < TALL * high || height > TALLEST * high) return false;
  const near = homes.toSorted((one, other) => sharedColumns(box, other) - sharedColumns(box, one)).slice(0, 2);
  if (near.length === 0) return true;
  return sharedColumns(box, near[0]) <= OVER * width && near.some((each) => sharedRows(box, each) >= LEVEL * height);
}

/** How many columns two boxes share; below 0: so far apart they are. @param {Box} one @param {Box} other */
function sharedColumns(one, other) {
  return Math.min(one.x1, other.x1) - Math.max(one.x0, other.x0);
}

/** @param {Box} one @param {Box} other */
function sharedRows(one, other) {
  return Math.min(one.y1, other.y1) - Math.max(one.y0, other.y0);
}

/**
 * Make a part of a line out of what was missed.
 *
 * @param {{probabilities: number[], score: number}} said of it
 * @param {number} column
 * @param {number} threshold of its digit score
 * @returns {Part}
 */
function toMissed({ probabilities, score }, column, threshold) {
  const best = Math.max(...probabilities);
  const confidence = best * score;
  const label = score >= threshold && confidence >= CERTAIN ? probabilities.indexOf(best) : null;
  return { label, confidence, digit_score: score, probabilities, column, before: "" };
}

/**
 * Put missed parts between those that were spelled. The line is right if these are, and the others were read well too.
 *
 * @param {Spelling} spelling
 * @param {Part[]} missed
 * @returns {Spelling}
 */
export function addMissed(spelling, missed) {
  const digits = [...spelling.digits, ...missed].toSorted((one, other) => one.column - other.column);
  const text = digits.map(toCharacter).join("");
  const confidence = missed.reduce((product, part) => product * part.confidence, spelling.confidence);
  return { text, confidence, digits, alternatives: findAlternatives(spelling, digits, missed) };
}

/** @param {Spelling} spelling @param {Part[]} digits @param {Part[]} missed */
function findAlternatives({ confidence, alternatives }, digits, missed) {
  const none = missed.reduce((product, part) => product * (1 - part.digit_score), 1);
  const texts = new Map(alternatives.slice(1).map(({ text, probability }) => [text, none * probability]));
  let beam = new Map([["", confidence]]);
  for (const part of digits) {
    /** @type {[string, number][]} */
    const ways = missed.includes(part) ? toWays(part) : [[toCharacter(part), 1]];
    /** @type {Map<string, number>} */
    const longer = new Map();
    for (const [start, probability] of beam) {
      for (const [sign, share] of ways) add(longer, start + sign, probability * share);
    }
    beam = new Map(rank(longer));
  }
  for (const [text, probability] of beam) add(texts, text, probability);
  return rank(texts)
    .filter(([, probability], at) => probability > NEVER || at === 0)
    .map(([text, probability]) => ({ text, probability: Math.min(1, probability) }));
}

/** What may stand where a part was missed: any digit, or none. @param {Part} part @returns {[string, number][]} */
function toWays({ digit_score, probabilities }) {
  return [
    ...probabilities.map((each, label) => /** @type {[string, number]} */ ([String(label), digit_score * each])),
    ["", 1 - digit_score],
  ];
}

/** @param {Map<string, number>} texts @param {string} text @param {number} probability */
function add(texts, text, probability) {
  texts.set(text, (texts.get(text) ?? 0) + probability);
}

/** Return the likeliest. @param {Map<string, number>} texts */
function rank(texts) {
  return [...texts].toSorted((one, other) => other[1] - one[1]).slice(0, N_ALTERNATIVES);
}

/** Whether a digit leaves out another of a number, about as high as itself. @param {Box} box @param {Box[]} number */
export function leavesOut(box, number) {
  const least = TALL * (box.y1 - box.y0);
  return number.some((other) => other.y1 - other.y0 >= least && sharedColumns(box, other) <= OVER * (other.x1 - other.x0));
}
