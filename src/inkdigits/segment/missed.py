"""Ink of a line that is as high as a digit, though no digit of the line stands in it: what the network left out.

A network that reads columns may say nothing of a bare upright bar. Who reads "7" where 17 is written must be told.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import label_components
from inkdigits.records import CORE, Ink
from inkdigits.segment.spans import find_homes

TALL, TALLEST = 0.6, 1.6
"""So high it is, as a share of a digit's height: a dash or a piece of a digit is lower, a rule or a shadow higher."""

LEVEL = 0.6
"""This share of its height is level with a digit beside it: of what belongs to another line, less is."""

OVER = 0.33
"""At most this share of its width lies over or under a digit, as the strokes of a digit do."""


def find_missed(ink: Ink, columns: Sequence[float], height_px: float) -> tuple[float, ...]:
    """Find ink in which a digit may stand that was not read.

    Args:
        ink: (H, W) float32 in [0, 1].
        columns: where the digits stand that were read, in pixels of the ink.
        height_px: height of a digit.

    Returns:
        The middle column of each such component, from left to right.
    """
    _, _, stats, _ = label_components(ink >= CORE)
    boxes = np.asarray(stats[1:, :4], dtype=np.int64)
    boxes[:, 2:] += boxes[:, :2]
    stands = np.zeros(len(boxes), dtype=np.bool_)
    stands[[home for home in find_homes(columns, boxes, stats[1:, cv2.CC_STAT_AREA]) if home >= 0]] = True
    inside = (boxes[:, 0] > 0) & (boxes[:, 2] < ink.shape[1])  # at its ends are tables, and the next box of a form
    missed = (box for box in boxes[~stands & inside] if _is_missed(box, boxes[stands], height_px))
    return tuple(sorted(float(left + right) / 2 for left, _, right, _ in missed))


def _is_missed(box: npt.NDArray[np.int64], homes: npt.NDArray[np.int64], height_px: float) -> bool:
    """Whether a component, [x0, y0, x1, y1], stands beside those in which digits stand as one more digit would."""
    width, height = box[2:] - box[:2]
    if not TALL * height_px <= height <= TALLEST * height_px:
        return False
    if not len(homes):
        return True
    shared = np.minimum(box[2:], homes[:, 2:]) - np.maximum(box[:2], homes[:, :2])  # below 0: so far apart
    near = np.argsort(-shared[:, 0])[:2]
    return bool(shared[:, 0].max() <= OVER * width and shared[near, 1].max() >= LEVEL * height)
