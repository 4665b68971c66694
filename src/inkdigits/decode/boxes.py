"""What a network says of a row of boxes -> the number in them: no box holds more than one digit.

Inside each box the columns are read as in `spelling.py`, but only for texts of one token, or none: so no digit is taken
for two.
"""

from collections.abc import Sequence
from itertools import pairwise, product
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inkdigits.decode.spelling import N_ALTERNATIVES, NEVER, PLAUSIBLE, Floats, Part, Spelling, to_parts, to_text
from inkdigits.records import BLANK, COMMA, N_TOKENS, POINT, Alternative, CalibrationCurve

N_WAYS = 20
"""Texts that are followed from box to box."""

_TINY = 1e-300
_TEXTS = [*(to_text(bytes([token])) for token in range(N_TOKENS)), ""]


def stand_in_boxes(parts: Sequence[Part], borders: Sequence[float]) -> bool:
    """Whether every box of a row, between two `borders` each, holds one part of a line."""
    columns = np.array([part.column for part in parts])
    return bool((np.histogram(columns, borders)[0] == 1).all()) and len(parts) == len(borders) - 1


def spell_boxes(
    columns: npt.NDArray[np.float32], borders: Sequence[float], calibration: CalibrationCurve = ()
) -> Spelling:
    """Find how a row of boxes is read most likely.

    Args:
        columns: (T, 14) float32, the probabilities of the tokens and of the blank, each row summing to 1.
        borders: the n + 1 columns, in order, at which n boxes begin and end.
        calibration: of the digits, by the card of the network.
    """
    firsts = [min(max(ceil(border), 0), len(columns)) for border in borders]
    boxes = _cut(columns.astype(np.float64), firsts)
    sums = _sum_up(boxes)
    whole = sums.sum(1, keepdims=True)
    ways = _join(sums / np.maximum(whole, PLAUSIBLE))
    found = np.array(ways[0].tokens)
    filled = np.flatnonzero(found != BLANK)
    said = boxes[filled, :, found[filled]]
    columns_of = np.array(firsts)[filled] + said @ np.arange(boxes.shape[1]) / np.maximum(said.sum(1), _TINY)
    shares = (sums / np.maximum(whole, _TINY))[filled]
    parts = to_parts(bytes(found[filled].tolist()), shares, columns_of, calibration)
    likely = [way for way in ways if way.probability > NEVER or way is ways[0]]
    alternatives = tuple(Alternative(way.text, min(1.0, way.probability)) for way in likely)
    return Spelling(parts, alternatives[0].probability, alternatives)


def _cut(rows: Floats, firsts: Sequence[int]) -> Floats:
    """Return the columns of each box, (n, T', 14), followed by blanks; points and commas in them are blanks."""
    widest = max(1, *np.diff(firsts).tolist())
    boxes = np.zeros((len(firsts) - 1, widest, N_TOKENS + 1))
    boxes[:, :, BLANK] = 1.0
    for box, (start, end) in zip(boxes, pairwise(firsts), strict=True):
        box[: end - start] = rows[start:end]
    boxes[:, :, BLANK] += boxes[:, :, [POINT, COMMA]].sum(2)
    boxes[:, :, [POINT, COMMA]] = 0.0
    return boxes


def _sum_up(boxes: Floats) -> Floats:
    """Return (n, 14): how likely each box holds a token, and no other, in all the ways to lay it out; or the blank."""
    before = np.ones((len(boxes), 1))
    during = after = np.zeros((len(boxes), N_TOKENS))
    for said in boxes.transpose(1, 0, 2):
        blank = said[:, BLANK:]
        after = (after + during) * blank
        during = (during + before) * said[:, :N_TOKENS]
        before = before * blank
    return np.hstack([during + after, before])


class _Way(NamedTuple):
    """To read the boxes of a row up to some box."""

    text: str
    probability: float
    """Of the text, whichever boxes it stands in."""
    likeliest: float
    """Of it in the likeliest boxes."""
    tokens: tuple[int, ...]
    """That stand there, one a box."""


def _join(shares: Floats) -> list[_Way]:
    """Return the likeliest ways to read a row, (n, 14) shares of what its boxes hold, most probable first."""
    ways = [_Way("", 1.0, 1.0, ())]
    for box in shares.tolist():
        longer: dict[str, _Way] = {}
        for (text, probability, likeliest, tokens), (token, share) in product(ways, enumerate(box)):
            way = _Way(text + _TEXTS[token], probability * share, likeliest * share, (*tokens, token))
            other = longer.get(way.text, way._replace(probability=0.0))
            best = max(way, other, key=lambda each: each.likeliest)
            longer[way.text] = best._replace(probability=way.probability + other.probability)
        ways = sorted(longer.values(), key=lambda way: -way.probability)[:N_WAYS]
    return ways[:N_ALTERNATIVES]
