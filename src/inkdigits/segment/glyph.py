"""Ink -> the glyph of the one digit that a picture shows."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import label_components
from inkdigits.records import CORE, Box, Glyph, Ink

MIN_SIDE = 0.03
"""The longer side of a digit is at least this share of the picture's shorter side; less is a speck."""

MIN_SIDE_PX = 3
"""And at least this."""

REACH = 0.2
"""A component that lies this share of the digit's longer side away still belongs to it: the hat of a 5."""

PART_AREA = 0.03
"""And if it has this share of the main component's area; less is a speck."""


def find_glyph(ink: Ink) -> tuple[Glyph, ...]:
    """Find the one digit that a picture shows.

    The component with most ink is the digit; what lies close to it, and is no speck, belongs to it.

    Args:
        ink: (H, W) float32 in [0, 1].

    Returns:
        One glyph, or none where there is no ink or only specks.
    """
    core = (ink >= CORE).view(np.uint8)
    left, top, width, height = cv2.boundingRect(core)
    around = Box(max(0, left - 1), max(0, top - 1), left + width + 1, top + height + 1)  # with the soft edges
    window = np.s_[around.y0 : around.y1, around.x0 : around.x1]
    part = ink[window]
    n, labels, stats, _ = label_components(core[window])
    if n < 2:
        return ()
    mass = np.bincount(labels.ravel(), weights=part.ravel(), minlength=n)
    main = 1 + int(mass[1:].argmax())
    longer = int(max(stats[main, cv2.CC_STAT_WIDTH], stats[main, cv2.CC_STAT_HEIGHT]))
    if longer < max(MIN_SIDE_PX, MIN_SIDE * min(ink.shape)):
        return ()
    return (_cut(part, labels, _belonging(stats, main), around),)


def _belonging(stats: npt.NDArray[np.int32], main: int) -> npt.NDArray[np.bool_]:
    """Say which components, (n,) bool, make up the digit: grows from the main one until nothing is near."""
    x0, y0 = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    x1, y1 = x0 + stats[:, cv2.CC_STAT_WIDTH], y0 + stats[:, cv2.CC_STAT_HEIGHT]
    candidate = stats[:, cv2.CC_STAT_AREA] >= PART_AREA * stats[main, cv2.CC_STAT_AREA]
    candidate[0] = False
    reach = REACH * max(stats[main, cv2.CC_STAT_WIDTH], stats[main, cv2.CC_STAT_HEIGHT])
    own = np.zeros(len(stats), dtype=np.bool_)
    own[main] = True
    while True:
        left, top, right, bottom = x0[own].min(), y0[own].min(), x1[own].max(), y1[own].max()
        gap_x = np.maximum(0, np.maximum(x0 - right, left - x1))
        gap_y = np.maximum(0, np.maximum(y0 - bottom, top - y1))
        grown = own | (candidate & (np.hypot(gap_x, gap_y) <= reach))
        if (grown == own).all():
            return own
        own = grown


def _cut(part: Ink, labels: npt.NDArray[Any], own: npt.NDArray[np.bool_], around: Box) -> Glyph:
    """Cut the glyph out of `part`, which lies at `around`: with its soft edges, without other ink in its box."""
    near = cv2.dilate(own[labels].view(np.uint8), np.ones((3, 3), np.uint8))
    kept = np.where(near, part, np.float32(0))
    x, y, width, height = cv2.boundingRect((kept > 0).view(np.uint8))
    box = Box(around.x0 + x, around.y0 + y, around.x0 + x + width, around.y0 + y + height)
    return Glyph(np.ascontiguousarray(kept[y : y + height, x : x + width]), box)
