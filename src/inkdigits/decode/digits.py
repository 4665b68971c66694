"""Glyphs with their scores -> digits, with doubtful ones rejected, and lines of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod

import numpy as np
import numpy.typing as npt

from inkdigits.decode.spelling import N_ALTERNATIVES, Spelling
from inkdigits.errors import UsageError
from inkdigits.records import Alternative, Box, Digit, Line, ModelCard, RejectPoint


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a digit must reach to be accepted."""

    digit_score: float
    """Below this the glyph is not a digit."""
    confidence: float
    """Below this the label is too doubtful."""


def choose_thresholds(card: ModelCard, accept_error: float | None) -> Thresholds:
    """Pick the confidence from which at most the share `accept_error` of the accepted digits is wrong.

    Args:
        card: carries what validation measured.
        accept_error: a share in (0, 1]; None accepts whatever is a digit.

    Raises:
        UsageError: not a share, or more than this network can promise.
    """
    if accept_error is None:
        return Thresholds(card.digit_score_threshold, 0.0)
    if not 0 < accept_error <= 1:
        raise UsageError(f"accept_error is a share above 0 and up to 1, such as 0.01; not {accept_error}.")
    row = threshold_for_error(card.reject_table, accept_error)
    if row is None:
        least = min((row.error for row in card.reject_table), default=None)
        promise = "it was never measured" if least is None else f"ask for {ceil(least * 1e4) / 1e4} or more"
        raise UsageError(f"The network {card.name!r} cannot promise an error of {accept_error}: {promise}.")
    return Thresholds(card.digit_score_threshold, row.confidence)


def threshold_for_error(table: Sequence[RejectPoint], share: float) -> RejectPoint | None:
    """Choose the row that accepts most among those whose error is at most `share`; None where there is none."""
    fitting = [row for row in table if row.error <= share and row.coverage > 0]
    return max(fitting, key=lambda row: row.coverage, default=None)


def to_digit(probabilities: npt.NDArray[np.float32], score: float, box: Box, thresholds: Thresholds) -> Digit:
    """Make the record of one glyph.

    Args:
        probabilities: (10,) float32, calibrated.
        score: its digit score in [0, 1].
        box: where it lies in the picture.
        thresholds: what it must reach.
    """
    label = int(probabilities.argmax())
    confidence = float(probabilities[label])
    accepted = score >= thresholds.digit_score and confidence >= thresholds.confidence
    return Digit(label if accepted else None, confidence, float(score), box, tuple(probabilities.tolist()))


def to_number(
    spelling: Spelling, boxes: Sequence[Box], thresholds: Thresholds, marks: Sequence[str] | None = None
) -> Line:
    """Make the record of a line that was spelled, of at least one part.

    Args:
        spelling: how the line is read.
        boxes: where each of its parts lies in the picture.
        thresholds: what a digit must reach. Its digit score need not: the line decides what is a digit.
        marks: points and commas before the parts, where the spelling has none.
    """
    digits = tuple(
        Digit(
            part.label if part.confidence >= thresholds.confidence else None,
            part.confidence,
            part.digit_score,
            box,
            part.probabilities,
        )
        for part, box in zip(spelling.parts, boxes, strict=True)
    )
    before = [part.before or mark for part, mark in zip(spelling.parts, marks or [""] * len(digits), strict=True)]
    formatted = "".join(mark + digit.text for mark, digit in zip(before, digits, strict=True))
    text = "".join(digit.text for digit in digits)
    around = Box.around(digit.box for digit in digits)
    return Line(text, formatted, spelling.confidence, around, digits, spelling.alternatives)


def to_line(digits: Sequence[Digit]) -> Line:
    """Make one line of digits that stand in order, at least one."""
    text = "".join(digit.text for digit in digits)
    confidence = prod(digit.confidence for digit in digits)
    return Line(text, text, confidence, Box.around(digit.box for digit in digits), tuple(digits), alternatives(digits))


def alternatives(digits: Sequence[Digit]) -> tuple[Alternative, ...]:
    """Return the most probable ways to read the digits, with the product of the digits' probabilities.

    A beam of five is exact here: the best five of a longer line only ever extend the best five of a shorter one.
    """
    beam = [Alternative("", 1.0)]
    for digit in digits:
        longer = [
            Alternative(start.text + str(label), start.probability * probability)
            for start in beam
            for label, probability in enumerate(digit.probabilities)
        ]
        beam = sorted(longer, key=lambda one: -one.probability)[:N_ALTERNATIVES]
    return tuple(beam)
