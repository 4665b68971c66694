"""Pictures of one digit each -> what they show: the steps that are taken for a single digit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkdigits.classifier import Classifier
from inkdigits.decode import Thresholds, to_digit
from inkdigits.ink import to_ink
from inkdigits.lines import to_picture
from inkdigits.normalize import to_patches
from inkdigits.records import Box, Digit, Glyph, Image, Ink, Patches, Stages
from inkdigits.segment import find_glyph


@dataclass(frozen=True, slots=True, eq=False)
class Single:
    """A picture with the glyph that was found in it, ready to be classified."""

    image: Image
    ink: Ink
    glyphs: tuple[Glyph, ...]
    """One; none where the picture is blank."""
    patches: Patches
    otherwise: Stages | None = None
    """How the picture is read if what it shows is no digit."""
    number: Stages | None = None
    """How a drawing is read as a number, which counts if one digit leaves another out."""


def find_single(image: Image, otherwise: Stages | None = None, number: Stages | None = None) -> Single:
    """Find the glyph of the one digit that a picture shows."""
    ink = to_ink(image)
    glyphs = find_glyph(ink)
    return Single(image, ink, glyphs, to_patches([glyph.ink for glyph in glyphs]), otherwise, number)


def name_singles(singles: Sequence[Single], classifier: Classifier, thresholds: Thresholds) -> list[tuple[Digit, ...]]:
    """Say of each picture which digit it shows, if any: all of them in one call of the network."""
    if not singles:
        return []
    probabilities, scores = classifier.classify(np.concatenate([single.patches for single in singles]))
    rows = iter(zip(probabilities, scores, strict=True))
    return [tuple(to_digit(*next(rows), box, thresholds) for box in _boxes(single)) for single in singles]


def _boxes(single: Single) -> list[Box]:
    whole = Box(0, 0, single.image.width, single.image.height)
    return [to_picture(glyph.box, single.ink, whole) for glyph in single.glyphs]
