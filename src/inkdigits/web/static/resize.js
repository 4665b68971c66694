/** Ink in another size: averaged over the pixels that become one, or linear between those that become several. */

/** @import { Ink } from "./records.js" */

/**
 * @param {Ink} ink
 * @param {number} width
 * @param {number} height
 * @returns {Ink}
 */
export function resize(ink, width, height) {
  return transpose(stretch(transpose(stretch(ink, width)), height));
}

/** Make every row so wide. @param {Ink} ink @param {number} width @returns {Ink} */
function stretch(ink, width) {
  const values = new Float32Array(width * ink.height);
  const taps = Array.from({ length: width }, (_, at) => weigh(at, ink.width / width, ink.width));
  for (let row = 0; row < ink.height; row++) {
    const from = row * ink.width;
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (const [source, weight] of taps[column]) sum += weight * ink.values[from + source];
      values[row * width + column] = sum;
    }
  }
  return { values, width, height: ink.height };
}

/**
 * Say which source pixels make up a new one, and how much each counts.
 *
 * @param {number} at
 * @param {number} step source pixels a new one
 * @param {number} n source pixels
 * @returns {[number, number][]}
 */
function weigh(at, step, n) {
  if (step < 1) {
    const middle = Math.min(Math.max((at + 0.5) * step - 0.5, 0), n - 1);
    const low = Math.floor(middle);
    return [[low, 1 - (middle - low)], [Math.min(low + 1, n - 1), middle - low]];
  }
  const [start, end] = [at * step, Math.min((at + 1) * step, n)];
  /** @type {[number, number][]} */
  const taps = [];
  for (let source = Math.floor(start); source < end; source++) {
    taps.push([source, (Math.min(source + 1, end) - Math.max(source, start)) / step]);
  }
  return taps;
}

/** @param {Ink} ink @returns {Ink} */
function transpose({ values, width, height }) {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) turned[column * height + row] = values[row * width + column];
  }
  return { values: turned, width: height, height: width };
}
