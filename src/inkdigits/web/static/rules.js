/** Printed rules in a mask: ruled and squared paper. They are long, thin and straight; as in ink/rules.py. */

import { grow } from "./blobs.js";
import { findPieces } from "./pieces.js";

/** Rules lie within this slope of the picture's axes: 10 degrees. */
const MAX_SLOPE = 0.176;

/** Slopes are tried in steps of so many pixels over the width, then of one. */
const STEP_PX = 4;

/** Of the ink, every so manieth pixel says how full the rows are. */
const SKIP = 6;

/** A rule is made of straight pieces, each at least this share of the side; it is thinner than that share. */
const PIECE = 0.05;
const THICK = 0.03;

/** A gap of so many pixels parts no piece. */
const GAP_PX = 4;

/** Where the ink is so many times as thick as the rule is usually, a stroke crosses it or rests on it. */
const SPARE = 1.3;

/** A lone rule is so long, as a share of the side; one of three; a piece that leads to an edge, within so many pixels. */
const LONG = 0.7;
const LONG_OF_MANY = 0.5;
const LEADING_OUT = 0.12;
const EDGE_PX = 3;

/** Of several, each may be hidden by digits over so much of the side. */
const BEHIND = 0.35;

/** @typedef {{mask: Uint8Array, width: number}} Drawn 1 where there is ink, row by row */

/** Find the pixels of rules, without those where a stroke crosses. @param {Uint8Array} mask @param {number} width */
export function findRules(mask, width) {
  const lying = findLying({ mask, width });
  const standing = transpose({ mask: findLying(transpose({ mask, width })), width: mask.length / width });
  return lying.map((is_rule, at) => is_rule | standing.mask[at]);
}

/** @param {Drawn} drawn @returns {Drawn} */
function transpose({ mask, width }) {
  const height = mask.length / width;
  const turned = new Uint8Array(mask.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) turned[column * height + row] = mask[row * width + column];
  }
  return { mask: turned, width: height };
}

/** Find the rules that run from left to right: level them by shearing. @param {Drawn} drawn */
function findLying({ mask, width }) {
  const height = mask.length / width;
  const places = [];
  for (let at = 0; at < mask.length; at++) if (mask[at]) places.push(at);
  const rise = findRise(places, width, height);
  const shifts = Array.from({ length: width }, (_, column) => Math.round((rise * (column - width / 2)) / width));
  const pad = Math.ceil(Math.abs(rise) / 2) + 1;
  const to = (/** @type {number} */ at) => at + (pad - shifts[at % width]) * width;
  const level = new Uint8Array(mask.length + 2 * pad * width);
  for (const at of places) level[to(at)] = 1;
  const rules = findLevel(level, width, Math.max(5, Math.round(THICK * Math.max(width, height))));
  const found = new Uint8Array(mask.length);
  for (const at of places) found[at] = rules[to(at)];
  return found;
}

/**
 * Return by how many pixels over the width the rows fall when they are fullest.
 *
 * @param {number[]} places
 * @param {number} width
 * @param {number} height
 */
function findRise(places, width, height) {
  const most = Math.floor(MAX_SLOPE * width);
  const counts = new Float64Array(height + 2 * most + 2);
  const measure = (/** @type {number} */ rise) => {
    counts.fill(0);
    for (let n = 0; n < places.length; n += SKIP) {
      const column = places[n] % width;
      counts[Math.round((places[n] - column) / width - rise * (column / width - 0.5)) + most]++;
    }
    return counts.reduce((sum, count) => sum + count * count, 0);
  };
  const best = (/** @type {number[]} */ rises) => {
    const full = rises.map(measure);
    return rises[full.indexOf(Math.max(...full))];
  };
  const steps = Math.floor(most / STEP_PX);
  const coarse = best(Array.from({ length: 2 * steps + 1 }, (_, at) => STEP_PX * (at - steps)));
  return best(Array.from({ length: 2 * STEP_PX - 1 }, (_, at) => coarse + at - STEP_PX + 1));
}

/** Return the pixels of level rules. @param {Uint8Array} mask @param {number} width @param {number} thick */
function findLevel(mask, width, thick) {
  const thin = keepRuns(mask, width, (n) => n < thick);
  const piece = Math.max(9, Math.round(PIECE * width));
  const runs = new Uint8Array(mask.length);
  for (let at = 0; at < mask.length; at += width) {
    markPieces(thin.subarray(at, at + width), runs.subarray(at, at + width), piece);
  }
  let lines = joinRuns(runs, width, 2 * piece);
  const is_many = lines.filter(({ length }) => length >= LONG_OF_MANY).length >= 3;
  if (is_many) lines = joinRuns(runs, width, Math.round(BEHIND * width));
  const least = is_many ? LONG_OF_MANY : LONG;
  const found = lines.filter(({ length, is_at_edge }) => length >= least || (is_at_edge && length >= LEADING_OUT));
  if (found.length === 0) return new Uint8Array(mask.length);
  const rules = new Uint8Array(mask.length);
  for (const { places } of found) for (const at of places) rules[at] = 1;
  const long = found.reduce((sum, { length }) => sum + length * width, 0);
  const near = grow(rules, width).map((is_near, at) => is_near & thin[at]);
  const usual = near.reduce((sum, each) => sum + each, 0) / long;
  const slender = keepRuns(mask, width, (n) => n < Math.round(SPARE * usual) + 2);
  return near.map((is_near, at) => is_near & slender[at]);
}

/**
 * Keep the runs down each column whose length fits.
 *
 * @param {Uint8Array} mask
 * @param {number} width
 * @param {(n: number) => boolean} fits
 */
function keepRuns(mask, width, fits) {
  const kept = new Uint8Array(mask.length);
  for (let column = 0; column < width; column++) {
    let n = 0;
    for (let at = column; at < mask.length + width; at += width) {
      if (mask[at]) n++; // beyond the end there is nothing
      else if (n > 0) {
        if (fits(n)) for (let back = 1; back <= n; back++) kept[at - back * width] = 1;
        n = 0;
      }
    }
  }
  return kept;
}

/**
 * Mark the runs along a row that are long enough, small gaps included.
 *
 * @param {Uint8Array} row
 * @param {Uint8Array} out
 * @param {number} least
 */
function markPieces(row, out, least) {
  let [start, last] = [-1, -1];
  for (let at = 0; at <= row.length + GAP_PX; at++) {
    if (row[at]) {
      if (start < 0) start = at;
      last = at;
    } else if (start >= 0 && at - last > GAP_PX) {
      if (last - start + 1 >= least) out.fill(1, start, last + 1);
      start = -1;
    }
  }
}

/**
 * Join runs across gaps.
 *
 * @param {Uint8Array} runs
 * @param {number} width
 * @param {number} gap_px
 * @returns {{places: number[], length: number, is_at_edge: boolean}[]} lengths as shares of the width
 */
function joinRuns(runs, width, gap_px) {
  const values = new Float32Array(grow(runs, width));
  for (let row = 0; row < values.length; row += width) bridge(values.subarray(row, row + width), gap_px);
  const { labels, pieces } = findPieces({ values, width, height: values.length / width });
  const lines = pieces.map(() => ({ places: /** @type {number[]} */ ([]), first: width, last: 0 }));
  for (let at = 0; at < runs.length; at++) {
    if (!runs[at]) continue;
    const line = lines[labels[at] - 1];
    line.places.push(at);
    line.first = Math.min(line.first, at % width);
    line.last = Math.max(line.last, at % width);
  }
  return lines.map(({ places, first, last }) => ({
    places, length: (last - first + 1) / width, is_at_edge: first < EDGE_PX || last >= width - EDGE_PX,
  }));
}

/** Fill the gaps of a row. @param {Float32Array} row @param {number} gap_px */
function bridge(row, gap_px) {
  let last = -Infinity;
  for (let at = 0; at < row.length; at++) {
    if (row[at] === 0) continue;
    if (at - last <= gap_px) row.fill(1, last, at);
    last = at;
  }
}
