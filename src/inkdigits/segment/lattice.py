"""Ink of one line -> the ways to part it into glyphs.

The ink is taken apart further than digits are: into connected components, and those that may be several digits along
their cuts. These pieces stand in order from left to right; every few neighbours together are a candidate for a glyph.
Which candidates make up the number is decided when a network has seen them all.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import Box, Candidate, Glyph, Ink, Lattice
from inkdigits.segment.cuts import Cut, find_cuts
from inkdigits.segment.glyph import CORE

MAX_PIECES = 5
"""A candidate is made of at most so many pieces: a wide digit, cut in vain, with a stroke that stands apart."""

MAX_WIDTH = 1.5
"""And, where it has several, at most so wide, as a share of the line's height."""

MIN_HEIGHT = 0.35
"""And at least so high: no digit of a line is lower."""

MAX_COMPONENTS = 100
"""A line has at most so many components; of noise, or of a page of print, the largest are looked at."""

SPECK = 0.12
"""A component whose longer side is less than this share of the line's height is dirt."""

SLIVER = 0.015
"""A cut that would leave a piece with less ink than this share of the square of the line's height is none."""

NARROW = 0.4
"""A component narrower than this share of the line's height is one digit at the most."""

EDGE, FLAT = 0.05, 0.2
"""A component this near to the picture's upper or lower edge, as a share of its height, and no higher than that share
of the line's, is no part of a digit."""

MARK = 0.35
"""A point or comma is at most so large, as a share of the line's height."""

MARK_ABOVE = 0.3
"""And its middle at most so far above the foot of the line."""

DASH = (0.25, 2.0)
"""A dash is at most so high, as a share of the line's height, and at least so many times as wide."""

COMMA = 1.4
"""From so many times as high as wide on, it is a comma."""

EMPTY = Lattice(0.0, (), (), (), (), ())
"""Of a blank line."""


class Piece(NamedTuple):
    """A piece of ink that is not taken apart any further."""

    ink: Ink
    """(h, w) float32 in [0, 1]."""
    box: Box
    cut: float
    """Ink that the cut on its left crosses, as a share of the line's height; 0 where nothing was cut."""

    @property
    def centre(self) -> float:
        """Column of its centre of mass."""
        columns = self.ink.sum(0)
        return self.box.x0 + float(columns @ np.arange(len(columns))) / max(float(columns.sum()), 1e-6)


def find_lattice(ink: Ink) -> Lattice:
    """Find the ways to part a line into glyphs.

    Args:
        ink: (H, W) float32 in [0, 1]: one line of digits.

    Returns:
        The lattice; without pieces where there is no ink, or only specks.
    """
    core = (ink >= CORE).view(np.uint8)
    n, *found, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
    labels, stats = (np.asarray(each, dtype=np.int32) for each in found)
    if n < 2:
        return EMPTY
    height_px = line_height(stats[1:])
    pieces = [
        piece
        for number in _largest(stats)
        if not _is_rule(stats[number], ink.shape[0], height_px)
        and max(stats[number, cv2.CC_STAT_WIDTH], stats[number, cv2.CC_STAT_HEIGHT]) >= SPECK * height_px
        for piece in _part(*_cut_out(ink, labels, stats[number], number), height_px)
    ]
    pieces.sort(key=lambda piece: piece.centre)
    weights = tuple(float(piece.ink.sum()) / height_px**2 for piece in pieces)
    cuts = tuple(piece.cut for piece in pieces[1:])
    gaps = tuple((right.box.x0 - left.box.x1) / height_px for left, right in pairwise(pieces))
    foot = float(np.median([piece.box.y1 for piece in pieces if piece.box.height >= MIN_HEIGHT * height_px] or [0]))
    marks = tuple(_mark(piece, foot, height_px) for piece in pieces)
    return Lattice(height_px, weights, cuts, gaps, marks, tuple(_candidates(pieces, height_px)))


def _largest(stats: npt.NDArray[np.int32]) -> list[int]:
    """Return the numbers of the components with most ink, the ground not among them."""
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:MAX_COMPONENTS]
    return sorted((1 + order).tolist())


def _is_rule(stats: npt.NDArray[np.int32], n_rows: int, height_px: float) -> bool:
    """Whether a component lies flat along the upper or lower edge of the line's picture: a rule, or the next line."""
    top, height = int(stats[cv2.CC_STAT_TOP]), int(stats[cv2.CC_STAT_HEIGHT])
    is_at_edge = top < EDGE * n_rows or top + height > (1 - EDGE) * n_rows
    return is_at_edge and height <= FLAT * height_px and int(stats[cv2.CC_STAT_WIDTH]) >= height


def line_height(stats: npt.NDArray[np.int32]) -> float:
    """Return the height of a line, in pixels: that of its components, the wider ones counting more.

    Args:
        stats: (n, 5), a row a component, as OpenCV gives it.
    """
    heights, widths = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    high = heights >= 0.3 * heights.max()
    order = np.argsort(heights[high])
    share = np.cumsum(widths[high][order])
    return float(heights[high][order][np.searchsorted(share, share[-1] / 2)])


def _cut_out(
    ink: Ink, labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], number: int
) -> tuple[Ink, tuple[int, int]]:
    """Return the ink of one component with its soft edges, and where it begins: (left, top)."""
    left, top = max(0, int(stats[cv2.CC_STAT_LEFT]) - 1), max(0, int(stats[cv2.CC_STAT_TOP]) - 1)
    right = int(stats[cv2.CC_STAT_LEFT] + stats[cv2.CC_STAT_WIDTH]) + 1
    bottom = int(stats[cv2.CC_STAT_TOP] + stats[cv2.CC_STAT_HEIGHT]) + 1
    window = np.s_[top:bottom, left:right]
    own = cv2.dilate((labels[window] == number).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    others = (labels[window] > 0) & (labels[window] != number)
    return np.where(own & ~others, ink[window], np.float32(0)), (left, top)


def _part(ink: Ink, corner: tuple[int, int], height_px: float) -> Iterator[Piece]:
    """Part a component along its cuts, from left to right."""
    may_be_several = ink.shape[1] > NARROW * height_px and ink.shape[0] > DASH[0] * height_px
    cuts = find_cuts(ink, height_px) if may_be_several else []
    cuts = _without_slivers(ink, cuts, SLIVER * height_px**2)
    side_of = _sides(ink, cuts)
    for number in range(len(cuts) + 1):
        crossed = cuts[number - 1].ink if number else 0.0
        yield _trim(np.where(side_of == number, ink, np.float32(0)), corner, crossed)


def _sides(ink: Ink, cuts: Sequence[Cut]) -> npt.NDArray[np.int32]:
    """Say of each pixel, (H, W), how many cuts lie to its left."""
    columns = np.arange(ink.shape[1])
    return sum(((columns > cut.columns[:, None]).astype(np.int32) for cut in cuts), np.zeros(ink.shape, np.int32))


def _without_slivers(ink: Ink, cuts: list[Cut], least: float) -> list[Cut]:
    """Leave out cuts beside which there would be less than `least` ink."""
    masses = np.bincount(_sides(ink, cuts).ravel(), weights=ink.ravel(), minlength=len(cuts) + 1)
    kept: list[Cut] = []
    left, right = 0.0, float(masses.sum())
    for mass, cut in zip(masses[:-1], cuts, strict=True):
        left, right = left + float(mass), right - float(mass)
        if left >= least and right >= least:
            kept.append(cut)
            left = 0.0
    return kept


def _trim(ink: Ink, corner: tuple[int, int], cut: float) -> Piece:
    """Cut a piece to the box of its ink."""
    x, y, width, height = cv2.boundingRect((ink > 0).view(np.uint8))
    left, top = corner[0] + x, corner[1] + y
    box = Box(left, top, left + width, top + height)
    return Piece(np.ascontiguousarray(ink[y : y + height, x : x + width]), box, cut)


def _mark(piece: Piece, foot: float, height_px: float) -> str:
    """Say whether a piece is a point or a comma: small, and at the foot of the line; or a dash."""
    box = piece.box
    if not piece.cut and box.height <= DASH[0] * height_px and box.width >= DASH[1] * box.height:
        return "-"
    is_low = box.y0 + box.y1 > 2 * (foot - MARK_ABOVE * height_px)
    if piece.cut or max(box.width, box.height) > MARK * height_px or not is_low:
        return ""
    return "," if box.height > COMMA * box.width else "."


def _candidates(pieces: Sequence[Piece], height_px: float) -> Iterator[Candidate]:
    """Put neighbours together, as far as a digit may reach."""
    for start in range(len(pieces)):
        for stop in range(start + 1, min(len(pieces), start + MAX_PIECES) + 1):
            glyph = _join(pieces[start:stop])
            if stop > start + 1 and glyph.box.width > MAX_WIDTH * height_px:
                break
            if glyph.box.height >= MIN_HEIGHT * height_px:
                yield Candidate(start, stop, glyph)


def _join(pieces: Sequence[Piece]) -> Glyph:
    """Lay pieces of ink over each other."""
    around = Box.around(piece.box for piece in pieces)
    ink = np.zeros((around.height, around.width), dtype=np.float32)
    for piece in pieces:
        window = ink[
            piece.box.y0 - around.y0 : piece.box.y1 - around.y0, piece.box.x0 - around.x0 : piece.box.x1 - around.x0
        ]
        np.maximum(window, piece.ink, out=window)
    return Glyph(ink, around)
