"""Ink -> glyphs: which ink belongs to the digit."""

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import Box, Glyph, Ink

CORE = 0.35
"""Ink of this strength makes a component; fainter ink around it belongs to it as its soft edge."""

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
    n, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
    if n < 2:
        return ()
    mass = np.bincount(labels.ravel(), weights=ink.ravel(), minlength=n)
    main = 1 + int(mass[1:].argmax())
    longer = int(max(stats[main, cv2.CC_STAT_WIDTH], stats[main, cv2.CC_STAT_HEIGHT]))
    if longer < max(MIN_SIDE_PX, MIN_SIDE * min(ink.shape)):
        return ()
    return (_cut(ink, labels, _belonging(np.asarray(stats, dtype=np.int32), main)),)


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


def _cut(ink: Ink, labels: npt.NDArray[np.int32], own: npt.NDArray[np.bool_]) -> Glyph:
    """Cut the glyph out with its soft edges, and without any other ink in its box."""
    core = own[labels].view(np.uint8)
    around = cv2.dilate(core, np.ones((3, 3), np.uint8)).view(np.bool_)
    kept = np.where(around, ink, np.float32(0))
    rows, columns = np.flatnonzero(kept.any(1)), np.flatnonzero(kept.any(0))
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return Glyph(np.ascontiguousarray(kept[box.y0 : box.y1, box.x0 : box.x1]), box)
