"""What the ways to find ink share: how faint ink may be, and how large a picture they look at."""

from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[Any]
"""(H, W) or (H, W, 3) uint8, as OpenCV takes and gives it."""

Mask: TypeAlias = npt.NDArray[np.bool_]
"""(H, W) bool."""

WORK_PX = 1024
"""Longer side on which ink is looked for; larger pictures are reduced. A digit of 1/20 of it still has 50 px."""

MIN_CONTRAST = 0.06
"""Fainter than this is no ink: 15 levels on white paper, less than the lightest pencil."""

INK_SHARE = 0.4
"""What has this share of the ink's own contrast is ink; below lie blurred edges, rules and shadows."""


def reduce_to(pixels: Pixels, side_px: int, *, is_rough: bool = False) -> Pixels:
    """Return the picture with its longer side at most `side_px`, averaged over the pixels that become one.

    It is halved as often as it can be, which is exact and fast; what is left is less than a half, and is drawn at twice
    the size between its pixels, and halved once more: OpenCV takes three times as long to weigh each pixel by its part.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
        side_px: the longer side.
        is_rough: it is only looked for where something lies: what is left is drawn between four pixels each, in less
            than half the time.
    """
    height, width = pixels.shape[:2]
    scale = side_px / max(height, width)
    reduced = np.ascontiguousarray(pixels)
    if scale >= 1:
        return reduced
    columns, rows = max(1, round(width * scale)), max(1, round(height * scale))
    while reduced.shape[1] >= 2 * columns and reduced.shape[0] >= 2 * rows:
        reduced = cv2.resize(reduced, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    if is_rough:
        return cv2.resize(reduced, (columns, rows), interpolation=cv2.INTER_LINEAR)
    if reduced.shape[1] > columns or reduced.shape[0] > rows:
        reduced = cv2.resize(reduced, (2 * columns, 2 * rows), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(reduced, (columns, rows), interpolation=cv2.INTER_AREA)


def percentile(values: npt.NDArray[Any], share: float) -> float:
    """Return what `share` percent of (n,) values lie below, between two of them in proportion; n is at least 1.

    NumPy's looks for what is no number first, which takes much longer than the rest.
    """
    at = share / 100 * (len(values) - 1)
    low, high = int(at), min(int(at) + 1, len(values) - 1)
    parted = np.partition(values, (low, high))
    return float(parted[low]) + (at - low) * (float(parted[high]) - float(parted[low]))
