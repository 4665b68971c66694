"""Printed rules in a mask of ink: ruled and squared paper, underlines, the lines of boxes."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import label_components
from inkdigits.ink.sizes import Mask, Pixels, percentile

MAX_TILT_DEG = 10.0
"""Rules lie within this of the picture's axes."""

ANGLE_PX = 128
"""Longer side on which the tilt of rules is estimated."""

PIECE = 0.05
"""A rule is made of straight pieces, each at least this share of the picture's side; curves have none."""

THICK = 0.03
"""A rule is thinner than this share of the picture's longer side."""

SPARE = 1.3
"""Where the ink is this many times as thick as the rule is usually, a stroke crosses or rests on it."""

LONG = 0.7
"""A lone rule runs over at least this share of the picture's side."""

LONG_OF_MANY = 0.5
"""So do rules of which there are three or more."""

PIECE_OUT, EDGE_PX = 0.12, 3
"""Or a piece of one that leads to an edge of the picture: so near to it counts."""

BEHIND = 0.35
"""Then a digit may hide so much of another one of them, as a share of the picture's side."""

WHOLE = 0.95
"""On a drawing pad only what runs from edge to edge is a rule: people draw a 1 as high as the pad."""

Where: TypeAlias = Literal["photo", "pad", "photo of a line", "line"]
"""A photo; a drawing pad; a photo with a line of digits, which may hide most of a rule; and such a line, cut out."""

Lengths: TypeAlias = tuple[float, float, float]
"""Of a lone rule at least, of one of many, and of a piece that leads to an edge; as shares of the side."""

_USUAL, _WHOLE = (LONG, LONG_OF_MANY, LONG), (WHOLE, WHOLE, WHOLE)
_LEAST: Mapping[Where, tuple[Lengths, Lengths]] = {
    "photo": (_USUAL, _USUAL),
    "pad": (_WHOLE, _WHOLE),
    "photo of a line": ((LONG, LONG_OF_MANY, PIECE_OUT),) * 2,
    "line": (_USUAL, _WHOLE),  # its digits are nearly as high as what is cut out
}
"""For rules across, and down."""


def find_rules(mask: Mask, where: Where = "photo") -> Mask:
    """Find the pixels of rules, without those where a stroke crosses.

    Args:
        mask: (H, W) bool: what stands out from the paper.
        where: what the mask shows.

    Returns:
        (H, W) bool.
    """
    if where == "pad" and not _spans(mask):
        return np.zeros_like(mask)
    thick = max(5, round(THICK * max(mask.shape)))
    healed = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))  # of the pocks of grain
    thin = mask & ~_solid(healed, thick)
    lying, standing = _LEAST[where]
    across = _find_across(thin, thick, lying)
    down = _find_across(np.ascontiguousarray(thin.T), thick, standing).T
    return across | down


def _solid(healed: Pixels, thick: int) -> Mask:
    """Return where a disc of that width fits into a mask (1 ink)."""
    within = 2 * thick // 3  # a square in it, which is far quicker to try
    if within > min(healed.shape) or not cv2.erode(healed, np.ones((within, within), np.uint8)).any():
        return np.zeros(healed.shape, dtype=np.bool_)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thick, thick))
    return np.asarray(cv2.morphologyEx(healed, cv2.MORPH_OPEN, disc)).view(np.bool_)


def _spans(mask: Mask) -> bool:
    """Say whether anything could run from edge to edge: ink in nearly all columns, or in nearly all rows."""
    return bool(mask.any(0).mean() >= WHOLE or mask.any(1).mean() >= WHOLE)


def _find_across(mask: Mask, thick: int, least: Lengths) -> Mask:
    """Find the rules that run from left to right: level them by shearing, then look for long straight runs."""
    height, width = mask.shape
    columns = np.flatnonzero(mask.any(0))
    if not columns.size or columns[-1] - columns[0] + 1 < min(least) * width:
        return np.zeros_like(mask)
    slope = find_rows(mask).slope
    shift = slope * width / 2
    pad = int(abs(shift)) + 1
    level = np.array([[1, 0, 0], [-slope, 1, shift + pad]], dtype=np.float32)
    size = (width, height + 2 * pad)
    flat = cv2.warpAffine(mask.view(np.uint8), level, size, flags=cv2.INTER_NEAREST)
    rules = _long_runs(flat, thick, least)
    if not rules.any():
        return np.zeros_like(mask)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    back = cv2.warpAffine(rules.view(np.uint8), level, (width, height), flags=flags)
    return np.asarray(back > 0)


class Rows(NamedTuple):
    """How what is on a mask lies in rows."""

    slope: float
    """They are fullest if they fall so much a column."""
    gain: float
    """So many times as full as at any slope."""


def find_rows(mask: Mask, most_deg: float = MAX_TILT_DEG, side_px: int = ANGLE_PX) -> Rows:
    """Find the slope at which the rows of a mask are fullest, up to so many degrees, on a longer side of so many px."""
    height, width = mask.shape
    scale = min(1.0, side_px / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(mask.view(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    most = int(np.tan(np.deg2rad(most_deg)) * size[0])
    rises = sorted(range(-most, most + 1), key=abs)  # in pixels over the width; of two as good the levelest
    columns = np.arange(size[0])
    across = columns / size[0] - 0.5
    padded = cv2.copyMakeBorder(cv2.transpose(small), 0, 0, most, most, cv2.BORDER_CONSTANT)
    moved = np.lib.stride_tricks.sliding_window_view(padded, size[1], axis=1)  # each column, by up to `most` rows

    def fullness(rise: int) -> float:
        """Return the sum of the squares of the row sums after shearing: high when ink gathers in few rows."""
        falls = np.rint(rise * across).astype(np.int64)
        sums = cv2.reduce(moved[columns, falls + most], 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel().astype(np.float64)
        return float(sums @ sums)

    coarse = {rise: fullness(rise) for rise in rises if rise % 4 == 0}
    near = {rise: fullness(rise) for rise in rises if abs(rise - max(coarse, key=coarse.__getitem__)) < 4}
    best = max(near, key=near.__getitem__)
    return Rows(best / size[0], near[best] / max(percentile(np.array([*coarse.values()]), 50), 1.0))


def _long_runs(flat: Pixels, thick: int, least: Lengths) -> Mask:
    """Return the pixels of level rules in a mask (1 ink), sparing strokes that cross them or rest on them."""
    width = flat.shape[1]
    piece = max(9, round(PIECE * width))
    thin = (flat > 0) & ~opened(flat, 1, thick)
    bridged = cv2.morphologyEx(thin.view(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    runs = opened(bridged, piece, 1)
    if not _may_join(runs, 2 * piece, least):
        return np.zeros_like(thin)
    lone, of_many, leading_out = least
    labels, lengths = _join(runs, 2 * piece)
    if np.count_nonzero(lengths >= of_many) >= 3:
        labels, lengths = _join(runs, round(BEHIND * width))
        lone = of_many
    is_rule = lengths >= lone
    at_edge = np.unique(np.concatenate([labels[:, :EDGE_PX], labels[:, -EDGE_PX:]], axis=1))
    is_rule[at_edge] |= lengths[at_edge] >= leading_out
    if not is_rule.any():
        return np.zeros_like(thin)
    band = is_rule[labels]
    thickness = np.count_nonzero(band & thin) / (lengths[is_rule].sum() * width)
    crossed = opened(flat, 1, round(SPARE * thickness) + 2)
    near = cv2.dilate((band & runs).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(near & thin & ~crossed)


def _may_join(runs: Mask, gap_px: int, least: Lengths) -> bool:
    """Say at little cost whether runs can become a rule at all: whether they would if all lay in one row."""
    width = runs.shape[1]
    columns = np.asarray(runs.any(0, keepdims=True)).view(np.uint8)
    joined = cv2.morphologyEx(columns, cv2.MORPH_CLOSE, np.ones((1, gap_px | 1), np.uint8))[0]
    ends = np.flatnonzero(np.diff(joined.astype(np.int8), prepend=0, append=0))
    starts, stops = ends[::2], ends[1::2]
    lengths = (stops - starts) / width
    at_edge = (starts < EDGE_PX) | (stops > width - EDGE_PX)
    return bool((lengths >= np.where(at_edge, min(least), min(least[:2]))).any())


def _join(runs: Mask, gap_px: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Join runs across gaps: the label of each pixel, (H, W), and by label the length as a share of the width."""
    joined = cv2.morphologyEx(runs.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, gap_px | 1), np.uint8))
    _, labels, stats, _ = label_components(joined)
    lengths = stats[:, cv2.CC_STAT_WIDTH] / runs.shape[1]
    lengths[0] = 0  # the ground
    return labels, lengths


def opened(flat: Pixels, width_px: int, height_px: int) -> Mask:
    """Return what of a mask (1 ink) a rectangle of that size fits into."""
    return np.asarray(cv2.morphologyEx(flat, cv2.MORPH_OPEN, np.ones((height_px, width_px), np.uint8))).view(np.bool_)
