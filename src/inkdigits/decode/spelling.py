"""What a network says of each column of a strip -> the number that the line shows.

The columns are read as connectionist temporal classification has it (Graves et al. 2006): a token may last several
columns, blanks stand between tokens, and the probability of a text is the sum over all ways to lay it out. A beam of
prefixes finds the likeliest texts; forward and backward sums (Rabiner 1989) say of each token of the best one how
likely every other token is in its stead, or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.decode.calibration import calibrate_shares
from inkdigits.records import BLANK, COMMA, N_LABELS, N_TOKENS, POINT, REJECTED, SIGN, Alternative, CalibrationCurve

Floats: TypeAlias = npt.NDArray[np.float64]
Tokens: TypeAlias = bytes
"""One byte a token."""

Beam: TypeAlias = dict[Tokens, tuple[float, float]]
"""Prefixes, with the probabilities that they end in a blank, and in their last token. All begin with a blank."""

N_ALTERNATIVES = 5
"""How many ways to read a line are offered."""

N_PREFIXES, N_PREFIXES_EXPECTED = 12, 60
"""Texts that are followed from column to column; more where those of another length are dropped in the end."""

LEAST = 1e-3
"""Tokens of a lower probability are not followed."""

NEVER = 1e-9
"""A text of a lower probability is not offered."""

PLAUSIBLE = 0.05
"""Texts of the expected length that have less than this share of the probability are doubtful all the same."""

MOSTLY, CLEAR, ONE_SIGN_IN = 0.65, 0.75, 8
"""Of a number's parts, counted by how sure they are, at least this share are digits, which are so sure themselves, on
average; and of so many parts at most one is a sign. A line of print is neither."""

_MARKS = {POINT: ".", COMMA: ","}
_SINGLE = [bytes([token]) for token in range(BLANK + 1)]
_TEXT = bytes.maketrans(bytes([*range(N_LABELS), SIGN]), f"0123456789{REJECTED}".encode())
_TINY = 1e-300

_FLOOR, _EVERY = 1e-75, 4
"""No float32 above 0 is as small: what is impossible counts as so likely. The product of so many is not 0 yet, so that
sums are scaled once in so many columns."""

_NEGLIGIBLE = 1e-15
"""Tokens are followed for as many columns as change a weight by more than that."""


@dataclass(frozen=True, slots=True)
class Part:
    """One digit of a line, or one sign."""

    label: int | None
    """0-9, or None for a sign that is no digit."""
    confidence: float
    """Probability that it stands there with this label; of a sign, that a sign stands there."""
    digit_score: float
    """Probability that a digit stands there, whichever."""
    probabilities: tuple[float, ...]
    """Ten, of the labels, if it is a digit."""
    column: float
    """Its middle, in columns of what the network said."""
    before: str
    """Points and commas between the part before it and this one."""

    @property
    def text(self) -> str:
        """The digit, or "?" for a sign."""
        return REJECTED if self.label is None else str(self.label)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a line is read."""

    parts: tuple[Part, ...]
    """From left to right; none where the line shows no digits."""
    confidence: float
    """Probability that the text is right."""
    alternatives: tuple[Alternative, ...]
    """Up to five texts, most probable first; the first is this one's own."""

    @property
    def text(self) -> str:
        """Its digits, and "?" for signs."""
        return "".join(part.text for part in self.parts)

    @property
    def is_number(self) -> bool:
        """Whether most of it is digits, and surely so: what stands on a page may be words."""
        sure = [part.confidence for part in self.parts if part.label is not None]
        is_mostly = sum(sure) >= MOSTLY * len(self.parts)
        return self.may_be_number and is_mostly and sum(sure) >= CLEAR * len(sure)

    @property
    def may_be_number(self) -> bool:
        """Whether it has so few signs that it is a number if its digits are sure."""
        n = len(self.parts)
        n_signs = sum(part.label is None for part in self.parts)
        return n > n_signs and n_signs <= max(1, n // ONE_SIGN_IN)


def spell(
    columns: npt.NDArray[np.float32], n_digits: int | None = None, calibration: CalibrationCurve = ()
) -> Spelling:
    """Find how a line is read most likely.

    Args:
        columns: (T, 14) float32, the probabilities of the tokens and of the blank, each row summing to 1.
        n_digits: how many digits there must be. Where no text has so many, the likeliest one comes with a confidence
            of 0.
        calibration: of the digits, by the card of the network.
    """
    rows = np.maximum(columns.astype(np.float64), _TINY)
    prefixes = _follow(rows, N_PREFIXES if n_digits is None else N_PREFIXES_EXPECTED)
    texts: dict[str, float] = {}
    best: dict[str, Tokens] = {}
    for tokens, probability in sorted(prefixes.items(), key=lambda item: -item[1]):
        text = to_text(tokens)
        texts[text] = texts.get(text, 0.0) + probability
        best.setdefault(text, tokens)
    fitting = {text: each for text, each in texts.items() if n_digits is None or len(text) == n_digits}
    whole = 1.0
    if n_digits is not None:  # texts of another length are out; where the rest had hardly a chance, something is wrong
        whole = max(sum(fitting.values()), PLAUSIBLE) if fitting else np.inf
    ranked = sorted((fitting or texts).items(), key=lambda item: -item[1])[:N_ALTERNATIVES]
    others = tuple(
        Alternative(text, min(1.0, float(each / whole)))
        for text, each in ranked
        if each > NEVER or text == ranked[0][0]
    )
    return Spelling(_to_parts(rows, best[ranked[0][0]], calibration), others[0].probability, others)


def to_text(tokens: Tokens) -> str:
    """Return digits, with "?" for signs and nothing for points and commas."""
    return tokens.translate(_TEXT, bytes(_MARKS)).decode()


def _follow(rows: Floats, n_prefixes: int) -> dict[Tokens, float]:
    """Return the likeliest sequences of tokens with their probabilities: a prefix beam search.

    Where no token may begin, which is in most columns, prefixes pass several at once.
    """
    beam: Beam = {_SINGLE[BLANK]: (1.0, 0.0)}
    columns, passed = rows.tolist(), 0
    for at in np.flatnonzero(rows[:, :N_TOKENS].max(1) >= LEAST).tolist():
        beam = _lengthen(_pass(beam, columns[passed:at]), columns[at], n_prefixes)
        passed = at + 1
    beam = _pass(beam, columns[passed:])
    return {prefix[1:]: sum(ways) for prefix, ways in beam.items()}


def _lengthen(beam: Beam, row: list[float], n_prefixes: int) -> Beam:
    """Follow prefixes into a column in which tokens may begin."""
    blank = row[BLANK]
    found = {
        prefix: ((ended + lasting) * blank, lasting * row[prefix[-1]]) for prefix, (ended, lasting) in beam.items()
    }
    for token, probability in enumerate(row[:N_TOKENS]):
        if probability < LEAST:
            continue
        single = _SINGLE[token]
        for prefix, (ended, lasting) in beam.items():
            begun = (ended if prefix[-1] == token else ended + lasting) * probability
            longer = prefix + single
            if longer in beam:
                stayed, lasted = found[longer]
                found[longer] = (stayed, lasted + begun)
            else:
                found[longer] = (0.0, begun)
    if len(found) > n_prefixes:
        found = dict(sorted(found.items(), key=_total, reverse=True)[:n_prefixes])
    return found


def _pass(beam: Beam, columns: Sequence[list[float]]) -> Beam:
    """Follow prefixes through columns, if any, in which no token begins."""
    if not columns:
        return beam
    blank = prod(row[BLANK] for row in columns)
    shares = {}  # of the probability of ending in a token: what is in a blank by then, and what is in the token still
    for last in {prefix[-1] for prefix in beam}:
        left, stayed = 0.0, 1.0
        for row in columns:
            left, stayed = (left + stayed) * row[BLANK], stayed * row[last]
        shares[last] = left, stayed
    passed: Beam = {}
    for prefix, (ended, lasting) in beam.items():
        left, stayed = shares[prefix[-1]]
        passed[prefix] = (ended * blank + lasting * left, lasting * stayed)
    return passed


def _total(item: tuple[Tokens, tuple[float, float]]) -> float:
    return item[1][0] + item[1][1]


def _to_parts(rows: Floats, tokens: Tokens, calibration: CalibrationCurve) -> tuple[Part, ...]:
    """Say of each digit and sign how sure it is, and where it stands."""
    if not tokens:
        return ()
    weights, columns = _weigh(rows, tokens)
    return to_parts(tokens, weights / np.maximum(weights.sum(1, keepdims=True), _TINY), columns, calibration)


def to_parts(tokens: Tokens, shares: Floats, columns: Floats, calibration: CalibrationCurve) -> tuple[Part, ...]:
    """Make the parts of a line.

    Args:
        tokens: N that stand there.
        shares: (N, 14), how likely each token, or none, is at each place.
        columns: (N,), where each stands.
        calibration: of the digits.
    """
    if calibration:
        shares = calibrate_shares(shares, tokens, calibration)
    scores = shares[:, :N_LABELS].sum(1)
    digits = shares[:, :N_LABELS] / np.maximum(scores, _TINY)[:, None]
    parts: list[Part] = []
    before = ""
    said = zip(tokens, shares.tolist(), scores.tolist(), digits.tolist(), columns.tolist(), strict=True)
    for token, share, score, probabilities, column in said:
        if token in _MARKS:
            before += _MARKS[token] if parts else ""
            continue
        label = None if token == SIGN else token
        parts.append(Part(label, share[token], min(1.0, score), tuple(probabilities), column, before))
        before = ""
    return tuple(parts)


def _weigh(rows: Floats, tokens: Sequence[int]) -> tuple[Floats, Floats]:
    """Weigh every token in the stead of each one of a sequence.

    Returns:
        (N, 14): how likely the sequence is with each token at each place, the last column being for none at all, as
        multiples of its own probability; and (N,) the columns in which its tokens stand, on average.
    """
    states = np.full(2 * len(tokens) + 1, BLANK)
    states[1::2] = labels = np.array(list(tokens))
    steps = _steps(states)
    ahead, behind, scales = _sum_up(rows[:, states], steps)
    occupied = (ahead @ steps) * behind
    whole = np.maximum(occupied.sum(1, keepdims=True), _TINY)  # the probability of the sequence, divided as they are
    behind, occupied = behind / whole, (occupied / whole)[:-1, 1::2]
    centres = np.arange(len(rows)) @ occupied / np.maximum(occupied.sum(0), _TINY)
    weights = np.empty((len(labels), N_TOKENS + 1))
    weights[:, :N_TOKENS] = _replacing(rows[:, :N_TOKENS] / scales, labels, ahead, behind, steps, float(scales.prod()))
    weights[:, N_TOKENS] = _skipping(labels, ahead, behind)
    return weights, np.asarray(centres)


def _steps(states: npt.NDArray[np.int64]) -> Floats:
    """Say from which state, (S,), one may come into which one in one column: (S, S), 1 or 0.

    The same, the next, and over a blank from one token to another one.
    """
    steps = np.eye(len(states)) + np.eye(len(states), k=1)
    tokens = np.arange(3, len(states), 2)
    steps[tokens - 2, tokens] = states[tokens - 2] != states[tokens]
    return steps


def _sum_up(said: Floats, steps: Floats) -> tuple[Floats, Floats, Floats]:
    """Sum over all ways to come into each state, and to go on from it; to go on is to come from the other end.

    Args:
        said: (T, S), the probabilities of the states in each column.
        steps: (S, S), as `_steps` says.

    Returns:
        (T + 1, S) how likely each state is after no column, one, and so on; (T + 1, S) how likely the columns to come
        are where they begin with each state; and (T, 1) by what the former was divided in each column. Rows of both
        are divided so that they do not vanish.
    """
    n_columns, n = said.shape
    both = np.maximum(np.hstack([said, said[::-1, ::-1]]), _FLOOR)
    steps_of_both, sums = np.zeros((2, 2 * n, 2 * n))
    steps_of_both[:n, :n], steps_of_both[n:, n:] = steps, steps[::-1, ::-1].T
    sums[:n, :n] = sums[n:, n:] = 1.0
    ways, scales = np.zeros((n_columns + 1, 2 * n)), np.ones((n_columns, 2 * n))
    ways[0, ::n] = 1.0
    for at, row in enumerate(both):
        now = ways[at].dot(steps_of_both, out=ways[at + 1])
        now *= row
        if at % _EVERY == 0:
            now /= now.dot(sums, out=scales[at])
    return ways[:, :n], ways[::-1, : n - 1 : -1], scales[:, :1]


def _replacing(
    said: Floats, tokens: npt.NDArray[np.int64], ahead: Floats, behind: Floats, steps: Floats, least: float
) -> Floats:
    """Weigh every token in the stead of each one: lasting one column, then two, and so on; few last many.

    Args:
        said: (T, 13), the probabilities of the tokens, each column divided as `ahead` is.
        tokens: (N,).
        ahead: (T + 1, S), as `_sum_up` says.
        behind: (T + 1, S), as `_sum_up` says, as multiples of the probability of the sequence.
        steps: (S, S), as `_steps` says.
        least: by what all columns of `ahead` together were divided.

    Returns:
        (N, 13).
    """
    came, goes = ahead[:-1, :-1:2], behind[1:, 2::2]  # from a blank, and to one, as the same token twice must
    came_any, goes_any = (ahead @ steps)[:-1, :-1:2], (behind @ steps.T)[1:, 2::2]  # or from or to another token
    begins, ends = np.hstack([came_any, came_any, came, came]), np.hstack([goes_any, goes, goes_any, goes])
    negligible = _NEGLIGIBLE * least / ends.max()
    lasting = said
    weights = (begins * ends).T @ lasting
    for more in range(1, len(said)):
        lasting = lasting[:-1] * said[more:]
        if lasting.max() < negligible:
            break
        weights += (begins[:-more] * ends[more:]).T @ lasting
    every, before, after = np.arange(N_TOKENS), np.array([BLANK, *tokens[:-1]]), np.array([*tokens[1:], BLANK])
    which = 2 * (every == before[:, None]) + (every == after[:, None])
    chosen: Floats = weights.reshape(4, len(tokens), N_TOKENS)[which, np.arange(len(tokens))[:, None], every]
    return chosen


def _skipping(tokens: npt.NDArray[np.int64], ahead: Floats, behind: Floats) -> Floats:
    """Return (N,) how likely nothing stands at each place, of what `_replacing` takes."""
    came = ahead[:, :-1:2].copy()
    came[:, 1:] += ahead[:, 1:-2:2] * np.append(tokens[:-2] != tokens[2:], True)
    begins = np.zeros_like(came)
    begins[:, :-1] = behind[:, 3::2]
    begins[-1, -1] = behind[-1, -1]  # the last place is left out, and that is all
    return np.asarray((came * begins).sum(0))
