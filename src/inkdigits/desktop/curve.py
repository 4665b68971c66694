"""Points of a pen -> a smooth line through them, however fast the hand was."""

from collections.abc import Sequence
from math import dist

import numpy as np
import numpy.typing as npt

from inkdigits.desktop.strokes import Point

Curve = npt.NDArray[np.float64]
"""(N, 2): x, y."""

NEAR = 1.5
"""Points that lie nearer than this to the one before say nothing new, in units of the pad."""

CALM = 6.0
"""Where both neighbours of a point lie nearer than this, the hand was slow, and its tremble is taken out."""

STEP = 4.0
"""The line has a corner for each of so many units, too few to be seen."""

TINY = 1e-6
"""Points that calming puts upon each other count as so far apart."""


def to_curve(points: Sequence[Point]) -> Curve:
    """Draw a smooth line through points.

    A centripetal Catmull-Rom spline (Yuksel et al. 2011): it goes through all points, and makes no loops of its own
    where they lie unevenly, as those of a hand that speeds up do.

    Args:
        points: at least one.

    Returns:
        (N, 2) float64: the line's corners, the first and the last point at its ends.
    """
    knots = _calm(_thin(points))
    if len(knots) < 3:
        return knots
    gaps = _lengths(knots)
    times = np.sqrt(np.maximum(gaps, TINY))[:, None]
    slopes = np.diff(knots, axis=0) / times
    inner = (slopes[:-1] * times[1:] + slopes[1:] * times[:-1]) / (times[:-1] + times[1:])
    tangents = np.concatenate([slopes[:1], inner, slopes[-1:]])
    n = np.maximum(1, np.ceil(gaps / STEP)).astype(np.int64)
    at = np.repeat(np.arange(len(n)), n)
    t = ((np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)) / n[at])[:, None]
    start, end = knots[at], knots[at + 1]
    leave, arrive = tangents[at] * times[at], tangents[at + 1] * times[at]
    line = (
        start
        + t * leave
        + t**2 * (3 * (end - start) - 2 * leave - arrive)
        + t**3 * (2 * (start - end) + leave + arrive)
    )
    return np.concatenate([line, knots[-1:]])


def _thin(points: Sequence[Point]) -> Curve:
    """Leave out points that lie very near to the one before; the last one stays."""
    kept = [points[0]]
    for point in points[1:-1]:
        if dist(point, kept[-1]) >= NEAR:
            kept.append(point)
    return np.array(kept if points[-1] == kept[-1] else [*kept, points[-1]], np.float64)


def _calm(points: Curve) -> Curve:
    """Put each point between near neighbours halfway to their middle."""
    near = _lengths(points) < CALM
    both = near[:-1] & near[1:]
    calm = points.copy()
    calm[1:-1][both] = ((points[:-2] + 2 * points[1:-1] + points[2:]) / 4)[both]
    return calm


def _lengths(points: Curve) -> npt.NDArray[np.float64]:
    """Return how far each point lies from the one before."""
    return np.asarray(np.hypot(*np.diff(points, axis=0).T))
