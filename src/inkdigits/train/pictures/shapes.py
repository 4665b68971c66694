"""One MNIST digit -> the same digit as a clean shape of any size, drawn anew.

Two styles, because people's digits come in both: `outline` keeps the hand's own
thick and thin, `strokes` finds the centre line and draws it with a round pen.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.components import label_components
from inkdigits.records import Box

Bytes: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]
Mask: TypeAlias = npt.NDArray[np.bool_]
Traits: TypeAlias = dict[str, str | float]
"""Words and measures of a picture."""


class Drawing(NamedTuple):
    """A picture of one digit."""

    image: Bytes
    """(H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, uint8."""
    box: Box
    """Around the digit, where it lies in the picture."""
    traits: Traits


STYLES = ("outline", "strokes")

_UPSAMPLE = 4
"""Points are found on a grid four times finer than MNIST's."""
_BORDER_PX = 2
"""Paper added around a digit, so that none touches the frame."""
_SMOOTH_PX = 1.6
"""Sigma, in fine pixels, that rounds MNIST's staircase and keeps the hole of a small 8 open."""
_INK_LEVELS = (0.35, 0.5, 0.65)
"""Brighter than this is ink: the first keeps the thin joints of faint digits, the others open loops of bold ones."""
_SPECK_SHARE = 0.12
"""Parts smaller than this share of the ink are dirt of the scan: the bar of a broken 5 is larger."""
_BLOT_SHARE = 0.05
"""Share of the ink that a stroke as wide as the pen may leave out; 1 digit in 14 has a filled loop and loses more."""
_LINE_SMOOTH_PX = 2.5
"""Sigma, in fine pixels, that takes the staircase out of a one-pixel centre line."""
_LINE_BITS = 6
"""cv2 takes points in fixed point; six bits place a pen to 1/64 px."""
_RING = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
"""Shifts that bring the eight neighbours P2..P9, clockwise from north, onto a pixel."""
_RING_BITS = np.zeros((3, 3), np.float32)
"""A kernel that makes one number of the eight neighbours, a bit each."""
for _bit, (_down, _right) in enumerate(_RING):
    _RING_BITS[1 - _down, 1 - _right] = 1 << _bit


def _may_go(corners: tuple[tuple[int, ...], ...]) -> Bytes:
    """Say for each ring of neighbours, (256,), whether a pixel within goes in one half of a thinning step."""
    ring = (np.arange(256)[:, None] >> np.arange(8)) & 1 > 0
    n_near = ring.sum(1)
    n_runs = (~ring & np.roll(ring, -1, axis=1)).sum(1)
    is_inner = np.any([ring[:, corner].all(1) for corner in corners], axis=0)
    return np.asarray((n_near >= 2) & (n_near <= 6) & (n_runs == 1) & ~is_inner, dtype=np.uint8)


_THINNING = tuple(_may_go(corners) for corners in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))))
"""The two halves of a step: each takes the pixels from two sides."""

_LINKS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Each pair of touching pixels once: (down, right)."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A drawn digit, cut to its ink."""

    mask: Floats
    """(h, w) float32 in [0, 1]: share of the pixel that the pen covers."""
    pen_px: float
    """Width of the pen; of an outline, its mean width."""
    style: str
    """One of `STYLES`."""


def draw_digit(
    rng: np.random.Generator,
    digit: Bytes,
    *,
    height_px: float,
    max_width_px: float,
    pen_px: float,
    turn_deg: float,
) -> Shape:
    """Draw a digit anew, in a style, slant and width of its own.

    Args:
        rng: Source of the style, the slant (+-0.2) and the aspect (0.85-1.2).
        digit: (28, 28) uint8, ink bright on black.
        height_px: Height of the ink, pen included; less when the width forbids it.
        max_width_px: The ink is no wider than this.
        pen_px: Width of the round pen; an outline keeps its own.
        turn_deg: Turn, counter-clockwise.

    Returns:
        The shape, its mask cut to the ink.
    """
    style = str(rng.choice(STYLES))
    bend = _bend(turn_deg, slant=rng.uniform(-0.2, 0.2), aspect=rng.uniform(0.85, 1.2))
    grey = _smooth(digit)
    level = _find_level(grey)
    limits = (max_width_px, height_px)
    if style == "strokes":
        line = _thin(grey > level)
        # The centre line of a filled loop is a single stroke, another digit: such a digit stays an outline. So does a
        # dot of which thinning leaves nothing.
        if line.any() and not _has_blot(grey > level, line):
            return Shape(_cut(_draw_strokes(line, bend, limits, pen_px)), pen_px, style)
    drawn = _draw_outline(grey, bend, limits, level * rng.uniform(0.95, 1.15))
    # A ribbon's mean distance from its edge is a quarter of its width.
    width_px = 4 * float(_distances(drawn > 0.5).mean(where=drawn > 0.5))
    return Shape(_cut(drawn), width_px, "outline")


def _smooth(digit: Bytes) -> Floats:
    """Return the digit (128, 128) in [0, 1], its brightest point at 1, without MNIST's specks."""
    framed = np.pad(digit, _BORDER_PX).astype(np.float32)
    fine = cv2.resize(framed, None, fx=_UPSAMPLE, fy=_UPSAMPLE, interpolation=cv2.INTER_CUBIC)
    fine = np.asarray(cv2.GaussianBlur(fine, (0, 0), _SMOOTH_PX), dtype=np.float32)
    fine = fine / fine.max()
    _, parts, stats, _ = label_components(fine > _INK_LEVELS[0] / 2)
    areas = stats[1:, cv2.CC_STAT_AREA]
    specks = 1 + np.flatnonzero(areas < min(_SPECK_SHARE * areas.sum(), areas.max()))  # the largest is none
    return np.where(np.isin(parts, specks), np.float32(0), fine)


def _find_level(grey: Floats) -> float:
    """Return the lowest level that shows most loops without breaking the digit into more parts."""
    parts, holes = zip(*(_count_parts_and_holes(grey > level) for level in _INK_LEVELS), strict=True)
    whole = [number for number in range(len(_INK_LEVELS)) if parts[number] <= parts[0]]
    return _INK_LEVELS[max(whole, key=lambda number: holes[number])]


def _count_parts_and_holes(mask: Mask) -> tuple[int, int]:
    """Count connected ink and enclosed paper; the frame must be paper."""
    n_ink = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0]
    n_paper = cv2.connectedComponents((~mask).astype(np.uint8), connectivity=4)[0]
    return n_ink - 1, n_paper - 2


def _bend(turn_deg: float, slant: float, aspect: float) -> Floats:
    """Return the (2, 2) matrix that widens, slants, then turns points (x right, y down)."""
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.asarray(turn @ np.array([[aspect, -slant], [0, 1]]), dtype=np.float32)


def _fit(points: Floats, bend: Floats, limits: tuple[float, float], border_px: float) -> tuple[Floats, tuple[int, int]]:
    """Return the (2, 3) map that brings points into a box within `limits` (w, h), and the box's (h, w)."""
    bent = points @ bend.T
    low, span = bent.min(axis=0), np.ptp(bent, axis=0) + 1e-6
    scale = max(min((limit - 2 * border_px) / side for limit, side in zip(limits, span, strict=True)), 1e-3)
    shift = border_px + 1 - scale * low
    width, height = np.ceil(scale * span + 2 * border_px + 2).astype(int)
    return np.column_stack([scale * bend, shift]).astype(np.float32), (int(height), int(width))


def _draw_outline(grey: Floats, bend: Floats, limits: tuple[float, float], level: float) -> Floats:
    """Enlarge the smooth digit and cut it at `level`, with an edge one pixel soft."""
    points = np.argwhere(grey > level)[:, ::-1].astype(np.float32)
    to_canvas, (height, width) = _fit(points, bend, limits, border_px=0.5)
    large = cv2.warpAffine(grey, to_canvas, (width, height), flags=cv2.INTER_CUBIC)
    rise = cv2.GaussianBlur(np.hypot(cv2.Sobel(large, -1, 1, 0), cv2.Sobel(large, -1, 0, 1)) / 8, (0, 0), 1)
    return np.clip((large - level) / np.maximum(rise, 0.01) + 0.5, 0, 1)


def _draw_strokes(line: Mask, bend: Floats, limits: tuple[float, float], pen_px: float) -> Floats:
    """Draw the centre line with a round pen, at twice the size for widths that are not whole pixels."""
    points, links = _trace(line)
    to_canvas, (height, width) = _fit(points, bend, limits, border_px=pen_px / 2)
    placed = (points @ to_canvas[:, :2].T + to_canvas[:, 2]) * 2 + 0.5
    canvas = np.zeros((2 * height, 2 * width), np.uint8)
    ends = np.rint(placed[links] * (1 << _LINE_BITS)).astype(np.int32)
    cv2.polylines(canvas, list(ends), False, 255, max(1, round(2 * pen_px)), cv2.LINE_AA, _LINE_BITS)
    half = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    return half.astype(np.float32) / np.float32(255)


def _trace(line: Mask) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the points (N, 2; x, y) of the centre line, smoothed along it, and the pairs (M, 2) that touch."""
    rows, columns = np.nonzero(line)
    places = np.zeros((*line.shape, 3), np.float32)
    places[rows, columns] = np.column_stack([columns, rows, np.ones_like(rows)])
    sums = np.asarray(cv2.GaussianBlur(places, (0, 0), _LINE_SMOOTH_PX), dtype=np.float32)[rows, columns]
    index = np.full(line.shape, -1)
    index[rows, columns] = np.arange(len(rows))
    pairs = [np.column_stack([index[rows, columns], index[rows, columns]])]
    for down, right in _LINKS:
        pairs.append(np.column_stack([index[rows, columns], index[rows + down, columns + right]]))
    links = np.concatenate(pairs)
    return sums[:, :2] / sums[:, 2:], links[links[:, 1] >= 0]


def _thin(mask: Mask) -> Mask:
    """Thin a mask to lines one pixel wide (Zhang and Suen 1984); its outermost pixels must be empty."""
    line = mask.astype(np.uint8)
    while True:
        thinner = line
        for goes in _THINNING:
            ring = cv2.filter2D(thinner, -1, _RING_BITS, borderType=cv2.BORDER_CONSTANT)
            thinner = thinner & ~np.asarray(cv2.LUT(ring, goes), dtype=np.uint8)
        if np.array_equal(thinner, line):
            return np.asarray(line > 0)
        line = np.asarray(thinner, dtype=np.uint8)


def _cut(mask: Floats) -> Floats:
    """Cut a mask to the box of its ink."""
    rows, columns = (np.flatnonzero(mask.max(axis=axis) > 0.1) for axis in (1, 0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _has_blot(mask: Mask, line: Mask) -> bool:
    """Say whether a loop of the digit is filled: a stroke along its centre line would not cover it."""
    half_width = np.median(_distances(mask)[line])
    left_out = _distances(~line) > 1.35 * half_width
    return bool(left_out.mean(where=mask) > _BLOT_SHARE)


def _distances(mask: Mask) -> Floats:
    """Return the distance of each pixel from the nearest one outside the mask, in pixels."""
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3), dtype=np.float32)


def draw_log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number in [low, high], each doubling as likely as the next."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def compress_jpeg(image: Bytes, quality: int) -> Bytes:
    """Return an RGB or grey picture after JPEG of the given quality, 1-100."""
    shown = image[..., ::-1] if image.ndim == 3 else image
    _, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), dtype=np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1] if image.ndim == 3 else decoded)
