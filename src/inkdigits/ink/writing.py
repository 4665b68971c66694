"""All the writing on a picture of one line: every stroke counts, not only those of one digit.

The ground is estimated by a closing wider than any pen; what is darker by more than Otsu's threshold (1979)
is ink. Fainter ink counts where it hangs on stronger: the pattern of a bank's paper does not, a fading stroke does.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import find_median, label_components
from inkdigits.ink.rules import find_rules
from inkdigits.ink.sizes import MIN_CONTRAST, Mask, Pixels, percentile
from inkdigits.records import Ink

LINE_PX = 80
"""Height that a picture of one line is brought to: its digits have 30 to 70 px then, and a pen 3 to 8."""

MAX_LINE_PX = 8000
"""It becomes no wider: more than a hundred digits."""

MAX_SCALE = 3.0
"""A small picture is enlarged so much at the most."""

SMOOTH_PX = 1.0
"""Standard deviation of the blur that takes the grain off."""

WEAK, STRONG = 0.85, 1.25
"""Ink has this share of Otsu's threshold everywhere, and that share somewhere in each connected part."""

SHARP = 0.6
"""A component whose edge is less steep than this share of the usual one's is a shadow."""

FAINT, LOW = 0.6, 0.45
"""One that is fainter than this share of the usual one, and no higher than that share of the usual height, is what is
left of printed squares."""

TABLE, TABLE_PX = 0.7, 2
"""What covers this share of a side of the picture is a table beside the paper: a digit at the end of a page leaves more
room above and below. So many pixels around it go with it."""

WHOLE = 0.97
"""What stands at the left or right end of the picture over this share of its height is a table, or the next box."""

SLIM = 0.3
"""Unless it is wider than this share of that height: then digits hang on it."""

ALONG = 0.5
"""What lies along the upper or lower end for longer than the picture is high, and so is over this share of its own
length, is a table too."""

STRENGTH = 70
"""The percentile of the contrast within ink that counts as full ink."""

FAINTEST = 0.2
"""Less than this of full ink is paper."""


def writing_ink(light: Pixels, rules: Mask | None, ground: float) -> Ink:
    """Find the writing on a picture of one line.

    Args:
        light: (H, W) uint8 in which ink is dark.
        rules: (H, W), printed lines that are known from the picture around; others are looked for.
        ground: width of the closing, as a share of the line's height: wider than the pen.

    Returns:
        (`LINE_PX` or less, W') float32 in [0, 1], the picture's shape kept, 1 as strong as most strokes; all 0 where
        nothing stands out.
    """
    contrast = _contrast(_to_line_size(light), ground)
    has_room, is_bare = rules is not None, np.ones(contrast.shape, dtype=np.bool_)
    if rules is not None:
        is_bare = cv2.resize(rules.view(np.uint8), contrast.shape[::-1], interpolation=cv2.INTER_NEAREST) == 0
        contrast = _without_table(contrast, is_bare)
    threshold = _otsu(contrast)
    mask = contrast > WEAK * threshold
    mask &= ~find_rules(mask, "line")
    mask &= is_bare
    kept = _like_ink(mask, contrast, threshold, has_room=has_room)
    full = percentile(contrast[kept], STRENGTH) if kept.any() else 0.0
    if full < MIN_CONTRAST:
        return np.zeros_like(contrast)
    ink = contrast / np.float32(full)
    near = cv2.dilate(kept.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near & (ink >= FAINTEST), np.minimum(ink, 1), np.float32(0))


def _without_table(contrast: Ink, is_bare: Mask) -> Ink:
    """Take out what lies along most of a side: beside a table, which is so much darker, ink would pass for paper."""
    mask = (contrast > WEAK * _otsu(contrast)) & is_bare
    if max(side.mean() for side in _sides(mask)) < TABLE:
        return contrast
    n, labels, _, _ = label_components(mask)
    is_table = np.zeros(n, dtype=np.bool_)
    for side in _sides(labels):
        is_table |= np.bincount(side, minlength=n) >= TABLE * len(side)
    is_table[0] = False
    disc = np.ones((2 * TABLE_PX + 1, 2 * TABLE_PX + 1), np.uint8)
    return np.where(cv2.dilate(is_table[labels].view(np.uint8), disc) > 0, np.float32(0), contrast)


def _sides(picture: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    yield from (picture[0], picture[-1], picture[:, 0], picture[:, -1])


def _like_ink(mask: Mask, contrast: Ink, threshold: float, *, has_room: bool) -> Mask:
    """Keep the components that are strong somewhere, as sharp and strong as most, and no edge of a table or a box.

    What is cut out of a picture has room above and below it; a strip that was cut out by others may cut its digits.
    """
    n, labels, stats, _ = label_components(mask)
    inked = np.flatnonzero(mask)
    own, darkness = labels.ravel()[inked], contrast.ravel()[inked]
    is_strong = np.zeros(n, dtype=np.bool_)
    is_strong[own[darkness > STRONG * threshold]] = True
    slope = cv2.magnitude(*(cv2.Sobel(contrast, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (0, 1)))
    is_rim = cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8)).ravel()[inked] == 0
    rim = own[is_rim]
    steepness = np.bincount(rim, slope.ravel()[inked[is_rim]], n) / np.maximum(np.bincount(rim, minlength=n), 1)
    area = stats[:, cv2.CC_STAT_AREA]
    strength = np.maximum(np.bincount(own, darkness, n), 1e-6) / area
    sharpness = steepness / strength
    weights = (area * is_strong)[1:]
    if not weights.any():
        return np.zeros_like(mask)
    left, width, height = (stats[:, at] for at in (cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT))
    usual_sharpness, usual_strength, usual_height = (
        find_median(each[1:], weights) for each in (sharpness, strength, height)
    )
    at_side = (left == 0) | (left + width == mask.shape[1])
    is_edge = at_side & (height >= WHOLE * mask.shape[0]) & (width <= SLIM * mask.shape[0])
    contact = np.maximum(np.bincount(labels[0], minlength=n), np.bincount(labels[-1], minlength=n))
    is_edge |= has_room & (contact >= mask.shape[0]) & (contact >= ALONG * width)
    is_rest = (strength < FAINT * usual_strength) & (height <= LOW * usual_height)
    kept = is_strong & ~is_edge & ~is_rest & (sharpness >= SHARP * usual_sharpness)
    kept[0] = False
    return np.asarray(kept[labels])


def _to_line_size(light: Pixels) -> Pixels:
    scale = min(LINE_PX / light.shape[0], MAX_LINE_PX / light.shape[1], MAX_SCALE)
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    size = (max(1, round(light.shape[1] * scale)), max(1, round(light.shape[0] * scale)))
    sized = cv2.resize(light, size, interpolation=method)
    return np.asarray(cv2.GaussianBlur(sized, (0, 0), SMOOTH_PX), dtype=np.uint8)


def _contrast(light: Pixels, ground_width: float) -> Ink:
    """Return (H, W) in [0, 1]: the share of the light of the ground, found at half the size, that is missing."""
    half = cv2.resize(light, ((light.shape[1] + 1) // 2, (light.shape[0] + 1) // 2), interpolation=cv2.INTER_AREA)
    side = max(3, round(ground_width * half.shape[0]) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    padded = cv2.copyMakeBorder(half, side, side, side, side, cv2.BORDER_REFLECT)
    closed = cv2.morphologyEx(cv2.GaussianBlur(padded, (0, 0), SMOOTH_PX), cv2.MORPH_CLOSE, kernel)
    smooth = cv2.GaussianBlur(closed, (0, 0), side / 6)[side:-side, side:-side].astype(np.float32)
    ground = cv2.resize(smooth, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(1 - light / np.maximum(ground, np.float32(1)), 0, 1).astype(np.float32)


def _otsu(contrast: Ink) -> float:
    """Return the contrast that parts ink from paper best, to within 1/400."""
    levels = np.clip(contrast * 400, 0, 255).astype(np.uint8)
    return cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0] / 400
