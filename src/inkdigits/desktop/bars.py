"""Ten bars: how probable each digit is."""

import tkinter as tk
from typing import NamedTuple

from inkdigits.desktop.look import BOLD_FONT, SMALL_FONT, Palette
from inkdigits.desktop.texts import percent
from inkdigits.records import N_LABELS, Digit

ROW, BAR, TRACK = 25, 10, 190
"""Height of a row, and of the bar in it; length of a bar that is full; at the usual sharpness of a screen."""

LABEL, START, WIDTH = 14, 36, 310
"""Where in a row the label begins, the bar begins, and the share ends."""

ARROW = ((0, -5), (8, 0), (0, 5))
"""What points to the best one."""


class Row(NamedTuple):
    """The parts of a bar on the canvas."""

    label: int
    track: int
    bar: int
    share: int
    arrow: int


class Bars(tk.Canvas):
    """The longest is marked by its colour, by bold type and by an arrow."""

    def __init__(self, home: tk.Misc, scale: float) -> None:
        """Make ten empty bars."""
        super().__init__(home, width=WIDTH * scale, height=ROW * N_LABELS * scale, highlightthickness=0)
        self._scale = scale
        self._rows = [self._make_row(label) for label in range(N_LABELS)]
        self._digit: Digit | None = None

    def dye(self, palette: Palette) -> None:
        """Take the colours of a palette."""
        self._colours = palette
        self.configure(background=palette.window)
        for row in self._rows:
            self.itemconfigure(row.track, fill=palette.track)
            self.itemconfigure(row.bar, fill=palette.accent)
            self.itemconfigure(row.arrow, fill=palette.accent)
        self.show(self._digit)

    def show(self, digit: Digit | None) -> None:
        """Show the probabilities of a digit; None: there is none."""
        self._digit = digit
        most = max(digit.probabilities) if digit else -1.0
        for label, row in enumerate(self._rows):
            probability = digit.probabilities[label] if digit else 0.0
            is_best = probability == most
            font = BOLD_FONT if is_best else SMALL_FONT
            colour = self._colours.text if is_best else self._colours.faint
            self.itemconfigure(row.label, font=font, fill=colour)
            self.itemconfigure(row.share, font=font, fill=colour, text=percent(probability) if digit else "")
            self.itemconfigure(row.arrow, state="normal" if is_best else "hidden")
            self.coords(row.bar, *self._line(label, probability))
            self.itemconfigure(row.bar, state="normal" if probability * TRACK >= 1 else "hidden")

    @property
    def shares(self) -> tuple[float, ...]:
        """The probabilities that are shown."""
        return self._digit.probabilities if self._digit else ()

    def _make_row(self, label: int) -> Row:
        middle = (label + 0.5) * ROW
        arrow = [(x * self._scale, (middle + y) * self._scale) for x, y in ARROW]
        line = self._line(label, 1.0)
        return Row(
            label=self.create_text(LABEL * self._scale, middle * self._scale, text=str(label), anchor="w"),
            track=self.create_line(line, width=BAR * self._scale, capstyle="round"),
            bar=self.create_line(line, width=BAR * self._scale, capstyle="round"),
            share=self.create_text(WIDTH * self._scale, middle * self._scale, anchor="e"),
            arrow=self.create_polygon(arrow, state="hidden"),
        )

    def _line(self, label: int, probability: float) -> tuple[float, float, float, float]:
        """Return both ends of a bar."""
        middle = (label + 0.5) * ROW * self._scale
        return START * self._scale, middle, (START + probability * TRACK) * self._scale, middle
