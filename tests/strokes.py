"""Handwritten digits of our own: points of a pen, drawn at any size with any pen. The golden pictures of the tests.

A digit is written as its strokes, " / " between them; a stroke as its points "x,y" from pen down to pen up, in
hundredths of the digit's height, y down. A curve runs through them.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

SCHOOL = {
    0: "33,1 13,9 2,32 2,66 14,93 32,100 51,92 62,66 61,31 50,8 33,1 24,3",
    1: "20,0 19,35 18,70 17,100",
    2: "4,22 10,7 28,0 47,6 55,22 48,43 30,66 10,88 2,97 / 2,97 20,97 62,98",
    3: "5,12 24,1 45,6 52,22 42,39 22,46 44,51 58,68 52,89 30,100 8,95 0,85",
    4: "24,0 14,26 2,55 0,60 / 0,60 30,59 66,57 / 50,30 49,65 47,100",
    5: "14,2 11,22 7,44 / 7,44 24,37 45,42 57,60 54,84 35,99 12,97 0,86 / 14,2 35,2 57,0",
    6: "45,0 26,16 9,42 2,70 10,93 30,100 50,93 56,75 46,58 27,55 10,64 4,76",
    7: "2,4 30,5 60,2 / 60,2 46,30 33,64 24,100",
    8: "50,14 33,1 13,8 10,27 27,45 48,62 53,84 34,99 12,93 6,74 20,55 42,40 53,22 50,14",
    9: "52,17 40,3 20,3 5,18 6,38 20,49 39,44 50,28 53,15 / 53,15 50,45 46,75 42,100",
}
"""Round and upright, as school teaches it."""

HASTY = {
    0: "50,8 36,0 18,15 4,45 3,80 16,99 36,90 54,60 61,28 52,7 40,3",
    1: "34,0 26,33 15,68 6,100",
    2: "10,20 22,4 44,0 58,13 52,36 34,62 12,87 3,95 10,86 22,86 38,96 62,93",
    3: "16,8 40,0 56,10 50,28 30,42 46,47 52,64 40,86 18,99 0,93",
    4: "22,2 14,30 6,55 22,58 44,54 62,48 / 56,5 46,40 36,72 30,100",
    5: "70,0 50,2 28,5 / 28,5 22,22 16,40 / 16,40 36,38 50,50 48,72 34,92 14,99 0,93",
    6: "52,0 34,20 16,50 7,80 16,98 34,95 48,78 50,62 38,56 22,66 12,84",
    7: "6,6 34,5 66,0 / 66,0 48,32 32,66 20,100 / 20,50 40,48 60,45",
    8: "60,12 46,0 28,6 24,24 36,42 44,62 40,86 20,100 5,90 8,70 28,50 50,34 62,18 60,10",
    9: "60,16 48,2 30,6 15,25 16,42 30,48 46,38 58,20 62,8 / 62,8 50,42 38,74 30,100",
}
"""Slanted and quick; the 7 is crossed."""

CONTINENTAL = SCHOOL | {
    1: "0,30 16,17 30,0 / 30,0 29,40 27,100",
    4: "50,0 30,30 2,66 / 2,66 34,67 68,66 / 48,40 48,70 47,100",
    7: "0,6 30,5 58,1 / 58,1 42,40 24,100 / 14,53 36,51 56,48",
    9: "50,17 38,2 18,4 4,22 10,44 26,50 42,40 51,20 / 51,20 53,50 48,82 30,100 8,93",
}
"""The 1 with its upstroke, the 7 crossed, the 4 closed, the 9 with a tail."""

STYLES = {"school": SCHOOL, "hasty": HASTY, "continental": CONTINENTAL}

BARE = {
    "upright": SCHOOL | {1: "20,0 20,50 20,100"},
    "leaning": SCHOOL | {1: "31,0 20,50 9,100"},
    "falling": SCHOOL | {1: "9,0 20,50 31,100"},
}
"""The 1 is a bar and nothing else: upright, leaning as most people write, or the other way."""

OTHERS = {
    "horse": (
        "8,52 4,40 16,22 24,12 30,20 36,34 60,38 84,36 96,40 104,60 100,40 92,52 92,72 96,100 86,100 82,70 60,66 44,68 "
        "42,100 33,100 32,66 26,48 20,42 8,52 / 24,12 30,26 38,30"
    ),
    "A": "0,100 18,50 36,0 / 36,0 54,50 72,100 / 14,64 36,62 58,62",
    "E": "60,0 30,2 4,0 / 4,0 2,50 4,100 / 4,100 30,98 62,98 / 4,48 26,48 50,46",
    "K": "4,0 3,50 4,100 / 60,2 34,28 6,52 / 6,52 36,76 66,100",
    "M": "0,100 4,50 8,0 / 8,0 24,30 40,60 / 40,60 58,30 74,0 / 74,0 78,50 80,100",
    "W": "0,0 10,50 20,100 / 20,100 32,60 42,30 / 42,30 54,66 64,100 / 64,100 76,50 86,0",
}
"""What is no digit."""

LABELS = range(10)


def curve(stroke: str, pieces: int = 8) -> Array:
    """Run a Catmull-Rom curve through the points of a stroke: (M, 2) float64, a digit 1 high."""
    points = np.array([point.split(",") for point in stroke.split()], np.float64) / 100
    knots = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, pieces, endpoint=False)[:, None]
    parts = [
        b + (c - a) * t / 2 + (2 * a - 5 * b + 4 * c - d) * t**2 / 2 + (3 * b - a - 3 * c + d) * t**3 / 2
        for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False)
    ]
    return np.concatenate([*parts, knots[-1:]])


def to_strokes(what: int | str, style: str = "school", pieces: int = 3) -> list[Array]:
    """Return the strokes of a digit, or of something else, as points: a digit 1 high, its middle at (0, 0)."""
    written = OTHERS[what] if isinstance(what, str) else (STYLES | BARE)[style][what]
    strokes = [curve(stroke, pieces) for stroke in written.split(" / ")]
    every = np.concatenate(strokes)
    return [stroke - (every.min(0) + every.max(0)) / 2 for stroke in strokes]


def draw(
    what: int | str,
    *,
    style: str = "school",
    high_px: float = 120,
    pen_px: int = 8,
    at: tuple[float, float] | None = None,
    shape: tuple[int, int] = (200, 200),
) -> Array:
    """Draw a digit, or something else: (H, W) uint8, 255 where the pen was, else 0.

    Args:
        what: 0-9, or the name of one of `OTHERS`.
        style: of the digit, one of `STYLES` or of `BARE`.
        high_px: its height, measured along the middle of the pen.
        pen_px: width of the pen.
        at: its left top corner (x, y), with the pen; None: in the middle.
        shape: rows and columns of the picture.
    """
    written = OTHERS[what] if isinstance(what, str) else (STYLES | BARE)[style][what]
    strokes = [curve(stroke) * high_px for stroke in written.split(" / ")]
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
