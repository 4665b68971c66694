"""Pages that lie askew, on their side or on their head: turned until their lines run from left to right.

What is written, printed and ruled lies in rows: the slope at which a page's rows are fullest is its skew. Which way up
a page is, only reading it can tell; so it is offered in all four ways, the likelier ones first. What is found on it is
the same on its head, turned.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.ink.ground import N_SIGMAS, stand_out
from inkdigits.ink.photo import ink_dark
from inkdigits.ink.rules import find_rows
from inkdigits.ink.sizes import Mask, Pixels, reduce_to
from inkdigits.records import Box, Image, LineInk

LOOK_PX, ROWS_PX = 512, 256
"""Longer sides on which a page's marks are looked for, and its skew is measured."""

MOST_DEG = 14.0
"""Pages lie askew by at most this: ten degrees on the glass, and what a hand-held camera adds."""

CLEAR, CERTAIN = 1.1, 1.5
"""Rows that stand out so many times as much as columns are probably the lines of the page, and then certainly."""

LEAST_DEG, LEAST_GAIN = 5.5, 1.25
"""Less than this, numbers and frames are found as they are; and rows so little fuller than at any slope are chance."""


@dataclass(frozen=True, slots=True, eq=False)
class TurnedPage:
    """A page, turned."""

    image: Image
    """What is to be read; boxes found in it are in its own pixels."""
    back: npt.NDArray[np.float64]
    """(2, 3): from its pixels to those of the page as it was sent."""
    page: Image
    """As it was sent."""
    is_likely: bool
    """Whether its rows are as clear as its columns."""

    def on_its_head(self, found: Sequence[LineInk]) -> list[LineInk]:
        """Return what is found on it if it is turned by a half, of what was found on it."""
        return [self._turn_line(line) for line in reversed(found)]

    def _turn_line(self, line: LineInk) -> LineInk:
        again = line.again
        return LineInk(
            np.ascontiguousarray(line.ink[::-1, ::-1]),
            self._by_half(line.part),
            tuple(line.ink.shape[1] - bar for bar in reversed(line.bars)),
            None if again is None else lambda: self._turn_line(again()),
        )

    def from_its_head(self, box: Box) -> Box:
        """Return the box around one that was found so, in pixels of the page as it was sent."""
        return self.to_page(self._by_half(box))

    def _by_half(self, box: Box) -> Box:
        width, height = self.image.width, self.image.height
        return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)

    def to_page(self, box: Box) -> Box:
        """Return the box around a box of the turned page, in pixels of the page as it was sent."""
        corners = np.array([[x, y, 1] for x in (box.x0, box.x1) for y in (box.y0, box.y1)], dtype=np.float64)
        x, y = self.back @ corners.T
        left, right = (min(max(0, edge), self.page.width) for edge in (floor(x.min() + 1e-6), ceil(x.max() - 1e-6)))
        top, bottom = (min(max(0, edge), self.page.height) for edge in (floor(y.min() + 1e-6), ceil(y.max() - 1e-6)))
        return Box(left, top, right, bottom)


def turn_page(page: Image) -> Iterator[TurnedPage]:
    """Yield a page level: as it was sent, then on its side, if it may lie so. How it is on its head, both tell."""
    mask = _find_marks(page)
    rows, columns = (find_rows(np.ascontiguousarray(seen), MOST_DEG, ROWS_PX) for seen in (mask, np.rot90(mask)))
    least = np.tan(np.deg2rad(LEAST_DEG))
    for on_its_side, own, other in ((False, rows, columns), (True, columns, rows)):
        is_likely = other.gain <= CLEAR * own.gain
        if is_likely or (not on_its_side and other.gain <= CERTAIN * own.gain):
            is_askew = is_likely and abs(own.slope) > least and own.gain >= LEAST_GAIN
            yield _turn(page, own.slope if is_askew else 0.0, on_its_side=on_its_side, is_likely=is_likely)


def _find_marks(page: Image) -> Mask:
    """Return what stands out from a page that was made small."""
    return stand_out(ink_dark(reduce_to(page.grey, LOOK_PX))).over(N_SIGMAS)


def _turn(page: Image, slope: float, *, on_its_side: bool, is_likely: bool) -> TurnedPage:
    """Turn a page by a quarter counter-clockwise, if need be, and until lines of that slope are level."""
    height, width = page.grey.shape
    forth, size = np.eye(3), (width, height)
    if on_its_side:
        forth, size = np.array([[0.0, 1, 0], [-1, 0, width], [0, 0, 1]]), (height, width)
    if slope:
        forth, size = _level(forth, size, float(np.rad2deg(np.arctan(slope))))
    grey = _warp(page.grey, forth, size)
    is_grey = page.colour.strides[2] == 0
    colour = np.broadcast_to(grey[:, :, None], (*grey.shape, 3)) if is_grey else _warp(page.colour, forth, size)
    sent_px = np.diag([page.width / width, page.height / height, 1.0])
    back = (sent_px @ np.linalg.inv(forth))[:2]
    turned = replace(page, grey=grey, colour=colour, width=size[0], height=size[1])
    return TurnedPage(turned, back, page, is_likely)


def _level(
    forth: npt.NDArray[np.float64], size: tuple[int, int], angle_deg: float
) -> tuple[npt.NDArray[np.float64], tuple[int, int]]:
    """Turn further by an angle, on a sheet so large that no corner is lost."""
    width, height = size
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0), [0, 0, 1]])
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    larger = (ceil(width * cos + height * sin), ceil(width * sin + height * cos))
    turn[0, 2] += (larger[0] - width) / 2
    turn[1, 2] += (larger[1] - height) / 2
    return turn @ forth, larger


def _warp(pixels: Pixels, forth: npt.NDArray[np.float64], size: tuple[int, int]) -> Pixels:
    """Move pixels; where the turned sheet shows none, its edge goes on."""
    if (forth[:2, :2] == np.eye(2)).all():
        return pixels
    centred = forth.copy()  # pixel (0, 0) has its middle at (0.5, 0.5)
    centred[:2, 2] += forth[:2, :2] @ np.array([0.5, 0.5]) - 0.5
    flags = cv2.INTER_LINEAR
    warped = cv2.warpAffine(
        np.ascontiguousarray(pixels), centred[:2], size, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped)
