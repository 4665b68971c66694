"""Printed rules in a mask of ink: ruled and squared paper, underlines, the lines of boxes."""

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]

MAX_TILT_DEG = 10.0
"""Rules lie within this of the picture's axes."""

ANGLE_PX = 256
"""Longer side on which the tilt is estimated."""

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

WHOLE = 0.95
"""On a drawing pad only what runs from edge to edge is a rule: people draw a 1 as high as the pad."""


def find_rules(mask: Mask, whole: bool = False) -> Mask:
    """Find the pixels of rules, without those where a stroke crosses.

    Args:
        mask: (H, W) bool: what stands out from the paper.
        whole: only rules that run from edge to edge.

    Returns:
        (H, W) bool.
    """
    if whole and not _spans(mask):
        return np.zeros_like(mask)
    thick = max(5, round(THICK * max(mask.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thick, thick))
    solid = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_OPEN, disc).view(np.bool_)
    across = _find_across(mask & ~solid, thick, whole)
    down = _find_across(np.ascontiguousarray((mask & ~solid).T), thick, whole).T
    return across | down


def _spans(mask: Mask) -> bool:
    """Say whether anything could run from edge to edge: ink in nearly all columns, or in nearly all rows."""
    return bool(mask.any(0).mean() >= WHOLE or mask.any(1).mean() >= WHOLE)


def _find_across(mask: Mask, thick: int, whole: bool) -> Mask:
    """Find the rules that run from left to right: level them by shearing, then look for long straight runs."""
    height, width = mask.shape
    slope = _slope(mask)
    if slope is None:
        return np.zeros_like(mask)
    shift = slope * width / 2
    pad = int(abs(shift)) + 1
    level = np.array([[1, 0, 0], [-slope, 1, shift + pad]], dtype=np.float32)
    size = (width, height + 2 * pad)
    flat = cv2.warpAffine(mask.view(np.uint8), level, size, flags=cv2.INTER_NEAREST)
    rules = _long_runs(flat, thick, whole)
    if not rules.any():
        return np.zeros_like(mask)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    back = cv2.warpAffine(rules, level, (width, height), flags=flags)
    return np.asarray(back > 0)


def _slope(mask: Mask) -> float | None:
    """Return the slope at which the rows of the mask are fullest; None when no row stands out at any."""
    height, width = mask.shape
    scale = min(1.0, ANGLE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(mask.view(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    limit = float(np.tan(np.deg2rad(MAX_TILT_DEG)))
    fine = 1 / size[0]
    coarse = np.arange(-limit, limit, 4 * fine)
    best = max(coarse, key=lambda slope: _fullness(small, slope))
    best = max(best + np.arange(-3, 4) * fine, key=lambda slope: _fullness(small, slope))
    return float(best)


def _fullness(small: npt.NDArray[np.uint8], slope: float) -> float:
    """Return the sum of the squares of the row sums after shearing by `slope`: high when ink gathers in few rows."""
    width, height = small.shape[1], small.shape[0]
    level = np.array([[1, 0, 0], [-slope, 1, slope * width / 2]], dtype=np.float32)
    rows = cv2.reduce(
        cv2.warpAffine(small, level, (width, height), flags=cv2.INTER_NEAREST), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F
    )
    return float(np.square(rows).sum())


def _long_runs(flat: npt.NDArray[np.uint8], thick: int, whole: bool) -> npt.NDArray[np.uint8]:
    """Return the pixels (1) of level rules in a mask (1 ink), sparing strokes that cross them."""
    width = flat.shape[1]
    piece = max(9, round(PIECE * width))
    thin = flat & ~cv2.morphologyEx(flat, cv2.MORPH_OPEN, np.ones((thick, 1), np.uint8))
    bridged = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, piece), np.uint8))
    joined = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((3, 2 * piece + 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    lengths = stats[:, cv2.CC_STAT_WIDTH] / width
    lengths[0] = 0  # the ground
    many = int((lengths >= LONG_OF_MANY).sum()) >= 3
    is_rule = lengths >= (WHOLE if whole else LONG_OF_MANY if many else LONG)
    rules = (is_rule[labels] & (runs > 0)).astype(np.uint8)
    if not rules.any():
        return rules
    columns = np.count_nonzero(is_rule[labels] & (thin > 0), axis=0)
    n_rules = np.count_nonzero(np.diff(labels * is_rule[labels], axis=0) > 0, axis=0)
    own = float(np.median(columns[n_rules > 0] / n_rules[n_rules > 0]))
    crossing = cv2.morphologyEx(flat, cv2.MORPH_OPEN, np.ones((round(SPARE * own) + 2, 1), np.uint8))
    return cv2.dilate(rules, np.ones((3, 3), np.uint8)) & thin & ~crossing
