"""Digits, and what is none, written on paper and photographed, as the steps of reading hand them to a network.

Cleaning a photo leaves its marks: strokes with gaps where a rule was taken out, pieces of rules and of shadows, frayed
edges. A network that never saw them on digits takes them for crossings-out.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.images import load_image
from inkdigits.ink import to_ink
from inkdigits.normalize import to_patches
from inkdigits.records import CORE, Box, Glyph
from inkdigits.segment import find_glyph
from inkdigits.train.negatives import NOT_A_DIGIT, Digits
from inkdigits.train.pictures.photos import draw_photo

PHOTO_PX = (280, 750)
"""Sides of the photos: half as long as those that people send, which saves three quarters of the time."""

MIN_OVERLAP = 0.5
"""Of the glyph that was found with the box of the digit: from here on, it is the digit."""

MAX_STRANGE = 0.1
"""Up to here, it is something else. What lies between is half a digit, or one with a rule on it, and is left out."""


def photograph(n: int, digits: Digits, seed: int, watch: Callable[[int], object] = lambda _: None) -> Digits:
    """Photograph `n` random patches, each on a sheet of its own, and return what reading finds.

    Args:
        n: how many photos.
        digits: patches to write on the sheets; those with the label `NOT_A_DIGIT` show none.
        seed: of all random choices.
        watch: called with how many are done.

    Returns:
        At most `n` patches with their labels; what was found in the digit's stead is labelled `NOT_A_DIGIT`.
    """
    glyphs: list[Glyph] = []
    labels: list[int] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda number: _find(np.random.default_rng((seed, number)), digits), range(n))
        for n_done, (label, glyph) in enumerate(found, start=1):
            if label is not None and glyph is not None:
                glyphs.append(glyph)
                labels.append(label)
            watch(n_done)
    patches = to_patches([glyph.ink for glyph in glyphs])
    return Digits(np.rint(patches * 255).astype(np.uint8), np.array(labels, dtype=np.int64))


def _find(rng: np.random.Generator, digits: Digits) -> tuple[int | None, Glyph | None]:
    """Photograph a random patch; return what is found, with its label. None: nothing, or nobody could say what."""
    at = int(rng.integers(len(digits.patches)))
    label, patch = int(digits.labels[at]), digits.patches[at]
    if not patch.any() or (label == NOT_A_DIGIT and not _is_whole(patch)):
        return None, None
    image, box, _ = draw_photo(rng, patch, photo_px=PHOTO_PX)
    for glyph in find_glyph(to_ink(load_image(image))):
        return _judge(label, _overlap(glyph.box, box)), glyph
    return None, None


def _is_whole(patch: npt.NDArray[np.uint8]) -> bool:
    """Whether a sign is of one piece: one piece of several may be a digit, as a ? without its dot or half a pair."""
    n, _ = cv2.connectedComponents((patch > 255 * CORE).view(np.uint8), connectivity=8)
    return n == 2  # the ground counts as one


def _judge(label: int, overlap: float) -> int | None:
    if label == NOT_A_DIGIT or overlap <= MAX_STRANGE:
        return NOT_A_DIGIT
    return label if overlap >= MIN_OVERLAP else None


def _overlap(one: Box, other: Box) -> float:
    """Return what two boxes share over what they cover together, 0 to 1."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    shared = max(0, width) * max(0, height)
    return shared / (one.width * one.height + other.width * other.height - shared)
