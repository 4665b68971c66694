"""Beside the pad: the digits of a number, ten bars for one of them, and what the network saw."""

import tkinter as tk
from collections.abc import Sequence
from tkinter import ttk

from inkdigits.desktop.answers import EMPTY, Answer
from inkdigits.desktop.bars import Bars
from inkdigits.desktop.look import Palette
from inkdigits.desktop.seen import Seen
from inkdigits.desktop.texts import BARS, to_caption

MOST = 10
"""So many digits of a number have room to be chosen; of longer ones the last."""


class Side(ttk.Frame):
    """Shows all that is known of an answer but its text."""

    def __init__(self, home: tk.Misc, scale: float) -> None:
        """Make one that shows nothing."""
        super().__init__(home)
        room = round(6 * scale)
        ttk.Label(self, text=BARS, style="Faint.TLabel").pack(anchor="w")
        self._digits = ttk.Frame(self, height=round(34 * scale))
        self._digits.pack(anchor="w", fill="x", pady=(room, 0))
        self._digits.pack_propagate(False)
        self.bars = Bars(self, scale)
        self.bars.pack(anchor="w", pady=room)
        self.seen = Seen(self, scale)
        self.seen.pack(anchor="w", pady=(2 * room, 0))
        self._answer = EMPTY
        self._chosen = tk.IntVar(self, -1)

    def dye(self, palette: Palette) -> None:
        """Take the colours of a palette."""
        self.bars.dye(palette)
        self.seen.dye(palette)

    def show(self, answer: Answer) -> None:
        """Show an answer: of a number the digit that was chosen, else the last."""
        n_before, n = len(self._answer.digits), len(answer.digits)
        is_alike = [digit.text for digit in answer.digits] == [digit.text for digit in self._answer.digits]
        self._answer = answer
        if n != n_before:
            self._chosen.set(n - 1)
        if not is_alike:
            self._offer_digits()
        self._show_chosen()
        self.seen.show(answer.seen, to_caption(answer))

    @property
    def digit_buttons(self) -> Sequence[tk.Misc]:
        """What chooses a digit of a number."""
        return self._digits.winfo_children()

    def _show_chosen(self) -> None:
        digits = self._answer.digits
        self.bars.show(digits[self._chosen.get()] if digits else None)

    def _offer_digits(self) -> None:
        for button in self.digit_buttons:
            button.destroy()
        digits = self._answer.digits if len(self._answer.digits) > 1 else ()
        for at in range(max(0, len(digits) - MOST), len(digits)):
            button = ttk.Radiobutton(self._digits, text=digits[at].text, value=at, style="Toolbutton", takefocus=False)
            button.configure(variable=self._chosen, command=self._show_chosen)
            button.pack(side="left", padx=(0, 2))
