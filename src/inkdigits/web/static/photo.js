/** The pixels of a photo -> ink, whatever the paper, the pen and the light; as the package ink does it in Python. */

/** @import { Box, Ink, Pixels } from "./records.js" */

import { toFlatInk } from "./flat.js";
import { toLight } from "./light.js";
import { cut } from "./pieces.js";
import { findPlace } from "./place.js";
import { reduceTo } from "./resize.js";
import { GROUNDS, toWriting } from "./writing.js";

/** Longer side on which writing is looked for; the ink of a line is then looked at more closely. */
const FIND_PX = 320;

/** A picture that is no higher is a strip cut from a form: the line fills it. */
const LOW_PX = 120;

/** So it does where it has this share of the picture's height. */
const FILLS = 0.5;

/** Paper around a line, as a share of its height: its ground is estimated there. */
const MARGIN = 0.3;

/**
 * @typedef {object} Part
 * @property {Ink} ink
 * @property {Box} part of the photo, which it covers
 * @property {() => Part} [again] finds it in another way, in case it is doubtful what stands there
 */

/**
 * Find the ink of the digit, or the line of digits, that a photo shows.
 *
 * @param {Pixels} pixels
 * @returns {{line: Part, digit: Part} | null} what to read as a line, and as one digit; null where nothing stands out
 */
export function findInk(pixels) {
  const whole = { x0: 0, y0: 0, x1: pixels.width, y1: pixels.height };
  const flat = toFlatInk(pixels);
  if (flat) return alike({ ink: flat, part: whole });
  const light = toLight(pixels);
  if (light.height < LOW_PX) return alike(writeOut(light, null, whole));
  const small = reduceTo(light, FIND_PX);
  const found = findPlace(small);
  if (!found) return null;
  const scale = light.width / small.width;
  const near = findAround(found.line, small);
  const part = {
    x0: Math.round(near.x0 * scale), y0: Math.round(near.y0 * scale),
    x1: Math.min(whole.x1, Math.round(near.x1 * scale)), y1: Math.min(whole.y1, Math.round(near.y1 * scale)),
  };
  const rules = { values: Float32Array.from(found.rules), width: small.width, height: small.height };
  return { line: writeOut(cut(light, part), cut(rules, near), part), digit: { ink: found.ink, part: whole } };
}

/**
 * Find the ink of a line; where that leaves doubts, on a narrower ground.
 *
 * @param {Ink} light
 * @param {Ink | null} rules
 * @param {Box} part
 * @returns {Part}
 */
function writeOut(light, rules, part) {
  const [first, again] = GROUNDS.map((ground) => () => ({ ink: toWriting(light, rules, ground), part }));
  return { ...first(), again };
}

/** The same ink serves for both. @param {Part} part */
function alike(part) {
  return { line: part, digit: part };
}

/** Add paper around a line; one that fills the picture is all of it. @param {Box} line @param {Ink} picture @returns {Box} */
function findAround({ x0, y0, x1, y1 }, { width, height }) {
  if (y1 - y0 >= FILLS * height) return { x0: 0, y0: 0, x1: width, y1: height };
  const room = MARGIN * (y1 - y0);
  return {
    x0: Math.max(0, Math.floor(x0 - room)), y0: Math.max(0, Math.floor(y0 - room)),
    x1: Math.min(width, Math.ceil(x1 + room)), y1: Math.min(height, Math.ceil(y1 + room)),
  };
}
