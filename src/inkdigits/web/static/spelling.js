/**
 * What the network says of each column of a strip -> the number that the line shows; as in decode/spelling.py, which
 * tells why: a beam of prefixes finds the likeliest texts, forward and backward sums say of each digit of the best one
 * how likely every other one is in its stead.
 */

/** @import { Alternative, CalibrationCurve, Digit } from "./records.js" */

/** What may stand in a line, in the order of the network's tokens; "?" is a sign that is no digit. */
const TOKENS = "0123456789.,?";
const SIGN = "?";
const MARKS = ".,";
const N_LABELS = 10;
const N_TOKENS = TOKENS.length;
const BLANK = N_TOKENS;
const N_COLUMNS = N_TOKENS + 1;

export const N_ALTERNATIVES = 5;
const N_PREFIXES = 12;
const LEAST = 1e-3;
export const NEVER = 1e-9;
const TINY = 1e-300;

/** @typedef {Float64Array[]} Rows (T, 14) the probabilities of the tokens and of the blank */

/**
 * @typedef {object} Place
 * @property {number} column middle of a digit, in columns of what the network said
 *
 * @typedef {Digit & Place & {before: string}} Part with the points and commas that the network saw between the digit
 *   before it and this one
 *
 * @typedef {object} Spelling
 * @property {string} text
 * @property {number} confidence
 * @property {Part[]} digits
 * @property {Alternative[]} alternatives
 */

/**
 * Find how a line is read most likely.
 *
 * @param {Float32Array} columns (T, 14)
 * @param {CalibrationCurve} [calibration] of the digits, by the card of the network
 * @returns {Spelling}
 */
export function spell(columns, calibration = []) {
  const rows = Array.from({ length: columns.length / N_COLUMNS }, (_, at) =>
    Float64Array.from(columns.subarray(at * N_COLUMNS, (at + 1) * N_COLUMNS), (value) => Math.max(value, TINY)),
  );
  /** @type {Map<string, {probability: number, tokens: string}>} */
  const texts = new Map();
  for (const [tokens, probability] of [...follow(rows)].toSorted((one, other) => other[1] - one[1])) {
    const text = [...tokens].filter((token) => !MARKS.includes(token)).join("");
    const known = texts.get(text) ?? { probability: 0, tokens };
    texts.set(text, { ...known, probability: known.probability + probability });
  }
  const ranked = [...texts].toSorted((one, other) => other[1].probability - one[1].probability);
  const alternatives = ranked
    .slice(0, N_ALTERNATIVES)
    .map(([text, { probability }]) => ({ text, probability: Math.min(1, probability) }))
    .filter(({ probability }, place) => probability > NEVER || place === 0);
  const [text, { tokens }] = ranked[0];
  return { text, confidence: alternatives[0].probability, digits: toDigits(rows, tokens, calibration), alternatives };
}

/** Return the likeliest sequences of tokens with their probabilities. @param {Rows} rows @returns {Map<string, number>} */
function follow(rows) {
  /** @type {Map<string, [number, number]>} of ending in a blank, and in the last token */
  let beam = new Map([["", [1, 0]]]);
  for (const row of rows) {
    /** @type {Map<string, [number, number]>} */
    const found = new Map();
    for (const [prefix, [ended, lasting]] of beam) {
      const again = prefix ? lasting * row[TOKENS.indexOf(prefix[prefix.length - 1])] : 0;
      add(found, prefix, (ended + lasting) * row[BLANK], again);
    }
    for (let token = 0; token < N_TOKENS; token++) {
      if (row[token] < LEAST) continue;
      for (const [prefix, [ended, lasting]] of beam) {
        const before = prefix.endsWith(TOKENS[token]) ? ended : ended + lasting;
        add(found, prefix + TOKENS[token], 0, before * row[token]);
      }
    }
    const best = [...found].toSorted((one, other) => other[1][0] + other[1][1] - one[1][0] - one[1][1]);
    beam = new Map(best.slice(0, N_PREFIXES));
  }
  return new Map([...beam].map(([prefix, [ended, lasting]]) => [prefix, ended + lasting]));
}

/** @param {Map<string, [number, number]>} found @param {string} prefix @param {number} ended @param {number} lasting */
function add(found, prefix, ended, lasting) {
  const known = found.get(prefix) ?? [0, 0];
  found.set(prefix, [known[0] + ended, known[1] + lasting]);
}

/**
 * Say of each digit and sign how sure it is, and where it stands.
 *
 * @param {Rows} rows
 * @param {string} tokens
 * @param {CalibrationCurve} calibration
 * @returns {Part[]}
 */
function toDigits(rows, tokens, calibration) {
  if (!tokens) return [];
  const { weights, columns } = weigh(rows, [...tokens].map((token) => TOKENS.indexOf(token)));
  /** @type {Part[]} */
  const digits = [];
  let before = "";
  [...tokens].forEach((token, place) => {
    if (MARKS.includes(token)) {
      if (digits.length > 0) before += token;
      return;
    }
    digits.push({ ...toDigit(token, weights[place], calibration), column: columns[place], before });
    before = "";
  });
  return digits;
}

/** @param {string} token @param {Float64Array} weights of all tokens in its stead @param {CalibrationCurve} calibration @returns {Digit} */
function toDigit(token, weights, calibration) {
  const total = weights.reduce((sum, each) => sum + each, 0);
  const seen = Array.from(weights, (each) => each / total);
  const share = token === SIGN || calibration.length === 0 ? seen : calibrate(seen, TOKENS.indexOf(token), calibration);
  const score = share.slice(0, N_LABELS).reduce((sum, each) => sum + each, 0);
  return {
    label: token === SIGN ? null : Number(token),
    confidence: share[TOKENS.indexOf(token)],
    digit_score: Math.min(1, score),
    probabilities: share.slice(0, N_LABELS).map((each) => each / Math.max(score, TINY)),
  };
}

/**
 * Make a token as likely as such ones are right, and all others in its stead so much more or less likely; none of them
 * becomes likelier than it.
 *
 * @param {number[]} share
 * @param {number} token
 * @param {CalibrationCurve} calibration
 */
function calibrate(share, token, calibration) {
  const seems = share[token];
  const above = Math.max(1, calibration.findIndex((point) => point[0] >= seems));
  const [[low, low_right], [high, high_right]] = [calibration[above - 1], calibration[above]];
  const right = low_right + ((high_right - low_right) * (seems - low)) / (high - low);
  const others = share.filter((_, at) => at !== token);
  const [rest, rival] = [others.reduce((sum, each) => sum + each, 0), Math.max(...others)];
  const likely = Math.max(right, rival / Math.max(rest + rival, TINY));
  return share.map((each, at) => (at === token ? likely : (each * (1 - likely)) / Math.max(rest, TINY)));
}

/**
 * Weigh every token in the stead of each one of a sequence.
 *
 * @param {Rows} rows
 * @param {number[]} tokens
 * @returns {{weights: Float64Array[], columns: number[]}} (N, 14), the last column being for none at all; and the columns
 *   in which the tokens stand, on average
 */
function weigh(rows, tokens) {
  const states = [BLANK, ...tokens.flatMap((token) => [token, BLANK])];
  const { ahead, scales } = goForward(rows, states);
  const behind = goBackward(rows, states, scales);
  const whole = Math.max(ahead[rows.length - 1][states.length - 1] + ahead[rows.length - 1][states.length - 2], TINY);
  const weights = tokens.map((_, place) => weighPlace(rows, tokens, place, ahead, behind, scales));
  if (tokens.length > 1) weights[0][N_TOKENS] += (behind[0][3] * rows[0][tokens[1]]) / scales[0];
  return {
    weights: weights.map((each) => each.map((weight) => weight / whole)),
    columns: tokens.map((_, place) => findMiddle(ahead, behind, 2 * place + 1)),
  };
}

/** Return the column in which a state is, on average. @param {Rows} ahead @param {Rows} behind @param {number} state */
function findMiddle(ahead, behind, state) {
  const shares = ahead.map((row, at) => row[state] * behind[at][state]);
  const total = shares.reduce((sum, each) => sum + each, 0);
  return shares.reduce((sum, each, at) => sum + at * each, 0) / Math.max(total, TINY);
}

/**
 * @param {Rows} rows
 * @param {number[]} tokens
 * @param {number} place
 * @param {Rows} ahead
 * @param {Rows} behind
 * @param {Float64Array} scales
 */
function weighPlace(rows, tokens, place, ahead, behind, scales) {
  const state = 2 * place + 1;
  const [before, after] = [tokens[place - 1] ?? BLANK, tokens[place + 1] ?? BLANK];
  const weights = new Float64Array(N_TOKENS + 1);
  const staying = new Float64Array(N_TOKENS);
  for (let at = 0; at < rows.length; at++) {
    const next = rows[at + 1];
    const scale = scales[at + 1];
    const blank = next ? (behind[at + 1][state + 1] * next[BLANK]) / scale : 0;
    const token = next && place + 1 < tokens.length ? (behind[at + 1][state + 2] * next[after]) / scale : 0;
    const ended = place + 1 === tokens.length ? 1 : 0;
    for (let each = 0; each < N_TOKENS; each++) {
      const direct = at && place && each !== before ? ahead[at - 1][state - 2] : 0;
      const entering = at ? ahead[at - 1][state - 1] + direct : place ? 0 : 1;
      staying[each] = ((staying[each] + entering) * rows[at][each]) / scales[at];
      weights[each] += staying[each] * (next ? blank + (each === after ? 0 : token) : ended);
    }
    const reached = ahead[at][state - 1] + (place && before !== after ? ahead[at][state - 2] : 0);
    weights[N_TOKENS] += next ? reached * token : ended * (ahead[at][state - 1] + (place ? ahead[at][state - 2] : 0));
  }
  return weights;
}

/** Whether one may come into a state from the token before, without a blank. @param {number[]} states @param {number} to */
function canSkip(states, to) {
  return to >= 3 && to % 2 === 1 && states[to] !== states[to - 2];
}

/**
 * Return how likely each state is after the columns so far, with rows scaled to 1, and the scales.
 *
 * @param {Rows} rows
 * @param {number[]} states
 */
function goForward(rows, states) {
  const scales = new Float64Array(rows.length);
  /** @type {Rows} */
  const ahead = [];
  rows.forEach((row, at) => {
    const last = ahead[at - 1];
    const now = Float64Array.from(states, (token, state) => {
      if (!last) return state < 2 ? row[token] : 0;
      return (last[state] + (last[state - 1] ?? 0) + (canSkip(states, state) ? last[state - 2] : 0)) * row[token];
    });
    scales[at] = Math.max(now.reduce((sum, each) => sum + each, 0), TINY);
    ahead.push(now.map((each) => each / scales[at]));
  });
  return { ahead, scales };
}

/**
 * Return how likely the columns to come are from each state, scaled as `goForward` is.
 *
 * @param {Rows} rows
 * @param {number[]} states
 * @param {Float64Array} scales
 */
function goBackward(rows, states, scales) {
  /** @type {Rows} */
  const behind = rows.map(() => new Float64Array(states.length));
  behind[rows.length - 1].fill(1, -2);
  for (let at = rows.length - 2; at >= 0; at--) {
    const said = behind[at + 1].map((each, state) => (each * rows[at + 1][states[state]]) / scales[at + 1]);
    behind[at] = said.map(
      (each, state) => each + (said[state + 1] ?? 0) + (canSkip(states, state + 2) ? (said[state + 2] ?? 0) : 0),
    );
  }
  return behind;
}
