"""Drawings of things, such as children make and people try a digit reader with: a body, and what is joined to it.

Each is many pen strokes (rounds, bows, straight and broken lines, closed figures), every one begun on an earlier one,
until the pen went five times as far as the thing is large: an 8, the longest digit, takes less than four times.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Points: TypeAlias = npt.NDArray[np.float64]
"""(N, 2): column, row, of a pen's way."""

LENGTH = (5.0, 9.0)
"""The pen goes so many times as far as the thing is high or wide, whichever is more, at least and at most."""

_FIELD_PX = 64

_BITS = 4
"""cv2 takes points in fixed point; four bits place a pen to 1/16 px."""


def draw_thing(rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Draw a random thing: (64, 64) uint8, ink bright."""
    strokes = [_FIGURES[rng.integers(len(_FIGURES))](rng, np.zeros(2), rng.uniform(0.6, 1.4))]
    length = rng.uniform(*LENGTH)
    while _length(strokes) < length * np.ptp(np.concatenate(strokes), axis=0).max():
        joined_to = strokes[0] if rng.random() < 0.6 else strokes[rng.integers(len(strokes))]
        start = joined_to[rng.integers(len(joined_to))]
        figure = _STROKES[rng.integers(len(_STROKES))]
        strokes.append(figure(rng, start, rng.uniform(0.3, 1.0)))
    return _draw(strokes, int(rng.integers(1, 6)))


def _length(strokes: Sequence[Points]) -> float:
    """Return how far the pen goes."""
    return sum(float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in strokes)


def _draw(strokes: Sequence[Points], pen_px: int) -> npt.NDArray[np.uint8]:
    """Fit strokes into the field, and draw them with a pen."""
    every = np.concatenate(strokes)
    low, span = every.min(0), np.ptp(every, axis=0)
    scale = (_FIELD_PX - 2 * pen_px - 6) / span.max()
    shift = (_FIELD_PX - scale * span) / 2
    field = np.zeros((_FIELD_PX, _FIELD_PX), dtype=np.uint8)
    paths = [np.rint(((stroke - low) * scale + shift) * (1 << _BITS)).astype(np.int32) for stroke in strokes]
    cv2.polylines(field, paths, False, 255, pen_px, cv2.LINE_AA, _BITS)
    return field


def _round(rng: np.random.Generator, start: Points, size: float) -> Points:
    """An ellipse that begins at `start`, closed as hands close one: nearly."""
    return _arc(rng, start, size, rng.uniform(1.9, 2.1) * np.pi)


def _bow(rng: np.random.Generator, start: Points, size: float) -> Points:
    return _arc(rng, start, size, rng.uniform(0.4, 1.2) * np.pi)


def _arc(rng: np.random.Generator, start: Points, size: float, long_rad: float) -> Points:
    began = rng.uniform(0, 2 * np.pi)
    angles = began + np.linspace(0, long_rad, 24)
    way = np.column_stack([np.cos(angles), np.sin(angles)]) * size * rng.uniform(0.4, 1, 2)
    return np.asarray(start + way - way[0] + rng.normal(0, 0.01, way.shape))


def _line(rng: np.random.Generator, start: Points, size: float) -> Points:
    """A straight line, drawn by hand."""
    angle = rng.uniform(0, 2 * np.pi)
    end = size * np.array([np.cos(angle), np.sin(angle)])
    bulge = rng.normal(0, 0.05 * size) * np.array([-end[1], end[0]])
    t = np.linspace(0, 1, 9)[:, None]
    return np.asarray(start + t * end + 4 * t * (1 - t) * bulge)


def _zigzag(rng: np.random.Generator, start: Points, size: float) -> Points:
    """A broken line of three to six pieces: grass, a crown, a mane."""
    steps = rng.normal(0, 0.5 * size, (int(rng.integers(3, 7)), 2))
    return np.asarray(start + np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)]))


def _figure(rng: np.random.Generator, start: Points, size: float) -> Points:
    """A closed figure with three to six corners: a roof, a box, a sail."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 7))))
    corners = np.column_stack([np.cos(angles), np.sin(angles)]) * size * rng.uniform(0.5, 1, 2)
    return np.asarray(start + np.concatenate([corners, corners[:1]]) - corners[0])


_Draw: TypeAlias = Callable[[np.random.Generator, Points, float], Points]

_FIGURES: tuple[_Draw, ...] = (_round, _figure, _zigzag, _bow)
"""What a thing begins with: its body."""

_STROKES: tuple[_Draw, ...] = (_line, _line, _line, _bow, _bow, _round, _zigzag, _figure)
"""What is joined to it, as often as it comes."""
