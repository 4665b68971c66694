"""Where touching digits are parted: the path from top to bottom between them that crosses least ink.

It may bend as strokes lean, and is found by dynamic programming (compare Congedo, Dimauro, Impedovo and Pirlo 1995,
"Segmentation of numeric strings", with its falling drop).
"""

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import Ink

Floats = npt.NDArray[np.float32]

PATH_PX = 32
"""Rows on which paths are looked for: a pen is then about two pixels wide."""

BEND = 0.05
"""Ink that one step aside is worth: of two free ways, the straighter one."""

OFF_MIDDLE = 0.2
"""Ink that a row is worth where the path is at one of the two digits, and not in the middle between them."""


def cut_between(ink: Ink, left: float, right: float) -> Floats:
    """Find where two touching digits are parted.

    Args:
        ink: (H, W) float32 in [0, 1]: what they have in common, cut to its box.
        left: column in which the left one stands.
        right: column in which the right one stands.

    Returns:
        (H,) float32: the column where the cut crosses each row.
    """
    scale = min(1.0, PATH_PX / ink.shape[0])
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA) if scale < 1 else ink, dtype=np.float32)
    first = min(max(0, round(left * scale)), small.shape[1] - 1)
    last = min(max(first, round(right * scale)), small.shape[1] - 1)
    off = np.abs(np.linspace(-1, 1, last - first + 1, dtype=np.float32))
    cost = np.asarray(small[:, first : last + 1] + OFF_MIDDLE * off, dtype=np.float32)
    path = first + _cheapest_path(cost)
    rows, small_rows = np.arange(ink.shape[0]), (np.arange(small.shape[0]) + 0.5) / scale - 0.5
    return np.asarray(np.interp(rows, small_rows, (path + 0.5) / scale - 0.5), dtype=np.float32)


def _cheapest_path(cost: Floats) -> npt.NDArray[np.int64]:
    """Return the columns (H,) of the path from top to bottom with the least cost, (H, W), one step aside a row."""
    height, width = cost.shape
    total = np.full((height, width + 2), np.inf, dtype=np.float32)  # no path leaves the window
    lefts, middles, rights = total[:, :-2], total[:, 1:-1], total[:, 2:]
    middles[0] = cost[0]
    for left, middle, right, below, here in zip(lefts, middles, rights, middles[1:], cost[1:], strict=False):
        np.minimum(left, right, out=below)
        below += BEND
        np.minimum(below, middle, out=below)
        below += here
    bent_left, bent_right = lefts + np.float32(BEND), rights + np.float32(BEND)
    aside = np.where(bent_left <= bent_right, -1, 1)
    steps = np.where(middles <= np.minimum(bent_left, bent_right), 0, aside).tolist()
    path = [int(middles[-1].argmin())]
    for row in reversed(steps[:-1]):
        path.append(path[-1] + row[path[-1]])
    return np.array(path[::-1])
