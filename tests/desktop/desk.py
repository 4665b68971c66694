"""The window in this process, and somebody who sits before it: real events of mouse and keys, by way of the screen."""

import os
import subprocess
import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageGrab

from inkdigits.desktop.sheet import Theme
from inkdigits.desktop.pen import USUAL_WIDTH
from inkdigits.desktop.strokes import PAD, Strokes
from inkdigits.desktop.window import Window
from inkdigits.networks import Networks
from inkdigits.settings import Settings
from tests.desktop.screen import until
from tests.strokes import to_strokes

SUFFIX = " - inkdigits"
"""What the titles of the window end with."""


class Desk:
    """A window that is open, and hands."""

    def __init__(self, display: str, theme: Theme = "white", camera: int | str = 0, settings: Settings | None = None):
        self._display = display
        self._errors: list[BaseException] = []
        self.root = tk.Tk(screenName=display, className="Inkdigits")
        self.root.report_callback_exception = lambda *failure: self._errors.append(failure[1])
        self.window = Window(self.root, Networks(settings or Settings()), theme, camera)
        self.pad = self.window.layout.pad
        self.wait(lambda: self.root.winfo_viewable() and self.window.is_settled)
        self.wait(lambda: self.root.focus_displayof() or self.root.focus_force())

    def reset(self) -> None:
        """Make everything as it was when the window was opened."""
        window = self.window
        if window.watch:
            window.switch_camera()
        if window.theme != "white":
            window.switch_theme()
        window.strokes = Strokes()
        window.pen.width = USUAL_WIDTH
        window.layout.picker.choose(window.layout.picker.names[0])
        assert self.says() == "Canvas is empty"

    def close(self) -> None:
        """Close the window, if it is still open."""
        if self.window.is_open:
            self.window.close()

    def wait(self, condition: Callable[[], object]) -> None:
        """Let the window live until something is true."""
        until(condition, self._live)

    def _live(self) -> None:
        self.root.update()
        if self._errors:
            raise self._errors.pop()

    def says(self) -> str:
        """Let everything be read, and return what the title of the window says."""
        self._live()
        self.wait(lambda: self.window.is_settled)
        return self.root.title().removesuffix(SUFFIX)

    def shares(self) -> list[float]:
        """Return the ten probabilities that the bars show."""
        return self.window.layout.side.bars.shares

    def press(self, *words: str) -> None:
        """Let xdotool do something, until all of it has arrived."""
        with subprocess.Popen(["xdotool", *words], env={**os.environ, "DISPLAY": self._display}) as hand:
            self.wait(lambda: hand.poll() is not None)
        assert hand.returncode == 0
        self._live()

    def keys(self, *keys: str) -> None:
        """Press keys, such as "ctrl+z"."""
        self.press("key", *keys)

    def click(self, widget: tk.Misc, button: int = 1) -> None:
        """Click into the middle of a widget."""
        x, y = widget.winfo_rootx() + widget.winfo_width() // 2, widget.winfo_rooty() + widget.winfo_height() // 2
        self.press("mousemove", str(x), str(y), "click", str(button))

    def clear(self) -> None:
        """Click with the right button."""
        self.click(self.pad, 3)

    def write(
        self,
        what: int | str,
        *,
        style: str = "school",
        at: tuple[float, float] = (0.5, 0.5),
        high: float = 0.6,
        pieces: int = 3,
        pause_s: float = 0.0,
    ) -> None:
        """Write on the pad.

        Args:
            what: a digit, or the name of something else.
            style: of the digit.
            at: its middle, as shares of the pad's width and height.
            high: its height, as a share of the pad's.
            pieces: points for each that a digit is written down as: few are a quick hand.
            pause_s: time between two points.
        """
        middle = np.array(at) * PAD
        self.draw([middle + stroke * high * PAD[1] for stroke in to_strokes(what, style, pieces)], pause_s)

    def draw(self, strokes: Sequence[np.ndarray], pause_s: float = 0.0) -> None:
        """Draw strokes through points of the pad."""
        n = len(self.window.strokes.now) + len(strokes)
        words: list[str] = []
        for stroke in strokes:
            (first, *others) = [self._to_screen(point) for point in stroke]
            words += ["mousemove", *first, "mousedown", "1"]
            for place in others:
                words += ["mousemove", *place, *(["sleep", f"{pause_s}"] if pause_s else [])]
            words += ["mouseup", "1"]
        self.press(*words)
        self.wait(lambda: len(self.window.strokes.now) == n)

    def _to_screen(self, point: np.ndarray) -> tuple[str, str]:
        zero, thousand = np.array(self.pad.to_point(0, 0)), np.array(self.pad.to_point(1000, 1000))
        x, y = (point - zero) / (thousand - zero) * 1000
        return str(round(x) + self.pad.winfo_rootx()), str(round(y) + self.pad.winfo_rooty())

    def photograph(self, path: Path) -> None:
        """Save a picture of the window, without its frame."""
        self.root.update()
        left, top = self.root.winfo_rootx(), self.root.winfo_rooty()
        box = left, top, left + self.root.winfo_width(), top + self.root.winfo_height()
        picture: Image.Image = ImageGrab.grab(bbox=box, xdisplay=self._display)
        picture.save(path, optimize=True)
