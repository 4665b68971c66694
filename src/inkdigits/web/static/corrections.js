/** What a person says instead, put into a reading; as the server does it with kept results. */

/** @import { Place } from "./overlay.js" */
/** @import { Line, Reading } from "./records.js" */

import { REJECTED } from "./records.js";

/**
 * @typedef {object} Correction "this digit is a 7", or "this line is 307"
 * @property {number | null} line counted from 0; null: all of the reading
 * @property {number | null} digit counted from 0; null: all of the line
 * @property {number | null} label of the digit; null: it is none
 * @property {string | null} [text] of the line, or of all lines, with newlines between
 */

/**
 * Return a reading as it was corrected, the later over the earlier.
 *
 * @param {Reading} reading
 * @param {Correction[]} corrections
 * @returns {Reading}
 */
export function correct(reading, corrections) {
  if (corrections.length === 0) return reading;
  const anywhere = { ...NEW_LINE, box: [0, 0, reading.width, reading.height] };
  const lines = corrections.reduce((lines, each) => {
    if (each.line === null) return writeLines(lines, each.text ?? "", anywhere);
    return lines.map((line, at) => (at === each.line ? correctLine(line, each) : line));
  }, reading.lines);
  return { ...reading, lines, text: lines.map(({ text }) => text).join("\n") };
}

/** A line that nobody read. */
const NEW_LINE = { text: "", formatted: "", confidence: 1, alternatives: [], digits: [] };

/**
 * Write a text over all lines, one each; those that it has more stand anywhere in the picture, those that it has not go.
 *
 * @param {Line[]} lines
 * @param {string} text
 * @param {Line} anywhere
 */
function writeLines(lines, text, anywhere) {
  const texts = text.split("\n");
  const all = [...lines, ...texts.slice(lines.length).map(() => anywhere)];
  return texts.map((each, at) => write(all[at], each));
}

/**
 * Write a text over a line; where it has as many digits as were read, each of them is what it says.
 *
 * @param {Line} line
 * @param {string} text
 * @returns {Line}
 */
function write(line, text) {
  const plain = text.replace(/[.,\n]/g, "");
  const labels = [...plain].map((sign) => (sign === REJECTED ? null : Number(sign)));
  const is_whole = labels.length === line.digits.length;
  const digits = is_whole ? line.digits.map((digit, at) => ({ ...digit, label: labels[at] })) : line.digits;
  return { ...line, text: plain, formatted: text, digits };
}

/**
 * Whether a digit is what a person says: by itself, or as one of a line that was written anew.
 *
 * @param {Reading} reading as it was corrected
 * @param {Correction[]} corrections
 * @param {Place} place
 */
export function isCorrected(reading, corrections, { line, digit }) {
  const { text = "", digits = [] } = reading.lines[line] ?? {};
  const is_whole = text.length === digits.length;
  return corrections.some((each) => {
    const is_there = each.line === line || each.line === null;
    return is_there && (each.digit === digit || (each.digit === null && is_whole));
  });
}

/** @param {Line} line @param {Correction} correction @returns {Line} */
function correctLine(line, { digit, label, text = null }) {
  if (text !== null) return write(line, text);
  if (digit === null) return line;
  const digits = line.digits.map((each, at) => (at === digit ? { ...each, label } : each));
  const [plain, formatted] = [line.text, line.formatted].map((each) => replaceDigit(each, digit, label));
  return { ...line, digits, text: plain, formatted };
}

/** @param {string} text @param {number} digit @param {number | null} label */
function replaceDigit(text, digit, label) {
  let at = -1;
  return text.replace(/[0-9?]/g, (sign) => (++at === digit ? String(label ?? REJECTED) : sign));
}

/**
 * Part a line's text into its digits and the points and commas between them.
 *
 * @param {Line} line
 * @returns {{digit: number | null, sign: string}[]}
 */
export function toSigns(line) {
  let n = 0;
  return [...line.formatted].map((sign) => {
    const is_digit = /[0-9]/.test(sign) || sign === REJECTED;
    return { digit: is_digit ? n++ : null, sign };
  });
}
