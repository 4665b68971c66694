"""How many strangers a network refuses, and how many digits that costs."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inkdigits.metrics import Classify, auroc
from inkdigits.strangers.sets import StrangerSet


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One set of strangers."""

    name: str
    like_digits: bool
    """Whether many look just like a digit, so that refusing them all is not the aim."""
    n: int
    refused: float
    """Share whose digit score is under the threshold."""
    refused_at_99: float
    """Share that would be refused at the threshold which just 99 % of the digits pass."""
    auroc: float
    """Of the digit score, between digits and this set: 1 tells them apart, 0.5 not at all."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a network's digit score is worth."""

    digit_score_threshold: float
    n_digits: int
    passed: float
    """Share of the digits whose digit score reaches the threshold."""
    rows: tuple[RefusalRow, ...]
    """One a set."""


def measure_refusal(
    classify: Classify, digit_score_threshold: float, digits: npt.NDArray[np.uint8], strangers: Iterable[StrangerSet]
) -> Refusal:
    """Show a network digits and strangers.

    Args:
        classify: the network, as it ships.
        digit_score_threshold: below this a glyph is not a digit; the model card knows it.
        digits: (N, 28, 28) uint8, ink bright: patches of digits that the network has not learned from.
        strangers: what it should refuse.
    """
    scores = classify(digits.astype(np.float32) / np.float32(255))[1]
    strict = float(np.quantile(scores, 0.01))
    rows = []
    for each in strangers:
        theirs = classify(each.patches)[1]
        refused, at_99 = (float((theirs < threshold).mean()) for threshold in (digit_score_threshold, strict))
        rows.append(RefusalRow(each.name, each.like_digits, len(theirs), refused, at_99, auroc(scores, theirs)))
    passed = float((scores >= digit_score_threshold).mean())
    return Refusal(digit_score_threshold, len(scores), passed, tuple(rows))
