"""What a network says of each column of a strip -> the number that the line shows.

The columns are read as connectionist temporal classification has it (Graves et al. 2006): a token may last several
columns, blanks stand between tokens, and the probability of a text is the sum over all ways to lay it out. A beam of
prefixes finds the likeliest texts; forward and backward sums (Rabiner 1989) say of each token of the best one how
likely every other token is in its stead, or none.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.decode.calibration import calibrate
from inkdigits.records import BLANK, COMMA, N_LABELS, N_TOKENS, POINT, REJECTED, SIGN, Alternative, CalibrationCurve

Floats: TypeAlias = npt.NDArray[np.float64]
Tokens: TypeAlias = tuple[int, ...]

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
_TINY = 1e-300


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
        text = _to_text(tokens)
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
    return Spelling(tuple(_to_parts(rows, best[ranked[0][0]], calibration)), others[0].probability, others)


def _to_text(tokens: Tokens) -> str:
    """Return digits, with "?" for signs and nothing for points and commas."""
    return "".join(REJECTED if token == SIGN else str(token) for token in tokens if token not in _MARKS)


def _follow(rows: Floats, n_prefixes: int) -> dict[Tokens, float]:
    """Return the likeliest sequences of tokens with their probabilities: a prefix beam search."""
    beam: dict[Tokens, tuple[float, float]] = {(): (1.0, 0.0)}  # of ending in a blank, and in the last token
    for row in rows.tolist():
        found: dict[Tokens, tuple[float, float]] = {}
        for prefix, (ended, lasting) in beam.items():
            again = lasting * row[prefix[-1]] if prefix else 0.0
            found[prefix] = ((ended + lasting) * row[BLANK], again)
        likely = [token for token in range(N_TOKENS) if row[token] >= LEAST]
        for token in likely:
            for prefix, (ended, lasting) in beam.items():
                before = ended if prefix and prefix[-1] == token else ended + lasting
                longer = (*prefix, token)
                known = found.get(longer, (0.0, 0.0))
                found[longer] = (known[0], known[1] + before * row[token])
        if len(found) > n_prefixes:
            found = dict(sorted(found.items(), key=_total, reverse=True)[:n_prefixes])
        beam = found
    return {prefix: sum(ways) for prefix, ways in beam.items()}


def _total(item: tuple[Tokens, tuple[float, float]]) -> float:
    return item[1][0] + item[1][1]


def _to_parts(rows: Floats, tokens: Tokens, calibration: CalibrationCurve) -> list[Part]:
    """Say of each digit and sign how sure it is, and where it stands."""
    if not tokens:
        return []
    parts: list[Part] = []
    before = ""
    for token, weights, column in zip(tokens, *_weigh(rows, tokens), strict=True):
        if token in _MARKS:
            before += _MARKS[token] if parts else ""
            continue
        share = weights / weights.sum()
        if calibration and token != SIGN:
            share = _calibrate(share, token, calibration)
        digits = share[:N_LABELS] / max(float(share[:N_LABELS].sum()), _TINY)
        label = None if token == SIGN else token
        score = min(1.0, float(share[:N_LABELS].sum()))
        parts.append(Part(label, float(share[token]), score, tuple(digits.tolist()), float(column), before))
        before = ""
    return parts


def _calibrate(share: Floats, token: int, calibration: CalibrationCurve) -> Floats:
    """Make a token as likely as such ones are right, and all others in its stead so much more or less likely.

    None of them becomes likelier than it.
    """
    others = share.copy()
    others[token] = 0.0
    rest, rival = float(others.sum()), float(others.max())
    likely = max(float(calibrate(share[[token]], calibration)[0]), rival / max(rest + rival, _TINY))
    calibrated: Floats = others * (1 - likely) / max(rest, _TINY)
    calibrated[token] = likely
    return calibrated


def _weigh(rows: Floats, tokens: Tokens) -> tuple[Floats, Floats]:
    """Weigh every token in the stead of each one of a sequence.

    Returns:
        (N, 14): how likely the sequence is with each token at each place, the last column being for none at all, as
        multiples of its own probability; and (N,) the columns in which its tokens stand, on average.
    """
    states = np.full(2 * len(tokens) + 1, BLANK)
    states[1::2] = tokens
    said, steps = rows.take(states, axis=1), _steps(states)
    ahead, scales = _forward(said, steps)
    behind = _backward(said, steps, scales)
    occupied = (ahead * behind)[:, 1::2]
    centres = np.arange(len(rows)) @ occupied / np.maximum(occupied.sum(0), _TINY)
    before, after = np.array([BLANK, *tokens[:-1]]), np.array([*tokens[1:], BLANK])
    staying = _entering(ahead, before)
    tokens_said = rows[:, None, :N_TOKENS] / scales[:, None, None]
    staying[0] *= tokens_said[0]
    for at in range(1, len(rows)):
        staying[at] += staying[at - 1]
        staying[at] *= tokens_said[at]
    weights = np.empty((len(tokens), N_TOKENS + 1))
    weights[:, :N_TOKENS] = (staying * _leaving(rows, behind, scales, after)).sum(0)
    weights[:, N_TOKENS] = _skipping(ahead, rows, behind, scales, before, after).sum(0)
    if len(tokens) > 1:  # the second one may begin at once
        weights[0, N_TOKENS] += behind[0, 3] * rows[0, tokens[1]] / scales[0]
    return weights / max(float(ahead[-1, -2:].sum()), _TINY), np.asarray(centres)


def _steps(states: npt.NDArray[np.int64]) -> Floats:
    """Say from which state, (S,), one may come into which one in one column: (S, S), 1 or 0.

    The same, the next, and over a blank from one token to another one.
    """
    steps = np.eye(len(states)) + np.eye(len(states), k=1)
    tokens = np.arange(3, len(states), 2)
    steps[tokens - 2, tokens] = states[tokens - 2] != states[tokens]
    return steps


def _forward(said: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """Return how likely each state is after the columns so far, (T, S) with rows scaled to 1, and the scales (T,)."""
    ahead, scales = np.empty_like(said), np.empty(len(said))
    now = np.zeros(said.shape[1])
    now[:2] = 1.0
    for at, row in enumerate(said):
        now = (now if at == 0 else now @ steps) * row
        scales[at] = max(float(now.sum()), _TINY)
        now /= scales[at]
        ahead[at] = now
    return ahead, scales


def _backward(said: Floats, steps: Floats, scales: Floats) -> Floats:
    """Return (T, S) how likely the columns to come are from each state, scaled as `_forward` is."""
    behind = np.zeros_like(said)
    behind[-1, -2:] = 1.0
    scaled = said / scales[:, None]
    for at in range(len(said) - 2, -1, -1):
        behind[at] = steps @ (behind[at + 1] * scaled[at + 1])
    return behind


def _entering(ahead: Floats, before: npt.NDArray[np.int64]) -> Floats:
    """Return (T, N, 13) how likely each place begins in each column, from the blank before it or the token before that.

    The same token twice needs a blank between.
    """
    came = np.arange(N_TOKENS) != before[:, None]
    came[0] = False  # nothing stands before the first
    entering = np.zeros((len(ahead), *came.shape))
    entering[1:] = ahead[:-1, :-1:2, None]
    entering[1:, 1:] += ahead[:-1, 1:-2:2, None] * came[1:]
    entering[0, 0] = 1.0
    return entering


def _leaving(rows: Floats, behind: Floats, scales: Floats, after: npt.NDArray[np.int64]) -> Floats:
    """Return (T, N, 13) how likely the columns to come are when each place ends in each column."""
    goes = np.arange(N_TOKENS) != after[:, None]
    leaving = np.zeros((len(rows), *goes.shape))
    into_blank = behind[1:, 2::2] * rows[1:, BLANK, None] / scales[1:, None]
    leaving[:-1] = into_blank[:, :, None]
    leaving[:-1, :-1] += _into_next(rows, behind, scales, after)[:, :-1, None] * goes[:-1]  # none is after the last
    leaving[-1, -1] = 1.0
    return leaving


def _skipping(
    ahead: Floats,
    rows: Floats,
    behind: Floats,
    scales: Floats,
    before: npt.NDArray[np.int64],
    after: npt.NDArray[np.int64],
) -> Floats:
    """Return (T, N) how likely nothing stands at each place, and the next one begins after each column."""
    skipping = np.array(ahead[:, :-1:2])
    skipping[:, 1:] += ahead[:, 1:-2:2] * (before != after)[1:]
    skipping[:-1] *= _into_next(rows, behind, scales, after)
    skipping[-1, :-1] = 0.0  # where the columns end, nothing begins: the last place is left out, and that is all
    return skipping


def _into_next(rows: Floats, behind: Floats, scales: Floats, after: npt.NDArray[np.int64]) -> Floats:
    """Return (T - 1, N) how likely the columns to come are when the place after each one begins with the next."""
    into = np.zeros((len(rows) - 1, len(after)))
    into[:, :-1] = behind[1:, 3::2] * rows[1:, after[:-1]] / scales[1:, None]
    return into
