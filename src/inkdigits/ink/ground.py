"""How much darker than its ground a picture is: the share of the light that is missing.

The ground is estimated from the picture itself, by a closing: dark strokes are filled from around them. Shadows on it
divide out.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.ink.sizes import MIN_CONTRAST, Mask, Pixels, percentile, reduce_to
from inkdigits.records import Ink

N_SIGMAS = 5.0
"""Ink stands out from the paper's grain by so many standard deviations."""

GROUND_PX = 256
"""Longer side on which the ground is estimated: it is smooth, and this is 16 times cheaper."""

DISC_PX = 5
"""Radius of the discs of which wider ones are put together: a third of the work."""

PAGE_GROUND = 0.03
"""Width of the closing for a page, as a share of its longer side: wider than a pen."""

LEVELS = 8192
"""The contrast of a page is told in so many steps, whole numbers of 16 bits: to add and compare them takes half the
time."""

SAMPLE_PX = 96
"""The grain is measured on every so many pixels both ways that about so many are left of the longer side."""


Levels: TypeAlias = npt.NDArray[np.int16]
"""(H, W) int16 from 0 to `LEVELS`."""


class Standing(NamedTuple):
    """What stands out from a page."""

    levels: Levels
    """Its contrast."""
    bare: float
    """What bare paper has of it, in levels."""
    sigma: float
    """Standard deviation that the paper's grain gives it, in levels."""

    def over(self, n_sigmas: float) -> Mask:
        """Return where it stands out from bare paper by so many times the grain, and by `MIN_CONTRAST`."""
        return np.asarray(self.levels > round(self.bare + max(n_sigmas * self.sigma, LEVELS * MIN_CONTRAST)))


def stand_out(light: Pixels) -> Standing:
    """Find what stands out from a page, (H, W) uint8 in which ink is dark."""
    smooth = cv2.GaussianBlur(light, (3, 3), 0)
    steps = LEVELS / _ground(reduce_to(smooth, GROUND_PX), PAGE_GROUND)  # so many for each unit of light
    levels: Levels = np.empty(light.shape, dtype=np.int16)
    cv2.multiply(smooth, cv2.resize(steps, light.shape[::-1]), dst=levels, dtype=cv2.CV_16S)
    np.subtract(LEVELS, levels, out=levels)
    np.maximum(levels, 0, out=levels)
    return Standing(levels, *grain_of(levels))


def contrasts_of(light: Pixels, widths: Sequence[float]) -> list[Ink]:
    """Return (H, W) in [0, 1] for each width of the ground: the share of its light that is missing."""
    small = reduce_to(light, GROUND_PX)
    return [_contrast(light, _ground(small, width)) for width in widths]


def _ground(small: Pixels, width: float) -> npt.NDArray[np.float32]:
    """Return how light the ground of a small picture is, filled over strokes of that share of its longer side."""
    side = max(3, round(width * max(small.shape))) | 1
    times = max(1, round(side / 2 / DISC_PX))  # a wide disc is several small ones, one after the other
    part = 2 * round(side // 2 / times) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (part, part))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc, iterations=times).astype(np.float32)  # bytes blur slowly
    ground = cv2.GaussianBlur(closed, (0, 0), side / 6)
    dimmest = percentile(ground[::2, ::2].ravel(), 90) / 5
    return np.maximum(ground, np.float32(max(dimmest, 1.0)))


def _contrast(light: Pixels, ground: npt.NDArray[np.float32]) -> Ink:
    contrast: Ink = np.asarray(cv2.resize(ground, light.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    np.divide(light, contrast, out=contrast)  # in place: to ask for so much memory takes longer than the sums
    np.subtract(1, contrast, out=contrast)
    return np.maximum(contrast, 0, out=contrast)


def grain_of(contrast: Ink | Levels) -> tuple[float, float]:
    """Return the contrast of bare paper, and the standard deviation that its grain gives it."""
    step = max(1, max(contrast.shape) // SAMPLE_PX)
    sample = contrast[::step, ::step].ravel()
    middle = percentile(sample, 50)
    return middle, 1.4826 * percentile(np.abs(sample - middle), 50)
