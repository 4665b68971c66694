"""Handwritten digits of our own: points of a pen, drawn at any size with any pen. The golden pictures of the tests."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

Stroke: TypeAlias = Sequence[tuple[float, float]]
"""Points (x, y) from pen down to pen up; a digit is 1 high, y down. A curve runs through them."""

# fmt: off  (points in rows, not one a line)
SCHOOL: dict[int, list[Stroke]] = {
    0: [
        [
            (0.33, 0.01),
            (0.13, 0.09),
            (0.02, 0.32),
            (0.02, 0.66),
            (0.14, 0.93),
            (0.32, 1),
            (0.51, 0.92),
            (0.62, 0.66),
            (0.61, 0.31),
            (0.5, 0.08),
            (0.33, 0.01),
            (0.24, 0.03),
        ]
    ],
    1: [[(0.2, 0), (0.19, 0.35), (0.18, 0.7), (0.17, 1)]],
    2: [
        [
            (0.04, 0.22),
            (0.1, 0.07),
            (0.28, 0),
            (0.47, 0.06),
            (0.55, 0.22),
            (0.48, 0.43),
            (0.3, 0.66),
            (0.1, 0.88),
            (0.02, 0.97),
        ],
        [(0.02, 0.97), (0.2, 0.97), (0.62, 0.98)],
    ],
    3: [
        [
            (0.05, 0.12),
            (0.24, 0.01),
            (0.45, 0.06),
            (0.52, 0.22),
            (0.42, 0.39),
            (0.22, 0.46),
            (0.44, 0.51),
            (0.58, 0.68),
            (0.52, 0.89),
            (0.3, 1),
            (0.08, 0.95),
            (0, 0.85),
        ]
    ],
    4: [
        [(0.24, 0), (0.14, 0.26), (0.02, 0.55), (0, 0.6)],
        [(0, 0.6), (0.3, 0.59), (0.66, 0.57)],
        [(0.5, 0.3), (0.49, 0.65), (0.47, 1)],
    ],
    5: [
        [(0.14, 0.02), (0.11, 0.22), (0.07, 0.44)],
        [(0.07, 0.44), (0.24, 0.37), (0.45, 0.42), (0.57, 0.6), (0.54, 0.84), (0.35, 0.99), (0.12, 0.97), (0, 0.86)],
        [(0.14, 0.02), (0.35, 0.02), (0.57, 0)],
    ],
    6: [
        [
            (0.45, 0),
            (0.26, 0.16),
            (0.09, 0.42),
            (0.02, 0.7),
            (0.1, 0.93),
            (0.3, 1),
            (0.5, 0.93),
            (0.56, 0.75),
            (0.46, 0.58),
            (0.27, 0.55),
            (0.1, 0.64),
            (0.04, 0.76),
        ]
    ],
    7: [[(0.02, 0.04), (0.3, 0.05), (0.6, 0.02)], [(0.6, 0.02), (0.46, 0.3), (0.33, 0.64), (0.24, 1)]],
    8: [
        [
            (0.5, 0.14),
            (0.33, 0.01),
            (0.13, 0.08),
            (0.1, 0.27),
            (0.27, 0.45),
            (0.48, 0.62),
            (0.53, 0.84),
            (0.34, 0.99),
            (0.12, 0.93),
            (0.06, 0.74),
            (0.2, 0.55),
            (0.42, 0.4),
            (0.53, 0.22),
            (0.5, 0.14),
        ]
    ],
    9: [
        [
            (0.52, 0.17),
            (0.4, 0.03),
            (0.2, 0.03),
            (0.05, 0.18),
            (0.06, 0.38),
            (0.2, 0.49),
            (0.39, 0.44),
            (0.5, 0.28),
            (0.53, 0.15),
        ],
        [(0.53, 0.15), (0.5, 0.45), (0.46, 0.75), (0.42, 1)],
    ],
}
"""Round and upright, as school teaches it."""

HASTY: dict[int, list[Stroke]] = {
    0: [
        [
            (0.5, 0.08),
            (0.36, 0.0),
            (0.18, 0.15),
            (0.04, 0.45),
            (0.03, 0.8),
            (0.16, 0.99),
            (0.36, 0.9),
            (0.54, 0.6),
            (0.61, 0.28),
            (0.52, 0.07),
            (0.4, 0.03),
        ]
    ],
    1: [[(0.34, 0), (0.26, 0.33), (0.15, 0.68), (0.06, 1)]],
    2: [
        [
            (0.1, 0.2),
            (0.22, 0.04),
            (0.44, 0),
            (0.58, 0.13),
            (0.52, 0.36),
            (0.34, 0.62),
            (0.12, 0.87),
            (0.03, 0.95),
            (0.1, 0.86),
            (0.22, 0.86),
            (0.38, 0.96),
            (0.62, 0.93),
        ]
    ],
    3: [
        [
            (0.16, 0.08),
            (0.4, 0),
            (0.56, 0.1),
            (0.5, 0.28),
            (0.3, 0.42),
            (0.46, 0.47),
            (0.52, 0.64),
            (0.4, 0.86),
            (0.18, 0.99),
            (0, 0.93),
        ]
    ],
    4: [
        [(0.22, 0.02), (0.14, 0.3), (0.06, 0.55), (0.22, 0.58), (0.44, 0.54), (0.62, 0.48)],
        [(0.56, 0.05), (0.46, 0.4), (0.36, 0.72), (0.3, 1)],
    ],
    5: [
        [(0.7, 0), (0.5, 0.02), (0.28, 0.05)],
        [(0.28, 0.05), (0.22, 0.22), (0.16, 0.4)],
        [(0.16, 0.4), (0.36, 0.38), (0.5, 0.5), (0.48, 0.72), (0.34, 0.92), (0.14, 0.99), (0, 0.93)],
    ],
    6: [
        [
            (0.52, 0),
            (0.34, 0.2),
            (0.16, 0.5),
            (0.07, 0.8),
            (0.16, 0.98),
            (0.34, 0.95),
            (0.48, 0.78),
            (0.5, 0.62),
            (0.38, 0.56),
            (0.22, 0.66),
            (0.12, 0.84),
        ]
    ],
    7: [
        [(0.06, 0.06), (0.34, 0.05), (0.66, 0.0)],
        [(0.66, 0), (0.48, 0.32), (0.32, 0.66), (0.2, 1)],
        [(0.2, 0.5), (0.4, 0.48), (0.6, 0.45)],
    ],
    8: [
        [
            (0.6, 0.12),
            (0.46, 0),
            (0.28, 0.06),
            (0.24, 0.24),
            (0.36, 0.42),
            (0.44, 0.62),
            (0.4, 0.86),
            (0.2, 1),
            (0.05, 0.9),
            (0.08, 0.7),
            (0.28, 0.5),
            (0.5, 0.34),
            (0.62, 0.18),
            (0.6, 0.1),
        ]
    ],
    9: [
        [
            (0.6, 0.16),
            (0.48, 0.02),
            (0.3, 0.06),
            (0.15, 0.25),
            (0.16, 0.42),
            (0.3, 0.48),
            (0.46, 0.38),
            (0.58, 0.2),
            (0.62, 0.08),
        ],
        [(0.62, 0.08), (0.5, 0.42), (0.38, 0.74), (0.3, 1)],
    ],
}
"""Slanted and quick; the 7 is crossed."""

CONTINENTAL = SCHOOL | {
    1: [[(0, 0.3), (0.16, 0.17), (0.3, 0)], [(0.3, 0), (0.29, 0.4), (0.27, 1)]],
    4: [
        [(0.5, 0), (0.3, 0.3), (0.02, 0.66)],
        [(0.02, 0.66), (0.34, 0.67), (0.68, 0.66)],
        [(0.48, 0.4), (0.48, 0.7), (0.47, 1)],
    ],
    7: [
        [(0, 0.06), (0.3, 0.05), (0.58, 0.01)],
        [(0.58, 0.01), (0.42, 0.4), (0.24, 1)],
        [(0.14, 0.53), (0.36, 0.51), (0.56, 0.48)],
    ],
    9: [
        [(0.5, 0.17), (0.38, 0.02), (0.18, 0.04), (0.04, 0.22), (0.1, 0.44), (0.26, 0.5), (0.42, 0.4), (0.51, 0.2)],
        [(0.51, 0.2), (0.53, 0.5), (0.48, 0.82), (0.3, 1), (0.08, 0.93)],
    ],
}
"""The 1 with its upstroke, the 7 crossed, the 4 closed, the 9 with a tail."""

# fmt: on
STYLES = {"school": SCHOOL, "hasty": HASTY, "continental": CONTINENTAL}

LABELS = range(10)


def curve(points: Stroke, pieces: int = 8) -> Array:
    """Run a Catmull-Rom curve through the points: (M, 2) float64."""
    knots = np.array([points[0], *points, points[-1]], np.float64)
    t = np.linspace(0, 1, pieces, endpoint=False)[:, None]
    parts = [
        b + (c - a) * t / 2 + (2 * a - 5 * b + 4 * c - d) * t**2 / 2 + (3 * b - a - 3 * c + d) * t**3 / 2
        for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False)
    ]
    return np.concatenate([*parts, knots[-1:]])


def draw(
    label: int,
    *,
    style: str = "school",
    high_px: float = 120,
    pen_px: int = 8,
    at: tuple[float, float] | None = None,
    shape: tuple[int, int] = (200, 200),
) -> Array:
    """Draw one digit: (H, W) uint8, 255 where the pen was, else 0.

    Args:
        label: 0-9.
        style: one of `STYLES`.
        high_px: its height, measured along the middle of the pen.
        pen_px: width of the pen.
        at: its left top corner (x, y), with the pen; None: in the middle.
        shape: rows and columns of the picture.
    """
    strokes = [curve(points) * high_px for points in STYLES[style][label]]
    every = np.concatenate(strokes)
    low, high = every.min(0), every.max(0)
    corner = (np.array(shape[::-1]) - (high - low)) / 2 if at is None else np.array(at) + pen_px / 2
    canvas = np.zeros(shape, np.uint8)
    for stroke in strokes:
        points = np.round((stroke - low + corner) * 16).astype(np.int32)
        cv2.polylines(canvas, [points], False, 255, pen_px, cv2.LINE_AA, shift=4)
    return canvas


def paint(coverage: Array, pen: Sequence[int] = (20, 20, 20), paper: Sequence[int] | Array = (255, 255, 255)) -> Array:
    """Put a pen of a colour on paper: (H, W, 3) uint8 RGB. The paper may be a picture, (H, W, 3)."""
    share = coverage[..., None] / 255
    return np.round(share * np.array(pen) + (1 - share) * np.asarray(paper)).astype(np.uint8)
