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


def reduce_to(pixels: Pixels, side_px: int) -> Pixels:
    """Return the picture with its longer side at most `side_px`, averaged over the pixels that become one.

    It is halved as often as it can be, which is exact and fast; what is left is less than a half, and each pixel is
    taken from the four that lie nearest, in a tenth of the time that weighing all of them takes.
    """
    height, width = pixels.shape[:2]
    scale = side_px / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    reduced = np.ascontiguousarray(pixels)
    while reduced.shape[1] >= 2 * size[0] and reduced.shape[0] >= 2 * size[1]:
        reduced = cv2.resize(reduced, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return cv2.resize(reduced, size, interpolation=cv2.INTER_LINEAR)
