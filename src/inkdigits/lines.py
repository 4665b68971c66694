"""The ink of lines -> what stands in them: the steps that several digits take together."""

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import NamedTuple

from inkdigits.decode import Spelling, Thresholds, spell, to_number
from inkdigits.recogniser import Recogniser
from inkdigits.records import Box, Glyph, Ink, Line
from inkdigits.segment import Strip, find_marks, part_at, to_strip

LIKELY = 0.75
"""Without being told so, a picture is taken for a number if each of its digits is so likely, on average."""

SURE, CERTAIN, LIKELIER, MUCH_MORE = 0.9, 0.95, 0.6, 1.5
"""A page lies the right way up if its digits are so likely, on average, and none is a sign, or so likely that a few may
be; else the way in which most digits are likelier than that, and the most so: by so much more than as it was sent."""


class Lines(NamedTuple):
    """Lines as they are read, with the ink of each of their digits."""

    lines: tuple[Line, ...]
    glyphs: tuple[Glyph, ...]
    """One a digit, in pixels of its line's ink."""


def read_lines(
    found: Sequence[tuple[Ink, Box]],
    recogniser: Recogniser,
    thresholds: Thresholds,
    *,
    n_digits: int | None = None,
    only_numbers: bool = False,
    to_page: Callable[[Box], Box] | None = None,
) -> Lines:
    """Read lines of digits.

    Args:
        found: the ink of each line, and the part of the picture that it covers.
        recogniser: the network for lines.
        thresholds: what a digit must reach.
        n_digits: how many digits each line has; None: any number.
        only_numbers: leave out lines of which too little is digits: words.
        to_page: turns boxes in the picture into boxes on the page as it was sent; None: they are that.
    """
    strips = [(ink, part, strip) for ink, part in found if (strip := to_strip(ink)) is not None]
    seen = recogniser.look([strip.ink for _, _, strip in strips])
    lines: list[Line] = []
    taken: list[Glyph] = []
    for (ink, part, strip), columns in zip(strips, seen, strict=True):
        spelling = spell(columns, n_digits)
        if spelling.parts and (spelling.is_number or not only_numbers):
            glyphs = _find_glyphs(ink, strip, spelling)
            boxes = [to_picture(glyph.box, ink, part) for glyph in glyphs]
            boxes = boxes if to_page is None else [to_page(box) for box in boxes]
            marks = find_marks(ink, glyphs, strip.digit_px)  # the network sees those near a digit, this the others
            lines.append(to_number(spelling, boxes, thresholds, marks))
            taken += glyphs
    return Lines(tuple(lines), tuple(taken))


def _find_glyphs(ink: Ink, strip: Strip, spelling: Spelling) -> tuple[Glyph, ...]:
    """Find the ink of each part of a line."""
    return part_at(ink, strip.to_line([part.column for part in spelling.parts]), strip.digit_px)


def to_picture(box: Box, ink: Ink, part: Box) -> Box:
    """Turn a box in pixels of some ink into one around it in pixels of the picture, of which the ink covers a part."""
    across, down = part.width / ink.shape[1], part.height / ink.shape[0]
    left, top = part.x0 + floor(box.x0 * across), part.y0 + floor(box.y0 * down)
    return Box(left, top, part.x0 + ceil(box.x1 * across), part.y0 + ceil(box.y1 * down))


def is_number(line: Line) -> bool:
    """Whether a line has several digits, rather likely; of many digits, all together are seldom likely."""
    return len(line.digits) > 1 and line.confidence ** (1 / len(line.digits)) >= LIKELY


def is_sure(lines: Sequence[Line]) -> bool:
    """Whether a page that was read so lies the right way up, for all that its digits say."""
    digits = [digit for line in lines for digit in line.digits]
    least = SURE if all(digit.label is not None for digit in digits) else CERTAIN
    return bool(digits) and sum(digit.confidence for digit in digits) >= least * len(digits)


def choose_turned(tried: Sequence[Lines]) -> Lines:
    """Choose how a page lies, of what was read of it each way up: as it was sent, if no other way says much more."""
    first, *others = tried
    least = MUCH_MORE * _weigh(first.lines) + 1
    return max((other for other in others if _weigh(other.lines) > least), key=lambda o: _weigh(o.lines), default=first)


def _weigh(lines: Sequence[Line]) -> float:
    """Say how much of a page is read: each digit counts by how sure it is, and against it what is doubtful."""
    return sum(digit.confidence - LIKELIER for line in lines for digit in line.digits)
