/** Several looks at one line -> how it is read; as in decode/looks.py. */

/** @import { Spelling } from "./spelling.js" */

/** The first look counts so many times as much as each other one: it is the one that is right most often. */
const FIRST = 1.5;

/** So many ways to read a line are offered, and none that is less probable. */
const N_ALTERNATIVES = 5;
const NEVER = 1e-9;

/**
 * Weigh what several looks at one line say: a text is as probable as it is by all of them, on average.
 *
 * @param {Spelling[]} spellings one a look, that of the first look first
 * @returns {{chosen: number, spelling: Spelling}} which look reads the likeliest text, and its spelling with the
 *   probabilities by all of them; the first look as it is, if that text is none that a look would read
 */
export function weighLooks(spellings) {
  const total = FIRST + spellings.length - 1;
  /** @type {Map<string, number>} */
  const shares = new Map();
  spellings.forEach(({ alternatives }, at) => {
    const weight = (at === 0 ? FIRST : 1) / total;
    for (const { text, probability } of alternatives) shares.set(text, (shares.get(text) ?? 0) + weight * probability);
  });
  const alternatives = [...shares]
    .map(([text, probability]) => ({ text, probability }))
    .toSorted((one, other) => other.probability - one.probability)
    .slice(0, N_ALTERNATIVES)
    .filter(({ probability }) => probability > NEVER);
  const chosen = spellings.findIndex((each) => each.alternatives[0].text === alternatives[0].text);
  if (chosen < 0) return { chosen: 0, spelling: spellings[0] };
  return { chosen, spelling: { ...spellings[chosen], confidence: alternatives[0].probability, alternatives } };
}
