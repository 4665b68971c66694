"""Lines composed of the shapes of a library, and spoilt as cleaning a picture spoils them.

What a line shows is told by tokens: digits, points and commas in the order in which they stand, and `SIGN` for each
letter or sign. Everything else that lies about (specks, rules, what stands above and below) is to be overlooked.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import COMMA, POINT, SIGN, Ink
from inkdigits.train.lines.library import HEIGHT_PX, Library
from inkdigits.train.lines.spoil import ROOM_PX, spoil_line
from inkdigits.train.lines.styles import CROSSED, SHARES, cross_seven, draw_style
from inkdigits.train.pictures.numbers import kern

N_GLYPHS = 9
"""A line has up to so many digits."""

SIMILAR, UNLIKE, UNLIKE_PENS = 0.06, 0.3, 0.25
"""Standard deviation of the pens of one line, as a share of all from thin to bold: mostly, and in this share of the
lines."""

WORDS, MIXED = 0.06, 0.1
"""Shares of the lines that are all letters, and that have some among the digits."""

MARKED = 0.2
"""Share of the lines with points or commas."""

TOUCHED = 0.55
"""Share of the lines of which some neighbours touch or cross."""

BOXED = 0.12
"""Share of the lines whose digits have a box each."""

ENDED, LINKED, TWISTED, BOWED = 0.2, 0.25, 0.5, 0.4
"""Shares of the lines that end in a dash, and whose digits are linked as a pen goes on; of the shapes that are twisted,
and bowed."""

UPRIGHT = 0.3
"""Share of the lines whose digits do not lean: their straight 1s look like remains of boxes and rules."""

CLEAN = 0.3
"""Share of the lines that are only blurred: most of what people send is no worse, and of lines that are all hard to
read, a network learns less than if some are not."""

SMALL_ZEROS = 0.12
"""Share of the lines whose zeros are small, as people write the last ones of an amount."""


Place: TypeAlias = tuple[int, int, Ink]
"""A shape with the column and the row of its upper left corner."""

Point: TypeAlias = npt.NDArray[np.float64]
"""(x, y)."""

Stroke: TypeAlias = npt.NDArray[np.float64]
"""(n, 2) points (x, y) of a pen's way."""


class Written(NamedTuple):
    """A line with what stands in it."""

    ink: Ink
    """(H, W) float32 in [0, 1]."""
    tokens: tuple[int, ...]
    """From left to right."""


def compose_line(rng: np.random.Generator, library: Library) -> Written:
    """Write a random line, and spoil it."""
    line = write_line(rng, library)
    return Written(spoil_line(rng, line.ink, library, is_clean=rng.random() < CLEAN), line.tokens)


def write_line(rng: np.random.Generator, library: Library, touched: float = TOUCHED) -> Written:
    """Write a random line: its digits apart, touching or crossing, or in boxes; in one slant, size and pen.

    Args:
        rng: source of all choices.
        library: whose shapes are written.
        touched: share of the lines of which some neighbours touch or cross.
    """
    chosen = _choose(rng, library)
    hand = _draw_hand(rng, touched)
    marks = rng.random(len(chosen)) < (0.3 if not hand.pitch_px and rng.random() < MARKED else 0.0)
    tokens: list[int] = []
    places: list[Place] = []
    middle = 0.0
    for number, (at, marked) in enumerate(zip(chosen, marks, strict=True)):
        is_zero = library.labels[at] == 0
        shape = _write_shape(rng, _take(rng, library, at), hand, hand.zero_size if is_zero else 1.0)
        middle += rng.normal(0, hand.drift * HEIGHT_PX)
        lower = hand.zero_seat * (1 - hand.zero_size) * HEIGHT_PX if is_zero else 0.0
        top = round(middle + lower - shape.shape[0] / 2)
        pen_px = float(library.pens[at])
        distance = _draw_distance(rng, pen_px, hand.touching)
        if tokens and marked and tokens[-1] not in (POINT, COMMA):
            token, mark = _draw_mark(rng, pen_px)
            foot = places[-1][1] + places[-1][2].shape[0]
            places.append((_next_to(places[-1], mark, foot - mark.shape[0] // 3, rng.uniform(1, 14)), foot, mark))
            tokens.append(token)
            distance = max(1.0, distance)
        left = _beside_all(places, shape, top, distance) if places else 0
        if hand.pitch_px:
            left = round(number * hand.pitch_px - shape.shape[1] / 2 + rng.normal(0, 0.06 * HEIGHT_PX))
        places.append((left, top, shape))
        tokens.append(int(library.labels[at]) if library.labels[at] >= 0 else SIGN)
    pen_px = float(np.mean([library.pens[at] for at in chosen]))
    return Written(_lay_over(places, [*_strokes(rng, places, hand, pen_px)]), tuple(tokens))


def write_digit(rng: np.random.Generator, library: Library) -> tuple[int, Ink]:
    """Write one random digit in a random hand, and say which."""
    at = int(rng.choice(library.digits))
    return int(library.labels[at]), _write_shape(rng, _take(rng, library, at), _draw_hand(rng), 1.0)


class _Hand(NamedTuple):
    """What the digits of a line have in common."""

    lean: float
    """Columns to the right a row up."""
    spread: float
    """Standard deviation of a digit's own lean, and of the logarithm of its own width."""
    size: float
    """Standard deviation of the logarithm of a digit's size."""
    drift: float
    """Standard deviation of each step up or down, as a share of a digit's height."""
    touching: float
    """Share of the neighbours that touch or cross."""
    wide: float
    """All are so many times as wide."""
    pitch_px: float
    """Where each digit has a box of its own: the distance of their middles; else 0."""
    zero_size: float
    """Zeros are so large."""
    zero_seat: float
    """And stand on the line, 0.5, hang from its top, -0.5, or float between."""


def _draw_hand(rng: np.random.Generator, touched: float = TOUCHED) -> _Hand:
    """Draw a hand, and the form that it fills in."""
    lean, spread, drift = rng.normal(0.04, 0.2), rng.uniform(0, 0.1), rng.uniform(0, 0.09)
    if rng.random() < UPRIGHT:
        lean, spread = rng.normal(0, 0.03), rng.uniform(0, 0.04)
    touching = rng.uniform(0.1, 1) if rng.random() < touched else 0.0
    pitch_px = HEIGHT_PX * rng.uniform(0.9, 2.0) if rng.random() < BOXED else 0.0
    size = rng.uniform(0.05, 0.25) if pitch_px else rng.uniform(0, 0.17)
    wide = float(np.exp(rng.normal(0, 0.2)))
    zero_size = rng.uniform(0.45, 0.9) if rng.random() < SMALL_ZEROS else 1.0
    return _Hand(lean, spread, size, drift, touching, wide, pitch_px, zero_size, rng.uniform(-0.3, 0.5))


def _take(rng: np.random.Generator, library: Library, at: int) -> npt.NDArray[np.uint8]:
    """Take a shape from the library; now and then the same digit in one of its rarer ways, drawn anew each time."""
    label, shape, pen_px = int(library.labels[at]), library.shapes[at], float(library.pens[at])
    if rng.random() < SHARES.get(label, 0.0):
        return draw_style(rng, label, HEIGHT_PX, pen_px)
    return cross_seven(rng, shape, pen_px) if label == 7 and rng.random() < CROSSED else shape


def _write_shape(rng: np.random.Generator, shape: npt.NDArray[np.uint8], hand: _Hand, size: float) -> Ink:
    """Write a shape so large as a hand does, never twice alike."""
    size *= float(np.exp(rng.normal(0, hand.size)))
    wide = hand.wide * float(np.exp(rng.normal(0, hand.spread)))
    written = _bend(shape, hand.lean + rng.normal(0, hand.spread), size, wide)
    twisted, bowed = rng.random() < TWISTED, rng.random() < BOWED
    return _twist(rng, written, twisted=twisted, bowed=bowed) if twisted or bowed else written


def _strokes(
    rng: np.random.Generator, places: Sequence[Place], hand: _Hand, pen_px: float
) -> Iterator[tuple[Stroke, int]]:
    """Yield what is drawn besides the shapes, with the width of its pen: links, a dash, remains of boxes."""
    pen = max(1, round(pen_px))
    if rng.random() < LINKED and not hand.pitch_px:
        yield from ((stroke, pen) for stroke in _links(rng, places))
    if rng.random() < ENDED:
        yield from ((stroke, pen) for stroke in _ending(rng, places[-1]))
    if hand.pitch_px and rng.random() < 0.6:
        share = rng.uniform(0.1, 0.8)
        for side in range(len(places) + 1):
            if rng.random() < share:
                x = (side - 0.5) * hand.pitch_px + rng.normal(0, 1)
                short = rng.random() < 0.7  # what is as high as a digit is one
                y = HEIGHT_PX * (rng.uniform(-0.9, 0.3) if short else rng.uniform(-0.9, -0.7))
                long = HEIGHT_PX * (rng.uniform(0.1, 0.5) if short else rng.uniform(1.4, 1.8))
                yield _curve((x, y), (x + rng.normal(0, 1), min(y + long, 0.9 * HEIGHT_PX)), np.zeros(2)), 1


def _choose(rng: np.random.Generator, library: Library) -> list[int]:
    """Choose the shapes of a line: of pens about as wide."""
    n = int(rng.integers(1, N_GLYPHS, endpoint=True))
    kind = rng.random()
    is_sign = np.zeros(n, dtype=np.bool_)
    if kind < WORDS:
        is_sign[:] = True
    elif kind < WORDS + MIXED:
        is_sign[rng.integers(n, size=max(1, n // 3))] = True
    centre = rng.random()
    spread = UNLIKE if rng.random() < UNLIKE_PENS else SIMILAR
    chosen = []
    for sign in is_sign:
        pool = library.signs if sign else library.digits
        share = 1 - abs(1 - abs(centre + rng.normal(0, spread)) % 2)  # turned back at both ends
        chosen.append(int(pool[round(share * (len(pool) - 1))]))
    return chosen


def _bend(shape: npt.NDArray[np.uint8], lean: float, size: float, wide: float) -> Ink:
    """Slant and resize a shape, and cut it to its ink."""
    height, width = shape.shape
    new_height, new_width = max(3, height * size), max(3, width * size * wide)
    reach = abs(lean) * new_height
    place = np.array([[new_width / width, -lean * size, 3 + max(lean, 0) * new_height], [0, new_height / height, 3]])
    canvas = (round(new_width + reach) + 6, round(new_height) + 6)
    bent = cv2.warpAffine(shape, place, canvas, flags=cv2.INTER_LINEAR)
    x, y, w, h = cv2.boundingRect((bent > 25).view(np.uint8))
    return bent[y : y + h, x : x + w].astype(np.float32) / np.float32(255)


def _twist(rng: np.random.Generator, shape: Ink, *, twisted: bool, bowed: bool) -> Ink:
    """Bend a shape by a smooth random displacement (Simard et al. 2003), and bow it: large above and small below."""
    amount = rng.uniform(0.5, 2.8) if twisted else 0.0
    field = np.pad(shape, 6)
    height, width = field.shape
    coarse = rng.normal(0, amount, (2, 4, 4)).astype(np.float32)
    down, across = (cv2.resize(each, (width, height), interpolation=cv2.INTER_CUBIC) for each in coarse)
    rows, columns = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)
    if bowed:
        bow = np.sin(np.pi * rows / height)
        down, across = down + np.float32(rng.normal(0, 3.0)) * bow, across + np.float32(rng.normal(0, 2.0)) * bow
    bent = np.asarray(cv2.remap(field, across + columns, down + rows, cv2.INTER_LINEAR), dtype=np.float32)
    x, y, w, h = cv2.boundingRect((bent > 0.1).view(np.uint8))
    return bent[y : y + h, x : x + w] if w > 2 and h > 2 else shape


def _links(rng: np.random.Generator, places: Sequence[Place]) -> Iterator[Stroke]:
    """Let the pen go on from some shapes to the next, and leave a tail on others."""
    for (left, top, shape), (next_left, next_top, next_shape) in pairwise(places):
        kind = rng.random()
        if kind > 0.6:
            continue
        start = _edge_of(rng, shape, right=True) + np.array([left, top])
        if kind < 0.25:
            end = start + np.array([rng.uniform(3, 14), rng.uniform(-7, 5)])
        else:
            end = _edge_of(rng, next_shape, right=False) + np.array([next_left, next_top])
        if np.hypot(*(end - start)) < 0.7 * HEIGHT_PX:
            yield _curve(start, end, rng.normal(0, 5, 2))


def _ending(rng: np.random.Generator, place: Place) -> list[Stroke]:
    """Close a line as people close an amount: with a dash, or two of them."""
    left, top, shape = place
    x = left + shape.shape[1] + rng.uniform(3, 25)
    middle = top + shape.shape[0] * rng.uniform(0.3, 1.0)
    long = rng.uniform(8, 45)
    dashes = [_curve((x, middle), (x + long, middle + rng.normal(0, 3)), rng.normal(0, 4, 2))]
    if rng.random() < 0.4:
        gap = rng.uniform(5, 10)
        dashes.append(_curve((x, middle + gap), (x + long, middle + gap + rng.normal(0, 2)), rng.normal(0, 3, 2)))
    return dashes


def _edge_of(rng: np.random.Generator, shape: Ink, *, right: bool) -> Point:
    """Return a point (x, y) of a shape's right or left side, near its top or its foot."""
    share = rng.uniform(0.02, 0.3) if rng.random() < 0.6 else rng.uniform(0.7, 0.98)
    row = round(share * (shape.shape[0] - 1))
    inked = np.flatnonzero(shape[row] > 0.5)
    column = shape.shape[1] // 2 if not len(inked) else inked[-1] if right else inked[0]
    return np.array([column, row], dtype=np.float64)


def _curve(start: npt.ArrayLike, end: npt.ArrayLike, bulge: Point) -> Stroke:
    """Return points (n, 2) on a curve (Bezier's, with one control point beside the middle)."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    t = np.linspace(0, 1, 9)[:, None]
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * ((a + b) / 2 + bulge) + t**2 * b)


def _draw_distance(rng: np.random.Generator, pen_px: float, touching: float) -> float:
    """Draw the distance of two neighbours: below 0 where they cross."""
    kind = rng.random()
    if kind < touching:
        return -pen_px * float(rng.uniform(0.0, 1.5))
    share = rng.uniform(0.02, 0.15) if kind < touching + (1 - touching) * 0.5 else rng.uniform(0.12, 0.6)
    return HEIGHT_PX * float(share)


def _draw_mark(rng: np.random.Generator, pen_px: float) -> tuple[int, Ink]:
    """Draw a point or a comma."""
    is_comma = rng.random() < 0.5
    radius = max(1.2, pen_px * rng.uniform(0.45, 0.75))
    height = round(2 * radius * (rng.uniform(1.8, 3.0) if is_comma else rng.uniform(0.9, 1.2)))
    slip = rng.uniform(0.1, 0.6) * height if is_comma else 0.0
    width = round(2 * radius + slip)
    mark = np.zeros((height + 4, width + 4), dtype=np.uint8)
    top, bottom = (2 + slip + radius, 2 + radius), (2 + radius, 2 + height - radius)
    ends = (np.array([top, bottom]) * 16).round().astype(int).tolist()
    cv2.line(mark, tuple(ends[0]), tuple(ends[1]), 255, max(1, round(2 * radius)), cv2.LINE_AA, 4)
    return (COMMA if is_comma else POINT), mark.astype(np.float32) / np.float32(255)


def _next_to(place: Place, shape: Ink, top: int, distance: float) -> int:
    """Return the column where a shape stands at a distance right of one that is placed."""
    left, its_top, its_shape = place
    return left + kern(its_shape, its_top, shape, top) + round(distance)


def _beside_all(places: Sequence[Place], shape: Ink, top: int, distance: float) -> int:
    """Return the column where a shape stands right of the last two: the last may be a point under a roof."""
    return max(max(_next_to(place, shape, top, distance) for place in places[-2:]), places[-1][0] + 2)


def _lay_over(places: Sequence[Place], strokes: Sequence[tuple[Stroke, int]]) -> Ink:
    """Return the ink of all shapes and strokes together, with room around it."""
    first, highest = min(left for left, _, _ in places), min(top for _, top, _ in places)
    last = max(left + shape.shape[1] for left, _, shape in places)
    lowest = max(top + shape.shape[0] for _, top, shape in places)
    last = max([last, *(ceil(stroke[:, 0].max()) for stroke, _ in strokes)])
    ink = np.zeros((lowest - highest + 2 * ROOM_PX, last - first + 2 * ROOM_PX), dtype=np.float32)
    for stroke, pen_px in strokes:
        points = np.rint((stroke - (first, highest) + ROOM_PX) * 16).astype(np.int32)
        cv2.polylines(ink, [points], False, 1.0, pen_px, cv2.LINE_8, 4)
    for left, top, shape in places:
        window = ink[top - highest + ROOM_PX :, left - first + ROOM_PX :][: shape.shape[0], : shape.shape[1]]
        np.maximum(window, shape, out=window)
    return ink
