"""What the network saw, pixel by pixel."""

import tkinter as tk
from tkinter import ttk

import cv2
import numpy as np

from inkdigits.desktop.look import Palette
from inkdigits.records import PATCH_PX, Ink

PATCH_ZOOM, STRIP_ZOOM = 5, 4
"""A patch is shown so many times as large; a strip, which is longer, at most so many times."""

WIDTH, HEIGHT = 310, 170
"""Room for it and what it is called, at the usual sharpness of a screen."""


class Seen(ttk.Frame):
    """The input of the network, enlarged, on a field of a size that stays."""

    def __init__(self, home: tk.Misc, scale: float) -> None:
        """Make an empty one."""
        self._scale = scale
        super().__init__(home, width=round(WIDTH * scale), height=round(HEIGHT * scale))
        self.pack_propagate(False)
        self._photo = tk.PhotoImage(master=self)
        self.ink: Ink | None = None
        """What is shown."""
        self._picture = tk.Label(self, image=self._photo, borderwidth=0, highlightthickness=0)
        self._picture.pack(anchor="w")
        self._caption = ttk.Label(self, style="Faint.TLabel", padding=(0, round(6 * scale)))
        self._caption.pack(anchor="w")

    def dye(self, palette: Palette) -> None:
        """Take the colours of a palette."""
        self._picture.configure(background=palette.track)

    def show(self, ink: Ink | None, caption: str) -> None:
        """Show what went into the network: (H, W) in [0, 1]; None: nothing did."""
        self._caption.configure(text=caption)
        self.ink = ink
        if ink is None:
            self._photo.blank()
            self._photo.configure(
                width=round(PATCH_PX * PATCH_ZOOM * self._scale), height=round(PATCH_PX * PATCH_ZOOM * self._scale)
            )
            return
        pixels = np.round(255 * ink).astype(np.uint8)
        height, width = pixels.shape
        zoom = (PATCH_ZOOM if height == width else min(STRIP_ZOOM, WIDTH / width)) * self._scale
        size = (round(width * zoom), max(1, round(height * zoom)))
        large = cv2.resize(pixels, size, interpolation=cv2.INTER_NEAREST if zoom >= 1 else cv2.INTER_AREA)
        self._photo.configure(width=size[0], height=size[1])
        data = f"P5 {size[0]} {size[1]} 255\n".encode() + large.tobytes()
        self.tk.call(str(self._photo), "put", data, "-format", "ppm")
