"""Image -> ink: what a pen left on the paper, whatever the paper, the pen and the light.

flat.py     a pad, a screenshot, a cut-out digit: ink is what differs from the ground
ground.py   everything else has a ground that is estimated from the picture
photo.py    on it: one digit, or where a line of them lies
writing.py  all the ink of such a line
page.py     where on a page something is written
rules.py    printed lines, removed from all of them
frames.py   the faint ones of boxes and tables
combs.py    those of boxes side by side, one for each digit
turn.py     pages that lie askew
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import NamedTuple

import cv2
import numpy as np

from inkdigits.components import label_components
from inkdigits.ink.combs import Comb
from inkdigits.ink.flat import SMALL_PX, flat_ink, is_uneven
from inkdigits.ink.page import PAGE_PX, find_groups
from inkdigits.ink.photo import FoundLine, find_gains, find_line, is_dark_on_light, photo_ink, to_dark
from inkdigits.ink.sizes import WORK_PX, Mask, Pixels, reduce_to
from inkdigits.ink.turn import turn_page
from inkdigits.ink.writing import writing_ink
from inkdigits.records import CORE, Box, Image, Ink, LineInk

__all__ = ["WORK_PX", "find_line_ink", "find_page_ink", "find_ways_up", "is_flat", "shows_one_piece", "to_ink"]

LOW_PX = 160
"""A picture that is no higher is a strip cut from a form: the line fills it."""

FIND_PX, ENOUGH_PX = (256, 512), 16
"""Longer sides on which a line is looked for, and so high it must be on the first one to be found well enough; its ink
is then looked at more closely."""

FILLS = 0.5
"""So it does where it has this share of the picture's height."""

SPECK = 0.03
"""A piece of ink with less than this share of the largest one's area is dirt."""

CUT_PX = 160
"""Printed lines are handed on with their part of the picture at least so high, if that is."""

GROUNDS = (0.27, 0.16)
"""The ground of a line is estimated by a closing as wide as this share of its height: wider than any pen; and where it
is doubtful what stands there, once more by a narrower one, which leaves less of shadows."""

LOOKS = ((GROUNDS[0], 0.06), (GROUNDS[1], 0.06), (GROUNDS[0], 0.03), (GROUNDS[0], 0.12))
"""The looks at a photo, until one makes sure what stands there: that width, and the one by which the line was found, as
a share of the picture's longer side."""

LOOKS_AT_STRIP = tuple((ground, None) for ground in GROUNDS)
"""Those at a strip that the line fills."""

MARGIN = 0.3
"""Paper around a line, as a share of its height: its ground is estimated there."""


def to_ink(image: Image) -> Ink:
    """Find the ink in a picture of one digit.

    Args:
        image: any picture.

    Returns:
        (H, W) float32 in [0, 1]: 0 paper, 1 ink as strong as the picture's main stroke; all 0 for a blank picture.
        Larger pictures come back with their longer side at `WORK_PX`.
    """
    ink = _flat_ink(image)
    return photo_ink(_pixels(image)) if ink is None else ink


def find_line_ink(image: Image) -> LineInk:
    """Find the ink of the line of digits that a picture shows.

    Args:
        image: any picture; the line need not fill it.

    Returns:
        The ink, like that of `to_ink`, and the part of the picture that it covers.
    """
    ink = _flat_ink(image)
    if ink is not None:
        height, width = ink.shape
        return LineInk(ink, _as_sent(Box(0, 0, width, height), image, width, height))
    pixels = _pixels(image, max(image.width, image.height))
    height, width = pixels.shape[:2]
    small = reduce_to(pixels, FIND_PX[1], is_rough=True)
    is_dark = is_dark_on_light(small)
    small = to_dark(small, is_dark)
    is_low = height * min(1.0, WORK_PX / max(height, width)) < LOW_PX

    find = cache(partial(_find_line, small))

    def look(ground: float, find_on: float | None) -> LineInk:
        found = None if find_on is None else find(find_on)
        part = Box(0, 0, width, height) if found is None else _around(found, width, height)
        light = to_dark(pixels[part.y0 : part.y1, part.x0 : part.x1], is_dark)
        rules = None if found is None else _cut(found.rules, part, width, height)
        return LineInk(writing_ink(light, rules, ground), _as_sent(part, image, width, height))

    return _first_of([partial(look, *each) for each in (LOOKS_AT_STRIP if is_low else LOOKS)])


def _first_of(looks: Sequence[Callable[[], LineInk]]) -> LineInk:
    """Take the first of several looks at a line; the others can be taken from it, one after the other."""
    first, *others = looks
    return first()._replace(again=partial(_first_of, others) if others else None)


def _find_line(light: Pixels, width: float) -> FoundLine | None:
    """Find where a line lies: on a small picture if that shows it well enough, else on a larger one."""
    found = find_line(reduce_to(light, FIND_PX[0]), width)
    if found is not None and found.is_clear and found.box.height >= ENOUGH_PX:
        return found
    return find_line(light, width)


def _around(found: FoundLine, width: int, height: int) -> Box:
    """Return a line that was found on a smaller picture, with paper around it; all of the picture, if it fills that."""
    across, down = width / found.rules.shape[1], height / found.rules.shape[0]
    line = found.box
    left, top, right, bottom = (
        round(each) for each in (line.x0 * across, line.y0 * down, line.x1 * across, line.y1 * down)
    )
    if bottom - top >= FILLS * height:
        return Box(0, 0, width, height)
    room = round(MARGIN * (bottom - top))
    return Box(max(0, left - room), max(0, top - room), min(width, right + room), min(height, bottom + room))


def _cut(rules: Mask, part: Box, width: int, height: int) -> Mask:
    """Cut printed lines to a part of a picture so wide and high, on a smaller copy of which they were found."""
    step = max(1, part.height // CUT_PX)
    rows = np.arange(part.y0 + step / 2, part.y1, step) * (rules.shape[0] / height)
    columns = np.arange(part.x0 + step / 2, part.x1, step) * (rules.shape[1] / width)
    cut: Mask = rules[rows.astype(np.int64)[:, None], columns.astype(np.int64)]
    return cut


def is_flat(image: Image) -> bool:
    """Whether a picture is drawn, or cut out: then all its ink was meant, and none is a shadow or a table."""
    return _flat_ink(image) is not None


def shows_one_piece(image: Image) -> bool:
    """Say at once, of a drawing pad or a cut-out digit, that its ink hangs together: it can hardly be a number."""
    if max(image.grey.shape) <= SMALL_PX:
        return True
    ink = _flat_ink(image)
    if ink is None:
        return False
    _, _, stats, _ = label_components(ink >= CORE)
    areas = np.sort(stats[1:, cv2.CC_STAT_AREA])
    return len(areas) < 2 or bool(areas[-2] < SPECK * areas[-1])


def find_page_ink(image: Image) -> list[LineInk]:
    """Find the ink of everything on a page that may be a number.

    Args:
        image: any picture.

    Returns:
        Each group of ink, in reading order.
    """
    pixels = _pixels(image, max(image.width, image.height))
    is_dark = is_dark_on_light(image.grey)
    light, small = to_dark(pixels, is_dark), reduce_to(pixels, PAGE_PX)
    gains = find_gains(small)
    height, width = light.shape
    groups, frames = find_groups(light, None if gains is None else to_dark(small, is_dark, gains))
    found, shrunk = [], frames.shape[1] / width
    for part, comb in groups:
        cut = light[part.y0 : part.y1, part.x0 : part.x1], _cut(frames, part, width, height)
        seen = None if comb is None else comb.seen_from((part.x0 * shrunk, part.y0 * shrunk), 1 / shrunk)
        look = partial(_write_out, *cut, seen, _as_sent(part, image, width, height))
        found.append(_first_of([partial(look, ground) for ground in GROUNDS]))
    return found


def _write_out(light: Pixels, rules: Mask, comb: Comb | None, part: Box, ground: float) -> LineInk:
    """Find the ink of a part of a page, of which the printed lines are known, and the row of boxes, if it is one."""
    ink = writing_ink(light, rules, ground)
    if comb is None:
        return LineInk(ink, part)
    seen = comb.seen_from((0, 0), ink.shape[1] / light.shape[1])
    return LineInk(seen.inside(ink), part, seen.bars)


class WayUp(NamedTuple):
    """What is on a page that lies so."""

    found: list[LineInk]
    """Each group of ink that may be a number, in reading order."""
    to_page: Callable[[Box], Box]
    """Turns a box of it into one on the page as it was sent."""
    is_likely: bool
    """Whether the rows of the page are as clear as its columns."""


def find_ways_up(image: Image) -> Iterator[WayUp]:
    """Find the ink of a page as it was sent, then on its head and on its sides, if it may lie so; always level."""
    for page in turn_page(image):
        found = find_page_ink(page.image)
        yield WayUp(found, page.to_page, page.is_likely)
        if page.is_likely:
            yield WayUp(page.on_its_head(found), page.from_its_head, is_likely=True)


def _as_sent(part: Box, image: Image, width: int, height: int) -> Box:
    """Turn a box in pixels of a picture so wide and high into one in pixels of the picture as it was sent."""
    across, down = image.width / width, image.height / height
    return Box(round(part.x0 * across), round(part.y0 * down), round(part.x1 * across), round(part.y1 * down))


def _flat_ink(image: Image) -> Ink | None:
    """Return the ink on a flat ground; None where there is none."""
    is_photo = is_uneven(_pixels(image, max(image.width, image.height)))
    return None if is_photo else flat_ink(_pixels(image))


def _pixels(image: Image, side_px: int = WORK_PX) -> Pixels:
    """Return what ink is looked for in: grey where there is no colour, and no larger than that."""
    is_grey = image.colour.strides[2] == 0  # then it is a view of `grey`
    return reduce_to(image.grey if is_grey else image.colour, side_px)
