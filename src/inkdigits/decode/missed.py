"""Digits that the network for lines left out, put into what it spelled."""

from collections.abc import Sequence
from math import prod

import numpy as np
import numpy.typing as npt

from inkdigits.decode.digits import Thresholds
from inkdigits.decode.spelling import N_ALTERNATIVES, NEVER, Part, Spelling
from inkdigits.records import Alternative

CERTAIN = 0.9
"""A digit of which only the network for single digits knows is accepted if it is so sure that one stands there, and
which. Of what it is less sure of, most is a piece of a digit, or two digits."""


def to_missed(probabilities: npt.NDArray[np.float32], score: float, column: float, thresholds: Thresholds) -> Part:
    """Make a part of a line out of ink that no digit was read in.

    Args:
        probabilities: (10,) float32, calibrated, by the network for single digits.
        score: how much it is a digit, in [0, 1], by the same.
        column: its middle, in columns of what the network for lines said.
        thresholds: what a single digit must reach.
    """
    label = int(probabilities.argmax())
    score = float(score)
    confidence = float(probabilities[label]) * score
    is_sure = score >= thresholds.digit_score and confidence >= max(CERTAIN, thresholds.confidence)
    return Part(label if is_sure else None, confidence, score, tuple(probabilities.tolist()), column, "")


def add_missed(spelling: Spelling, missed: Sequence[Part]) -> Spelling:
    """Put parts between those that were spelled. The line is right if these are, and the others were read well too."""
    parts = tuple(sorted((*spelling.parts, *missed), key=lambda part: part.column))
    confidence = spelling.confidence * prod(part.confidence for part in missed)
    return Spelling(parts, confidence, _alternatives(spelling, parts, missed))


def _alternatives(spelling: Spelling, parts: Sequence[Part], missed: Sequence[Part]) -> tuple[Alternative, ...]:
    """Return the likeliest texts: of the parts, each missed one being any digit or none; or the other ones without."""
    none = prod(1 - part.digit_score for part in missed)
    texts = {other.text: none * other.probability for other in spelling.alternatives[1:]}
    beam = {"": spelling.confidence}
    for part in parts:
        ways = _ways(part) if any(part is each for each in missed) else {part.text: 1.0}
        longer: dict[str, float] = {}
        for start, probability in beam.items():
            for sign, share in ways.items():
                longer[start + sign] = longer.get(start + sign, 0.0) + probability * share
        beam = dict(sorted(longer.items(), key=lambda item: -item[1])[:N_ALTERNATIVES])
    for text, probability in beam.items():
        texts[text] = texts.get(text, 0.0) + probability
    ranked = sorted(texts.items(), key=lambda item: -item[1])[:N_ALTERNATIVES]
    best = ranked[0][0]
    return tuple(Alternative(text, min(1.0, each)) for text, each in ranked if each > NEVER or text == best)


def _ways(part: Part) -> dict[str, float]:
    """Say what may stand where a part was missed: any digit, or none."""
    digits = {str(label): part.digit_score * probability for label, probability in enumerate(part.probabilities)}
    return digits | {"": 1 - part.digit_score}
