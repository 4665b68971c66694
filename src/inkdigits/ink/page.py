"""Where on a page something is written: groups of ink that may be numbers.

The page is looked at as a whole, to find out where; each group is then looked at by itself, by `writing_ink`.
"""

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.ink.photo import N_SIGMAS, contrast_of, grain_of, ink_dark
from inkdigits.ink.rules import find_rules
from inkdigits.ink.sizes import MIN_CONTRAST, Mask, Pixels, reduce_to
from inkdigits.records import Box

PAGE_PX = 1600
"""Longer side on which groups are looked for: a digit 16 px high on a page of 1,200 px has 21 then."""

GROUND = 0.03
"""Width of the closing that estimates the ground, as a share of the longer side: wider than a pen."""

HEIGHT_PX, MAX_HEIGHT, MAX_WIDTH = 9, 0.4, 0.9
"""A digit has at least so many pixels there, and at most that share of the page's height; or several, of its width."""

FAINT = 0.4
"""What has less than this share of the contrast that strong ink has is the print of a form, or a shadow."""

NEAR = 0.7
"""Two digits of a number have at most so much paper between them, as a share of their height."""

LEVEL = 0.5
"""And share so much of the lower one's height."""

ALIKE = 2.2
"""And the higher one is at most so many times as high."""

MAX_COMPONENTS, MAX_GROUPS = 2000, 200
"""The largest ones are looked at: what is more is print, or noise."""

MARGIN = 0.25
"""Paper left around a group, as a share of its height."""

Boxes = npt.NDArray[np.int64]
"""(n, 4): x0, y0, x1, y1."""


def find_groups(colour: Pixels) -> list[Box]:
    """Find groups of ink on a page that may be numbers.

    Args:
        colour: (H, W) grey or (H, W, 3) RGB, uint8.

    Returns:
        Boxes with a margin, in pixels of `colour`, in reading order: lines from top to bottom, left to right.
    """
    small = reduce_to(colour, PAGE_PX)
    boxes = _components(_mask(small))
    scale = colour.shape[1] / small.shape[1]
    largest = sorted(_group(boxes), key=lambda box: -box.width * box.height)[:MAX_GROUPS]
    groups = [_with_margin(group, small.shape[:2]) for group in largest]
    return [Box(*(round(scale * side) for side in group.to_list())) for group in _in_order(groups)]


def _mask(colour: Pixels) -> Mask:
    """Return what stands out from the page, without rules and the lines of boxes."""
    light = cv2.GaussianBlur(ink_dark(colour), (3, 3), 0)
    contrast = contrast_of(light, GROUND)
    middle, sigma = grain_of(contrast)
    mask = np.asarray(contrast > middle + max(N_SIGMAS * sigma, MIN_CONTRAST))
    strong = contrast[mask]
    if strong.size:
        mask &= contrast > FAINT * np.percentile(strong, 80)
    return mask & ~find_rules(mask)


def _components(mask: Mask) -> Boxes:
    """Return the boxes of what may be digits or parts of them."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    left, top, width, height = np.asarray(stats[1:, :4], dtype=np.int64).T
    fits = (height >= HEIGHT_PX) & (height <= MAX_HEIGHT * mask.shape[0]) & (width <= MAX_WIDTH * mask.shape[1])
    boxes: Boxes = np.stack([left, top, left + width, top + height], 1)[fits]
    order = np.argsort(-(width * height)[fits], kind="stable")[:MAX_COMPONENTS]
    return boxes[np.sort(order)]


def _group(boxes: Boxes) -> list[Box]:
    """Join neighbours: union-find over all pairs that stand beside each other."""
    parent = np.arange(len(boxes))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = int(parent[at])
        return at

    for one, other in np.argwhere(np.triu(_are_beside(boxes), 1)).tolist():
        parent[root(one)] = root(other)
    groups: dict[int, list[int]] = {}
    for at in range(len(boxes)):
        groups.setdefault(root(at), []).append(at)
    return [
        Box(*boxes[members][:, :2].min(0).tolist(), *boxes[members][:, 2:].max(0).tolist())
        for members in groups.values()
    ]


def _are_beside(boxes: Boxes) -> npt.NDArray[np.bool_]:
    """Say of each pair whether it stands side by side in one line, (n, n)."""
    x0, y0, x1, y1 = boxes.T
    height = y1 - y0
    low, high = np.minimum(height[:, None], height), np.maximum(height[:, None], height)
    shared = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    gap = np.maximum(x0[:, None] - x1, x0 - x1[:, None])
    return np.asarray((shared >= LEVEL * low) & (gap <= NEAR * high) & (high <= ALIKE * low))


def _with_margin(box: Box, shape: tuple[int, ...]) -> Box:
    room = round(MARGIN * box.height)
    return Box(max(0, box.x0 - room), max(0, box.y0 - room), min(shape[1], box.x1 + room), min(shape[0], box.y1 + room))


def _in_order(boxes: list[Box]) -> list[Box]:
    """Sort boxes into lines, top to bottom, and each line from left to right."""
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.y0 + box.y1):
        middle = (box.y0 + box.y1) / 2
        line = next((line for line in lines if line[0].y0 <= middle < line[0].y1), None)
        if line is None:
            lines.append([box])
        else:
            line.append(box)
    return [box for line in lines for box in sorted(line, key=lambda box: box.x0)]
