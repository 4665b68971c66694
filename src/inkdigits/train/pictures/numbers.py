"""Numbers composed of single digits, as ink and as photos of paper.

Published readers of digit strings learn from numbers made so: real digits side by side, apart, touching or overlapping
(Hochuli et al. 2018, "Handwritten digit segmentation: is it still necessary?").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import CORE, Box, Ink
from inkdigits.train.pictures.photos import PENS, choose_sides, photograph_shape
from inkdigits.train.pictures.shapes import Bytes, Shape, draw_digit, draw_log_uniform

N_DIGITS = (2, 5)
"""Digits of a number: of longer ones, the parts look the same."""

HEIGHT_PX = (28, 64)
"""Height of its digits."""

PEN_SHARE = (0.04, 0.16)
"""Width of its pen as a share of that height."""

SOFT_PX = 3
"""Room for the soft edges of a digit."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """How near the digits of a number stand."""

    touching: float
    """Share of the neighbours that touch or cross."""
    close: float
    """Share of those that stand closer than people are taught to write."""


MIXED = Spacing(touching=0.35, close=0.3)
APART = Spacing(touching=0.0, close=0.4)
TOUCHING = Spacing(touching=0.5, close=0.3)


class Number(NamedTuple):
    """A number written in one line."""

    ink: Ink
    """(H, W) float32 in [0, 1]."""
    labels: tuple[int, ...]
    """From left to right."""
    shapes: tuple[tuple[Box, Ink], ...]
    """Where each digit lies, and its own ink there."""


def compose_number(
    rng: np.random.Generator,
    digits: Bytes,
    labels: npt.NDArray[np.integer[Any]],
    *,
    n_digits: tuple[int, int] = N_DIGITS,
    height_px: float | None = None,
    spacing: Spacing = MIXED,
) -> Number:
    """Write a few random digits in one line, in one hand's slant, size and pen.

    Args:
        rng: source of all choices.
        digits: (N, 28, 28) uint8, ink bright on black.
        labels: (N,) 0-9.
        n_digits: the least and the greatest number of digits.
        height_px: height of a digit; None: one of `HEIGHT_PX`.
        spacing: how near neighbours stand.
    """
    n = int(rng.integers(*n_digits, endpoint=True))
    height_px = draw_log_uniform(rng, *HEIGHT_PX) if height_px is None else height_px
    pen_px = max(1.5, height_px * draw_log_uniform(rng, *PEN_SHARE))
    size, drift = rng.uniform(0, 0.15), rng.uniform(0, 0.1)
    lean = rng.normal(0, 5)
    chosen = rng.integers(len(digits), size=n).tolist()
    blur = rng.uniform(0.3, 1.2)
    inks = []
    for at in chosen:
        high, turn = height_px * np.exp(rng.normal(0, size)), lean + rng.normal(0, 3)
        room = 1.3 * height_px
        drawn = draw_digit(rng, digits[at], height_px=high, max_width_px=room, pen_px=pen_px, turn_deg=turn)
        inks.append(_soften(drawn.mask, blur))
    shapes = _set_side_by_side(rng, inks, height_px, pen_px, drift, spacing)
    return Number(_lay_over(shapes), tuple(int(labels[at]) for at in chosen), tuple(shapes))


def _lay_over(shapes: Sequence[tuple[Box, Ink]]) -> Ink:
    """Return the ink of all shapes together, with a margin."""
    width, height = max(box.x1 for box, _ in shapes) + 3, max(box.y1 for box, _ in shapes) + 3
    ink = np.zeros((height, width), dtype=np.float32)
    for box, mask in shapes:
        window = ink[box.y0 : box.y1, box.x0 : box.x1]
        np.maximum(window, mask, out=window)
    return ink


def _soften(mask: Ink, sigma_px: float) -> Ink:
    """Blur a mask, with room for its soft edges."""
    room = np.pad(mask, SOFT_PX)
    return np.clip(np.asarray(cv2.GaussianBlur(room, (0, 0), sigma_px), dtype=np.float32), 0, 1)


def _set_side_by_side(
    rng: np.random.Generator, inks: Sequence[Ink], height_px: float, pen_px: float, drift: float, spacing: Spacing
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
            left = before.x0 + kern(other, before.y0, ink, top) + round(_draw_distance(rng, height_px, pen_px, spacing))
            left = max(left, before.x0 + 3)
        shapes.append((Box(left, top, left + width, top + height), ink))
    return shapes


def _draw_distance(rng: np.random.Generator, height_px: float, pen_px: float, spacing: Spacing) -> float:
    """Draw the distance of two neighbours: below 0 where they cross."""
    kind = rng.random()
    if kind < spacing.touching:
        return -pen_px * float(rng.uniform(0.2, 1.5))
    is_close = kind < spacing.touching + spacing.close
    return height_px * float(rng.uniform(0.02, 0.12) if is_close else rng.uniform(0.12, 0.5))


def kern(left: Ink, left_top: int, right: Ink, right_top: int) -> int:
    """Return how far right of the left ink's box the right one begins where they just touch in some row."""
    top, bottom = max(left_top, right_top), min(left_top + left.shape[0], right_top + right.shape[0])
    if top >= bottom:
        return int(left.shape[1])
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


PHOTO_SIZE = (0.06, 0.3)
"""Height of the digits in a photo, as a share of its height."""

MOST_DIGITS = (2, 10)
"""Digits of a number in a photo."""

MAX_WIDTH, DIGIT_WIDTH = 0.8, 0.8
"""A number is at most so wide, as a share of the photo's width; so wide is a digit with its gap, of its height."""


class NumberPhoto(NamedTuple):
    """A photo of one number on paper."""

    image: Bytes
    """(H, W, 3) RGB uint8."""
    text: str
    """Its digits."""
    box: Box
    """Around the number, where it lies in the photo."""


def photograph_numbers(
    digits: Bytes, labels: npt.NDArray[np.integer[Any]], *, n: int, spacing: Spacing, seed: int = 0
) -> Iterator[NumberPhoto]:
    """Write numbers of 2 to 10 digits on sheets, one each, and photograph them.

    Args:
        digits: (N, 28, 28) uint8, ink bright on black.
        labels: (N,) 0-9.
        n: how many.
        spacing: how near the digits stand.
        seed: another seed, other photos.
    """
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        sides = choose_sides(rng)
        height_px = sides[0] * draw_log_uniform(rng, *PHOTO_SIZE)
        room = int(MAX_WIDTH * sides[1] / (DIGIT_WIDTH * height_px))
        span = (MOST_DIGITS[0], max(MOST_DIGITS[0], min(MOST_DIGITS[1], room)))
        written = compose_number(rng, digits, labels, n_digits=span, height_px=height_px, spacing=spacing)
        mask = _reduce(written.ink, MAX_WIDTH * sides[1])
        pen = str(rng.choice(list(PENS)))
        drawing = photograph_shape(rng, Shape(mask, PEN_SHARE[0] * mask.shape[0], "number"), pen, sides)
        yield NumberPhoto(drawing.image, "".join(map(str, written.labels)), drawing.box)


def _reduce(ink: Ink, width_px: float) -> Ink:
    """Make an ink smaller, if need be, so that it is no wider than that."""
    scale = min(1.0, width_px / ink.shape[1])
    return np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.float32)
