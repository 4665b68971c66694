/** Planes, filtered: blurs, closings, slopes, quantiles. A plane has values in [0, 1], as ink has; or it is light. */

/** @import { Ink } from "./records.js" */

/** Quantiles are right to within one part of so many. */
const LEVELS = 1024;

/** @typedef {(line: Float32Array, out: Float32Array) => void} Act on one row or column */

/** Do something along every row, then along every column. @param {Ink} plane @param {Act} act @returns {Ink} */
function along({ values: old, width, height }, act) {
  const values = new Float32Array(old.length);
  for (let at = 0; at < old.length; at += width) act(old.subarray(at, at + width), values.subarray(at, at + width));
  const [line, out] = [new Float32Array(height), new Float32Array(height)];
  for (let column = 0; column < width; column++) {
    for (let row = 0; row < height; row++) line[row] = values[row * width + column];
    act(line, out);
    for (let row = 0; row < height; row++) values[row * width + column] = out[row];
  }
  return { values, width, height };
}

/** Take the grain off: each pixel with half as much of its neighbours. @param {Ink} plane */
export function soften(plane) {
  return along(plane, (line, out) => {
    const last = line.length - 1;
    for (let at = 0; at <= last; at++) {
      out[at] = (line[Math.max(0, at - 1)] + 2 * line[at] + line[Math.min(last, at + 1)]) / 4;
    }
  });
}

/** Blur about as a Gaussian does: by three means. @param {Ink} plane @param {number} sigma_px */
export function blur(plane, sigma_px) {
  const radius = Math.max(1, Math.round((Math.sqrt(4 * sigma_px ** 2 + 1) - 1) / 2));
  const act = (/** @type {Float32Array} */ line, /** @type {Float32Array} */ out) => takeMeans(line, out, radius);
  return along(along(along(plane, act), act), act);
}

/**
 * Means over windows, which end with the line.
 *
 * @param {Float32Array} line
 * @param {Float32Array} out
 * @param {number} radius
 */
function takeMeans(line, out, radius) {
  let [sum, n] = [0, 0];
  for (let at = -radius; at < line.length; at++) {
    if (at + radius < line.length) (sum += line[at + radius]), n++;
    if (at - radius > 0) (sum -= line[at - radius - 1]), n--;
    if (at >= 0) out[at] = sum / n;
  }
}

/** The mean over the square around each pixel. @param {Ink} plane @param {number} radius */
export function mean(plane, radius) {
  return along(plane, (line, out) => takeMeans(line, out, radius));
}

/**
 * Fill what is dark and narrower than a square of that side.
 *
 * @param {Ink} plane
 * @param {number} side odd
 * @returns {Ink}
 */
export function close(plane, side) {
  return negate(dilate(negate(dilate(plane, side)), side));
}

/** The brightest within the square around each pixel. @param {Ink} plane @param {number} side odd @returns {Ink} */
function dilate(plane, side) {
  const room = new Float32Array(Math.max(plane.width, plane.height) + 3 * side);
  const [ahead, behind] = [new Float32Array(room.length), new Float32Array(room.length)];
  return along(plane, (line, out) => {
    const radius = (side - 1) / 2;
    const n = Math.ceil((line.length + 2 * radius) / side) * side;
    room.fill(-Infinity, 0, n);
    room.set(line, radius);
    for (let start = 0; start < n; start += side) {
      let most = -Infinity;
      for (let at = start; at < start + side; at++) ahead[at] = most = Math.max(most, room[at]);
      most = -Infinity;
      for (let at = start + side - 1; at >= start; at--) behind[at] = most = Math.max(most, room[at]);
    }
    for (let at = 0; at < line.length; at++) out[at] = Math.max(behind[at], ahead[at + side - 1]);
  });
}

/** @param {Ink} plane @returns {Ink} */
function negate({ values: old, width, height }) {
  const values = new Float32Array(old.length);
  for (let at = 0; at < old.length; at++) values[at] = -old[at];
  return { values, width, height };
}

/**
 * How much each pixel differs from its neighbours, in a pixel: by Sobel's weights.
 *
 * @param {Ink} plane
 * @returns {Float32Array}
 */
export function findSlope({ values, width, height }) {
  const slope = new Float32Array(values.length);
  for (let row = 1; row < height - 1; row++) {
    for (let at = row * width + 1; at < (row + 1) * width - 1; at++) {
      const [above, below] = [at - width, at + width];
      const falling = values[below + 1] - values[above - 1];
      const rising = values[above + 1] - values[below - 1];
      const across = falling + rising + 2 * (values[at + 1] - values[at - 1]);
      const down = falling - rising + 2 * (values[below] - values[above]);
      slope[at] = Math.sqrt(across * across + down * down) / 8;
    }
  }
  return slope;
}

/**
 * Return the value below which a share of the values lies.
 *
 * @param {Float32Array | number[]} values in [0, 1]
 * @param {number} share
 */
export function quantile(values, share) {
  const counts = new Uint32Array(LEVELS + 1);
  for (let at = 0; at < values.length; at++) counts[Math.round(values[at] * LEVELS)]++;
  let left = share * (values.length - 1);
  for (let level = 0; level <= LEVELS; level++) {
    left -= counts[level];
    if (left < 0) return level / LEVELS;
  }
  return 1;
}

/** Return every nth value. @param {Float32Array} values @param {number} step */
export function thin(values, step) {
  const kept = new Float32Array(Math.ceil(values.length / step));
  for (let at = 0; at < kept.length; at++) kept[at] = values[at * step];
  return kept;
}
