"""Rows of boxes side by side, one for each digit: the comb fields of forms.

Two lying lines, one over the other, make a comb if standing lines at equal distances lead from one to the other. All of
them are weighed together, so that each may be faint, or touched by a digit; and a 1 in a box is none of them.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import ceil, floor
from typing import NamedTuple, TypeAlias, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import label_components
from inkdigits.ink.ground import Levels
from inkdigits.ink.rules import opened
from inkdigits.ink.sizes import Mask, Pixels
from inkdigits.records import Box, Ink

HIGH_PX = (18, 140)
"""Height of the boxes, lowest and highest."""

MAX_LINES = 400
"""Of more lying lines, the longest are looked at: every one is compared with every other."""

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

SHARES = np.linspace(INSIDE, 1 - INSIDE, N_ROWS, dtype=np.float32)[:, None]
"""(N_ROWS, 1), where these rows lie, as shares of the height."""

BESIDE = np.ones((1, 3), np.uint8)
"""A line can be seen also if it lies a pixel beside its place."""

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

ON_LINE = 0.06
"""What comes no farther into a box than this share of its height lies on its upper or lower line."""

AS_GOOD = 0.12
"""Of two distances, the smaller one counts if its lines can be seen as well but for that and the larger one skips some
of them: each second line can be seen as well."""

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers = TypeVar("Numbers", float, Floats)
Places: TypeAlias = npt.NDArray[np.float32]


class Line(NamedTuple):
    """A lying line: row = `row` + `slope` x column, from one column to another."""

    left: float
    right: float
    row: float
    slope: float

    def at(self, column: Numbers) -> Numbers:
        """Return its row in a column, or in several."""
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

    def seen_from(self, corner: tuple[float, float], scale: float) -> "Comb":
        """Return it in pixels of what was cut out of its picture at a corner (x, y), and is so many times as large."""
        x, y = corner
        upper, lower = (
            Line((line.left - x) * scale, (line.right - x) * scale, (line.at(x) - y) * scale, line.slope)
            for line in (self.upper, self.lower)
        )
        return Comb(upper, lower, tuple((bar - x) * scale for bar in self.bars), self.lean)

    def inside(self, ink: Ink) -> Ink:
        """Return ink, (H, W) float32, without the components that lie over or under its boxes, or on their lines."""
        found = label_components(ink > 0)
        left, top, width, height = found.stats[:, :4].T
        upper, lower = (line.at(left + width / 2) for line in (self.upper, self.lower))
        room = ON_LINE * (lower - upper)
        is_outside = (top + height <= upper + room) | (top >= lower - room)
        is_outside[0] = False
        return np.where(is_outside[found.labels], np.float32(0), ink)

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
    joined = _join(lines)
    if len(joined) > MAX_LINES:
        joined = sorted(joined, key=lambda line: line.left - line.right)[:MAX_LINES]
    combs = [comb for pair in _pairs(joined) if (comb := _find_bars(ridges, *pair)) is not None]
    return [comb for comb in combs if not _goes_on(ridges, comb)]


def _goes_on(ridges: Pixels, comb: Comb) -> bool:
    """Whether the standing lines lead over the lying ones: those of squared paper and of tables do."""
    above, below = (-BEYOND[1], -BEYOND[0]), (1 + BEYOND[0], 1 + BEYOND[1])
    rows, columns = comb.places(np.concatenate([np.linspace(*ends, N_ROWS) for ends in (above, below)]), ridges.shape)
    beside = np.clip(columns + np.array([[-1], [0], [1]]), 0, ridges.shape[1] - 1)
    shares = ridges[rows, beside].max(0).reshape(-1, 2, N_ROWS).mean(2)
    return bool((np.median(shares, axis=0) >= REACHING).any())


def _join(pieces: Sequence[Line]) -> list[Line]:
    """Join the pieces of lines that digits hide in part."""
    lines: list[Line] = []
    for piece in sorted(pieces):
        for at, line in enumerate(lines):
            middle = (piece.left + line.right) / 2
            if 0 <= piece.left - line.right <= HIDDEN_PX and abs(line.at(middle) - piece.at(middle)) <= IN_LINE_PX:
                lines[at] = _joined(line, piece)
                break
        else:
            lines.append(piece)
    return lines


def _joined(line: Line, piece: Line) -> Line:
    """Return the line that comes nearest to the ends of two pieces of one (least squares)."""
    columns = (line.left, line.right, piece.left, piece.right)
    middle = sum(columns) / 4
    rows = (line.at(line.left), line.at(line.right), piece.at(piece.left), piece.at(piece.right))
    off = [column - middle for column in columns]
    slope = sum(each * row for each, row in zip(off, rows, strict=True)) / sum(each * each for each in off)
    return Line(line.left, piece.right, sum(rows) / 4 - slope * middle, slope)


def _pairs(lines: Sequence[Line]) -> Iterator[tuple[Line, Line, float]]:
    """Yield the lines with the next one below each, where boxes could stand between the two, and their distance."""
    left, right, row, slope = np.array(lines, dtype=np.float64).reshape(-1, 4).T
    first, last = np.minimum.outer(left, left), np.maximum.outer(right, right)
    start, end = np.maximum.outer(left, left), np.minimum.outer(right, right)
    share, middle = (end - start) / (last - first), (start + end) / 2
    distance = (row + slope * middle) - (row[:, None] + slope[:, None] * middle)
    distance[(share < ALIKE) | (distance < HIGH_PX[0])] = np.inf
    is_parallel = np.abs(np.subtract.outer(slope, slope)) * (last - first) <= PARALLEL * distance
    for upper, below in enumerate(distance):
        lower = int(below.argmin())
        if below[lower] <= HIGH_PX[1] and is_parallel[upper, lower]:
            yield lines[upper], lines[lower], float(below[lower])


def _find_bars(ridges: Pixels, upper: Line, lower: Line, height: float) -> Comb | None:
    """Find the standing lines between two lying ones; None where they make no row of boxes.

    One of the two may be longer than the row: the foot of a word beside it, say.
    """
    divisions = _divisions(upper, lower, height)
    grid = _grid(upper, lower)
    if len(divisions):
        divisions = divisions[_weigh(_most_seen(ridges, *grid, height), divisions) > 0]
    if not len(divisions):
        return None
    lean, seen, reaching = _look(ridges, *grid, height)
    best = (0.0, 0.0, 0.0, 0)  # how well it can be seen, its left end, the distance of its lines, their number
    for mean, (start, pitch, n) in zip(_weigh(seen, divisions).tolist(), divisions.tolist(), strict=True):
        skips = best[3] and best[3] % n == 0
        if mean <= best[0] + (AS_GOOD if skips else 0):
            continue
        inner = _places(start, pitch, n)[1:-1]
        if float(np.median(_widened(reaching, _slack(pitch))[inner])) >= REACHING * END_ROWS:
            best = mean, start, pitch, int(n)
    _, start, pitch, n = best
    first = min(upper.left, lower.left) - ROOM_PX
    return Comb(upper, lower, tuple(first + bar for bar in _bars(seen, start, pitch, n)), lean) if n else None


def _divisions(upper: Line, lower: Line, height: float) -> Floats:
    """Return the ways to divide what lies between two lines into boxes: the longest first, of those the most boxes.

    Returns:
        (n, 3), of each its left end, in columns of `_grid`, the distance of its standing lines, and its boxes.
    """
    first = min(upper.left, lower.left) - ROOM_PX
    ends = product(_ends(upper.left, lower.left), _ends(upper.right, lower.right))
    divisions: list[tuple[float, float, int]] = []
    for left, right in sorted(ends, key=lambda each: each[0] - each[1]):
        least, most = ceil((right - left) / (BOX[1] * height)), floor((right - left) / (BOX[0] * height))
        counts = range(min(N_BOXES[1], most), max(N_BOXES[0], least) - 1, -1)
        divisions += [(left - first, (right - left) / n, n) for n in counts]
    return np.array(divisions, dtype=np.float64).reshape(-1, 3)


def _grid(upper: Line, lower: Line) -> tuple[Places, Places]:
    """Return where standing lines between two lying ones are looked for.

    Returns:
        The columns, from `ROOM_PX` left of the lines to as many right of them; and the rows of each, (N_ROWS, columns).
    """
    first, end = min(upper.left, lower.left) - ROOM_PX, max(upper.right, lower.right) + ROOM_PX
    columns = np.arange(first, end).astype(np.float32)
    rows = (1 - SHARES) * (upper.row + upper.slope * columns) + SHARES * (lower.row + lower.slope * columns)
    return columns, np.rint(rows).astype(np.float32, copy=False)


def _most_seen(ridges: Pixels, columns: Places, rows: Places, height: float) -> Pixels:
    """Return in how many of its rows each column could be seen if it leant another way in each: at the most, but soon.

    Most lying lines have too little between them for a row of boxes, however it leans.
    """
    rows = np.clip(rows, 0, len(ridges) - 1)
    top, bottom = int(rows.min()), int(rows.max()) + 1
    reach = ceil(height * LEAN * (0.5 - INSIDE))
    leant = cv2.dilate(ridges[top:bottom], np.ones((1, 2 * reach + 1), np.uint8))
    maps = np.tile(columns, (N_ROWS, 1)), rows - top
    thin = cv2.remap(leant, *maps, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.dilate(thin, BESIDE).sum(0, dtype=np.uint8))


def _weigh(seen: Pixels, divisions: Floats) -> Floats:
    """Return over which share of their height the lines of each division can be seen; 0 if that makes no boxes."""
    start, pitch, n = divisions.T[:, :, None]
    places = _places(start, pitch, n)
    slack = np.array([_slack(each) for each in divisions[:, 1].tolist()])
    widened = np.stack([_widened(seen, each) for each in range(SLACK_PX, slack.max() + 1)])
    n_seen = widened[slack[:, None] - SLACK_PX, places]
    is_bar = np.arange(places.shape[1]) <= n
    mean = (n_seen * is_bar).sum(1) / (N_ROWS * (divisions[:, 2] + 1))
    return np.where((n_seen.min(1) >= LEAST * N_ROWS) & (mean >= MEAN), mean, 0)


def _look(ridges: Pixels, columns: Places, rows: Places, height: float) -> tuple[float, Pixels, Pixels]:
    """Say in how many of its rows each column can be a standing line, at the likeliest lean.

    Returns:
        The lean; that number for each column; and in how many of the `END_ROWS` at its upper or lower end, whichever
        are less.
    """
    leans = np.linspace(-LEAN, LEAN, N_LEANS, dtype=np.float32)
    across = columns + np.float32(height) * leans[:, None, None] * (SHARES - np.float32(0.5))
    maps = across.reshape(-1, len(columns)), np.tile(rows, (N_LEANS, 1))
    thin = cv2.remap(ridges, *maps, cv2.INTER_NEAREST)
    strips = cv2.dilate(thin, BESIDE).reshape(N_LEANS, N_ROWS, -1)
    seen = strips.sum(1, dtype=np.uint8)
    best = int(np.square(np.square(seen / N_ROWS)).sum(1).argmax())
    ends = np.minimum(*(end.sum(0, dtype=np.uint8) for end in (strips[best, :END_ROWS], strips[best, -END_ROWS:])))
    return float(leans[best]), seen[best], ends


def _ends(one: float, other: float) -> tuple[float, ...]:
    """Return where a row may end whose lying lines end there: if they are near each other, between them."""
    return ((one + other) / 2,) if abs(one - other) <= IN_LINE_PX else (one, other)


def _slack(pitch: float) -> int:
    return round(SLACK * pitch) + SLACK_PX


def _places(start: float | Floats, pitch: float | Floats, n: float | Floats) -> npt.NDArray[np.int64]:
    """Return the columns where n + 1 lines should stand; where another row has more of them, the last one again."""
    bars = np.minimum(np.arange(np.max(n) + 1), n)
    return np.asarray(np.rint(start + pitch * bars), dtype=np.int64)


def _widened(seen: Pixels, slack: int) -> Pixels:
    """Return for each column the most that can be seen where its line may stand."""
    return np.asarray(cv2.dilate(seen[None], np.ones((1, 2 * slack + 1), np.uint8)), dtype=np.uint8).ravel()


def _bars(seen: Pixels, start: float, pitch: float, n: int) -> list[float]:
    """Return the columns where n + 1 lines can be seen best."""
    slack = _slack(pitch)
    bars = []
    for place in _places(start, pitch, n).tolist():
        left = max(0, place - slack)
        window = seen[left : place + slack + 1]
        bars.append(left + float(np.flatnonzero(window == window.max()).mean()))
    return bars
