"""Pictures of single digits as people send them: drawn on a pad, or photographed on paper.

Every picture has its own random stream, keyed by seed, kind and number, so that
picture 17 is the same whether 20 or 2,000 are made.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from inkdigits.records import Box
from inkdigits.train.pictures.pads import draw_pad
from inkdigits.train.pictures.photos import draw_photo
from inkdigits.train.pictures.shapes import Bytes, Drawing

_DRAW: Mapping[str, Callable[[np.random.Generator, Bytes], Drawing]] = {"pad": draw_pad, "photo": draw_photo}

KINDS = tuple(_DRAW)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture with what it shows and how it was made."""

    image: Bytes
    """(H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, uint8."""
    label: int
    """0-9, as the data set has it."""
    kind: str
    """One of `KINDS`."""
    box: Box
    """Around the digit, where it lies in the picture."""
    traits: Mapping[str, str | float]
    """Words and measures of the picture: "ink", "size", "pen_px" ..."""
    index: int
    """Of the digit in its data set."""


def generate_pictures(digits: Bytes, labels: Bytes, *, kind: str, n: int, seed: int = 0) -> Iterator[Picture]:
    """Make `n` pictures of one kind.

    Args:
        digits: (N, 28, 28) uint8, ink bright on black.
        labels: (N,) uint8, 0-9.
        kind: One of `KINDS`.
        n: How many.
        seed: Another seed, other pictures; not negative.

    Yields:
        Pictures, the same ones for the same seed.
    """
    for number in range(n):
        rng = np.random.default_rng((seed, KINDS.index(kind), number))
        index = int(rng.integers(len(digits)))
        image, box, traits = _DRAW[kind](rng, digits[index])
        yield Picture(image, int(labels[index]), kind, box, traits, index)
