"""Ink of a line, with the columns in which its digits stand -> the glyph of each digit.

Connected components go to the digit that stands in them, or beside them. Where several stand in one, it is cut between
them along paths that cross little ink.
"""

from collections.abc import Sequence
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

BAND = 0.15
"""A digit stands in the component that has most ink within so many heights of its column: others reach around it."""

HIGHEST = 1.15
"""And if the digit with it has at most so many times the height of one."""

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
    _, labels, stats, _ = label_components(ink >= CORE)
    corners = np.asarray(stats[1:, :4], dtype=np.int64)
    corners[:, 2:] += corners[:, :2]
    homes = _by_ink(labels, columns, find_homes(columns, corners, stats[1:, cv2.CC_STAT_AREA]), BAND * height_px)
    boxes = [Box(*each) for each in corners.tolist()]
    owner = np.full(ink.shape, -1, dtype=np.int32)
    owned: list[list[Box]] = [[] for _ in columns]
    for at, box in enumerate(boxes):
        members = [digit for digit, home in enumerate(homes) if home == at]
        if not members:
            is_large = max(box.width, box.height) >= SMALL * height_px
            members = _nearest(box, [boxes[home] for home in homes], height_px, beside=is_large)
        if members:
            window = np.s_[box.y0 : box.y1, box.x0 : box.x1]
            component = labels[window] == at + 1
            places = [columns[digit] - box.x0 for digit in members]
            owner[window][component] = _share_out(component, ink[window], members, places)
        for digit in members:
            owned[digit].append(box)
    is_parted = [home >= 0 and homes.count(home) > 1 for home in homes]
    each_one = zip(range(len(columns)), columns, owned, is_parted, strict=True)
    return tuple(_cut_out(ink, owner, *each) for each in each_one)


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
    cores = [_find_core(glyph) for glyph in glyphs]
    for at, (before, after) in enumerate(pairwise(glyphs), start=1):
        foot = min(before.box.y1, after.box.y1)
        (_, first), (last, _) = cores[at - 1 : at + 1]
        for left, top, width, height in stats[1:, :4].tolist():
            is_small = DOT * height_px <= max(width, height) <= SMALL * height_px
            is_low = abs(top + height / 2 - foot) <= SMALL * height_px
            if is_small and is_low and first <= left and left + width <= last:
                marks[at] = "," if height > COMMA * width else "."
    return tuple(marks)


def _find_core(glyph: Glyph) -> tuple[int, int]:
    """Return the columns of a line from where to where a digit has ink, soft edges aside."""
    inked = np.flatnonzero((glyph.ink >= CORE).any(0))
    return (
        (glyph.box.x0 + int(inked[0]), glyph.box.x0 + int(inked[-1]) + 1)
        if len(inked)
        else (glyph.box.x0, glyph.box.x1)
    )


def find_homes(columns: Sequence[float], boxes: npt.NDArray[np.int64], areas: npt.NDArray[Any]) -> list[int]:
    """Return the component that each digit stands in.

    Args:
        columns: where the digits stand.
        boxes: (N, 4) left, top, right and bottom of the components.
        areas: (N,) of them.

    Returns:
        The place of the nearest one, and of several the largest; -1 without any.
    """
    if not len(boxes):
        return [-1] * len(columns)
    stand = np.array(columns, dtype=np.float64)[:, None]
    away = np.round(np.maximum(0, np.maximum(boxes[:, 0] - stand, stand - boxes[:, 2] + 1)))
    homes: list[int] = np.where(away == away.min(1, keepdims=True), areas, -1).argmax(1).tolist()
    return homes


def _by_ink(
    labels: npt.NDArray[np.int32], columns: Sequence[float], nearest: Sequence[int], reach_px: float
) -> list[int]:
    """Return the component that has most ink within reach of each column; the nearest where none has any."""
    homes = []
    for column, home in zip(columns, nearest, strict=True):
        near = labels[:, max(0, round(column - reach_px)) : round(column + reach_px) + 1]
        inked = np.bincount(near[near > 0], minlength=1)
        homes.append(int(inked.argmax()) - 1 if inked.any() else home)
    return homes


def _nearest(own: Box, homes: Sequence[Box], height_px: float, *, beside: bool) -> list[int]:
    """Return the digit that a component without one belongs to: the nearest; none where it lies beside, or too far.

    Nor where the two together would be higher than a digit: what is left of underlines and boxes.
    """
    near, reach_px = [], NEAR * height_px
    for digit, home in enumerate(homes):
        across, down = max(home.x0 - own.x1, own.x0 - home.x1), max(home.y0 - own.y1, own.y0 - home.y1)
        high = max(home.y1, own.y1) - min(home.y0, own.y0)
        if high <= HIGHEST * height_px and down <= reach_px and across <= (reach_px if beside else 0):
            near.append((max(across, 0) + max(down, 0), digit))
    return [min(near)[1]] if near else []


def _share_out(
    component: npt.NDArray[np.bool_], ink: Ink, members: Sequence[int], columns: Sequence[float]
) -> npt.NDArray[np.int32] | int:
    """Say whose each pixel of a component is, which is cut between its digits.

    Args:
        component: (H, W) bool, cut to its box.
        ink: (H, W) float32 in the same box.
        members: digits that it belongs to.
        columns: where these stand.

    Returns:
        The one digit, or (N,) int32, one for each pixel of the component.
    """
    if len(members) == 1:
        return members[0]
    own = np.where(component, ink, np.float32(0))
    side = np.zeros(own.shape, dtype=np.int32)
    for left, right in pairwise(columns):
        side += np.arange(own.shape[1]) > cut_between(own, left, right)[:, None]
    return np.asarray(members, dtype=np.int32)[side[component]]


def _cut_out(
    ink: Ink, owner: npt.NDArray[np.int32], digit: int, column: float, owned: Sequence[Box], is_parted: bool
) -> Glyph:
    """Cut a digit's ink to its box, with its soft edges, out of the components that it owns, whole or in part."""
    if owned:
        around = Box.around(owned)
        left, top = max(0, around.x0 - 1), max(0, around.y0 - 1)
        window = np.s_[top : around.y1 + 1, left : around.x1 + 1]
        own = owner[window] == digit
        near = (cv2.dilate(own.view(np.uint8), np.ones((3, 3), np.uint8)) > 0) & (own | (owner[window] < 0))
        kept = np.where(near, ink[window], np.float32(0))
        x, y, width, height = cv2.boundingRect((kept > 0).view(np.uint8))
        if width:
            box = Box(left + x, top + y, left + x + width, top + y + height)
            return Glyph(np.ascontiguousarray(kept[y : y + height, x : x + width]), box, is_parted)
    x = min(max(0, round(column)), ink.shape[1] - 1)
    return Glyph(np.zeros((ink.shape[0], 1), dtype=np.float32), Box(x, 0, x + 1, ink.shape[0]), is_parted)
