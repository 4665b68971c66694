"""Ways to write digits that the data sets hardly show, drawn with a pen: 5s as ticks, 9s as bowls on stems, and so on.

What each looks like was seen on cheques of dev/orand_car_a; no pixel comes from there.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = npt.NDArray[np.uint8]
Path: TypeAlias = npt.NDArray[np.float64]
"""(n, 2) points (x, y) in a square of side 1, y down."""

SHARES: Mapping[int, float] = {1: 0.06, 5: 0.07, 9: 0.09}
"""Shares of the digits of a label that are written so."""

CROSSED = 0.15
"""Share of the 7s that get a bar across their stem."""

JITTER = 0.035
"""Standard deviation of each point of a path."""

SMOOTH = 12
"""Points of the curve for each point of a path."""


def draw_style(rng: np.random.Generator, label: int, height_px: int, pen_px: float) -> Bytes:
    """Draw a digit in one of its rarer ways: `label` is one of `SHARES`.

    Args:
        rng: source of all choices.
        label: what to draw.
        height_px: height of the ink, about.
        pen_px: width of the round pen.

    Returns:
        (h, w) uint8, ink bright, cut to the ink.
    """
    path = _WAYS[label](rng)
    path = path + rng.normal(0, JITTER, path.shape)
    lean = rng.normal(0, 0.15)
    path = np.stack([(path[:, 0] - lean * path[:, 1]) * rng.uniform(0.8, 1.25), path[:, 1]], 1)
    return _draw(_smooth(path), height_px, pen_px)


def cross_seven(rng: np.random.Generator, shape: Bytes, pen_px: float) -> Bytes:
    """Draw a bar across the stem of a 7, (h, w) uint8; it may reach beyond its sides."""
    height, width = shape.shape
    room = round(0.2 * height)
    wide = np.pad(shape, ((0, 0), (room, room)))
    row = round(rng.uniform(0.4, 0.65) * height)
    inked = np.flatnonzero(wide[row] > 127)
    middle = float(inked.mean()) if len(inked) else room + width / 2
    half, fall = rng.uniform(0.15, 0.32) * height, rng.normal(0, 0.06) * height
    ends = np.rint(np.array([[middle - half, row + fall], [middle + half, row - fall]]) * 16).astype(np.int32)
    cv2.polylines(wide, [ends], False, 255, max(1, round(pen_px)), cv2.LINE_AA, 4)
    return _cut(wide)


def _one(rng: np.random.Generator) -> Path:
    """A 1 whose flag is nearly as long as its stem, or whose foot curls."""
    flag = rng.uniform(0.45, 0.95)
    away = rng.uniform(0.2, 0.45)
    path = [(0.5 - away, flag), (0.5, 0.0), (0.5, 1.0)]
    if rng.random() < 0.3:
        path[2:] = [(0.48, 0.5), (0.42, 0.95), (0.3, 0.98), (0.34, 0.85)]
    return np.array(path)


def _five(rng: np.random.Generator) -> Path:
    """A tick with a roof: the body has become a hook."""
    roof = rng.uniform(0.15, 0.6)
    start = rng.uniform(0.3, 0.65)
    return np.array([(0.0, start + 0.05), (0.1, start), (0.25, 1.0), (0.45, 0.3), (0.52, 0.0), (0.52 + roof, 0.0)])


def _nine(rng: np.random.Generator) -> Path:
    """A stem with its bowl on the right, as a P has it."""
    low = rng.uniform(0.4, 0.62)
    wide = rng.uniform(0.3, 0.5)
    stem = [(0.1, 1.0), (0.12, 0.5), (0.14, 0.06)]
    return np.array(
        [*stem, (0.14 + wide * 0.7, 0.0), (0.14 + wide, low / 2), (0.14 + wide * 0.6, low), (0.15, low * 0.9)]
    )


_WAYS: Mapping[int, Callable[[np.random.Generator], Path]] = {1: _one, 5: _five, 9: _nine}


def _smooth(path: Path) -> Path:
    """Return a curve through the points (Catmull and Rom 1974)."""
    ends = np.concatenate([2 * path[:1] - path[1:2], path, 2 * path[-1:] - path[-2:-1]])
    t = np.linspace(0, 1, SMOOTH, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        parts.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.concatenate([*parts, path[-1:]])


def _draw(path: Path, height_px: int, pen_px: float) -> Bytes:
    """Draw a path with a round pen, twice as large and then reduced: for widths that are no whole pixels."""
    low, high = path.min(0), path.max(0)
    scale = (height_px - pen_px) / max(float(high[1] - low[1]), 1e-6)
    placed = (path - low) * scale + pen_px
    width, height = np.ceil(placed.max(0) + pen_px + 1).astype(int).tolist()
    canvas = np.zeros((2 * height, 2 * width), dtype=np.uint8)
    cv2.polylines(
        canvas, [np.rint(placed * 32).astype(np.int32)], False, 255, max(1, round(2 * pen_px)), cv2.LINE_AA, 4
    )
    return _cut(np.asarray(cv2.resize(canvas, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8))


def _cut(drawn: Bytes) -> Bytes:
    x, y, width, height = cv2.boundingRect((drawn > 25).view(np.uint8))
    return np.ascontiguousarray(drawn[y : y + height, x : x + width])
