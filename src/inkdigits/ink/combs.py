"""Rows of boxes side by side, one for each digit: the comb fields of forms.

Two lying lines, one over the other, make a comb if standing lines at equal distances lead from one to the other. All of
them are weighed together, so that each may be faint, or touched by a digit; and a 1 in a box is none of them.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import ceil, floor
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.ink.ground import Levels
from inkdigits.ink.rules import opened
from inkdigits.ink.sizes import Mask, Pixels
from inkdigits.records import Box

HIGH_PX = (18, 140)
"""Height of the boxes, lowest and highest."""

HIDDEN_PX, IN_LINE_PX = 60, 3
"""Digits hide so much of a lying line, and its pieces lie in line but for so many pixels."""

ALIKE, PARALLEL = 0.6, 0.3
"""Two lines share this part of their lengths, and come nearer to each other by at most that share of their distance."""

BOX = (0.45, 1.25)
"""A box for one digit is so many times as wide as high, at least and at most."""

N_BOXES = (3, 40)
"""Fewer boxes are no row, and more have not been seen."""

LEAN, N_LEANS = 0.12, 9
"""Standing lines lean by up to this share of their height; so many ways are tried."""

N_ROWS, ROOM_PX = 24, 8
"""They are looked at in so many rows, and so many columns more than the lying ones have on either side."""

INSIDE = 0.08
"""Near the lying lines, over this share of the height, standing ones are not looked at: digits rest there, and corners
are round."""

SLACK, SLACK_PX = 0.06, 2
"""A standing line stands where it should but for this share of the distance of two, or so many pixels more."""

LEAST, MEAN = 0.4, 0.82
"""Each can be seen over this share of its height, and all together over that one, on average."""

END_ROWS, REACHING = 5, 0.5
"""Of those between the first and the last, half can be seen over this share of so many rows at both ends: digits in a
box do not reach so far."""

BEYOND = (0.12, 0.4)
"""Above and below a row of boxes, from that share of its height to that one, there are no lines."""

SOFT_PX = 3
"""So much wider than its ink a line is erased; where the ink is wider by twice as much, a stroke crosses it."""

DARKER = 1.5
"""What is so many times as dark as a line is a stroke."""

AS_GOOD = 0.12
"""Of two distances, the smaller one counts if its lines can be seen as well but for that and the larger one skips some
of them: each second line can be seen as well."""


class Line(NamedTuple):
    """A lying line: row = `row` + `slope` x column, from one column to another."""

    left: float
    right: float
    row: float
    slope: float

    def at(self, column: float) -> float:
        """Return its row in a column."""
        return self.row + self.slope * column


class Comb(NamedTuple):
    """A row of boxes."""

    upper: Line
    lower: Line
    bars: tuple[float, ...]
    """Where the standing lines cross the middle between the lying ones, from left to right."""
    lean: float
    """They go so many columns to the right a row down."""

    @property
    def box(self) -> Box:
        """What all its boxes cover."""
        rows = [line.at(bar) for line in (self.upper, self.lower) for bar in (self.bars[0], self.bars[-1])]
        return Box(floor(self.bars[0]), floor(min(rows)), ceil(self.bars[-1]) + 1, ceil(max(rows)) + 1)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in one of the boxes."""
        return self.bars[0] < x < self.bars[-1] and self.upper.at(x) < y < self.lower.at(x)

    def erase(self, standing: Mask, inked: Mask, levels: Levels) -> None:
        """Put its standing lines in the place of all others between the lying ones, in place.

        Args:
            standing: (H, W), the standing lines of a page: a 1 that is as high as its box passes for one.
            inked: (H, W), all that stands out from the paper: where it is wider than a line, a stroke crosses.
            levels: (H, W), the contrast: what has more of it than a line is a stroke.
        """
        box = self.box
        room = np.s_[max(0, box.y0 - ROOM_PX) : box.y1 + ROOM_PX, max(0, box.x0 - ROOM_PX) : box.x1 + ROOM_PX]
        places = self.places(np.linspace(INSIDE, 1 - INSIDE, N_ROWS), inked.shape)
        width_px = _measure(inked, places) + SOFT_PX
        window = standing[room]
        inside, bars, corners = self._draw(window.shape, (room[1].start, room[0].start), width_px)
        crossing = opened(inked[room].view(np.uint8), width_px + SOFT_PX, 1) & ~corners
        stroke = levels[room] > round(DARKER * float(np.median(levels[places])))
        window &= ~inside
        window |= (bars | corners) & ~crossing & ~stroke

    def _draw(self, shape: tuple[int, ...], corner: tuple[int, int], width_px: int) -> tuple[Mask, Mask, Mask]:
        """Draw what its boxes cover, their lines and corners: masks of that shape, which begins there on the page."""
        inside, bars, corners = (np.zeros(shape, dtype=np.uint8) for _ in range(3))
        ends = [(bar, line.at(bar)) for line in (self.upper, self.lower) for bar in (self.bars[0], self.bars[-1])]
        outline = np.rint(np.array(ends)[[0, 1, 3, 2]] - corner).astype(np.int32)
        cv2.fillConvexPoly(inside, outline, 1)
        for bar in self.bars:
            rows = np.array([self.upper.at(bar), self.lower.at(bar)])
            columns = bar + self.lean * (rows - rows.mean())
            top, bottom = np.rint(np.stack([columns, rows], 1) - corner).astype(int).tolist()
            cv2.line(bars, top, bottom, 1, width_px)
            for end in (top, bottom):
                cv2.circle(corners, end, width_px, 1, -1)
        return inside.view(np.bool_), bars.view(np.bool_), corners.view(np.bool_)

    def places(
        self, shares: npt.NDArray[np.float64], shape: tuple[int, ...]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return rows and columns of its standing lines at those shares of their height, on a page of that shape."""
        share = np.tile(shares, len(self.bars))
        columns = np.repeat(self.bars, len(shares))
        tops, bottoms = (line.row + line.slope * columns for line in (self.upper, self.lower))
        rows = tops + share * (bottoms - tops)
        columns += self.lean * (rows - (tops + bottoms) / 2)
        height, width = shape
        return _clipped(rows, height), _clipped(columns, width)


def _clipped(places: npt.NDArray[np.float64], end: int) -> npt.NDArray[np.int64]:
    return np.clip(np.rint(places), 0, end - 1).astype(np.int64)


def _measure(inked: Mask, places: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]) -> int:
    """Return how wide the ink of standing lines is, in pixels, of which those places are the middles."""
    rows, columns = places
    around = np.clip(columns[:, None] + np.arange(-ROOM_PX, ROOM_PX + 1), 0, inked.shape[1] - 1)
    across = inked[rows[:, None], around]
    right, left = (np.cumprod(half, axis=1).sum(1) for half in (across[:, ROOM_PX:], across[:, ROOM_PX::-1]))
    widths = (left + right - 1)[right > 0]
    return round(float(np.median(widths))) if widths.size else 1


def find_combs(ridges: Pixels, lines: Sequence[Line]) -> list[Comb]:
    """Find the combs among lying lines.

    Args:
        ridges: (H, W) uint8, 1 where a page is darker than beside it to the left and to the right.
        lines: all that were found.
    """
    combs = [comb for pair in _pairs(_join(lines)) if (comb := _find_bars(ridges, *pair)) is not None]
    return [comb for comb in combs if not _goes_on(ridges, comb)]


def _goes_on(ridges: Pixels, comb: Comb) -> bool:
    """Whether the standing lines lead over the lying ones: those of squared paper and of tables do."""
    for start, end in ((-BEYOND[1], -BEYOND[0]), (1 + BEYOND[0], 1 + BEYOND[1])):
        rows, columns = comb.places(np.linspace(start, end, N_ROWS), ridges.shape)
        beside = np.clip(columns + np.array([[-1], [0], [1]]), 0, ridges.shape[1] - 1)
        shares = ridges[rows, beside].max(0).reshape(-1, N_ROWS).mean(1)
        if float(np.median(shares)) >= REACHING:
            return True
    return False


def _join(pieces: Sequence[Line]) -> list[Line]:
    """Join the pieces of lines that digits hide in part."""
    lines: list[Line] = []
    for piece in sorted(pieces):
        for at, line in enumerate(lines):
            gap, middle = piece.left - line.right, (piece.left + line.right) / 2
            if 0 <= gap <= HIDDEN_PX and abs(line.at(middle) - piece.at(middle)) <= IN_LINE_PX:
                ends = np.array([line.left, line.right, piece.left, piece.right])
                rows = [line.at(line.left), line.at(line.right), piece.at(piece.left), piece.at(piece.right)]
                slope, row = np.polyfit(ends, rows, 1).tolist()
                lines[at] = Line(line.left, piece.right, row, slope)
                break
        else:
            lines.append(piece)
    return lines


def _pairs(lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield the lines with the next one below each, where boxes could stand between the two."""
    for upper in lines:
        below = [(_distance(upper, lower), lower) for lower in lines if _share(upper, lower) >= ALIKE]
        distance, lower = min((each for each in below if each[0] >= HIGH_PX[0]), default=(np.inf, upper))
        length = max(upper.right, lower.right) - min(upper.left, lower.left)
        if distance <= HIGH_PX[1] and abs(upper.slope - lower.slope) * length <= PARALLEL * distance:
            yield upper, lower


def _share(one: Line, other: Line) -> float:
    """Return how much two lines lie over each other, as a share of all that they cover; less than 0 if nothing."""
    both = min(one.right, other.right) - max(one.left, other.left)
    return both / (max(one.right, other.right) - min(one.left, other.left))


def _distance(upper: Line, lower: Line) -> float:
    middle = (max(upper.left, lower.left) + min(upper.right, lower.right)) / 2
    return lower.at(middle) - upper.at(middle)


def _find_bars(ridges: Pixels, upper: Line, lower: Line) -> Comb | None:
    """Find the standing lines between two lying ones; None where they make no row of boxes.

    One of the two may be longer than the row: the foot of a word beside it, say.
    """
    height = _distance(upper, lower)
    lean, seen, reaching = _look(ridges, upper, lower, height)
    if np.count_nonzero(seen >= LEAST) <= N_BOXES[0]:
        return None
    first = min(upper.left, lower.left) - ROOM_PX
    best = (0.0, 0.0, 0.0, 0)  # how well it can be seen, its left end, the distance of its lines, their number
    ends = product(_ends(upper.left, lower.left), _ends(upper.right, lower.right))
    for left, right in sorted(ends, key=lambda each: each[0] - each[1]):  # the longest first
        least, most = ceil((right - left) / (BOX[1] * height)), floor((right - left) / (BOX[0] * height))
        for n in range(min(N_BOXES[1], most), max(N_BOXES[0], least) - 1, -1):
            pitch = (right - left) / n
            places = _places(left - first, pitch, n)
            shares = _widened(seen, pitch)[places]
            mean = float(shares.mean())
            skips = best[3] and best[3] % n == 0
            if shares.min() < LEAST or mean < MEAN or mean <= best[0] + (AS_GOOD if skips else 0):
                continue
            if float(np.median(_widened(reaching, pitch)[places[1:-1]])) >= REACHING:
                best = mean, left - first, pitch, n
    _, start, pitch, n = best
    return Comb(upper, lower, tuple(first + bar for bar in _bars(seen, start, pitch, n)), lean) if n else None


def _look(
    ridges: Pixels, upper: Line, lower: Line, height: float
) -> tuple[float, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Say over which share of its height each column between two lines can be a standing line, at the likeliest lean.

    Returns:
        The lean; that share of each column, (columns,) from `ROOM_PX` left of the lines to as many right of them; and
        the same of its upper or lower end, whichever is less.
    """
    share = np.linspace(INSIDE, 1 - INSIDE, N_ROWS, dtype=np.float32)[:, None]
    columns = np.arange(min(upper.left, lower.left) - ROOM_PX, max(upper.right, lower.right) + ROOM_PX)
    columns = columns.astype(np.float32)
    rows = (1 - share) * (upper.row + upper.slope * columns) + share * (lower.row + lower.slope * columns)
    leans = np.linspace(-LEAN, LEAN, N_LEANS, dtype=np.float32)
    across = columns + height * leans[:, None, None] * (share - np.float32(0.5))
    maps = (across.reshape(-1, len(columns)), np.tile(rows, (N_LEANS, 1)))
    columns_at, rows_at = (each.astype(np.float32) for each in maps)
    thin = cv2.remap(ridges, columns_at, rows_at, cv2.INTER_NEAREST)
    strips = cv2.dilate(thin, np.ones((1, 3), np.uint8)).reshape(N_LEANS, N_ROWS, -1)
    seen = strips.sum(1, dtype=np.uint8) / N_ROWS
    best = int(np.square(np.square(seen)).sum(1).argmax())
    ends = np.minimum(strips[best, :END_ROWS].mean(0), strips[best, -END_ROWS:].mean(0))
    return float(leans[best]), seen[best], ends


def _ends(one: float, other: float) -> tuple[float, ...]:
    """Return where a row may end whose lying lines end there: if they are near each other, between them."""
    return ((one + other) / 2,) if abs(one - other) <= IN_LINE_PX else (one, other)


def _slack(pitch: float) -> int:
    return round(SLACK * pitch) + SLACK_PX


def _places(start: float, pitch: float, n: int) -> npt.NDArray[np.int64]:
    """Return the columns where n + 1 lines should stand."""
    return np.asarray(np.rint(start + pitch * np.arange(n + 1)), dtype=np.int64)


def _widened(seen: npt.NDArray[np.float64], pitch: float) -> npt.NDArray[np.float64]:
    """Return for each column the most that can be seen where its line may stand."""
    reach = np.ones((1, 2 * _slack(pitch) + 1), np.uint8)
    widened: npt.NDArray[np.float64] = np.asarray(cv2.dilate(seen[None], reach), dtype=np.float64)[0]
    return widened


def _bars(seen: npt.NDArray[np.float64], start: float, pitch: float, n: int) -> list[float]:
    """Return the columns where n + 1 lines can be seen best."""
    bars = []
    for place in _places(start, pitch, n).tolist():
        left = max(0, place - _slack(pitch))
        window = seen[left : place + _slack(pitch) + 1]
        bars.append(left + float(np.flatnonzero(window == window.max()).mean()))
    return bars
