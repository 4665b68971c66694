/** One digit of a number, taken out of the ink of the pad. Runs in the worker. */

/** @import { Box } from "./records.js" */
/** @import { Graphs } from "./reader.js" */
/** @import { Networks } from "./networks.js" */

import { cut, findPieces, within } from "./pieces.js";
import { toInk } from "./reader.js";

/**
 * Cut one digit of a number out and make it a patch, as if it stood alone.
 *
 * @param {Networks} networks
 * @param {Graphs} graphs
 * @param {Uint8Array} coverage
 * @param {number} width
 * @param {Box[]} boxes of the number's digits
 * @param {number} digit
 */
export function takeDigit(networks, graphs, coverage, width, boxes, digit) {
  const ink = toInk(coverage, width);
  const { labels, pieces } = findPieces(ink);
  const own = boxes[digit];
  const others = boxes.filter((box) => box !== own);
  const is_other = pieces.map(({ box }) => !holds(own, box) && others.some((other) => holds(other, box)));
  const values = ink.values.map((value, at) => (labels[at] > 0 && is_other[labels[at] - 1] ? 0 : value));
  return networks.normalise(graphs.normaliser, cut({ ...ink, values }, within(own, ink)));
}

/** Whether a box lies in another. @param {Box} outer @param {Box} inner */
function holds(outer, inner) {
  return outer.x0 <= inner.x0 && inner.x1 <= outer.x1 && outer.y0 <= inner.y0 && inner.y1 <= outer.y1;
}
