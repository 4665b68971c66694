/** Many patches asked about a few at a time: so a reading, which may come at any moment, waits for few only. */

/** @import { Engine } from "./engine.js" */
/** @import { Inner } from "./records.js" */

import { PATCH_SIZE } from "./patch.js";

/** A call should take no longer: what is written on the pad waits for one at most. */
const CALL_MS = 12;

/** Never more in a call. */
const MOST = 64;

/** How many patches a network takes in that time, by its address: the first call finds out. @type {Map<string, number>} */
const sizes = new Map();

/**
 * Ask for one value of many patches.
 *
 * @param {Engine} engine
 * @param {Inner} graph
 * @param {string} wanted name of the value
 * @param {Float32Array} patches one after the other
 * @param {() => boolean} isStale whether nobody wants to know any more
 * @returns {AsyncGenerator<{from: number, n: number, values: Float32Array}>} ends early where it is stale
 */
export async function* askAll(engine, graph, wanted, patches, isStale) {
  const n_all = patches.length / PATCH_SIZE;
  for (let from = 0; from < n_all && !isStale(); ) {
    const n = Math.min(sizes.get(graph.url) ?? 2, n_all - from);
    const begin = performance.now();
    const some = patches.slice(from * PATCH_SIZE, (from + n) * PATCH_SIZE);
    const { [wanted]: { values } } = await engine.look(graph, some, [wanted]);
    const fitting = Math.floor((n * CALL_MS) / (performance.now() - begin));
    sizes.set(graph.url, Math.max(1, Math.min(MOST, 2 * n, fitting)));
    yield { from, n, values };
    from += n;
  }
}
