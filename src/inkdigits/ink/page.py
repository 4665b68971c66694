"""Where on a page something is written: groups of ink that may be numbers.

The page is looked at as a whole, to find out where; each group is then looked at by itself, by `writing_ink`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import Components, label_components
from inkdigits.ink.combs import Comb
from inkdigits.ink.frames import Frames, find_cells, find_frames
from inkdigits.ink.ground import N_SIGMAS, stand_out
from inkdigits.ink.sizes import Mask, Pixels, percentile, reduce_to
from inkdigits.records import Box

PAGE_PX = 1600
"""Longer side on which groups are looked for: a digit 16 px high on a page of 1,200 px has 21 then."""

HEIGHT_PX, MAX_HEIGHT, MAX_WIDTH = 9, 0.4, 0.9
"""A digit has at least so many pixels there, and at most that share of the page's height; or several, of its width."""

WEAK_SIGMAS = 3.0
"""Ink that hangs on what stands out by `N_SIGMAS` needs but so many."""

FAINT = 0.4
"""What has less than this share of the contrast that strong ink has is the print of a form, or a shadow."""

NEAR = 0.7
"""Two digits of a number have at most so much paper between them, as a share of their height."""

CELL = 0.4
"""A digit takes this share of its height at least, also a 1."""

NEAR_IN_BOXES, CLOSED = 1.7, 0.6
"""Where each digit has a box of its own, so much: then a line stands between them, over so much of their height."""

BOX_ROOM = 2
"""Beyond the digits by so many times their height, a line is one of squared paper."""

LEVEL = 0.5
"""And share so much of the lower one's height."""

ALIKE = 2.2
"""And the higher one is at most so many times as high."""

MAX_COMPONENTS, MAX_GROUPS = 2000, 200
"""The largest ones are looked at: what is more is print, or noise."""

MOST_PARTS, LONGEST = 24, 16
"""Of more parts than that, or so many times as wide as its parts are high, a group is a line of text."""

WORD_GAP, ALIKE_TEXT = 1.2, 1.6
"""And so is what stands so near to it, in heights, and is not so many times as high, or as low."""

ALONE_PX = 15
"""A part that stands alone is dirt if it is lower: of so small a digit, nobody can be sure."""

BAR, MOST_BARS = 0.25, 6
"""A part that stands alone and is narrower than this share of its height is a 1; more of them are what is left of
rules."""

BAR_ROOM_PX, GOES_ON = 4, 0.5
"""And one is a piece of a standing line that is seen so near to it, over this share of its height above or below."""

COMB_ROOM_PX = 8
"""So far around a row of boxes, no other box is looked for."""

MARGIN = 0.25
"""Paper left around a group, as a share of its height."""

Boxes = npt.NDArray[np.int64]
"""(n, 4): x0, y0, x1, y1."""


class Group(NamedTuple):
    """Ink that may be a number."""

    box: Box
    """Around it, with a margin."""
    comb: Comb | None = None
    """The row of boxes that it stands in, in pixels of the lines of boxes; None: in none that is known."""


def find_groups(light: Pixels, balanced: Pixels | None) -> tuple[list[Group], Mask]:
    """Find groups of ink on a page that may be numbers.

    Args:
        light: (H, W) uint8 in which ink is dark.
        balanced: the same, no larger than `PAGE_PX`, as if the paper were white: printed lines show in it, also where
            they are fainter than ink; None where the paper is white.

    Returns:
        The groups, in pixels of `light`, in reading order: lines from top to bottom, left to right; and the
        lines of boxes and tables, (h, w) of a picture whose longer side is at most `PAGE_PX`.
    """
    small = reduce_to(light, PAGE_PX)
    inked, frames = _look(small, balanced)
    boxes, in_combs = _by_comb(_boxes(inked, small.shape), frames.combs)
    scales = light.shape[1] / small.shape[1], light.shape[0] / small.shape[0]
    numbers = _without_text([boxes[members] for members in _group(boxes, frames.pixels)], frames.pixels)
    groups = [group._replace(box=_with_margin(group.box, small.shape[:2], 0)) for group in in_combs]
    groups += [Group(_with_margin(_around(number), small.shape[:2])) for number in numbers]
    largest = sorted(groups, key=lambda group: -group.box.width * group.box.height)[:MAX_GROUPS]
    return [group._replace(box=_scaled(group.box, *scales)) for group in _in_order(largest)], frames.pixels


def _scaled(box: Box, across: float, down: float) -> Box:
    return Box(round(across * box.x0), round(down * box.y0), round(across * box.x1), round(down * box.y1))


def _by_comb(boxes: Boxes, combs: Sequence[Comb]) -> tuple[Boxes, list[Group]]:
    """Return the boxes that lie in no comb, and the combs in which some do, a number each; pieces of lines go."""
    middles = ((boxes[:, :2] + boxes[:, 2:]) / 2).tolist()
    owners = np.array([next((at for at, comb in enumerate(combs) if comb.holds(*middle)), -1) for middle in middles])
    is_free = owners < 0
    for comb in combs:
        is_free &= ~_lie_in(boxes, comb.box)
    return boxes[is_free], [Group(comb.box, comb) for at, comb in enumerate(combs) if at in owners]


def _lie_in(boxes: Boxes, area: Box) -> npt.NDArray[np.bool_]:
    """Say of each box, (n,), whether half of it or more lies in an area."""
    low, high = np.maximum(boxes[:, :2], (area.x0, area.y0)), np.minimum(boxes[:, 2:], (area.x1, area.y1))
    shared = np.maximum(high - low, 0).prod(1)
    return np.asarray(2 * shared >= (boxes[:, 2:] - boxes[:, :2]).prod(1))


def _look(light: Pixels, balanced: Pixels | None) -> tuple[Components, Frames]:
    """Return the ink on a page, and the lines of its boxes, tables and rules, (H, W)."""
    page = stand_out(light)
    white = page if balanced is None else stand_out(balanced)
    weak, seen = page.over(WEAK_SIGMAS), white.over(WEAK_SIGMAS)  # a line may stand out in either
    frames = find_frames(np.maximum(page.levels, white.levels), weak | seen, max(page.sigma, white.sigma))
    cells = find_cells(label_components(seen))
    frames = frames._replace(pixels=frames.pixels | _beside(cells, frames.combs))
    strong = page.over(N_SIGMAS)
    marked = page.levels[strong & ~frames.pixels]
    if marked.size:
        least = FAINT * percentile(marked, 80)
        strong &= page.levels > round(least)
        weak &= page.levels > round(WEAK_SIGMAS / N_SIGMAS * least)
    inked = _held_by(strong, weak & ~frames.pixels)
    cells = find_cells(inked)  # fainter ink had joined these to something else
    if not cells.any():
        return inked, frames
    is_ink = inked.stats[:, cv2.CC_STAT_AREA] > 0
    return label_components(is_ink[inked.labels] & ~cells), frames._replace(pixels=frames.pixels | cells)


def _beside(cells: Mask, combs: Sequence[Comb]) -> Mask:
    """Leave out of boxes, in place, what lies in rows of them: their lines are known better."""
    for comb in combs:
        x0, y0, x1, y1 = comb.box.to_list()
        cells[max(0, y0 - COMB_ROOM_PX) : y1 + COMB_ROOM_PX, max(0, x0 - COMB_ROOM_PX) : x1 + COMB_ROOM_PX] = False
    return cells


def _held_by(strong: Mask, weak: Mask) -> Components:
    """Return the components of the weak mask in which something strong is (Canny 1986); all others have no pixels."""
    found = label_components(weak)
    is_held = np.zeros(found.n, dtype=np.bool_)
    is_held[found.labels.ravel()[np.flatnonzero(strong & weak)]] = True
    found.stats[~is_held] = 0
    return found


def _boxes(inked: Components, shape: tuple[int, ...]) -> Boxes:
    """Return the boxes of what may be digits or parts of them, on a page of that height and width."""
    left, top, width, height = np.asarray(inked.stats[1:, :4], dtype=np.int64).T
    fits = (height >= HEIGHT_PX) & (height <= MAX_HEIGHT * shape[0]) & (width <= MAX_WIDTH * shape[1])
    boxes: Boxes = np.stack([left, top, left + width, top + height], 1)[fits]
    order = np.argsort(-(width * height)[fits], kind="stable")[:MAX_COMPONENTS]
    return boxes[np.sort(order)]


def _group(boxes: Boxes, frames: Mask) -> list[list[int]]:
    """Join neighbours: union-find over all pairs that stand beside each other, or in boxes beside each other."""
    parent = list(range(len(boxes)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    pairs, gaps = find_neighbours(boxes)
    for one, other in pairs[gaps <= NEAR].tolist():
        parent[root(one)] = root(other)
    for one, other in pairs[(gaps > NEAR) & (gaps <= NEAR_IN_BOXES)].tolist():
        if root(one) != root(other) and _is_line_between(boxes[one], boxes[other], frames):
            parent[root(one)] = root(other)
    groups: dict[int, list[int]] = {}
    for at in range(len(boxes)):
        groups.setdefault(root(at), []).append(at)
    return [*groups.values()]


def _around(boxes: Boxes) -> Box:
    return Box(*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())


def _without_text(groups: list[Boxes], frames: Mask) -> list[Boxes]:
    """Leave out lines of text, what stands in a row with them, and thin bars that are many, or pieces of lines."""
    if not groups:
        return []
    around = np.array([_around(group).to_list() for group in groups])
    heights = np.array([float(np.median(group[:, 3] - group[:, 1])) for group in groups])
    widths = around[:, 2] - around[:, 0]
    n_parts = np.array([len(group) for group in groups])
    is_text = np.asarray((n_parts > MOST_PARTS) | (widths > LONGEST * heights))
    gap = np.maximum(around[:, 0][:, None] - around[:, 2], around[:, 0] - around[:, 2][:, None])
    shared = np.minimum(around[:, 3][:, None], around[:, 3]) - np.maximum(around[:, 1][:, None], around[:, 1])
    low, high = np.minimum(heights[:, None], heights), np.maximum(heights[:, None], heights)
    in_row = (shared >= LEVEL * low) & (gap <= WORD_GAP * high) & (high <= ALIKE_TEXT * low)
    while True:
        grown = np.asarray(is_text | (in_row & is_text).any(1))
        if (grown == is_text).all():
            break
        is_text = grown
    is_bar = np.asarray((n_parts == 1) & (widths < BAR * heights))
    dropped = is_text | (heights < np.where(n_parts == 1, ALONE_PX, HEIGHT_PX))
    if np.count_nonzero(is_bar & ~dropped) > MOST_BARS:
        dropped |= is_bar
    for at in np.flatnonzero(is_bar & ~dropped).tolist():
        dropped[at] = _goes_on(around[at].tolist(), frames)
    return [group for group, drop in zip(groups, dropped, strict=True) if not drop]


def _goes_on(bar: Sequence[int], frames: Mask) -> bool:
    """Say whether a standing line goes on above or below a bar (x0, y0, x1, y1): then it is a piece of that."""
    x0, y0, x1, y1 = bar
    columns = np.s_[max(0, x0 - BAR_ROOM_PX) : x1 + BAR_ROOM_PX]
    ends = (frames[max(0, 2 * y0 - y1) : y0, columns], frames[y1 : 2 * y1 - y0, columns])
    return any(end.size and end.any(1).mean() >= GOES_ON for end in ends)


def _is_line_between(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64], frames: Mask) -> bool:
    """Say whether two parts stand in boxes side by side: a standing line is between them, and ends with the boxes."""
    left, right = (one, other) if one[0] <= other[0] else (other, one)
    top, bottom = max(left[1], right[1]), min(left[3], right[3])
    reach = BOX_ROOM * (bottom - top)
    columns = np.asarray(frames[max(0, top - reach) : bottom + reach, left[2] : right[0]].any(1))
    inside = columns[top - max(0, top - reach) :][: bottom - top]
    outside = int(columns.sum()) - int(inside.sum())
    return inside.size > 0 and bool(inside.mean() >= CLOSED) and outside < (len(columns) - inside.size) / 2


def find_neighbours(boxes: Boxes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Find which boxes stand side by side in one line.

    Returns:
        (m, 2) pairs of them, and (m,) how far they stand apart, as a share of the higher one's height.
    """
    order = np.argsort(boxes[:, 1], kind="stable")
    tops, bottoms = boxes[order, 1], boxes[order, 3]
    n_below = np.searchsorted(tops, bottoms) - np.arange(1, len(order) + 1)  # of those that begin no higher
    upper = np.repeat(np.arange(len(order)), n_below)
    lower = np.arange(len(upper)) - np.repeat(np.cumsum(n_below) - n_below, n_below) + upper + 1
    pairs = np.stack([order[upper], order[lower]], 1)
    (x0, one_x0), (y0, one_y0), (x1, one_x1), (y1, one_y1) = boxes[pairs].astype(np.float32).transpose(2, 1, 0)
    height, one_height = y1 - y0, one_y1 - one_y0
    low, high = np.minimum(height, one_height), np.maximum(height, one_height)
    shared = np.minimum(y1, one_y1) - np.maximum(y0, one_y0)
    room = np.maximum(0, np.float32(CELL) * height - (x1 - x0)) / 2
    one_room = np.maximum(0, np.float32(CELL) * one_height - (one_x1 - one_x0)) / 2
    gap = np.maximum((x0 - room) - (one_x1 + one_room), (one_x0 - one_room) - (x1 + room))
    is_beside = (shared >= np.float32(LEVEL) * low) & (high <= np.float32(ALIKE) * low)
    return pairs[is_beside], (gap / high)[is_beside]


def _with_margin(box: Box, shape: tuple[int, ...], margin: float = MARGIN) -> Box:
    """Return a box with that share of its height around it, as far as there is a page."""
    room = round(margin * box.height)
    return Box(max(0, box.x0 - room), max(0, box.y0 - room), min(shape[1], box.x1 + room), min(shape[0], box.y1 + room))


def _in_order(groups: Sequence[Group]) -> list[Group]:
    """Sort groups into lines, top to bottom, and each line from left to right."""
    lines: list[list[Group]] = []
    for group in sorted(groups, key=lambda group: group.box.y0 + group.box.y1):
        middle = (group.box.y0 + group.box.y1) / 2
        line = next((line for line in lines if line[0].box.y0 <= middle < line[0].box.y1), None)
        if line is None:
            lines.append([group])
        else:
            line.append(group)
    return [group for line in lines for group in sorted(line, key=lambda group: group.box.x0)]
