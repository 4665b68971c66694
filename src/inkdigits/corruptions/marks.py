"""Digits that are written over, or of which only the outline is left: spatter, dotted line, zigzag, canny edges."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from inkdigits.corruptions.chance import ONE, Bytes, Chance, Ints, fixed, to_bytes
from inkdigits.corruptions.warps import smooth
from inkdigits.records import PATCH_PX

DROPS, DROP_PX = (6, 14), (0.5, 1.8)
"""How many drops hit a patch, and their radius."""

DOT_PX, DOT_GAP_PX = 0.7, 3
"""Radius of the dots of a line, and how far apart they are."""

ZIGZAG_TEETH, ZIGZAG_PX, ZIGZAG_PEN_PX = 6, 2.0, 0.5
"""Teeth across the patch, how far they reach to either side of the line, and half the width of the pen."""

LINE_ENDS_PX = (5, 22)
"""Where a line may begin and end on the edges of the patch: it has to cross the digit."""

EDGE_LOW, EDGE_HIGH = 120, 300
"""Steepness, of at most 2040, from which an edge counts when it hangs on a strong one, and by itself."""

_STEPS_A_TOOTH = 16
"""Dots that draw one tooth: no further apart than half a pixel, near enough."""

_EDGE_REACH_PX = 12
"""How far along weak edges a strong one is followed."""

_MARGIN_PX = 6
"""Paper around a patch that dots may fall on."""

_DIRECTIONS = ((0, 1), (1, 1), (1, 0), (1, -1))
"""Rows and columns to the next pixel along 0, 45, 90 and 135 degrees."""

Mask = npt.NDArray[np.bool_]

Pixels = TypeVar("Pixels", Ints, Mask)


def spatter(images: Bytes, chance: Chance) -> Bytes:
    """Let drops of ink fall on each digit."""
    most, n = DROPS[1], len(images)
    n_drops = chance.integers(*DROPS, n)
    x, y = chance.uniform(0, PATCH_PX - 1, 2, most, n)
    radius = np.where(np.arange(most)[:, None] < n_drops, chance.uniform(*DROP_PX, most, n), -ONE)
    return _draw_dots(images, x, y, radius)


def dotted_line(images: Bytes, chance: Chance) -> Bytes:
    """Lay a dotted line across each digit, from edge to edge."""
    start, end = _ends_of_lines(chance, len(images))
    steps = np.arange(0, PATCH_PX, DOT_GAP_PX)[:, None]
    x, y = start[:, None] + (end - start)[:, None] * steps // (PATCH_PX - 1)
    return _draw_dots(images, x, y, np.full(x.shape, fixed(DOT_PX)))


def zigzag(images: Bytes, chance: Chance) -> Bytes:
    """Scribble a zigzag line across each digit, from edge to edge."""
    start, end = _ends_of_lines(chance, len(images))
    n_steps = ZIGZAG_TEETH * _STEPS_A_TOOTH
    steps = np.arange(n_steps + 1)[:, None]
    height = 2 * np.abs(2 * (steps % _STEPS_A_TOOTH) - _STEPS_A_TOOTH) - _STEPS_A_TOOTH
    aside = (
        np.stack([start[1] - end[1], end[0] - start[0]]) * fixed(ZIGZAG_PX) // (fixed(PATCH_PX - 1) * _STEPS_A_TOOTH)
    )
    x, y = start[:, None] + (end - start)[:, None] * steps // n_steps + aside[:, None] * height
    return _draw_dots(images, x, y, np.full(x.shape, fixed(ZIGZAG_PEN_PX)))


def canny_edges(images: Bytes, chance: Chance) -> Bytes:
    """Leave only the outline of each digit (Canny 1986); nothing is random in it."""
    del chance
    across, down = _slopes(smooth(images))
    steep = np.abs(across) + np.abs(down)
    thin = np.where(_is_ridge(steep, across, down), steep, 0)
    edges = thin >= EDGE_HIGH
    for _ in range(_EDGE_REACH_PX):
        edges = _grown(edges) & (thin >= EDGE_LOW)
    return np.where(edges, 255, 0).astype(np.uint8)


def _ends_of_lines(chance: Chance, n: int) -> Ints:
    """Draw where n lines enter and leave: (2, 2, n), start and end, x and y, in fixed-point pixels."""
    near = np.stack([np.zeros(n, dtype=np.int64), np.full(n, fixed(PATCH_PX - 1))])
    along = chance.uniform(*LINE_ENDS_PX, 2, n)
    level = chance.integers(0, 1, n) == 1
    return np.where(level, np.stack([near, along], axis=1), np.stack([along, near], axis=1))


def _draw_dots(images: Bytes, x: Ints, y: Ints, radius: Ints) -> Bytes:
    """Draw K soft dots on each of N images, at (K, N) fixed-point pixels; those with no radius leave no trace."""
    canvas = np.pad(images, ((0, 0), (_MARGIN_PX, _MARGIN_PX), (_MARGIN_PX, _MARGIN_PX)))
    reach = int(radius.max() + ONE // 2 >> 16) + 1
    window, which = np.arange(1 - reach, reach + 1), np.arange(len(images))[:, None, None]
    for centre_x, centre_y, size in zip(x[..., None, None], y[..., None, None], radius[..., None, None], strict=True):
        columns, rows = (centre_x >> 16) + window, (centre_y >> 16) + window[:, None]
        distance = np.sqrt((columns * ONE - centre_x) ** 2 + (rows * ONE - centre_y) ** 2).astype(np.int64)
        ink = to_bytes((size + ONE // 2 - distance) * 255 >> 16)
        place = which, rows + _MARGIN_PX, columns + _MARGIN_PX
        canvas[place] = np.maximum(canvas[place], ink)
    return canvas[:, _MARGIN_PX:-_MARGIN_PX, _MARGIN_PX:-_MARGIN_PX]


def _slopes(images: Bytes) -> tuple[Ints, Ints]:
    """Return how fast ink rises to the right and downwards (Sobel's weights), in 1/8 of a level a pixel."""
    padded = np.pad(images.astype(np.int64), ((0, 0), (1, 1), (1, 1)))
    above, level, below = padded[:, :-2], padded[:, 1:-1], padded[:, 2:]
    columns, rows = above + 2 * level + below, below - above
    across = columns[:, :, 2:] - columns[:, :, :-2]
    return across, rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]


def _is_ridge(steep: Ints, across: Ints, down: Ints) -> Mask:
    """Tell where ink is steeper than before and behind, along the one of four directions that it rises in."""
    padded = np.pad(steep, ((0, 0), (1, 1), (1, 1)))
    flat, upright = 5 * np.abs(down) < 2 * np.abs(across), 5 * np.abs(across) < 2 * np.abs(down)
    falling = (across > 0) == (down > 0)  # rows count downwards
    ridge = np.zeros(steep.shape, dtype=np.bool_)
    for (row, column), here in zip(
        _DIRECTIONS,
        (flat, ~flat & ~upright & falling, upright, ~flat & ~upright & ~falling),
        strict=True,
    ):
        before, behind = (_shifted(padded, sign * row, sign * column) for sign in (-1, 1))
        ridge |= here & (steep > before) & (steep >= behind)
    return ridge


def _grown(mask: Mask) -> Mask:
    """Add the eight neighbours of each pixel."""
    padded = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] | padded[:, 1:-1] | padded[:, 2:]
    grown: Mask = rows[:, :, :-2] | rows[:, :, 1:-1] | rows[:, :, 2:]
    return grown


def _shifted(padded: Pixels, row: int, column: int) -> Pixels:
    """Return the neighbours `row` below and `column` to the right of each pixel of an array padded by one."""
    return padded[:, 1 + row : 1 + row + PATCH_PX, 1 + column : 1 + column + PATCH_PX]
