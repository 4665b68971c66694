"""The ink on a flat ground: drawing pads, screenshots, cut-out digits. Ink is what differs from the ground's colour."""

import cv2
import numpy as np

from inkdigits.ink.rules import find_rules
from inkdigits.ink.sizes import INK_SHARE, MIN_CONTRAST, Pixels
from inkdigits.records import Ink

SMALL_PX = 64
"""Pictures up to this are cut-out digits: always on a flat ground, never ruled."""

FLAT_LEVELS = 8
"""Levels (of 255) that JPEG and a scanner add to a flat ground."""

FLAT_SHARE = 0.35
"""So much of a picture on a flat ground has the ground's colour; a thick digit leaves about half."""

CELLS = 12
"""A flat ground is as light in every one of 12x12 cells; in a photo the light changes from cell to cell."""

UNEVEN_SHARE = 0.03
"""So many of the cells may be neither ground nor ink, where a blurred stroke fills one."""


def flat_ink(colour: Pixels) -> Ink | None:
    """Find the ink on a flat ground.

    Args:
        colour: (H, W) grey or (H, W, 3) RGB, uint8.

    Returns:
        (H, W) float32 in [0, 1], 1 as strong as the strongest contrast; None where the ground is not flat.
    """
    difference = _difference(colour, _commonest(colour))
    peak, is_small = int(difference.max()), max(difference.shape) <= SMALL_PX
    if peak < 255 * MIN_CONTRAST:
        return np.zeros(difference.shape, dtype=np.float32)
    if not is_small and not _is_flat(difference, peak):
        return None
    ink = difference.astype(np.float32) / np.float32(peak)
    ink[difference <= max(INK_SHARE * peak / 2, 0 if is_small else FLAT_LEVELS)] = 0
    if not is_small:
        ink[find_rules(ink > 0, where="pad")] = 0
    return ink


def is_uneven(colour: Pixels) -> bool:
    """Say at little cost of most photos, (H, W) or (H, W, 3) uint8, by some of their pixels, that no ground is flat."""
    step = _step(colour)
    if max(colour.shape[:2]) <= SMALL_PX:
        return False
    sample = np.ascontiguousarray(colour[::step, ::step])
    sample = _difference(sample, _commonest(sample))
    peak = int(sample.max())  # of the whole picture it is no less, and then no less is uneven
    return peak >= 255 * MIN_CONTRAST and not _is_even(sample, peak)


def _is_flat(difference: Pixels, peak: int) -> bool:
    """Say whether enough of the picture is ground, and the ground is as light everywhere."""
    step = _step(difference)
    is_ground = np.count_nonzero(difference <= FLAT_LEVELS) >= FLAT_SHARE * difference.size
    return bool(is_ground) and _is_even(difference[::step, ::step], peak)


def _step(picture: Pixels) -> int:
    """Return how far apart pixels are looked at: about ten a cell, both ways."""
    return int(max(1, min(picture.shape[:2]) // (CELLS * 10)))


def _is_even(sample: Pixels, peak: int) -> bool:
    """Say whether the ground is as light everywhere, by a sample of how far pixels lie from its colour."""
    down, across = (min(CELLS, size) for size in sample.shape)  # a strip has fewer
    rows, columns = sample.shape[0] // down, sample.shape[1] // across
    blocks = sample[: rows * down, : columns * across].reshape(down, rows, across, columns).swapaxes(1, 2)
    middle = rows * columns // 2
    cells = np.partition(blocks.reshape(down * across, -1), middle, axis=1)[:, middle]
    return bool(((cells > FLAT_LEVELS / 2) & (cells < INK_SHARE * peak)).mean() <= UNEVEN_SHARE)


def _commonest(colour: Pixels) -> Pixels:
    """Return the ground's colour: the commonest, where the outer rows and columns count as much as all the rest."""
    channels = colour.reshape(*colour.shape[:2], -1)
    step = max(1, max(colour.shape[:2]) // 256)
    inner = channels[::step, ::step].reshape(-1, channels.shape[2])
    edge = np.concatenate([channels[0], channels[-1], channels[:, 0], channels[:, -1]])
    return np.array([_mode(inner[:, i], edge[:, i]) for i in range(channels.shape[2])], dtype=np.uint8)


def _mode(inner: Pixels, edge: Pixels) -> int:
    """Return the commonest level within the commonest few levels."""
    votes = np.bincount(inner, minlength=256) / len(inner) + np.bincount(edge, minlength=256) / len(edge)
    near = np.convolve(votes, np.ones(FLAT_LEVELS + 1), "same")
    return int(np.where(near > 0.9 * near.max(), votes, 0).argmax())


def _difference(colour: Pixels, ground: Pixels) -> Pixels:
    """Return (H, W): how far each pixel lies from the ground's colour, in the channel where it lies farthest."""
    difference = cv2.absdiff(colour, np.array([*ground.tolist(), 0, 0, 0][:4], dtype=np.float64))
    if colour.ndim == 2:
        return difference
    first, second, third = cv2.split(difference)
    return cv2.max(cv2.max(first, second), third)
