"""Strokes -> pixels: round, joined, and soft at their edges, at any size."""

from collections.abc import Sequence
from math import ceil, floor
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.desktop.curve import Curve, to_curve
from inkdigits.desktop.strokes import PAD, Stroke

Coverage: TypeAlias = npt.NDArray[np.uint8]
"""(H, W): how much of each pixel the pen covers, 0-255."""

Theme: TypeAlias = Literal["black", "white"]
"""The colour of the canvas."""

THEMES: tuple[Theme, ...] = ("black", "white")

FINE = 4
"""Strokes are drawn so many times as large and then reduced, which makes their edges soft."""

SHIFT = 4
"""OpenCV takes places in 1/16 of a pixel."""

MARGIN_PX = 20
"""Paper around the pad in its picture: a stroke from edge to edge is then no printed line, as it would be on a form."""


class Sheet:
    """The pad with a size in pixels. What is finished is drawn once; only the last stroke is drawn at each call."""

    def __init__(self, scale: float = 1.0) -> None:
        """Make an empty sheet with so many pixels to a unit of the pad."""
        self._scale = scale
        self._below = np.zeros((round(PAD[1] * scale), round(PAD[0] * scale)), np.uint8)
        self._drawn: tuple[Stroke, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self._below.shape
        return height, width

    def draw(self, strokes: Sequence[Stroke]) -> Coverage:
        """Draw strokes, of which the last may still be growing, and return the pixels: an array of their own."""
        settled = tuple(strokes[:-1])
        if self._drawn != settled[: len(self._drawn)]:
            self._below[:] = 0
            self._drawn = ()
        for stroke in settled[len(self._drawn) :]:
            _draw_stroke(self._below, stroke, self._scale)
        self._drawn = settled
        shown = self._below.copy()
        if strokes:
            _draw_stroke(shown, strokes[-1], self._scale)
        return shown


def to_picture(coverage: Coverage, theme: Theme) -> Coverage:
    """Make the picture that is read and saved: (H, W) uint8, white on black or black on white, paper around it."""
    picture = np.pad(coverage, MARGIN_PX)
    return picture if theme == "black" else 255 - picture


def _draw_stroke(coverage: Coverage, stroke: Stroke, scale: float) -> None:
    """Add a stroke: where others are already, the more of both counts, so that joints cannot be seen."""
    line = to_curve(stroke.points) * scale
    width = stroke.width * scale
    height, breadth = coverage.shape
    low, high = line.min(0) - width / 2 - 1, line.max(0) + width / 2 + 1
    x0, y0 = max(0, floor(low[0])), max(0, floor(low[1]))
    x1, y1 = min(breadth, ceil(high[0])), min(height, ceil(high[1]))
    if x0 < x1 and y0 < y1:
        part = coverage[y0:y1, x0:x1]
        np.maximum(part, _draw_line(line - (x0, y0), width, part.shape), out=part)


def _draw_line(line: Curve, width: float, shape: tuple[int, ...]) -> Coverage:
    """Draw a line with round ends and joints on a sheet of a shape of its own."""
    large = np.zeros((shape[0] * FINE, shape[1] * FINE), np.uint8)
    places = np.round((line * FINE - 0.5) * 2**SHIFT).astype(np.int32)
    wide = max(1.0, width * FINE - 1)  # OpenCV counts the pixels of both edges as inside
    if len(places) == 1:  # a dot
        cv2.circle(large, places[0].tolist(), round(wide / 2 * 2**SHIFT), 255, cv2.FILLED, shift=SHIFT)
    else:
        cv2.polylines(large, [places], False, 255, round(wide), cv2.LINE_8, shift=SHIFT)
    return np.asarray(cv2.resize(large, (shape[1], shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
