/** How much darker ink is than the paper around it, whatever the light: the paper is estimated by a closing. */

/** @import { Ink } from "./records.js" */

import { blur, close, quantile, thin } from "./filters.js";
import { reduceTo, resize } from "./resize.js";

/** Longer side on which the ground is estimated: it is smooth. */
const GROUND_PX = 128;

/** Where the ground has less than this share of the light elsewhere, that much is taken: there is hardly any paper. */
const DIMMEST = 0.2;

/**
 * Return the share of the ground's light that is missing; shadows on the ground divide out.
 *
 * @param {Ink} light in which ink is dark
 * @param {number[]} widths of the closing, as shares of the longer side: each fills strokes up to about that width
 * @returns {Ink[]} one for each width
 */
export function toContrasts(light, widths) {
  const small = reduceTo(light, GROUND_PX);
  return widths.map((width) => {
    const side = Math.max(3, Math.round(width * Math.max(small.width, small.height)) | 1);
    return toContrast(light, blur(close(small, side), side / 6));
  });
}

/** @param {Ink} light @param {Ink} ground smaller, or as large @returns {Ink} */
export function toContrast({ values: light, width, height }, ground) {
  const values = new Float32Array(light.length);
  const least = Math.max(DIMMEST * quantile(thin(ground.values, 7), 0.9), 1 / 255);
  const paper = resize(ground, width, height).values;
  for (let at = 0; at < light.length; at++) {
    values[at] = Math.min(Math.max(1 - light[at] / Math.max(paper[at], least), 0), 1);
  }
  return { values, width, height };
}
