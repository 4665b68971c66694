"""The row of tools below the pad."""

import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import ttk

from inkdigits.desktop.pen import USUAL_WIDTH, WIDTHS
from inkdigits.desktop.texts import BUTTONS, PEN

LENGTH = 110
"""Of the slider, at the usual sharpness of a screen."""


class Tools(ttk.Frame):
    """A slider for the width of the pen, and buttons."""

    def __init__(
        self, home: tk.Misc, scale: float, on: Mapping[str, Callable[[], None]], on_width: Callable[[int], None]
    ) -> None:
        """Make the row.

        Args:
            home: what it lies in.
            scale: sharpness of the screen.
            on: what each button does, by its name.
            on_width: called when the slider has moved.
        """
        super().__init__(home)
        room = round(4 * scale)
        ttk.Label(self, text=PEN, style="Faint.TLabel").pack(side="left", padx=(0, 2 * room))
        self.slider = ttk.Scale(self, from_=WIDTHS[0], to=WIDTHS[1], value=USUAL_WIDTH, length=round(LENGTH * scale))
        self.slider.configure(takefocus=False, command=lambda value: on_width(round(float(value))))
        self.slider.pack(side="left", padx=(0, 3 * room))
        self.buttons = {
            name: ttk.Button(self, text=words, command=on[name], takefocus=False, width=-1)
            for name, words in BUTTONS.items()
        }
        for button in self.buttons.values():
            button.pack(side="left", padx=(0, room))

    def set_width(self, width: int) -> None:
        """Put the slider where a pen of a width has it."""
        self.slider.configure(value=width)  # `set` would tell of it

    def allow(self, **possible: bool) -> None:
        """Let buttons be pressed, by their names, or not."""
        for name, is_possible in possible.items():
            self.buttons[name].state(["!disabled" if is_possible else "disabled"])

    def rename(self, name: str, words: str | None) -> None:
        """Let a button say something else; None: what it says at first."""
        self.buttons[name].configure(text=words or BUTTONS[name])
