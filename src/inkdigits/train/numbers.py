"""What becomes of composed numbers when they are taken apart.

The pieces and pairs that this gives teach a network what is a whole digit and what is not.
"""

from collections.abc import Callable, Iterator

import numpy as np

from inkdigits.normalize import to_patches
from inkdigits.records import Box, Glyph, Ink
from inkdigits.segment import part_at
from inkdigits.train.negatives import NOT_A_DIGIT, Digits
from inkdigits.train.pictures.numbers import Number, compose_number

WHOLE = 0.88
"""A glyph that holds this share of a digit's ink, and as much of whose ink is that digit's, is the digit."""

PARTIAL = 0.7
"""One that holds less than this share, or of whose ink less is the digit's, is none. Between the two, who knows."""

N_MISTAKES = 2
"""So often is each number parted wrongly."""

MERGED = 0.5
"""Share of the mistakes that take two digits for one; the others take one for two."""

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
        The glyphs that are a digit, with its label, and those that are none: parts, pairs, parts of two.
    """
    inks: list[Ink] = []
    labels: list[int] = []
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        for ink, label in _take_apart(rng, compose_number(rng, *digits)):
            inks.append(ink)
            labels.append(label)
        watch(number + 1)
    return Digits(np.rint(to_patches(inks) * 255).astype(np.uint8), np.array(labels, dtype=np.int64))


def _take_apart(rng: np.random.Generator, number: Number) -> Iterator[tuple[Ink, int]]:
    """Yield the ink of each glyph of which one can say what it is, and that: parted rightly, and wrongly."""
    columns = [(box.x0 + box.x1) / 2 for box, _ in number.shapes]
    height_px = float(np.median([box.height for box, _ in number.shapes]))
    for way in (columns, *(_mistake(rng, columns) for _ in range(N_MISTAKES))):
        for glyph in part_at(number.ink, way, height_px):
            label = _judge(glyph, number)
            if label is not None:
                yield glyph.ink, label


def _mistake(rng: np.random.Generator, columns: list[float]) -> list[float]:
    """Take two neighbours for one digit, or one for two."""
    at = int(rng.integers(len(columns) - 1))
    if rng.random() < MERGED:
        return [*columns[:at], (columns[at] + columns[at + 1]) / 2, *columns[at + 2 :]]
    step = (columns[at + 1] - columns[at]) / 4
    return [*columns[:at], columns[at] - step, columns[at] + step, *columns[at + 1 :]]


def _judge(glyph: Glyph, number: Number) -> int | None:
    """Return the label of the digit that a glyph is; `NOT_A_DIGIT` for none; None where nobody could say."""
    own = float(glyph.ink.sum())
    if not own:
        return None
    best = 0.0
    for (box, ink), label in zip(number.shapes, number.labels, strict=True):
        shared = _shared(glyph.ink, glyph.box, ink, box)
        least = min(shared / float(ink.sum()), shared / own)
        if least >= WHOLE:
            return label
        best = max(best, least)
    box = glyph.box
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
