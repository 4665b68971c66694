"""Ink of one line -> a strip: the line level, its digits of one height, as a network reads it from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import find_median, label_components
from inkdigits.records import CORE, STRIP_PX, Ink

DIGIT_PX = 20
"""Height of its digits, which stand in the middle."""

COLUMN_PX = 2
"""Columns of the strip for each that the network speaks of."""

LEAST_PX = 5
"""Lower than that, a line is dirt."""

MARGIN_PX = 8
"""Paper left and right of the ink."""

MAX_WIDTH_PX = 1024
"""A strip is at most so wide: some sixty digits."""

ALIKE = (0.5, 2.5)
"""Components whose height, as a share of that of most ink, is outside say nothing of the line: points, hats, bars."""

MAX_SLOPE = 0.15
"""A line rises or falls by at most so much: more is a column of figures, or dirt."""


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """A line as the network sees it."""

    ink: Ink
    """(`STRIP_PX`, W) float32 in [0, 1]."""
    scale: float
    """Pixels of the strip for each of the line's ink."""
    left: float
    """Column of the line's ink that the strip begins at."""

    @property
    def digit_px(self) -> float:
        """Height of the line's digits, in pixels of its ink."""
        return DIGIT_PX / self.scale

    def to_line(self, columns: Sequence[float]) -> list[float]:
        """Turn columns of the network's answer, each two of the strip, into columns of the line's ink."""
        return [(COLUMN_PX * column + COLUMN_PX / 2) / self.scale + self.left for column in columns]

    def from_line(self, columns: Sequence[float]) -> list[float]:
        """Do the reverse."""
        return [((column - self.left) * self.scale - COLUMN_PX / 2) / COLUMN_PX for column in columns]


def to_strip(ink: Ink, *, resize: float = 1.0, shift_px: float = 0.0) -> Strip | None:
    """Bring a line to the size that a network reads.

    Args:
        ink: (H, W) float32 in [0, 1]: one line of digits.
        resize: makes its digits so many times as high as they should be; for training.
        shift_px: moves it down by so many pixels of the strip; for training.

    Returns:
        The strip; None where there is no ink but dirt.
    """
    core = (ink >= CORE).view(np.uint8)
    n, _, stats, centres = label_components(core)
    if n < 2:
        return None
    boxes = np.asarray(stats[1:], dtype=np.float64)
    height_px, middle, slope = _fit_line(boxes, centres[1:, 0])
    if height_px < LEAST_PX:
        return None
    left, right = boxes[:, 0].min(), (boxes[:, 0] + boxes[:, 2]).max()
    scale = min(resize * DIGIT_PX / height_px, (MAX_WIDTH_PX - 2 * MARGIN_PX) / (right - left))
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    across, down = size[0] / ink.shape[1], size[1] / ink.shape[0]
    start = left - MARGIN_PX / across
    width = round((right - left) * across) + 2 * MARGIN_PX
    level = slope * down / across
    place = np.array(
        [
            [1, 0, -start * across],
            [-level, 1, STRIP_PX / 2 - 0.5 + shift_px - middle * down],
        ]
    )
    strip = cv2.warpAffine(small, place, (width, STRIP_PX), flags=cv2.INTER_LINEAR)
    return Strip(np.asarray(strip, dtype=np.float32), across, start)


def _fit_line(boxes: npt.NDArray[np.float64], centres: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the height of a line's digits, the row of its middle in column 0, and how much it falls a column.

    Wide components count more: a dot, a hat or a comma says little, and touching digits say much.
    """
    heights = boxes[:, 3]
    stout = np.minimum(1, heights / boxes[:, 2]) * np.minimum(1, 3 * boxes[:, 2] / heights)  # dashes and bars are not
    usual = find_median(heights, boxes[:, 4] * stout)
    alike = (heights >= ALIKE[0] * usual) & (heights <= ALIKE[1] * usual)
    heights, widths, columns, middles = (
        heights[alike],
        boxes[alike, 2],
        centres[alike],
        (boxes[:, 1] + heights / 2)[alike],
    )
    height_px = find_median(heights, widths)
    slope = 0.0
    if len(columns) > 2:
        weights = widths / widths.sum()
        off = columns - weights @ columns
        slope = float((weights * off) @ (middles - weights @ middles)) / max(float(weights @ off**2), 1e-9)
        slope = min(max(slope, -MAX_SLOPE), MAX_SLOPE)
    return height_px, find_median(middles - slope * columns, widths), slope
