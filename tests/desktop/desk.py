"""The window in this process, and somebody who sits before it: real events of mouse and keys, by way of the screen."""

import gc
import os
import subprocess
import time
import tkinter as tk
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageGrab

from inkdigits.desktop.pen import USUAL_WIDTH
from inkdigits.desktop.sheet import Theme
from inkdigits.desktop.strokes import PAD, Strokes
from inkdigits.desktop.window import Window
from inkdigits.networks import Networks
from inkdigits.settings import Settings
from tests.desktop.screen import until, windows
from tests.strokes import to_strokes

Place: TypeAlias = tuple[str, str]
"""x and y on the screen, in xdotool's words."""

N_COLOURS = 64
"""Of a picture: so it stays small."""

PAUSE_S = 0.001
"""While the window lives in a test, other threads shall too."""

KIND = "Desk"
"""Class of the window: it tells it from that of the command."""

SUFFIX = " - inkdigits"
"""What the titles of the window end with."""


class Desk:
    """A window that is open, and hands."""

    def __init__(self, display: str, theme: Theme = "white", camera: int | str = 0, settings: Settings | None = None):
        self.display = display
        self._environment = {**os.environ, "DISPLAY": display}
        self._hand = subprocess.Popen(["xdotool", "-"], stdin=subprocess.PIPE, env=self._environment, text=True)
        self._errors: list[BaseException] = []
        self._n_released = 0
        self.root = tk.Tk(screenName=display, className=KIND)
        self.root.report_callback_exception = lambda *failure: self._errors.append(failure[1])
        self.window = Window(self.root, Networks(settings or Settings()), theme, camera)
        self.pad = self.window.layout.pad
        self.root.bind_all("<ButtonRelease>", self._count)
        self.wait(lambda: self.root.winfo_viewable() and self.window.is_settled)
        self.wait(lambda: windows(display, KIND))
        (self._number,) = windows(display, KIND)
        self.come_forward()

    def _count(self, _: object) -> None:
        self._n_released += 1

    def come_forward(self) -> None:
        """Let the keys come to this window, whichever had them."""
        self.press("windowactivate", "--sync", str(self._number))
        self.wait(self.root.focus_displayof)

    def reset(self) -> None:
        """Make everything as it was when the window was opened."""
        self.come_forward()
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
        """Close the window."""
        self._hand.communicate()
        self.window.close()
        del self.window, self.root, self.pad
        gc.collect()  # in this thread: Tk's objects must not be collected in that of another window

    def wait(self, condition: Callable[[], object]) -> None:
        """Let the window live until something is true."""
        until(condition, lambda: (self._live(), time.sleep(PAUSE_S)))

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
        n = self._n_released + words.count("click") + words.count("mouseup")
        with subprocess.Popen(["xdotool", *words], env=self._environment) as hand:
            self.wait(lambda: hand.poll() is not None)
        assert hand.returncode == 0
        self.root.winfo_pointerxy()  # the screen's answer comes after the keys
        self._live()
        self.wait(lambda: self._n_released >= n)  # buttons have to wait until openbox lets them through

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
        pieces: int = 2,
        pause_s: float | None = None,
    ) -> None:
        """Write on the pad.

        Args:
            what: a digit, or the name of something else.
            style: of the digit.
            at: its middle, as shares of the pad's width and height.
            high: its height, as a share of the pad's.
            pieces: points for each that a digit is written down as: few are a quick hand.
            pause_s: time between two points; None: as long as each takes to arrive.
        """
        middle = np.array(at) * PAD
        self.draw([middle + stroke * high * PAD[1] for stroke in to_strokes(what, style, pieces)], pause_s)

    def draw(self, strokes: Sequence[np.ndarray], pause_s: float | None = None) -> None:
        """Draw strokes through points of the pad; with a pause at the pace of a hand, else so that each arrives."""
        n = len(self.window.strokes.now) + len(strokes)
        for stroke in strokes:
            first, *others = [self._to_screen(point) for point in stroke]
            if pause_s is None:
                self._draw_slowly(first, others)
            else:
                moves = [word for place in others for word in ("mousemove", *place, "sleep", str(pause_s))]
                self.press("mousemove", *first, "mousedown", "1", *moves, "mouseup", "1")
        self.wait(lambda: len(self.window.strokes.now) == n)

    def _draw_slowly(self, first: Place, others: Sequence[Place]) -> None:
        """Draw a stroke, of which Tk shall see every point: of several at once it tells only the last."""
        n = len(self.window.strokes.now)
        self._say("mousemove", *first)
        self._say("mousedown", "1")
        self.wait(lambda: self.window.pen.open)
        moves = [place for before, place in pairwise((first, *others)) if place != before]  # else the mouse stays
        for n_points, place in enumerate(moves, start=2):
            self._say("mousemove", *place)
            self.wait(lambda n_points=n_points: len(self.window.pen.open[0].points) >= n_points)
        self._say("mouseup", "1")
        self.wait(lambda: len(self.window.strokes.now) > n)

    def _say(self, *words: str) -> None:
        """Tell the hand that stays what to do."""
        assert self._hand.stdin
        print(*words, file=self._hand.stdin, flush=True)

    @property
    def zoom(self) -> float:
        """Pixels for each unit of the pad."""
        return 1000 / (self.pad.to_point(1000, 0)[0] - self.pad.to_point(0, 0)[0])

    def _to_screen(self, point: np.ndarray) -> Place:
        zero, thousand = np.array(self.pad.to_point(0, 0)), np.array(self.pad.to_point(1000, 1000))
        x, y = (point - zero) / (thousand - zero) * 1000
        return str(round(x) + self.pad.winfo_rootx()), str(round(y) + self.pad.winfo_rooty())

    def write_nothing(self) -> None:
        """Drag the mouse over the pad where nothing can be written."""
        (x, y), (to_x, to_y) = self._to_screen(np.array((100, 100))), self._to_screen(np.array((200, 200)))
        self.press("mousemove", x, y, "mousedown", "1", "mousemove", to_x, to_y, "mouseup", "1")

    def photograph(self, path: Path) -> None:
        """Save a picture of the window, without its frame."""
        self.root.update()
        left, top = self.root.winfo_rootx(), self.root.winfo_rooty()
        box = left, top, left + self.root.winfo_width(), top + self.root.winfo_height()
        picture: Image.Image = ImageGrab.grab(bbox=box, xdisplay=self.display)
        picture.quantize(N_COLOURS).save(path, optimize=True)
