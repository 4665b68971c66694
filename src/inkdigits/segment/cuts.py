"""Where touching digits may be parted: paths from top to bottom that cross little ink.

A path may bend as strokes lean: it is found by dynamic programming, for every column at once, within a band around
that column (compare Congedo, Dimauro, Impedovo and Pirlo 1995, "Segmentation of numeric strings", with its falling
drop). Too many cuts cost time, too few cost digits: what reads best is decided later.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import Ink

Floats = npt.NDArray[np.float32]

PATH_PX = 32
"""Rows on which paths are looked for: a pen is then about two pixels wide."""

LEAN = 0.15
"""A path stays within this share of the line's height on both sides of its column: wider bands find fewer paths."""

BEND = 0.05
"""Ink that one step aside is worth: of two free ways, the straighter one."""

APART = 0.07
"""Two cuts are at least this share of the line's height apart, and so is a cut from either end."""

MAX_PENS = 2.5
"""A cut crosses at most so many widths of the pen."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A path from the top of a component to its bottom."""

    columns: Floats
    """(H,) float32: the column where the path crosses each row."""
    ink: float
    """Ink that it crosses, as a share of the line's height."""


def find_cuts(ink: Ink, height_px: float) -> list[Cut]:
    """Find where a component may be parted.

    Args:
        ink: (H, W) float32 in [0, 1]: one component, cut to its box.
        height_px: height of the line that it stands in.

    Returns:
        Cuts from left to right; none where every path crosses much ink.
    """
    scale = min(1.0, PATH_PX / ink.shape[0])
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA) if scale < 1 else ink
    line_px = height_px * scale
    crossed, paths = _find_paths(np.asarray(small, dtype=np.float32), max(2, round(LEAN * line_px)))
    crossed, middles = crossed / line_px, paths.mean(0)
    least = APART * line_px
    pen = _pen_width(np.asarray(small, dtype=np.float32)) / line_px
    lowest = crossed <= cv2.erode(crossed[None], np.ones((1, 2 * max(1, round(least)) + 1), np.uint8))[0]
    chosen: list[int] = []
    for column in np.argsort(crossed, kind="stable").tolist():
        if crossed[column] > MAX_PENS * pen:
            break
        inside = least <= middles[column] <= small.shape[1] - 1 - least
        if lowest[column] and inside and all(abs(middles[column] - middles[other]) >= least for other in chosen):
            chosen.append(column)
    chosen.sort(key=lambda column: middles[column])
    rows, small_rows = np.arange(ink.shape[0]), (np.arange(small.shape[0]) + 0.5) / scale - 0.5
    return [
        Cut(np.interp(rows, small_rows, (paths[:, at] + 0.5) / scale - 0.5).astype(np.float32), float(crossed[at]))
        for at in chosen
    ]


def _find_paths(ink: Floats, reach_px: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return for every column the ink on the best path around it, (W,), and that path, (H, W) columns."""
    height, width = ink.shape
    offsets = np.arange(-reach_px, reach_px + 1)
    columns = np.arange(width)
    padded = np.zeros((height, width + 2 * reach_px), dtype=np.float32)
    padded[:, reach_px : reach_px + width] = ink
    band = padded[:, columns[:, None] + offsets + reach_px]
    steps = np.zeros(band.shape, dtype=np.int8)
    room = np.full((width, len(offsets) + 2), np.inf, dtype=np.float32)  # no path leaves its band
    cost = band[0]
    for row in range(1, height):
        room[:, 1:-1] = cost
        for step, way in ((-1, room[:, :-2]), (1, room[:, 2:])):
            is_better = way + BEND < cost
            steps[row][is_better] = step
            cost = np.where(is_better, way + BEND, cost)
        cost = cost + band[row]
    at = cost.argmin(1)
    ink_crossed = np.take_along_axis(cost, at[:, None], 1)[:, 0]
    path = np.empty((height, width), dtype=np.int64)
    for row in range(height - 1, -1, -1):
        path[row] = columns + offsets[at]
        at = at + (steps[row][columns, at] if row else 0)
    return ink_crossed, path


def _pen_width(ink: Floats) -> float:
    """Return the mean width of the strokes, in pixels: a ribbon's mean distance from its edge is a quarter of it."""
    core = (ink >= 0.5).view(np.uint8)
    if not core.any():
        return 1.0
    distances = cv2.distanceTransform(np.pad(core, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    return max(1.0, 4 * float(distances[core > 0].mean()) - 1)
