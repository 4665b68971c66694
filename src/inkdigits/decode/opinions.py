"""What another network says of the ink of single digits of a line, weighed in with what the one for lines says."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil

import numpy as np
import numpy.typing as npt

from inkdigits.decode.spelling import Part
from inkdigits.records import N_LABELS

DOUBTFUL = 0.95
"""Another network is asked of digits that are less sure: of surer ones, it changes hardly any (docs/experiments.md)."""

WHOLE, PARTED = 1.0, 0.15
"""The power that its word is given, times the digit score: on a digit that stands alone, and on one that was cut off
from its neighbour, whose ink may be wrong."""

LEAST = 1e-4
"""It rules no label out: what it thinks less likely is this likely."""

_TINY = 1e-30


def find_doubtful(parts: Sequence[Part]) -> list[int]:
    """Return the places of the digits that another network is to be asked of."""
    return [at for at, part in enumerate(parts) if part.label is not None and part.confidence < DOUBTFUL]


def weigh_labels(
    columns: npt.NDArray[np.float32],
    parts: Sequence[Part],
    opinions: Mapping[int, tuple[npt.NDArray[np.float32], float]],
) -> npt.NDArray[np.float32]:
    """Let opinions count where their digits stand; how likely a digit stands there, whichever, does not change.

    The two networks' probabilities are multiplied, as of experts who look at different things (Hinton 1999), each to a
    power.

    Args:
        columns: (T, 14) float32, as `spell` takes them.
        parts: how they are spelled.
        opinions: of the digits at these places: (10,) float32 probabilities, and the power that they are given.

    Returns:
        (T, 14) float32, rows summing to 1.
    """
    borders = [0, *(ceil((left.column + right.column) / 2) for left, right in pairwise(parts)), len(columns)]
    weighed = columns.copy()
    for at, (probabilities, power) in opinions.items():
        rows = weighed[borders[at] : borders[at + 1], :N_LABELS]
        whole = rows.sum(1, keepdims=True)
        rows *= np.maximum(probabilities, np.float32(LEAST)) ** np.float32(power)
        rows *= whole / np.maximum(rows.sum(1, keepdims=True), np.float32(_TINY))
    return weighed
