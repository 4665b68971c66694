"""What becomes of composed numbers when they are taken apart.

The pieces and pairs that this gives teach a network what is a whole digit and what is not.
"""

from collections.abc import Callable, Iterator

import numpy as np

from inkdigits.normalize import to_patches
from inkdigits.records import Box, Candidate, Ink
from inkdigits.segment import find_lattice
from inkdigits.train.negatives import NOT_A_DIGIT, Digits
from inkdigits.train.pictures.numbers import Number, compose_number

WHOLE = 0.88
"""A candidate that holds this share of a digit's ink, and as much of whose ink is that digit's, is the digit."""

PARTIAL = 0.7
"""One that holds less than this share, or of whose ink less is the digit's, is none. Between the two, who knows."""

LIKE_ONE = 0.4
"""Width over height up to which a piece may look just like a 1: it teaches nothing."""


def take_apart(n: int, digits: Digits, seed: int, watch: Callable[[int], object] = lambda _: None) -> Digits:
    """Compose `n` numbers and take them apart as reading does.

    Args:
        n: how many numbers.
        digits: what to compose them of: at least one, all of them digits.
        seed: of all random choices.
        watch: called with how many numbers are done.

    Returns:
        The candidates that are a digit, with its label, and those that are none: parts, pairs, parts of two.
    """
    inks: list[Ink] = []
    labels: list[int] = []
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        for ink, label in _label_candidates(compose_number(rng, *digits)):
            inks.append(ink)
            labels.append(label)
        watch(number + 1)
    return Digits(np.rint(to_patches(inks) * 255).astype(np.uint8), np.array(labels, dtype=np.int64))


def _label_candidates(number: Number) -> Iterator[tuple[Ink, int]]:
    """Yield the ink of each candidate of which one can say what it is, and that."""
    for candidate in find_lattice(number.ink).candidates:
        label = _judge(candidate, number)
        if label is not None:
            yield candidate.glyph.ink, label


def _judge(candidate: Candidate, number: Number) -> int | None:
    """Return the label of the digit that a candidate is; `NOT_A_DIGIT` for none; None where nobody could say."""
    own = float(candidate.glyph.ink.sum())
    best = 0.0
    for (box, ink), label in zip(number.shapes, number.labels, strict=True):
        shared = _shared(candidate.glyph.ink, candidate.glyph.box, ink, box)
        least = min(shared / float(ink.sum()), shared / own)
        if least >= WHOLE:
            return label
        best = max(best, least)
    box = candidate.glyph.box
    return NOT_A_DIGIT if best < PARTIAL and box.width > LIKE_ONE * box.height else None


def _shared(ink: Ink, box: Box, other: Ink, other_box: Box) -> float:
    """Return how much ink two glyphs share."""
    x0, y0 = max(box.x0, other_box.x0), max(box.y0, other_box.y0)
    x1, y1 = min(box.x1, other_box.x1), min(box.y1, other_box.y1)
    if x0 >= x1 or y0 >= y1:
        return 0.0
    one = ink[y0 - box.y0 : y1 - box.y0, x0 - box.x0 : x1 - box.x0]
    two = other[y0 - other_box.y0 : y1 - other_box.y0, x0 - other_box.x0 : x1 - other_box.x0]
    return float(np.minimum(one, two).sum())
