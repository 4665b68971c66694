/** What a person says instead, put into a reading; as the server does it with kept results. */

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

/** @param {Line} line @param {string} text @returns {Line} */
function write(line, text) {
  return { ...line, text: text.replace(/[.,\n]/g, ""), formatted: text };
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
