"""The lines of boxes and tables, underlines and rules on a page: straight, thin, long, and often faint.

A line is found as a ridge: along it the contrast is averaged, which brings out what is fainter than the grain, and it
must be darker than the paper close by on both sides. A 1 is straight and thin as well; so a standing line is one of a
frame only where it leads from one lying line to another, or goes on in line with one that does: a digit may cover part
of it. Lying lines are longer than any stroke of a digit so thin.
"""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import Components
from inkdigits.ink.combs import Comb, Line, find_combs
from inkdigits.ink.ground import LEVELS, Levels
from inkdigits.ink.rules import opened
from inkdigits.ink.sizes import Mask, Pixels

SMOOTH_PX = 7
"""Length over which the contrast is averaged along a line."""

ALONG_PX, ALONG_STANDING_PX, DENSE = 31, 15, 0.8
"""In each stretch so long of a lying line, and of a standing one, at least this share is darker than beside it."""

BESIDE_PX = 5
"""So far from its middle, the paper beside a line is looked at: it is thinner than that."""

N_SIGMAS, FAINTEST = 2.5, 0.02
"""It stands out by so many standard deviations of the averaged grain, and by this contrast at the least."""

GAP_PX = 15
"""Pieces so near to each other are of one line: digits cross it."""

LONG_PX, STANDING_PX = 60, 18
"""A lying line is at least so long, and a standing one."""

TILT = 0.15
"""It leans by at most this share of its length."""

MEETS_PX = 6
"""So near to a lying line a standing one meets it."""

CROSSED = 3
"""Or it meets so many of them."""

HIGH = 0.4
"""Over more than this share of the page, a standing line needs no others: no digit is so high."""

IN_LINE_PX, STRAIGHT_PX, FAR = 2.5, 40, 5
"""One goes on in line with another that is at least so long if it lies within so many pixels of where that leads, and
not further away than so many times its length."""

CELL_PX = (24, 600)
"""Sides of a box whose lines are looked for all at once, shortest and longest."""

CELL_SIDE, CELL_SIDE_PX, CELL_CLOSED = 0.12, 4, 0.9
"""Each of its sides lies within this share of the shorter one from its outline, or so many pixels, and is closed over
that share of its length: an oval is not."""

SOFT_EDGE = np.ones((5, 5), np.uint8)
"""Ink is soft so far beyond the lines of a box."""

SPECK = 0.15
"""What fills less than this share of its rows, or columns, is beside the box: specks."""

WIDE_PX = 6
"""Where ink is higher than this across a line, a stroke crosses it."""


class Frames(NamedTuple):
    """The lines on a page."""

    pixels: Mask
    """(H, W), theirs, without those where a stroke crosses."""
    combs: list[Comb]
    """Those of boxes side by side, one for each digit."""


def find_frames(levels: Levels, inked: Mask, sigma: float) -> Frames:
    """Find the lines of a page.

    Args:
        levels: (H, W) int16, the contrast of a page of about 1,000 to 1,600 px as `Standing` has it.
        inked: (H, W) bool, what stands out from it.
        sigma: standard deviation that the grain of the paper gives the levels.
    """
    least = round(max(N_SIGMAS * sigma / SMOOTH_PX**0.5, LEVELS * FAINTEST))
    lying = _find_lines(_ridges(levels, least), ALONG_PX, LONG_PX)
    if not lying.lines:
        return Frames(lying.pixels, [])
    ridges = _ridges(np.asarray(cv2.transpose(levels)), least)
    upright = _find_lines(ridges, ALONG_STANDING_PX, STANDING_PX)
    reached = cv2.dilate(lying.pixels.view(np.uint8), np.ones((2 * MEETS_PX + 1, 2 * MEETS_PX + 1), np.uint8))
    turned = _those_between(upright, cv2.transpose(reached))
    standing = np.asarray(cv2.transpose(turned.view(np.uint8)), dtype=np.uint8).view(np.bool_)
    across = inked.view(np.uint8)
    standing &= ~opened(across, WIDE_PX, 1)
    combs = find_combs(cv2.transpose(ridges), lying.lines)
    for comb in combs:
        comb.erase(standing, inked, levels)
    return Frames((lying.pixels & ~opened(across, 1, WIDE_PX)) | standing, combs)


def find_cells(inked: Components) -> Mask:
    """Find small boxes, for one digit or two, whose lines are too short to stand out by themselves.

    Args:
        inked: the ink of a page, without the frames that are known.

    Returns:
        (H, W) bool, the pixels of their four sides; a digit that touches them keeps what lies inside.
    """
    labels, stats = inked.labels, inked.stats
    cells = np.zeros(labels.shape, dtype=np.bool_)
    width, height, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    shorter, longer = np.minimum(width, height), np.maximum(width, height)
    for at in np.flatnonzero((shorter >= CELL_PX[0]) & (longer <= CELL_PX[1]) & (area <= width * height / 2)).tolist():
        left, top = stats[at, :2].tolist()
        window = np.s_[top : top + height[at], left : left + width[at]]
        part = labels[window] == at
        rows, columns = (_without_specks(part, axis) for axis in (1, 0))
        part = part[rows, columns]
        side = max(CELL_SIDE_PX, round(CELL_SIDE * min(part.shape)))
        edges = (part[:side], part[-side:], part[:, :side].T, part[:, -side:].T)
        if all(np.count_nonzero(edge.any(0)) >= CELL_CLOSED * edge.shape[1] for edge in edges):
            part[side:-side, side:-side] = False
            cells[window][rows, columns] |= part
    return np.asarray(cv2.dilate(cells.view(np.uint8), SOFT_EDGE)).view(np.bool_)


def _without_specks(part: Mask, axis: int) -> slice:
    """Return from where to where the sides of a component lie, along one axis: specks of the paper hang on it."""
    filled = np.flatnonzero(np.count_nonzero(part, axis) >= SPECK * part.shape[axis])
    return slice(filled[0], filled[-1] + 1) if len(filled) else slice(0)


def _ridges(levels: Levels, least: int) -> Pixels:
    """Say where contrast, (H, W), is by so many levels more than above and below: (H, W) uint8, 1 or 0."""
    mean = cv2.blur(levels, (SMOOTH_PX, 1))
    wide = cv2.copyMakeBorder(mean, BESIDE_PX, BESIDE_PX, 0, 0, cv2.BORDER_REPLICATE)
    beside = cv2.max(wide[2 * BESIDE_PX :], wide[: -2 * BESIDE_PX])
    return np.asarray(np.subtract(mean, beside, out=mean) > least).view(np.uint8)


class _Found(NamedTuple):
    """Lying lines."""

    pixels: Mask
    """(H, W), theirs."""
    boxes: npt.NDArray[np.int32]
    """(n, 4): left, top, width and height of each."""
    lines: list[Line]
    """Where they go."""


def _find_lines(ridges: Pixels, along_px: int, least_px: int) -> _Found:
    """Find lying lines.

    Args:
        ridges: (H, W) uint8, 1 where one may be.
        along_px: stretches so long are dark.
        least_px: a line is so long.
    """
    dense = cv2.boxFilter(ridges, cv2.CV_16U, (along_px, 1), normalize=False) >= ceil(DENSE * along_px)
    grown = cv2.dilate(dense.view(np.uint8), np.ones((1, along_px // 2), np.uint8))
    runs = cv2.bitwise_and(grown, ridges, dst=grown)
    joined = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, GAP_PX), np.uint8))
    outlines, nested = cv2.findContours(joined, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = [] if nested is None else [each for each, facts in zip(outlines, nested[0], strict=True) if facts[3] < 0]
    boxes = np.array([cv2.boundingRect(each) for each in outer], dtype=np.int32).reshape(-1, 4)
    is_line = (boxes[:, 2] >= least_px) & (boxes[:, 3] <= TILT * boxes[:, 2] + 2 * BESIDE_PX)
    pixels = np.zeros(ridges.shape, dtype=np.uint8)
    lines = [_fit(outer[at], boxes[at].tolist(), joined, pixels) for at in np.flatnonzero(is_line).tolist()]
    return _Found(pixels.view(np.bool_), boxes[is_line], lines)


def _fit(outline: Pixels, box: Sequence[int], joined: Pixels, pixels: Pixels) -> Line:
    """Write one line into `pixels` and return where it goes (least squares).

    Args:
        outline: of the line.
        box: left, top, width and height of that; other lines may reach into it.
        joined: (H, W) uint8, all lines.
        pixels: (H, W) uint8, those that were written before.
    """
    left, top, width, height = box
    window = np.s_[top : top + height, left : left + width]
    own = np.zeros((height, width), dtype=np.uint8)
    cv2.drawContours(own, [outline], 0, 1, cv2.FILLED, offset=(-left, -top))
    cv2.bitwise_and(own, joined[window], dst=own)
    pixels[window] |= own
    sums = cv2.moments(own, binaryImage=True)
    slope = sums["mu11"] / max(sums["mu20"], 1.0)
    column, row = sums["m10"] / sums["m00"], sums["m01"] / sums["m00"]
    return Line(left, left + width, top + row - slope * (left + column), slope)


def _those_between(found: _Found, reached: Pixels) -> Mask:
    """Keep of lines (of a picture on its side) those that lead from one of the others to another, or are very long.

    The edge of the page counts as one of the others; it is enough to meet several of them, or to be in line with one
    that is kept.
    """
    pixels = found.pixels
    windows = [np.s_[top : top + height, left : left + width] for left, top, width, height in found.boxes.tolist()]
    is_kept = np.array([_leads(reached[window], window[1], pixels.shape[1]) for window in windows], dtype=np.bool_)
    is_kept |= _are_in_line(np.array(found.lines, dtype=np.float64).reshape(-1, 4), is_kept)
    kept = np.zeros_like(pixels)
    for at in np.flatnonzero(is_kept).tolist():
        kept[windows[at]] = pixels[windows[at]]
    return kept


def _leads(reached: Pixels, columns: slice, page_px: int) -> bool:
    """Say of one line whether it leads from one of the others to another, meets several, or is very long."""
    meets = np.concatenate([[columns.start < MEETS_PX], reached.any(0), [columns.stop > page_px - MEETS_PX]])
    n_met = np.count_nonzero(np.diff(meets.astype(np.int8), prepend=0) == 1)
    leads = meets[: MEETS_PX + 1].any() and meets[-MEETS_PX - 1 :].any()
    return bool(leads or n_met >= CROSSED or columns.stop - columns.start > HIGH * page_px)


def _are_in_line(lines: npt.NDArray[np.float64], is_kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Say of each line, (n, 4) as `Line` has it, whether it goes on where one that is kept leads: (n,)."""
    left, right, row, slope = lines.T
    width = right - left
    guides = np.flatnonzero(is_kept & (width >= STRAIGHT_PX))
    gaps = np.maximum(left[:, None] - right[guides], left[guides] - right[:, None])
    is_near = gaps <= FAR * width[guides]
    for end in (left, right):
        led_to = row[guides] + slope[guides] * end[:, None]
        is_near &= np.abs((row + slope * end)[:, None] - led_to) <= IN_LINE_PX
    return np.asarray(is_near.any(1))
