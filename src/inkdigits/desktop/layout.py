"""Where everything in the window lies."""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import ttk

from inkdigits.desktop.banner import Banner, Picker
from inkdigits.desktop.look import PALETTES, dress, find_scale, make_fonts
from inkdigits.desktop.pad import Pad
from inkdigits.desktop.sheet import Theme
from inkdigits.desktop.side import Side
from inkdigits.desktop.strokes import PAD
from inkdigits.desktop.tools import Tools

ZOOM = 1.4
"""Pixels for each unit of the pad, to begin with, at the usual sharpness of a screen."""

AROUND = (430, 300)
"""Room beside the pad, and above and below it, with what the system adds to a window."""

LEAST = 0.8
"""The window can be made so narrow that the pad has this zoom."""

TALL = 0.85
"""It can be made so low that all beside the pad is whole, at most this share of the screen's height."""

GAP = 16
"""Between the parts."""


@dataclass(frozen=True, slots=True)
class On:
    """What the parts call when something happens to them."""

    fit: Callable[[], None]
    """The pad has another size."""
    network: Callable[[], None]
    """Another network was chosen."""
    width: Callable[[int], None]
    """The pen has another width."""
    tools: dict[str, Callable[[], None]]
    """Buttons, by their words."""


class Layout:
    """The parts of the window."""

    def __init__(self, root: tk.Tk, networks: Sequence[str], chosen: str, on: On) -> None:
        """Lay them out, with a choice of networks."""
        self._root = root
        self._scale = scale = find_scale(root)
        make_fonts(root)
        self.gap = round(GAP * scale)
        """Between the parts, in pixels."""
        self._whole = whole = ttk.Frame(root, padding=self.gap)
        whole.pack(fill="both", expand=True)
        self.banner = Banner(whole, scale)
        self.picker = Picker(whole, networks, chosen, on.network)
        self.pad = Pad(whole, self._find_zoom(), on.fit)
        self.side = Side(whole, scale)
        self.tools = Tools(whole, scale, on.tools, on.width)
        self.footer = ttk.Label(whole, style="Faint.TLabel")
        self._place(whole, self.gap)

    def dress(self, theme: Theme) -> None:
        """Take the colours that go with those of the canvas; the pad must be shown anew."""
        palette = PALETTES[theme]
        dress(self._root, palette, self._scale)
        for part in (self.pad, self.side, self.picker):
            part.dye(palette)
        self._limit()

    def _limit(self) -> None:
        """Let the window be made no smaller than it can be used."""
        self._root.update_idletasks()  # now that it has its fonts, sizes are known
        height = self._whole.winfo_reqheight() - max(0, self.pad.winfo_reqheight() - self.side.winfo_reqheight())
        width = (LEAST * PAD[0] + AROUND[0]) * self._scale
        self._root.minsize(round(width), min(height, round(TALL * self._root.winfo_screenheight())))

    def _place(self, whole: ttk.Frame, gap: int) -> None:
        self.banner.grid(row=0, column=0, sticky="ew")
        self.picker.grid(row=0, column=1, sticky="e")
        self.pad.grid(row=1, column=0, sticky="nsew", pady=(gap // 2, gap))
        self.side.grid(row=1, column=1, sticky="n", padx=(2 * gap, 0), pady=(gap // 2, gap))
        self.tools.grid(row=2, columnspan=2, sticky="ew")
        self.footer.grid(row=3, columnspan=2, sticky="w", pady=(gap, 0))
        whole.rowconfigure(1, weight=1)
        whole.columnconfigure(0, weight=1)

    def _find_zoom(self) -> float:
        """Return how large the pad is to begin with: not larger than the screen has room for."""
        screen = self._root.winfo_screenwidth(), self._root.winfo_screenheight()
        room = [(size - self._scale * around) / side for size, around, side in zip(screen, AROUND, PAD, strict=True)]
        return max(LEAST, min(ZOOM * self._scale, *room))
