"""Numbers composed of single digits, and what becomes of them when a line is taken apart.

Published readers of digit strings learn from numbers made so: real digits side by side, apart, touching or
overlapping. The pieces and pairs that taking apart gives teach a network what is a whole digit and what is not.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.normalize import to_patches
from inkdigits.records import Box, Candidate, Ink
from inkdigits.segment import find_lattice
from inkdigits.segment.glyph import CORE
from inkdigits.train.negatives import NOT_A_DIGIT, Digits
from inkdigits.train.pictures.shapes import draw_digit, draw_log_uniform

N_DIGITS = (2, 5)
"""Digits of a number: of longer ones, the parts look the same."""

HEIGHT_PX = (28, 64)
"""Height of its digits."""

PEN_SHARE = (0.04, 0.16)
"""Width of its pen as a share of that height."""

SOFT_PX = 3
"""Room for the soft edges of a digit."""

TOUCHING, CLOSE = 0.35, 0.3
"""Shares of the neighbours that touch or cross, and of those that stand closer than people are taught to write."""

WHOLE = 0.88
"""A candidate that holds this share of a digit's ink, and as much of whose ink is that digit's, is the digit."""

PARTIAL = 0.7
"""One that holds less than this share, or of whose ink less is the digit's, is none. Between the two, who knows."""

LIKE_ONE = 0.4
"""Width over height up to which a piece may look just like a 1: it teaches nothing."""


class Number(NamedTuple):
    """A number written in one line."""

    ink: Ink
    """(H, W) float32 in [0, 1]."""
    labels: tuple[int, ...]
    """From left to right."""
    shapes: tuple[tuple[Box, Ink], ...]
    """Where each digit lies, and its own ink there."""


def compose_number(rng: np.random.Generator, digits: Digits) -> Number:
    """Write a few random digits in one line, in one hand's slant, size and pen."""
    n, height_px = int(rng.integers(N_DIGITS[0], N_DIGITS[1], endpoint=True)), draw_log_uniform(rng, *HEIGHT_PX)
    pen_px = max(1.5, height_px * draw_log_uniform(rng, *PEN_SHARE))
    size, drift = rng.uniform(0, 0.15), rng.uniform(0, 0.1)
    lean = rng.normal(0, 5)
    chosen = [int(at) for at in rng.integers(len(digits.patches), size=n)]
    blur = rng.uniform(0.3, 1.2)
    inks = [
        _soften(
            draw_digit(
                rng,
                digits.patches[at],
                height_px=height_px * np.exp(rng.normal(0, size)),
                max_width_px=1.3 * height_px,
                pen_px=pen_px,
                turn_deg=lean + rng.normal(0, 3),
            ).mask,
            blur,
        )
        for at in chosen
    ]
    shapes = _set_side_by_side(rng, inks, height_px, pen_px, drift)
    width, height = max(box.x1 for box, _ in shapes) + 3, max(box.y1 for box, _ in shapes) + 3
    ink = np.zeros((height, width), dtype=np.float32)
    for box, mask in shapes:
        window = ink[box.y0 : box.y1, box.x0 : box.x1]
        np.maximum(window, mask, out=window)
    return Number(ink, tuple(int(digits.labels[at]) for at in chosen), tuple(shapes))


def _soften(mask: Ink, sigma_px: float) -> Ink:
    """Blur a mask, with room for its soft edges."""
    room = np.pad(mask, SOFT_PX)
    return np.clip(np.asarray(cv2.GaussianBlur(room, (0, 0), sigma_px), dtype=np.float32), 0, 1)


def _set_side_by_side(
    rng: np.random.Generator, inks: Sequence[Ink], height_px: float, pen_px: float, drift: float
) -> list[tuple[Box, Ink]]:
    """Place inks on a line that drifts; the least distance between two, along a row, is what is drawn for them."""
    shapes: list[tuple[Box, Ink]] = []
    middle = 1.2 * height_px
    for ink in inks:
        height, width = ink.shape
        middle += rng.normal(0, drift * height_px)
        top = max(3, round(middle - height / 2))
        left = 3
        if shapes:
            before, other = shapes[-1]
            left = before.x0 + _kern(other, before.y0, ink, top) + round(_draw_distance(rng, height_px, pen_px))
            left = max(left, before.x0 + 3)
        shapes.append((Box(left, top, left + width, top + height), ink))
    return shapes


def _draw_distance(rng: np.random.Generator, height_px: float, pen_px: float) -> float:
    """Draw the distance of two neighbours: below 0 where they cross."""
    kind = rng.random()
    if kind < TOUCHING:
        return -pen_px * float(rng.uniform(0.2, 1.5))
    return height_px * float(rng.uniform(0.02, 0.12) if kind < TOUCHING + CLOSE else rng.uniform(0.12, 0.5))


def _kern(left: Ink, left_top: int, right: Ink, right_top: int) -> int:
    """Return how far right of the left ink's box the right one begins where they just touch in some row."""
    top, bottom = max(left_top, right_top), min(left_top + left.shape[0], right_top + right.shape[0])
    ends = _last(left[top - left_top : bottom - left_top] > CORE)
    starts = _first(right[top - right_top : bottom - right_top] > CORE)
    both = (ends >= 0) & (starts >= 0)
    if not both.any():
        return int(left.shape[1])
    return int(np.max((ends - starts)[both])) + 1


def _first(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the first column of each row that is true; -1 where none is."""
    return np.asarray(np.where(mask.any(1), mask.argmax(1), -1))


def _last(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the last column of each row that is true; -1 where none is."""
    return np.asarray(np.where(mask.any(1), mask.shape[1] - 1 - mask[:, ::-1].argmax(1), -1))


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
        for ink, label in _label_candidates(compose_number(rng, digits)):
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
