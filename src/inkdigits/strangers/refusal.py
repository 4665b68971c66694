"""How many strangers a network refuses, and how many digits that costs."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.datasets.description import align
from inkdigits.metrics import Floats, auroc
from inkdigits.records import Patches
from inkdigits.strangers.sets import StrangerSet

Classify: TypeAlias = Callable[[Patches], tuple[Floats, Floats]]
"""Patches (N, 28, 28) -> calibrated probabilities (N, 10) and digit scores (N,)."""


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One set of strangers."""

    name: str
    like_digits: bool
    """Whether many look just like a digit, so that refusing them all is not the aim."""
    n: int
    refused: float
    """Share whose digit score is under the threshold."""
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

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    def to_text(self) -> str:
        """Return the figures as a table, to be read in a terminal; what looks like digits comes last."""
        head = (
            f"{self.passed:.2%} of {self.n_digits:,} digits pass (digit score {self.digit_score_threshold:.2f} or more)"
        )
        rows = [["not a digit", "n", "refused", "AUROC"]]
        for row in sorted(self.rows, key=lambda row: row.like_digits):
            rows.append([row.name, f"{row.n:,}", f"{row.refused:.1%}", f"{row.auroc:.4f}"])
        return f"{head}\n{align(rows)}"


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
    rows = []
    for each in strangers:
        theirs = classify(each.patches)[1]
        refused = float((theirs < digit_score_threshold).mean())
        rows.append(RefusalRow(each.name, each.like_digits, len(theirs), refused, auroc(scores, theirs)))
    passed = float((scores >= digit_score_threshold).mean())
    return Refusal(digit_score_threshold, len(scores), passed, tuple(rows))
