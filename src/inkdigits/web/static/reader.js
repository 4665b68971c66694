/** What stands on the pad, or in a photo: the steps in order, as in reader.py. Runs in the worker. */

/** @import { Answer, Box, CalibrationCurve, Digit, Ink, PhotoAnswer, Pixels } from "./records.js" */
/** @import { Networks } from "./networks.js" */
/** @import { Part } from "./photo.js" */
/** @import { Found, Piece } from "./pieces.js" */
/** @import { Spelling } from "./spelling.js" */
/** @import { Strip } from "./strip.js" */

import { weighLooks } from "./looks.js";
import { findBoxes, findMarks } from "./marks.js";
import { complete, leavesOut } from "./missed.js";
import { weighDoubtful } from "./opinions.js";
import { findInk } from "./photo.js";
import { cut, cutOut, findGlyph, findPieces, within } from "./pieces.js";
import { EMPTY, toCharacter } from "./records.js";
import { spell } from "./spelling.js";
import { toStrip } from "./strip.js";

/** Fainter than this share of full ink is the soft edge of a stroke. */
const EDGE = 0.2;

/** A piece with less than this share of the largest one's area is dirt: what is left is one piece, and a digit. */
const SPECK = 0.03;

/** Taken for a number if each of its digits is so likely, on average: strokes on a pad are clear, and a horse is none. */
const LIKELY = 0.9;

/** The same in a photo, where both networks must read this share of the digits alike. */
const LIKELY_IN_PHOTO = 0.75;
const ALIKE = 1 / 3;

/** A line that is less sure is looked at again in other ways; not one that is hardly a number. */
const DOUBTFUL = 0.7;
const HOPELESS = 1e-9;

/**
 * @typedef {object} Graphs addresses of what reads
 * @property {string} normaliser
 * @property {string} digits the network for single digits
 * @property {string} lines the network for lines
 * @property {CalibrationCurve} calibration of its digits
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
  const line = isOnePiece(found.pieces) ? null : await readLine(networks, graphs, ink, found);
  if (line && isNumber(line.spelling, LIKELY)) return toNumber(line);
  const digit = await readDigit(networks, graphs, glyph);
  return line && isPart(digit, glyph.box, findBoxes(line.pieces, line.strip, line.spelling.digits)) ? toNumber(line) : digit;
}

/**
 * Read a photo of one digit or one number.
 *
 * @param {Networks} networks
 * @param {Graphs} graphs
 * @param {Pixels} pixels
 * @param {"auto" | "digit" | "number"} layout what it shows
 * @returns {Promise<PhotoAnswer>}
 */
export async function readPhoto(networks, graphs, pixels, layout) {
  const nothing = { ...EMPTY, boxes: [] };
  const seen = findInk(pixels);
  if (!seen) return nothing;
  const is_drawn = seen.line === seen.digit; // then none of its ink is a table beside the one digit of a photo
  const complete_from = layout === "number" || is_drawn ? 0 : 2;
  const read = layout === "digit" ? null : await readPart(networks, graphs, seen.line, complete_from);
  const line = read && read.line;
  const boxes = line ? findBoxes(line.pieces, line.strip, line.spelling.digits) : [];
  const places = boxes.map((box) => toPhoto(box, read ? read.part : seen.line));
  if (line) {
    const is_number = isNumber(line.spelling, LIKELY_IN_PHOTO) && (await isAlike(networks, graphs, read.part.ink, line, boxes));
    if (layout === "number" || is_number) return { ...toNumber(line), boxes: places };
  }
  const glyph = layout === "number" ? null : findGlyph(seen.digit.ink, findPieces(seen.digit.ink));
  if (!glyph) return nothing;
  const [digit, box] = [await readDigit(networks, graphs, glyph), toPhoto(glyph.box, seen.digit)];
  return line && isPart(digit, box, places) ? { ...toNumber(line), boxes: places } : { ...digit, boxes: [box] };
}

/**
 * Turn a box in pixels of some ink into one in pixels of the photo.
 *
 * @param {Box} box
 * @param {import("./photo.js").Part} of
 * @returns {Box}
 */
function toPhoto(box, { ink, part }) {
  const [across, down] = [(part.x1 - part.x0) / ink.width, (part.y1 - part.y0) / ink.height];
  return {
    x0: part.x0 + box.x0 * across, y0: part.y0 + box.y0 * down,
    x1: part.x0 + box.x1 * across, y1: part.y0 + box.y1 * down,
  };
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
 * Whether what was read as one digit is but a part of a number, as doubtful as that may be.
 *
 * @param {Answer} answer
 * @param {Box} box where the digit stands
 * @param {Box[]} boxes of the number's digits
 */
function isPart({ digits: [{ label }] }, box, boxes) {
  return label !== null && boxes.length > 1 && leavesOut(box, boxes);
}

/** @typedef {{pieces: Piece[], strip: Strip, spelling: Spelling}} Line */

/**
 * @param {Networks} networks
 * @param {Graphs} graphs
 * @param {Ink} ink
 * @param {Found} found
 * @param {number} [complete_from] so many digits must be read before others are looked for beside them
 * @returns {Promise<Line | null>} null where there is no ink, or no digit in it
 */
async function readLine(networks, graphs, ink, found, complete_from = 0) {
  const { labels, pieces } = found;
  const strip = toStrip(ink, pieces);
  if (!strip) return null;
  const look = async (/** @type {Piece[][]} */ glyphs) => {
    const patches = [];
    for (const own of glyphs) {
      const glyph = cutOut(ink, labels, [false, ...pieces.map((each) => own.includes(each))]);
      patches.push(await networks.normalise(graphs.normaliser, glyph));
    }
    return networks.classify(graphs.digits, patches);
  };
  const columns = await networks.look(graphs.lines, strip);
  const first = spell(columns, graphs.calibration);
  const weighed = await weighDoubtful(columns, first, found, strip, look);
  const spelled = weighed ? spell(weighed, graphs.calibration) : first;
  const is_whole = spelled.digits.length < complete_from;
  const spelling = is_whole ? spelled : await complete(spelled, found, strip, look, graphs.threshold);
  return spelling.digits.length > 0 ? { pieces, strip, spelling } : null;
}

/**
 * Read the line in a part of a photo; as long as it is doubtful and there are other ways to look at it, in these too.
 *
 * @param {Networks} networks
 * @param {Graphs} graphs
 * @param {Part} part
 * @param {number} complete_from
 * @returns {Promise<Look | null>} by the look that counts; null where the first shows no digit
 */
async function readPart(networks, graphs, part, complete_from) {
  /** @type {Look[]} */
  const looks = [];
  /** @type {Look | null} */
  let best = null;
  for (let next = /** @type {Part | undefined} */ (part); next; next = next.again?.()) {
    const line = await readLine(networks, graphs, next.ink, findPieces(next.ink), complete_from);
    if (!line) break;
    looks.push({ line, part: next });
    best = looks.length > 1 ? weigh(looks) : looks[0];
    const { confidence } = best.line.spelling;
    if (confidence < HOPELESS || confidence >= DOUBTFUL) break;
  }
  return best;
}

/** @typedef {{line: Line, part: Part}} Look */

/** What all looks say together. @param {Look[]} looks @returns {Look} */
function weigh(looks) {
  const { chosen, spelling } = weighLooks(looks.map(({ line }) => line.spelling));
  return { line: { ...looks[chosen].line, spelling }, part: looks[chosen].part };
}

/** Whether a line has several digits, each so likely on average. @param {Spelling} spelling @param {number} likely */
function isNumber({ digits, confidence }, likely) {
  return digits.length > 1 && confidence ** (1 / digits.length) >= likely;
}

/**
 * Whether the network for single digits reads enough of a line alike; of a drawing it does not.
 *
 * @param {Networks} networks
 * @param {Graphs} graphs
 * @param {Ink} ink
 * @param {Line} line
 * @param {Box[]} boxes
 */
async function isAlike(networks, graphs, ink, { spelling }, boxes) {
  const patches = [];
  for (const box of boxes) patches.push(await networks.normalise(graphs.normaliser, cut(ink, within(box, ink))));
  const said = await networks.classify(graphs.digits, patches);
  const labels = said.map(({ probabilities }) => probabilities.indexOf(Math.max(...probabilities)));
  const n_alike = labels.filter((label, at) => label === spelling.digits[at].label).length;
  return n_alike >= ALIKE * labels.length;
}

/** @param {Line} line @returns {Answer} */
function toNumber({ pieces, strip, spelling }) {
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
