"""Frames of a camera, or of a film in its place, taken by a thread of its own: the newest counts."""

import os
import threading
from pathlib import Path
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.errors import CameraError
from inkdigits.records import Box

Pixels: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 3) RGB."""

GUIDE = (0.8, 0.5)
"""Width and height of the guide frame, as shares of the picture's."""

FILM_FPS = 25.0
"""A film that does not say how fast it is shows so many frames a second."""


class Frame(NamedTuple):
    """A picture of the camera."""

    number: int
    """Counted from 1."""
    pixels: Pixels


class Camera:
    """A camera that runs until it is closed, fails, or its film is over."""

    def __init__(self, source: int | str) -> None:
        """Begin to open a camera by its number, or a film or stream by its path or address; this does not wait."""
        self._source = source
        self._go_on, self._close = threading.Event(), threading.Event()
        self._go_on.set()
        self.frame: Frame | None = None
        """The newest one."""
        self.error: CameraError | None = None
        """Why no more come."""
        threading.Thread(target=self._run, name="inkdigits camera", daemon=True).start()

    @property
    def is_frozen(self) -> bool:
        """Whether no frames are taken for now."""
        return not self._go_on.is_set()

    def freeze(self, is_frozen: bool) -> None:
        """Take no more frames, or go on."""
        if is_frozen:
            self._go_on.clear()
        else:
            self._go_on.set()

    def close(self) -> None:
        """Let the camera go, once the frame at hand is there; this does not wait."""
        self._close.set()
        self._go_on.set()

    def _run(self) -> None:
        _be_quiet()
        capture = cv2.VideoCapture()
        try:
            if capture.open(self._source):
                self._take_frames(capture)
            else:
                self.error = CameraError(_explain(self._source))
        except cv2.error:  # such as a number that no camera can have: a thread has nobody to tell
            self.error = CameraError(_say_over(self._source, 1) if self.frame else _explain(self._source))
        finally:
            capture.release()

    def _take_frames(self, capture: cv2.VideoCapture) -> None:
        is_film = isinstance(self._source, str) and Path(self._source).is_file()
        pause_s = (
            1 / (capture.get(cv2.CAP_PROP_FPS) or FILM_FPS) if is_film else 0.0
        )  # cameras and streams wait by themselves
        number = 0
        while not self._close.wait(pause_s):
            self._go_on.wait()
            is_there, pixels = capture.read()
            if not is_there:
                self.error = CameraError(_say_over(self._source, number, is_film=is_film))
                return
            number += 1
            self.frame = Frame(number, np.ascontiguousarray(pixels[..., ::-1]))  # OpenCV's order is BGR


def find_guide(height: int, width: int) -> Box:
    """Return where in a frame the number is looked for."""
    across, down = round(width * GUIDE[0]), round(height * GUIDE[1])
    left, top = (width - across) // 2, (height - down) // 2
    return Box(left, top, left + across, top + down)


def parse_source(text: str) -> int | str:
    """Return what a person means: a number is a camera, anything else the path of a film or the address of a stream."""
    return int(text) if text.isdecimal() else text


def _explain(source: int | str) -> str:
    """Say what to do about a source that cannot be opened."""
    if isinstance(source, int):
        return (
            f"Camera {source} cannot be opened. Is it plugged in, and not in use by another program? "
            f"Others have other numbers, such as --camera {source + 1}."
        )
    if "://" not in source and not os.path.exists(source):
        return f"There is no film at {source}. Check its path, or give the number of a camera, from 0 on."
    return f"{source} is not a film or a stream that OpenCV can open."


def _say_over(source: int | str, n_frames: int, *, is_film: bool = False) -> str:
    if is_film and n_frames:
        return "The film is over."
    name = f"Camera {source}" if isinstance(source, int) else source
    return f"{name} gives no {'more ' if n_frames else ''}pictures. Is it still connected?"


def _be_quiet() -> None:
    """Keep OpenCV from writing its own complaints to the terminal: the window says what is wrong."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
