/** What stands on the pad: the steps in order, as in reader.py. Runs in the worker. */

/** @import { Answer, Digit, Ink } from "./records.js" */
/** @import { Networks } from "./networks.js" */

import { findBoxes, findMarks } from "./marks.js";
import { findGlyph, findPieces } from "./pieces.js";
import { EMPTY, toCharacter } from "./records.js";
import { spell } from "./spelling.js";
import { toStrip } from "./strip.js";

/** Fainter than this share of full ink is the soft edge of a stroke. */
const EDGE = 0.2;

/** A piece with less than this share of the largest one's area is dirt: what is left is one piece, and a digit. */
const SPECK = 0.03;

/** Taken for a number if each of its digits is so likely, on average: strokes on a pad are clear, and a horse is none. */
const LIKELY = 0.9;

/**
 * @typedef {object} Graphs addresses of what reads
 * @property {string} normaliser
 * @property {string} digits the network for single digits
 * @property {string} lines the network for lines
 * @property {number} threshold digit score below which a glyph is no digit
 */

/**
 * Read a pad: one digit, or a number.
 *
 * @param {Networks} networks
 * @param {Graphs} graphs
 * @param {Uint8Array} coverage how much of each pixel the pen covered, 0-255
 * @param {number} width
 * @returns {Promise<Answer>}
 */
export async function read(networks, graphs, coverage, width) {
  const ink = toInk(coverage, width);
  const found = findPieces(ink);
  const glyph = findGlyph(ink, found);
  if (!glyph) return EMPTY;
  if (!isOnePiece(found.pieces)) {
    const number = await readNumber(networks, graphs, ink, found.pieces);
    if (number) return number;
  }
  return readDigit(networks, graphs, glyph);
}

/** @param {Uint8Array} coverage @param {number} width @returns {Ink} */
export function toInk(coverage, width) {
  const values = new Float32Array(coverage.length);
  for (let at = 0; at < values.length; at++) values[at] = coverage[at] > 255 * EDGE ? coverage[at] / 255 : 0;
  return { values, width, height: coverage.length / width };
}

/** @param {import("./pieces.js").Piece[]} pieces */
function isOnePiece(pieces) {
  const areas = pieces.map(({ area }) => area).toSorted((one, other) => other - one);
  return areas.length < 2 || areas[1] < SPECK * areas[0];
}

/**
 * @param {Networks} networks
 * @param {Graphs} graphs
 * @param {Ink} ink
 * @param {import("./pieces.js").Piece[]} pieces
 * @returns {Promise<Answer | null>} null where it is hardly a number
 */
async function readNumber(networks, graphs, ink, pieces) {
  const strip = toStrip(ink, pieces);
  if (!strip) return null;
  const spelling = spell(await networks.look(graphs.lines, strip));
  const n = spelling.digits.length;
  if (n < 2 || spelling.confidence ** (1 / n) < LIKELY) return null;
  const marks = findMarks(pieces, strip, spelling.digits); // the network sees those near a digit, this the others
  const formatted = spelling.digits.map((digit, at) => (digit.before || marks[at]) + toCharacter(digit)).join("");
  return { kind: "number", ...spelling, formatted, seen: strip, boxes: findBoxes(pieces, strip, spelling.digits) };
}

/**
 * @param {Networks} networks
 * @param {Graphs} graphs
 * @param {Ink} glyph
 * @returns {Promise<Answer>}
 */
async function readDigit(networks, graphs, glyph) {
  const patch = await networks.normalise(graphs.normaliser, glyph);
  const [{ probabilities, score }] = await networks.classify(graphs.digits, [patch]);
  const digit = toDigit(probabilities, score, graphs.threshold);
  const text = digit.label === null ? "?" : String(digit.label);
  const alternatives = probabilities
    .map((probability, label) => ({ text: String(label), probability }))
    .toSorted((one, other) => other.probability - one.probability)
    .slice(0, 5);
  return {
    kind: "digit", text, formatted: text, confidence: digit.confidence, digits: [digit], alternatives, seen: patch,
  };
}

/** @param {number[]} probabilities @param {number} score @param {number} threshold @returns {Digit} */
function toDigit(probabilities, score, threshold) {
  const confidence = Math.max(...probabilities);
  const label = score >= threshold ? probabilities.indexOf(confidence) : null;
  return { label, confidence, digit_score: score, probabilities };
}
