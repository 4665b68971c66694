"""The ink of lines -> what stands in them: the steps that several digits take together."""

from collections.abc import Sequence
from math import ceil, floor
from typing import NamedTuple

from inkdigits.classifier import Classifier
from inkdigits.decode import Thresholds, part_line, to_number
from inkdigits.normalize import to_patches
from inkdigits.records import Box, Glyph, Ink, Line, Patches
from inkdigits.segment import find_lattice


class Lines(NamedTuple):
    """Lines as they are read, with what each of their digits was read from."""

    lines: tuple[Line, ...]
    glyphs: tuple[Glyph, ...]
    """One a digit, in pixels of its line's ink."""
    patches: Patches
    """(N, 28, 28) float32, one a digit."""


def read_lines(
    found: Sequence[tuple[Ink, Box]],
    classifier: Classifier,
    thresholds: Thresholds,
    *,
    n_digits: int | None = None,
    only_numbers: bool = False,
) -> Lines:
    """Read lines of digits: a network sees all the ways to part all of them in one call.

    Args:
        found: the ink of each line, and the part of the picture that it covers.
        classifier: the network.
        thresholds: what a digit must reach.
        n_digits: how many digits each line has; None: any number.
        only_numbers: leave out lines of which too little is digits: words.
    """
    lattices = [find_lattice(ink) for ink, _ in found]
    glyphs = [candidate.glyph for lattice in lattices for candidate in lattice.candidates]
    patches = to_patches([glyph.ink for glyph in glyphs])
    answers = classifier.classify(patches)
    lines: list[Line] = []
    taken: list[int] = []
    first = 0
    for (ink, part), lattice in zip(found, lattices, strict=True):
        own = slice(first, first + len(lattice.candidates))
        probabilities, scores = (answer[own] for answer in answers)
        parting = part_line(lattice, probabilities, scores, n_digits)
        if parting.parts and (parting.is_number or not only_numbers):
            boxes = [to_picture(glyph.box, ink, part) for glyph in glyphs[own]]
            lines.append(to_number(parting, boxes, probabilities, scores, thresholds))
            taken += [first + each.candidate for each in parting.parts]
        first = own.stop
    return Lines(tuple(lines), tuple(glyphs[at] for at in taken), patches[taken])


def to_picture(box: Box, ink: Ink, part: Box) -> Box:
    """Turn a box in pixels of some ink into one around it in pixels of the picture, of which the ink covers a part."""
    across, down = part.width / ink.shape[1], part.height / ink.shape[0]
    left, top = part.x0 + floor(box.x0 * across), part.y0 + floor(box.y0 * down)
    return Box(left, top, part.x0 + ceil(box.x1 * across), part.y0 + ceil(box.y1 * down))
