"""Ink of a line, with the columns in which its digits stand -> the glyph of each digit.

Connected components go to the digit that stands in them, or beside them. Where several stand in one, it is cut between
them along paths that cross little ink.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import label_components
from inkdigits.records import CORE, Box, Glyph, Ink
from inkdigits.segment.cuts import cut_between

NEAR = 0.25
"""Ink that stands in no digit's column belongs to one if it lies no further from it than this share of its height."""

DOT, COMMA = 0.06, 1.4
"""A point has at least this share of the height; from so many times as high as wide on, it is a comma."""

SMALL = 0.3
"""Unless it is smaller than this share, and beside it: a point, a comma, a speck."""


def part_at(ink: Ink, columns: Sequence[float], height_px: float) -> tuple[Glyph, ...]:
    """Part the ink of a line into the glyphs of its digits.

    Args:
        ink: (H, W) float32 in [0, 1].
        columns: where the digits stand, from left to right, in pixels of the ink.
        height_px: height of a digit.

    Returns:
        One glyph a digit, as many as columns. One without any ink is a thin box at its column.
    """
    n, labels, stats, _ = label_components(ink >= CORE)
    boxes = np.asarray(stats[1:, :4], dtype=np.int64)
    boxes[:, 2:] += boxes[:, :2]
    homes = find_homes(columns, boxes, stats[1:, cv2.CC_STAT_AREA])
    owner = np.full(ink.shape, -1, dtype=np.int32)
    for number in range(1, n):
        members = [digit for digit, home in enumerate(homes) if home == number - 1]
        left, top, right, bottom = boxes[number - 1].tolist()
        if not members:
            is_large = max(right - left, bottom - top) >= SMALL * height_px
            members = _nearest(boxes[number - 1], boxes, homes, NEAR * height_px, beside=is_large)
        if members:
            _share_out(owner, labels == number, ink, (left, right), members, [columns[at] for at in members])
    is_parted = [home >= 0 and homes.count(home) > 1 for home in homes]
    return tuple(_cut_out(ink, owner, *each) for each in zip(range(len(columns)), columns, is_parted, strict=True))


def find_marks(ink: Ink, glyphs: Sequence[Glyph], height_px: float) -> tuple[str, ...]:
    """Find points and commas that stand alone between the digits of a line.

    Args:
        ink: (H, W) float32 in [0, 1].
        glyphs: the digits, from left to right.
        height_px: height of a digit.

    Returns:
        Before each glyph ".", "," or nothing.
    """
    _, _, stats, _ = label_components(ink >= CORE)
    marks = [""] * len(glyphs)
    for at, (before, after) in enumerate(pairwise(glyphs), start=1):
        foot = min(before.box.y1, after.box.y1)
        for left, top, width, height in stats[1:, :4].tolist():
            is_small = DOT * height_px <= max(width, height) <= SMALL * height_px
            is_low = abs(top + height / 2 - foot) <= SMALL * height_px
            if is_small and is_low and before.box.x1 <= left and left + width <= after.box.x0:
                marks[at] = "," if height > COMMA * width else "."
    return tuple(marks)


def find_homes(columns: Sequence[float], boxes: npt.NDArray[np.int64], areas: npt.NDArray[Any]) -> list[int]:
    """Return the component that each digit stands in.

    Args:
        columns: where the digits stand.
        boxes: (N, 4) left, top, right and bottom of the components.
        areas: (N,) of them.

    Returns:
        The place of the nearest one, and of several the largest; -1 without any.
    """
    return [_home(column, boxes, areas) for column in columns]


def _home(column: float, boxes: npt.NDArray[np.int64], areas: npt.NDArray[Any]) -> int:
    """Return the component that one digit stands in."""
    if not len(boxes):
        return -1
    away = np.maximum(0, np.maximum(boxes[:, 0] - column, column - boxes[:, 2] + 1))
    return int(np.lexsort((-areas, np.round(away)))[0])


def _nearest(
    own: npt.NDArray[np.int64],
    boxes: npt.NDArray[np.int64],
    homes: Sequence[int],
    reach_px: float,
    *,
    beside: bool,
) -> list[int]:
    """Return the digit that a component without one belongs to: the nearest; none where it lies beside, or too far."""
    gaps = [np.maximum(boxes[home, :2] - own[2:], own[:2] - boxes[home, 2:]).tolist() for home in homes]
    near = [
        (max(across, 0) + max(down, 0), digit)
        for digit, (across, down) in enumerate(gaps)
        if down <= reach_px and across <= (reach_px if beside else 0)
    ]
    return [min(near)[1]] if near else []


def _share_out(
    owner: npt.NDArray[np.int32],
    component: npt.NDArray[np.bool_],
    ink: Ink,
    span: tuple[int, int],
    members: Sequence[int],
    columns: Sequence[float],
) -> None:
    """Write into `owner` whose each pixel of a component is: it is cut between its digits."""
    rows = np.flatnonzero(component.any(1))
    window = np.s_[rows[0] : rows[-1] + 1, span[0] : span[1]]
    side = np.zeros(component[window].shape, dtype=np.int32)
    own = np.where(component[window], ink[window], np.float32(0))
    for cut in _cuts(own, [column - span[0] for column in columns]):
        side += np.arange(own.shape[1]) > cut[:, None]
    owner[window][component[window]] = np.asarray(members, dtype=np.int32)[side[component[window]]]


def _cuts(ink: Ink, columns: Sequence[float]) -> Iterator[npt.NDArray[np.float32]]:
    for left, right in pairwise(columns):
        yield cut_between(ink, left, right)


def _cut_out(ink: Ink, owner: npt.NDArray[np.int32], digit: int, column: float, is_parted: bool) -> Glyph:
    """Cut a digit's ink to its box, with its soft edges."""
    own = owner == digit
    near = (cv2.dilate(own.view(np.uint8), np.ones((3, 3), np.uint8)) > 0) & (own | (owner < 0))
    kept = np.where(near, ink, np.float32(0))
    x, y, width, height = cv2.boundingRect((kept > 0).view(np.uint8))
    if not width:
        x, y, width, height = min(max(0, round(column)), ink.shape[1] - 1), 0, 1, ink.shape[0]
    box = Box(x, y, x + width, y + height)
    return Glyph(np.ascontiguousarray(kept[y : y + height, x : x + width]), box, is_parted)
