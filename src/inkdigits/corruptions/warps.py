"""Digits moved and smeared: shear, scale, rotate, translate, the random affine of source C, motion and glass blur.

Sines and tangents are the only numbers here that may differ in their last bit between machines. They are rounded to
1/65536 before use, and everything after that is exact. What comes in from beyond the edge is paper.
"""

from math import pi
from typing import Any

import numpy as np
import numpy.typing as npt

from inkdigits.corruptions.chance import ONE, Bytes, Chance, Ints, fixed, to_bytes
from inkdigits.records import PATCH_PX

AFFINE_ROTATE_DEG, AFFINE_SHEAR_DEG, AFFINE_SCALE, AFFINE_TRANSLATE = 30, 30, (0.25, 1.0), 0.2
"""Source C's ranges: rotation and both shears to either side, size, and shift as a share of the side."""

SHEAR, SCALE, ROTATE_DEG, TRANSLATE_PX = (0.3, 0.6), (0.6, 0.8), (15.0, 35.0), (1.0, 4.0)
"""Tangent of the slant, size of what is left, turn, and shift along each axis; signs are drawn."""

MOTION_PX = 7
"""Length of the smear."""

GLASS_PX, GLASS_PASSES = 1.5, 2
"""How far a pane throws a pixel along each axis, at most, and how many panes there are."""

Floats = npt.NDArray[np.floating[Any]]


def shear(images: Bytes, chance: Chance) -> Bytes:
    """Slant each digit along its rows."""
    slant = chance.signed(*SHEAR, len(images))
    return _move(images, _matrix(ONE, slant, 0, ONE))


def scale(images: Bytes, chance: Chance) -> Bytes:
    """Shrink each digit."""
    size = chance.uniform(*SCALE, len(images))
    return _move(images, _zoom(size))


def rotate(images: Bytes, chance: Chance) -> Bytes:
    """Turn each digit."""
    return _move(images, _rotation(chance.signed(*ROTATE_DEG, len(images))))


def translate(images: Bytes, chance: Chance) -> Bytes:
    """Shift each digit along both axes."""
    return _move(images, _still(len(images)), chance.signed(*TRANSLATE_PX, 2, len(images)))


def affine(images: Bytes, chance: Chance) -> Bytes:
    """Rotate, shear on both axes, scale and shift each digit, within source C's ranges."""
    n = len(images)
    turn = _rotation(chance.uniform(-AFFINE_ROTATE_DEG, AFFINE_ROTATE_DEG, n))
    slants = _tangent(chance.uniform(-AFFINE_SHEAR_DEG, AFFINE_SHEAR_DEG, 2, n))
    zoom = _zoom(chance.uniform(*AFFINE_SCALE, n))
    reach = AFFINE_TRANSLATE * PATCH_PX
    matrix = _times(_times(turn, _matrix(ONE, slants[0], 0, ONE)), _times(_matrix(ONE, 0, slants[1], ONE), zoom))
    return _move(images, matrix, chance.uniform(-reach, reach, 2, n))


def motion_blur(images: Bytes, chance: Chance) -> Bytes:
    """Smear each digit along a direction of its own, as a moving camera does."""
    along = _sine(chance.uniform(0, 180, len(images))[None] + np.array([[fixed(90)], [0]]))  # cosine, sine
    total = np.zeros(images.shape, dtype=np.int64)
    for step in range(MOTION_PX):
        total += _move(images, _still(len(images)), along * (2 * step - MOTION_PX + 1) // 2)
    return to_bytes((total + MOTION_PX // 2) // MOTION_PX)


def glass_blur(images: Bytes, chance: Chance) -> Bytes:
    """Look at each digit through frosted panes: each pixel shows a neighbour, drawn at random."""
    glassy = smooth(images)
    for _ in range(GLASS_PASSES):
        x, y = _grid() + chance.uniform(-GLASS_PX, GLASS_PX, 2, *images.shape)
        glassy = _sample(glassy, x, y)
    return smooth(glassy)


def smooth(images: Bytes) -> Bytes:
    """Blur with the binomial weights 1, 2, 1 along both axes: by 0.7 px."""
    padded = np.pad(images.astype(np.int64), ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    both = rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]
    return to_bytes(both + 8 >> 4)


def _move(images: Bytes, matrix: Ints, shift: Ints | None = None) -> Bytes:
    """Show each image through a matrix (N, 2, 2) that says, about the centre, where each pixel comes from.

    `shift` is (2, N): how far x and y then move.
    """
    middle = fixed((PATCH_PX - 1) / 2)
    x, y = _grid() - middle - (0 if shift is None else shift[:, :, None, None])
    across, down = (matrix[:, row, :, None, None] for row in range(2))
    return _sample(
        images,
        (across[:, 0] * x + across[:, 1] * y >> 16) + middle,
        (down[:, 0] * x + down[:, 1] * y >> 16) + middle,
    )


def _sample(images: Bytes, x: Ints, y: Ints) -> Bytes:
    """Read each image at positions (N, 28, 28) in fixed-point pixels, between four pixels in steps of 1/256."""
    side = PATCH_PX + 3  # one row of paper before and two behind: enough once positions are clipped
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2))).astype(np.int32).ravel()
    x, y = (np.clip(at, -ONE, PATCH_PX * ONE) + ONE for at in (x, y))
    start = np.arange(len(images))[:, None, None] * side**2 + (y >> 16) * side + (x >> 16)
    right, below = ((at >> 8 & 255).astype(np.int32) for at in (x, y))
    upper = padded[start] * (256 - right) + padded[start + 1] * right
    lower = padded[start + side] * (256 - right) + padded[start + side + 1] * right
    return to_bytes(upper * (256 - below) + lower * below + ONE // 2 >> 16)


def _grid() -> Ints:
    """Return x and y of each pixel: (2, 1, 28, 28) in fixed-point pixels."""
    y, x = np.mgrid[:PATCH_PX, :PATCH_PX] * ONE
    return np.stack([x, y])[:, None]


def _matrix(a: Any, b: Any, c: Any, d: Any) -> Ints:
    """Return (N, 2, 2) of four entries, each one number or (N,)."""
    entries = np.broadcast_arrays(a, b, c, d)
    return np.stack(entries, axis=-1).astype(np.int64).reshape(-1, 2, 2)


def _still(n: int) -> Ints:
    return _matrix(np.full(n, ONE), 0, 0, ONE)


def _rotation(degrees: Ints) -> Ints:
    sine, cosine = _sine(degrees), _sine(degrees + fixed(90))
    return _matrix(cosine, -sine, sine, cosine)


def _zoom(size: Ints) -> Ints:
    """Where pixels come from when a digit takes this size: the further apart the smaller it is."""
    return _matrix(ONE * ONE // size, 0, 0, ONE * ONE // size)


def _times(one: Ints, other: Ints) -> Ints:
    return one @ other >> 16


def _sine(degrees: Ints) -> Ints:
    return _rounded(np.sin(_radians(degrees)))


def _tangent(degrees: Ints) -> Ints:
    return _rounded(np.tan(_radians(degrees)))


def _radians(degrees: Ints) -> Floats:
    return degrees * (pi / 180 / ONE)


def _rounded(values: Floats) -> Ints:
    return np.rint(values * ONE).astype(np.int64)
