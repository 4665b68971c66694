"""The mouse on the pad -> strokes."""

import tkinter as tk
from collections.abc import Callable

from inkdigits.desktop.pad import Pad
from inkdigits.desktop.strokes import Point, Stroke

WIDTHS = (6, 44)
"""Of the thinnest and the widest pen, in units of the pad."""

USUAL_WIDTH = 20
WIDTH_STEP = 2
"""By so much keys change the width."""


class Pen:
    """Writes while the left button is down."""

    def __init__(self, pad: Pad, on_move: Callable[[], None], on_end: Callable[[Stroke], None]) -> None:
        """Write on a pad.

        Args:
            pad: what is written on.
            on_move: the open stroke has grown.
            on_end: it is finished.
        """
        self._pad, self._on_move, self._on_end = pad, on_move, on_end
        self._points: list[Point] = []
        self._open_width = 0.0
        self._width = USUAL_WIDTH
        self.is_away = False
        """Whether it does not write: the pad shows something else."""
        pad.bind("<ButtonPress-1>", self._begin)
        pad.bind("<B1-Motion>", self._move)
        pad.bind("<ButtonRelease-1>", self._end)

    @property
    def open(self) -> tuple[Stroke, ...]:
        """The stroke that is being written, if there is one."""
        return (Stroke(tuple(self._points), self._open_width),) if self._points else ()

    @property
    def width(self) -> int:
        """Of the strokes to come."""
        return self._width

    @width.setter
    def width(self, width: int) -> None:
        self._width = min(max(WIDTHS[0], width), WIDTHS[1])

    def lift(self) -> None:
        """Forget the open stroke."""
        self._points = []

    def _begin(self, event: "tk.Event[tk.Misc]") -> None:
        if not self.is_away:
            self._points = [self._pad.to_point(event.x, event.y)]
            self._open_width = self.width
            self._on_move()

    def _move(self, event: "tk.Event[tk.Misc]") -> None:
        if self._points:
            self._points.append(self._pad.to_point(event.x, event.y))
            self._on_move()

    def _end(self, event: "tk.Event[tk.Misc]") -> None:
        self._move(event)
        for stroke in self.open:
            self._points = []
            self._on_end(stroke)
