/** Several looks at one line -> how it is read; as in decode/looks.py. */

/** @import { Spelling } from "./spelling.js" */

import { N_ALTERNATIVES, NEVER } from "./spelling.js";

/** The first look counts so many times as much as each other one: it is the one that is right most often. */
const FIRST = 1.5;

/**
 * Weigh what several looks at one line say: a text is as probable as it is by all of them, on average.
 *
 * @param {Spelling[]} spellings one a look, that of the first look first; two or more
 * @returns {{chosen: number, spelling: Spelling}} which look reads the likeliest of their texts, and its spelling with
 *   the probabilities by all of them; the first look as it is, where a text that none of them reads is likelier still
 */
export function weighLooks(spellings) {
  const weights = spellings.map((_, at) => (at === 0 ? FIRST : 1) / (FIRST + spellings.length - 1));
  const others = spellings.map(({ alternatives }) => new Map(alternatives.map((each) => [each.text, each.probability])));
  const own = spellings.map(({ text, confidence }, at) => new Map([...others[at], [text, confidence]]));
  const ranked = [...new Set(others.flatMap((each) => [...each.keys()]))]
    .map((text) => ({ text, probability: average(others, text, weights) }))
    .toSorted((one, other) => other.probability - one.probability)
    .slice(0, N_ALTERNATIVES);
  const sure = spellings.map(({ text }) => average(own, text, weights));
  const chosen = sure.indexOf(Math.max(...sure));
  const best = spellings[chosen];
  if (best.text === best.alternatives[0].text && best.text !== ranked[0].text) return { chosen: 0, spelling: spellings[0] };
  const alternatives = ranked.filter(({ probability }, at) => probability > NEVER || at === 0);
  return { chosen, spelling: { ...best, confidence: sure[chosen], alternatives } };
}

/** @param {Map<string, number>[]} said @param {string} text @param {number[]} weights */
function average(said, text, weights) {
  return said.reduce((sum, each, at) => sum + weights[at] * (each.get(text) ?? 0), 0);
}
