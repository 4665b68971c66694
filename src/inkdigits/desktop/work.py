"""Strokes, or a frame of the camera -> an answer, by the network that was chosen. Done beside the window."""

from dataclasses import dataclass

import numpy as np

from inkdigits.desktop.answers import EMPTY, Answer, read_frame, read_pad
from inkdigits.desktop.camera import Pixels, find_guide
from inkdigits.desktop.sheet import Sheet, Theme, to_picture
from inkdigits.desktop.strokes import Stroke
from inkdigits.networks import Networks


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Strokes that are to be read."""

    network: str
    strokes: tuple[Stroke, ...]
    theme: Theme


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A frame of the camera that is to be read."""

    network: str
    pixels: Pixels


class Work:
    """Reads jobs, one after the other."""

    def __init__(self, networks: Networks) -> None:
        """Read with these networks."""
        self._networks = networks
        self._sheet = Sheet()

    def __call__(self, job: Drawing | Photo) -> Answer:
        """Read one.

        Raises:
            ModelError: its network cannot be used.
        """
        if isinstance(job, Drawing) and not job.strokes:
            return EMPTY
        reader = self._networks.open(job.network).reader
        if isinstance(job, Drawing):
            return read_pad(reader, to_picture(self._sheet.draw(job.strokes), job.theme))
        guide = find_guide(*job.pixels.shape[:2])
        return read_frame(reader, np.ascontiguousarray(job.pixels[guide.y0 : guide.y1, guide.x0 : guide.x1]))
