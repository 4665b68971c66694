"""The canvas: shows strokes as sharp as the screen is, frames of the camera, or words."""

import tkinter as tk
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from inkdigits.desktop.camera import Pixels, find_guide
from inkdigits.desktop.look import LABEL_FONT, Palette
from inkdigits.desktop.sheet import Coverage, Sheet
from inkdigits.desktop.strokes import PAD, Point, Stroke
from inkdigits.records import Box

DIM = 0.4
"""So light is a frame of the camera outside of the guide."""

CORNER = 0.15
"""Length of the guide's corners, as a share of its height."""

WRAP = 0.8
"""Words take so much of the pad's width before they go on in another line."""


class Pad(tk.Canvas):
    """A canvas in which the pad keeps its shape, in the middle of what room there is."""

    def __init__(self, home: tk.Misc, scale: float, on_fit: Callable[[], None]) -> None:
        """Make an empty pad.

        Args:
            home: what it lies in.
            scale: pixels for each unit of the pad, to begin with.
            on_fit: called when it has another size, and so must be shown anew.
        """
        width, height = round(PAD[0] * scale), round(PAD[1] * scale)
        super().__init__(home, highlightthickness=0, cursor="pencil", width=width, height=height)
        self._zoom, self._left, self._top = 0.0, 0, 0
        self.words = ""
        """What is written upon it."""
        self._on_fit = on_fit
        self._sheet = Sheet()
        self._shown: Coverage | None = None
        self._levels = np.arange(256, dtype=np.uint8)
        self._palette: Palette | None = None
        self._photo = tk.PhotoImage(master=self)
        self._image = self.create_image(0, 0, image=self._photo, anchor="nw")
        self._edge = self.create_rectangle(0, 0, 0, 0, width=max(1, round(scale)))
        self._text = self.create_text(0, 0, font=LABEL_FONT, justify="center")
        self._corners = [self.create_line(0, 0, 0, 0, width=4 * scale, capstyle="round") for _ in range(4)]
        self._hide_guide()
        self.bind("<Configure>", lambda _: self._fit())

    def dye(self, palette: Palette) -> None:
        """Take the colours of a palette; what is shown must be shown anew."""
        self._palette = palette
        self._levels = np.linspace(palette.paper, palette.ink, 256).round().astype(np.uint8)
        self._shown = None
        self.configure(background=palette.window)
        self.itemconfigure(self._edge, outline=palette.line)
        self.itemconfigure(self._text, fill=palette.faint)

    def to_point(self, x: int, y: int) -> Point:
        """Turn a place in the canvas into one on the pad."""
        return (x + 0.5 - self._left) / self._zoom, (y + 0.5 - self._top) / self._zoom

    def show_strokes(self, strokes: Sequence[Stroke]) -> None:
        """Show strokes; only the part that differs from what is there is sent to the screen."""
        coverage = self._sheet.draw(strokes)
        part = _find_change(self._shown, coverage)
        if part is not None:
            self._put(self._levels[coverage[part.y0 : part.y1, part.x0 : part.x1]], part.x0, part.y0)
        self._shown = coverage
        self._hide_guide()

    def show_frame(self, pixels: Pixels, *, is_locked: bool) -> None:
        """Show a frame of the camera, and around what the number must be held into."""
        self._shown = None
        height, width = self._sheet.shape
        zoom = min(width / pixels.shape[1], height / pixels.shape[0])
        size = (max(1, round(pixels.shape[1] * zoom)), max(1, round(pixels.shape[0] * zoom)))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR)
        guide = find_guide(*small.shape[:2])
        dark = cv2.convertScaleAbs(small, alpha=DIM)
        inside = np.s_[guide.y0 : guide.y1, guide.x0 : guide.x1]
        dark[inside] = small[inside]
        down, across = height - size[1], width - size[0]
        sides = (down // 2, down - down // 2, across // 2, across - across // 2)
        self._put(np.pad(dark, (sides[:2], sides[2:], (0, 0))), 0, 0)
        self._show_guide(guide, sides[2], sides[0], is_locked=is_locked)

    def say(self, words: str) -> None:
        """Write words upon the pad; empty: none."""
        self.words = words
        self.itemconfigure(self._text, text=words)

    def _fit(self) -> None:
        """Take what room there is."""
        width, height = self.winfo_width(), self.winfo_height()
        zoom = min((width - 2) / PAD[0], (height - 2) / PAD[1])
        if zoom <= 0:
            return
        self._sheet = Sheet(zoom)
        self._zoom, self._shown = zoom, None
        down, across = self._sheet.shape
        self._left, self._top = (width - across) // 2, (height - down) // 2
        self._photo.configure(width=across, height=down)
        self.coords(self._image, self._left, self._top)
        self.coords(self._edge, self._left - 1, self._top - 1, self._left + across, self._top + down)
        self.coords(self._text, self._left + across / 2, self._top + down / 2)
        self.itemconfigure(self._text, width=round(across * WRAP))
        self._on_fit()

    def _put(self, pixels: Coverage | Pixels, left: int, top: int) -> None:
        """Send pixels, grey or RGB, to the picture on the screen, as a PNM file without a file."""
        kind = "P5" if pixels.ndim == 2 else "P6"
        data = f"{kind} {pixels.shape[1]} {pixels.shape[0]} 255\n".encode() + pixels.tobytes()
        self.tk.call(str(self._photo), "put", data, "-format", "ppm", "-to", left, top)

    def _show_guide(self, guide: Box, left: int, top: int, *, is_locked: bool) -> None:
        assert self._palette
        x0, y0 = guide.x0 + left + self._left, guide.y0 + top + self._top
        x1, y1 = x0 + guide.width, y0 + guide.height
        arm = CORNER * guide.height
        colour = self._palette.steady if is_locked else self._palette.accent
        places = ((x0, y0, 1, 1), (x1, y0, -1, 1), (x1, y1, -1, -1), (x0, y1, 1, -1))
        for corner, (x, y, right, down) in zip(self._corners, places, strict=True):
            self.coords(corner, x + right * arm, y, x, y, x, y + down * arm)
            self.itemconfigure(corner, fill=colour, state="normal")

    def _hide_guide(self) -> None:
        for corner in self._corners:
            self.itemconfigure(corner, state="hidden")


def _find_change(old: Coverage | None, new: Coverage) -> Box | None:
    """Return the smallest box around what differs; None: nothing does."""
    height, width = new.shape
    if old is None:
        return Box(0, 0, width, height)
    changed = old != new
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if rows.size else None
