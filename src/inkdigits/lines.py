"""The ink of lines -> what stands in them: the steps that several digits take together."""

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import ceil, floor
from statistics import median
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inkdigits.classifier import Classifier
from inkdigits.decode import (
    PARTED,
    WHOLE,
    Part,
    Spelling,
    Thresholds,
    add_missed,
    find_doubtful,
    spell,
    spell_boxes,
    stand_in_boxes,
    to_missed,
    to_number,
    weigh_labels,
    weigh_looks,
)
from inkdigits.normalize import to_patches
from inkdigits.recogniser import Recogniser
from inkdigits.records import Box, Digit, Glyph, Ink, Line, LineInk
from inkdigits.segment import Strip, find_marks, find_missed, part_at, to_strip

LIKELY = 0.75
"""Without being told so, a picture is taken for a number if each of its digits is so likely, on average."""

SURE, CERTAIN, LIKELIER, MUCH_MORE = 0.9, 0.95, 0.6, 1.5
"""A page lies the right way up if its digits are so likely, on average, and none is a sign, or so likely that a few may
be; else the way in which most digits are likelier than that, and the most so: by so much more than as it was sent."""

EVEN = 2.0
"""Digits stand evenly if no two are more than so many times as far apart as most."""

AS_HIGH, ASIDE = 0.6, 0.33
"""One digit leaves out another that is so high, as a share of its own height, and of whose width at most this share
lies over or under it."""

AS_LIKELY = 0.1
"""A row is read box by box if that is at least so many times as likely as what it reads without regard to them: else
they are no boxes for one digit each."""


DOUBTFUL, HOPELESS = 0.7, 1e-9
"""A line that is less sure is looked at again in other ways; not one that is hardly a number."""


@dataclass(frozen=True, slots=True)
class Networks:
    """What reads lines, and what a digit must reach."""

    recogniser: Recogniser
    thresholds: Thresholds
    """Of what the network for lines says."""
    classifier: Classifier
    """For single digits: asked of ink in which the other one saw nothing."""
    single: Thresholds
    """Of what that one says."""


class Lines(NamedTuple):
    """Lines as they are read, with the ink of each of their digits."""

    lines: tuple[Line, ...]
    glyphs: tuple[Glyph, ...]
    """One a digit, in pixels of its line's ink."""
    inks: tuple[Ink, ...]
    """One a line: what it was read in."""


def read_lines(
    found: Sequence[LineInk],
    networks: Networks,
    *,
    n_digits: int | None = None,
    only_numbers: bool = False,
    complete_from: int = 0,
    to_page: Callable[[Box], Box] = lambda box: box,
) -> Lines:
    """Read lines of digits.

    Args:
        found: the ink of each line. Boxes that are known hold one digit each, or none, but where `n_digits` is given.
        networks: what reads them.
        n_digits: how many digits each line has; None: any number.
        only_numbers: leave out words, and what stands alone and is no digit to the network for single ones; and do not
            ask what stands beside digits, but in boxes that are known: on a page, pieces of other ones do.
        complete_from: nor where fewer digits than that are read: beside the one digit of a photo, a table may.
        to_page: turns boxes in the picture into boxes on the page as it was sent.
    """
    read_out = partial(
        _read_line, networks=networks, n_digits=n_digits, only_numbers=only_numbers, complete_from=complete_from
    )
    firsts = [(line, strip) for each in found for line, strip in _with_strip(each)]
    seen = networks.recogniser.look([strip.ink for _, strip in firsts])
    lines, taken, inks = list[Line](), list[Glyph](), list[Ink]()
    for (line, strip), columns in zip(firsts, seen, strict=True):
        read = _look_again(read_out(line, strip, columns), read_out, networks)
        if read.glyphs:
            boxes = [to_page(to_picture(glyph.box, read.found.ink, read.found.part)) for glyph in read.glyphs]
            # the network sees marks near a digit, this the others
            marks = find_marks(read.found.ink, read.glyphs, read.strip.digit_px)
            lines.append(to_number(read.spelling, boxes, networks.thresholds, marks))
            taken += read.glyphs
            inks.append(read.found.ink)
    return Lines(tuple(lines), tuple(taken), tuple(inks))


class _Read(NamedTuple):
    """What one look at a line shows."""

    found: LineInk
    strip: Strip
    spelling: Spelling
    glyphs: tuple[Glyph, ...]
    """Of its digits; none if it is no number."""


def _with_strip(found: LineInk) -> list[tuple[LineInk, Strip]]:
    """Return a line with its strip, by the first look at it that shows any ink; nothing if none does."""
    while (strip := to_strip(found.ink)) is None:
        if found.again is None:
            return []
        found = found.again()
    return [(found, strip)]


def _look_again(first: _Read, read_out: Callable[..., _Read], networks: Networks) -> _Read:
    """Look at a doubtful line in other ways, as long as there are some and all together leave it doubtful."""
    looks, best, again = [first], first, first.found.again
    while best.glyphs and HOPELESS <= best.spelling.confidence < DOUBTFUL and again is not None:
        found = again()
        again = found.again
        strip = to_strip(found.ink)
        if strip is None or any(_is_same(found, look.found) for look in looks):
            continue
        other = read_out(found, strip, networks.recogniser.look([strip.ink])[0])
        if other.glyphs:
            looks.append(other)
            chosen, spelling = weigh_looks([look.spelling for look in looks])
            best = looks[chosen]._replace(spelling=spelling)
    return best


def _is_same(one: LineInk, other: LineInk) -> bool:
    return one.part == other.part and np.array_equal(one.ink, other.ink)


def _read_line(
    found: LineInk,
    strip: Strip,
    columns: npt.NDArray[np.float32],
    *,
    networks: Networks,
    n_digits: int | None,
    only_numbers: bool,
    complete_from: int,
) -> _Read:
    """Read a line by one look at it."""
    ink, bars = found.ink, found.bars
    spell_out = partial(_spell, columns, ink, strip, networks, only_numbers)
    spelling = spell_out(n_digits)
    if n_digits is None and bars and not stand_in_boxes(spelling.parts, borders := strip.from_line(bars)):
        spelling = _choose(spelling, spell_out(None, borders), spell_out, len(bars) - 1)
    if (bars or not only_numbers) and complete_from <= len(spelling.parts):
        whole = complete(ink, strip, spelling if n_digits is None else spell_out(None), networks, bars)
        if n_digits is None or (len(whole.parts) == n_digits and whole.confidence > spelling.confidence):
            spelling = whole
    glyphs = () if only_numbers and not spelling.is_number else _find_glyphs(ink, strip, spelling.parts)
    is_number = glyphs and not (only_numbers and _is_lone_sign(glyphs, networks))
    return _Read(found, strip, spelling, glyphs if is_number else ())


def _spell(
    columns: npt.NDArray[np.float32],
    ink: Ink,
    strip: Strip,
    networks: Networks,
    only_numbers: bool,
    n_digits: int | None,
    borders: Sequence[float] = (),
) -> Spelling:
    """Spell what the network for lines says; of a doubtful digit, the one for single digits has a say as well."""
    calibration = networks.recogniser.card.calibration
    spell_out: Callable[[npt.NDArray[np.float32]], Spelling] = (
        partial(spell_boxes, borders=borders, calibration=calibration)
        if borders
        else partial(spell, n_digits=n_digits, calibration=calibration)
    )
    spelling = spell_out(columns)
    if only_numbers and not spelling.may_be_number:
        return spelling
    weighed = weigh_doubtful(columns, ink, strip, spelling.parts, networks)
    return spelling if weighed is None else spell_out(weighed)


def _choose(free: Spelling, boxed: Spelling, spell_out: Callable[[int], Spelling], n_boxes: int) -> Spelling:
    """Choose how a row of boxes is read: without regard to them, or box by box; it has no more digits than boxes."""
    if boxed.confidence >= AS_LIKELY * free.confidence:
        return boxed
    return free if len(free.parts) <= n_boxes else spell_out(n_boxes)


def weigh_doubtful(
    columns: npt.NDArray[np.float32], ink: Ink, strip: Strip, parts: Sequence[Part], networks: Networks
) -> npt.NDArray[np.float32] | None:
    """Ask the network for single digits of doubtful parts of a line, and let its answers count where these stand.

    Args:
        columns: (T, 14) float32, what the network for lines says.
        ink: of the line.
        strip: of the same.
        parts: how that is spelled.
        networks: what reads it.

    Returns:
        (T, 14) float32; None where nothing is doubtful.
    """
    doubtful = find_doubtful(parts)
    if not doubtful:
        return None
    every = _find_glyphs(ink, strip, parts)
    glyphs = [every[at] for at in doubtful]
    labels, scores = networks.classifier.classify(to_patches([glyph.ink for glyph in glyphs]))
    powers = [score * (PARTED if glyph.is_parted else WHOLE) for glyph, score in zip(glyphs, scores, strict=True)]
    return weigh_labels(columns, parts, dict(zip(doubtful, zip(labels, powers, strict=True), strict=True)))


def _find_glyphs(ink: Ink, strip: Strip, parts: Sequence[Part]) -> tuple[Glyph, ...]:
    """Find the ink of each part of a line."""
    return part_at(ink, strip.to_line([part.column for part in parts]), strip.digit_px)


def _is_lone_sign(glyphs: Sequence[Glyph], networks: Networks) -> bool:
    """Whether something stands alone and is no digit to the network for single ones."""
    if len(glyphs) > 1:
        return False
    _, (score,) = networks.classifier.classify(to_patches([glyphs[0].ink]))
    return bool(score < networks.single.digit_score)


def complete(ink: Ink, strip: Strip, spelling: Spelling, networks: Networks, bars: Sequence[float] = ()) -> Spelling:
    """Put in what the network for lines left out: as the digit that the other network surely sees, or as no digit.

    Args:
        ink: of the line.
        strip: of the same.
        spelling: what the network for lines says.
        networks: what reads it.
        bars: columns of the ink between the boxes that it stands in, if any: none of them holds two digits.
    """
    columns = strip.to_line([part.column for part in spelling.parts])
    missed: Sequence[float] = find_missed(ink, columns, strip.digit_px)
    if bars:
        missed = _in_empty_boxes(missed, columns, bars)
    if missed and columns:
        missed = _without_strokes(missed, part_at(ink, columns, strip.digit_px), spelling.parts, networks)
    if not missed:
        return spelling
    every = sorted([*columns, *missed])
    glyphs = part_at(ink, every, strip.digit_px)
    said = networks.classifier.classify(to_patches([glyphs[every.index(column)].ink for column in missed]))
    places = strip.from_line(missed)
    return add_missed(spelling, [to_missed(*each, networks.single) for each in zip(*said, places, strict=True)])


def _in_empty_boxes(missed: Sequence[float], columns: Sequence[float], bars: Sequence[float]) -> list[float]:
    """Return the first of what was missed in each box in which nothing was read."""
    kept: dict[int, float] = {}
    for column in missed:
        kept.setdefault(bisect(bars, column), column)
    taken = {0, len(bars), *(bisect(bars, column) for column in columns)}
    return [column for box, column in kept.items() if box not in taken]


def _without_strokes(
    missed: Sequence[float], glyphs: Sequence[Glyph], parts: Sequence[Part], networks: Networks
) -> list[float]:
    """Leave out what belongs to a digit beside it: the two together are surely what was read there."""
    labels, scores = networks.classifier.classify(to_patches([glyph.ink for glyph in glyphs]))
    whole = [
        glyph.box
        for glyph, part, label, score in zip(glyphs, parts, labels.argmax(1).tolist(), scores.tolist(), strict=True)
        if label == part.label and score >= networks.single.digit_score
    ]
    return [column for column in missed if not any(box.x0 <= column < box.x1 for box in whole)]


def to_picture(box: Box, ink: Ink, part: Box) -> Box:
    """Turn a box in pixels of some ink into one around it in pixels of the picture, of which the ink covers a part."""
    across, down = part.width / ink.shape[1], part.height / ink.shape[0]
    left, top = part.x0 + floor(box.x0 * across), part.y0 + floor(box.y0 * down)
    return Box(left, top, part.x0 + ceil(box.x1 * across), part.y0 + ceil(box.y1 * down))


def is_number(line: Line) -> bool:
    """Whether a line has several digits, rather likely; of many digits, all together are seldom likely."""
    return len(line.digits) > 1 and line.confidence ** (1 / len(line.digits)) >= LIKELY


def stand_evenly(lines: Sequence[Line]) -> bool:
    """Whether all digits of a page stand in one row, as far from each other: those of one number, widely spaced."""
    boxes = sorted((digit.box for line in lines for digit in line.digits), key=lambda box: box.x0)
    if not boxes or max(box.y0 for box in boxes) >= min(box.y1 for box in boxes):
        return False
    gaps = [right.x0 - left.x1 for left, right in pairwise(boxes)]
    return max(gaps, default=0) <= EVEN * max(1.0, median(gaps or [0]))


def is_sure(lines: Sequence[Line]) -> bool:
    """Whether a page that was read so lies the right way up, for all that its digits say."""
    digits = [digit for line in lines for digit in line.digits]
    least = SURE if all(digit.label is not None for digit in digits) else CERTAIN
    return bool(digits) and sum(digit.confidence for digit in digits) >= least * len(digits)


def choose_turned(tried: Sequence[Lines]) -> Lines:
    """Choose how a page lies, of what was read of it each way up: as it was sent, if no other way says much more.

    Where another way is sure, which that one is not, it is enough if it says more.
    """
    first, *others = tried
    sent = _weigh(first.lines)

    def wins(other: Lines) -> bool:
        surer = is_sure(other.lines) and not is_sure(first.lines)
        return _weigh(other.lines) > (sent if surer else MUCH_MORE * sent + 1)

    return max(filter(wins, others), key=lambda other: _weigh(other.lines), default=first)


def _weigh(lines: Sequence[Line]) -> float:
    """Say how much of a page is read: each digit counts by how sure it is, and against it what is doubtful."""
    return sum(digit.confidence - LIKELIER for line in lines for digit in line.digits)


def leaves_out(read: Sequence[Digit], number: Sequence[Digit]) -> bool:
    """Whether one digit, which is accepted, leaves out another of a number, about as high as itself."""
    if len(read) != 1 or read[0].label is None or len(number) < 2:
        return False
    box = read[0].box
    high = [digit.box for digit in number if digit.box.height >= AS_HIGH * box.height]
    return any(min(box.x1, other.x1) - max(box.x0, other.x0) <= ASIDE * other.width for other in high)
