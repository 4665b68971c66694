"""Digits in bad light: shot noise, impulse noise, brightness, stripe and fog."""

from math import exp

import numpy as np

from inkdigits.corruptions.chance import ONE, Bytes, Chance, Ints, fixed, to_bytes
from inkdigits.records import PATCH_PX

SHOT_PHOTONS, SHOT_DARK = 5.0, 0.2
"""Photons that a pixel full of ink sends on average, and those that come from nowhere."""

_MOST_PHOTONS = 24
"""More come from full ink once in a billion."""

IMPULSE_SHARE = 0.15
"""Share of the pixels that are stuck, half of them black and half white."""

BRIGHTNESS = (0.2, 0.45)
"""Added to all: a share of full ink."""

STRIPE_PX = (3, 6)
"""Width of the band that is turned into its negative."""

FOG_DENSITY = (0.1, 0.5)
"""Share of the light that fog adds where it is thinnest and thickest."""

FOG_OCTAVES = 4
"""Fog is the sum of random fields of 2, 4, 8 and 16 cells a side, each half as strong as the one before."""


def shot_noise(images: Bytes, chance: Chance) -> Bytes:
    """Count photons where there was light: each pixel's number is Poisson, so strokes break up and paper sparkles."""
    drawn = chance.integers(0, ONE - 1, *images.shape)
    photons = np.zeros(images.shape, dtype=np.int64)
    for value in np.unique(images):
        pixels = images == value
        photons[pixels] = np.searchsorted(_poisson_steps(int(value)), drawn[pixels], side="right")
    return to_bytes(photons * 255 // round(SHOT_PHOTONS))


def impulse_noise(images: Bytes, chance: Chance) -> Bytes:
    """Set random pixels to full ink or bare paper."""
    drawn = chance.integers(0, ONE - 1, *images.shape)
    stuck = fixed(IMPULSE_SHARE)
    return np.where(drawn < stuck, np.where(drawn < stuck // 2, 0, 255), images).astype(np.uint8)


def brightness(images: Bytes, chance: Chance) -> Bytes:
    """Lift ink and paper alike, until the ink is full."""
    lift = chance.uniform(*BRIGHTNESS, len(images), 1, 1) * 255 >> 16
    return to_bytes(images + lift)


def stripe(images: Bytes, chance: Chance) -> Bytes:
    """Turn an upright band that crosses the digit into its negative."""
    width = chance.integers(*STRIPE_PX, len(images), 1, 1)
    middle = chance.integers(PATCH_PX // 2 - 6, PATCH_PX // 2 + 5, len(images), 1, 1)
    column = np.arange(PATCH_PX)
    inside = (column >= middle - width // 2) & (column < middle - width // 2 + width)
    return np.where(inside, 255 - images, images).astype(np.uint8)


def fog(images: Bytes, chance: Chance) -> Bytes:
    """Lay drifting fog over each digit: it adds light of its own and takes the contrast."""
    low, high = map(fixed, FOG_DENSITY)
    density = low + ((high - low) * clouds(len(images), chance) >> 16)
    return to_bytes(images + ((255 - images.astype(np.int64)) * density >> 16))


def clouds(n: int, chance: Chance) -> Ints:
    """Draw smooth random fields: (n, 28, 28) fixed point, each stretched to reach from 0 to 1."""
    total = np.zeros((n, PATCH_PX, PATCH_PX), dtype=np.int64)
    for octave in range(1, FOG_OCTAVES + 1):
        cells = 2**octave
        total += _stretch(chance.integers(0, ONE, n, cells + 1, cells + 1)) >> octave
    lowest, highest = (extreme(axis=(1, 2), keepdims=True) for extreme in (total.min, total.max))
    stretched: Ints = (total - lowest) * ONE // (highest - lowest)
    return stretched


def _stretch(corners: Ints) -> Ints:
    """Fill in 28x28 pixels between the corners (N, K + 1, K + 1) of cells."""
    n_cells = corners.shape[1] - 1
    at = (2 * np.arange(PATCH_PX) + 1) * n_cells * ONE // (2 * PATCH_PX)
    cell, share = at >> 16, at & (ONE - 1)
    rows = corners[:, cell] * (ONE - share)[:, None] + corners[:, cell + 1] * share[:, None] >> 16
    filled: Ints = rows[:, :, cell] * (ONE - share) + rows[:, :, cell + 1] * share >> 16
    return filled


def _poisson_steps(value: int) -> Ints:
    """Return where the next photon begins when a number below 65536 is drawn; ascending."""
    mean = SHOT_PHOTONS * value / 255 + SHOT_DARK
    share = total = exp(-mean)
    steps = [round(total * ONE)]  # a machine whose exp differs in its last bit rounds to the same step
    for photon in range(1, _MOST_PHOTONS):
        share *= mean / photon
        total += share
        steps.append(round(total * ONE))
    return np.array(steps, dtype=np.int64)
