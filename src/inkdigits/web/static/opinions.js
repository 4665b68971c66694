/**
 * What the network for single digits says of doubtful digits of a line, weighed in with what the one for lines says; as
 * in decode/opinions.py and `_spell` in lines.py, but not of digits that touch: they are not cut apart here.
 */

/** @import { Found } from "./pieces.js" */
/** @import { Look } from "./missed.js" */
/** @import { Place, Spelling } from "./spelling.js" */
/** @import { Strip } from "./strip.js" */

import { findOwn } from "./marks.js";

const N_LABELS = 10;
const N_COLUMNS = 14;

/** Another network is asked of digits that are less sure. */
const DOUBTFUL = 0.95;

/** The power that its word is given, times the digit score. */
const WHOLE = 1;

/** It rules no label out: what it thinks less likely is this likely. */
const LEAST = 1e-4;
const TINY = 1e-30;

/**
 * Ask of doubtful digits, and let the answers count where these stand.
 *
 * @param {Float32Array} columns (T, 14)
 * @param {Spelling} spelling how they are spelled
 * @param {Found} found in the line's ink
 * @param {Strip} strip
 * @param {Look} look
 * @returns {Promise<Float32Array | null>} (T, 14); null: there was nothing to ask
 */
export async function weighDoubtful(columns, { digits }, { pieces }, strip, look) {
  const own = findOwn(pieces, strip, digits);
  const homes = own.map(([home]) => home);
  const is_whole = homes.map((home) => homes.indexOf(home) === homes.lastIndexOf(home));
  const doubtful = digits.flatMap(({ label, confidence }, at) =>
    label !== null && confidence < DOUBTFUL && is_whole[at] ? [at] : [],
  );
  if (doubtful.length === 0) return null;
  const said = await look(doubtful.map((at) => own[at]));
  const opinions = new Map(said.map(({ probabilities, score }, n) => [doubtful[n], { probabilities, power: WHOLE * score }]));
  return weighLabels(columns, digits, opinions);
}

/**
 * Let opinions count where their digits stand; how likely a digit stands there, whichever, does not change.
 *
 * @param {Float32Array} columns (T, 14)
 * @param {Place[]} places of the digits
 * @param {Map<number, {probabilities: number[], power: number}>} opinions of some of them
 */
export function weighLabels(columns, places, opinions) {
  const between = places.slice(1).map(({ column }, at) => Math.ceil((places[at].column + column) / 2));
  const borders = [0, ...between, columns.length / N_COLUMNS];
  const weighed = columns.slice();
  for (const [at, { probabilities, power }] of opinions) {
    const factors = probabilities.map((probability) => Math.max(probability, LEAST) ** power);
    for (let row = borders[at]; row < borders[at + 1]; row++) {
      const labels = weighed.subarray(row * N_COLUMNS, row * N_COLUMNS + N_LABELS);
      const before = labels.reduce((sum, each) => sum + each, 0);
      const after = labels.reduce((sum, each, label) => sum + each * factors[label], 0);
      labels.forEach((each, label) => (labels[label] = (each * factors[label] * before) / Math.max(after, TINY)));
    }
  }
  return weighed;
}
