/** Planes in another size: averaged over the pixels that become one, or linear between those that become several. */

/** @import { Ink } from "./records.js" */

/**
 * @param {Ink} ink
 * @param {number} width
 * @param {number} height
 * @returns {Ink}
 */
export function resize(ink, width, height) {
  return stretchDown(stretchAcross(ink, width), height);
}

/** Bring the longer side down to so many pixels; what is smaller stays. @param {Ink} ink @param {number} side_px */
export function reduceTo(ink, side_px) {
  const scale = side_px / Math.max(ink.width, ink.height);
  if (scale >= 1) return ink;
  return resize(ink, Math.max(1, Math.round(ink.width * scale)), Math.max(1, Math.round(ink.height * scale)));
}

/** Make every row so wide. @param {Ink} ink @param {number} width @returns {Ink} */
function stretchAcross(ink, width) {
  const values = new Float32Array(width * ink.height);
  const { n, first, weights } = weigh(width, ink.width);
  for (let row = 0; row < ink.height; row++) {
    for (let column = 0; column < width; column++) {
      const from = row * ink.width + first[column];
      let sum = 0;
      for (let tap = 0; tap < n; tap++) sum += weights[column * n + tap] * ink.values[from + tap];
      values[row * width + column] = sum;
    }
  }
  return { values, width, height: ink.height };
}

/** Make every column so high. @param {Ink} ink @param {number} height @returns {Ink} */
function stretchDown({ values: old, width, height: old_height }, height) {
  const values = new Float32Array(width * height);
  const { n, first, weights } = weigh(height, old_height);
  for (let row = 0; row < height; row++) {
    for (let tap = 0; tap < n; tap++) {
      const [weight, from] = [weights[row * n + tap], (first[row] + tap) * width];
      if (weight === 0) continue;
      for (let column = 0; column < width; column++) values[row * width + column] += weight * old[from + column];
    }
  }
  return { values, width, height };
}

/**
 * Say which pixels make up each new one, and how much each counts.
 *
 * @param {number} n_new
 * @param {number} n_old
 * @returns {{n: number, first: Int32Array, weights: Float64Array}} n pixels for each, from the first on
 */
function weigh(n_new, n_old) {
  const step = n_old / n_new;
  const n = Math.min(n_old, step < 1 ? 2 : Math.ceil(step) + 1);
  const first = new Int32Array(n_new);
  const weights = new Float64Array(n_new * n);
  for (let at = 0; at < n_new; at++) {
    const middle = Math.min(Math.max((at + 0.5) * step - 0.5, 0), n_old - 1);
    first[at] = Math.min(Math.floor(step < 1 ? middle : at * step), n_old - n);
    for (let tap = 0; tap < n; tap++) {
      const source = first[at] + tap;
      const share = Math.min(source + 1, (at + 1) * step) - Math.max(source, at * step);
      weights[at * n + tap] = step < 1 ? Math.max(0, 1 - Math.abs(source - middle)) : Math.max(0, share) / step;
    }
  }
  return { n, first, weights };
}
