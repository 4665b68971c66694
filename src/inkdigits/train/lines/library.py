"""Digits, letters and signs drawn once, to be set into lines many times."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.train.letters import choose_names, draw_letters
from inkdigits.train.negatives import NOT_A_DIGIT, Digits, font_letters
from inkdigits.train.pictures.shapes import Bytes, draw_digit, draw_log_uniform

HEIGHT_PX = 40
"""Height of a digit of the library."""

MAX_WIDTH_PX = 52

PEN_SHARE = (0.04, 0.16)
"""Width of a pen as a share of that height."""

DASHES = "=~-_"
"""What people put behind an amount is no sign of the line."""

SIGN_SHARE = 0.08
"""How many letters and signs there are for each digit."""

STRAIGHT_SHARE = 0.3
"""Share of the 1s that are drawn with a ruler's care: bars as upright as rules, some with a flag, or a flag and a foot.
Among hands that lean, a network takes them for rules."""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Shapes in order of their pen's width, from thin to bold."""

    shapes: tuple[Bytes, ...]
    """(h, w) uint8 each, ink bright, cut to the ink."""
    labels: npt.NDArray[np.int64]
    """(N,) 0-9, or `NOT_A_DIGIT`."""
    pens: npt.NDArray[np.float64]
    """(N,) width of the pen in pixels."""

    digits: npt.NDArray[np.int64]
    """Where the digits stand."""
    signs: npt.NDArray[np.int64]
    """Where the letters and signs stand."""


def draw_library(digits: Digits, seed: int, watch: Callable[[int], object] = lambda _: None) -> Library:
    """Draw every digit anew, each with a pen of its own, and letters and signs beside them.

    Args:
        digits: at least one, all of them digits.
        seed: of all random choices.
        watch: called with how many are done.
    """
    shapes: list[Bytes] = []
    pens: list[float] = []
    for number, patch in enumerate(digits.patches):
        rng = np.random.default_rng((seed, number))
        pen_px = HEIGHT_PX * draw_log_uniform(rng, *PEN_SHARE)
        turn = rng.normal(0, 3)
        if digits.labels[number] == 1 and rng.random() < STRAIGHT_SHARE:
            shapes.append(_draw_straight(rng, pen_px))
            pens.append(pen_px)
        else:
            shape = draw_digit(rng, patch, height_px=HEIGHT_PX, max_width_px=MAX_WIDTH_PX, pen_px=pen_px, turn_deg=turn)
            shapes.append(np.rint(255 * shape.mask).astype(np.uint8))
            pens.append(shape.pen_px)
        watch(number + 1)
    rng = np.random.default_rng((seed, len(shapes)))
    signs = [_draw_sign(rng) for _ in range(round(SIGN_SHARE * len(shapes)))]
    pens += [_pen_of(sign) for sign in signs]
    labels = np.concatenate([digits.labels, np.full(len(signs), NOT_A_DIGIT)])
    order = np.argsort(pens)
    labels, everything = labels[order], shapes + signs
    in_order = tuple(everything[at] for at in order)
    return Library(in_order, labels, np.array(pens)[order], np.flatnonzero(labels >= 0), np.flatnonzero(labels < 0))


def _draw_straight(rng: np.random.Generator, pen_px: float) -> Bytes:
    """Draw a 1 that is a bar, or has a flag at its top and perhaps a foot."""
    high = HEIGHT_PX - pen_px
    head, foot = np.array([HEIGHT_PX + rng.normal(0, 0.03) * high, 0.0]), np.array([HEIGHT_PX, high])
    path = [head, foot]
    if rng.random() < 0.4:
        long, angle = rng.uniform(0.12, 0.5) * high, np.radians(rng.uniform(20, 50))
        path.insert(0, head + long * np.array([-np.sin(angle), np.cos(angle)]))
        if rng.random() < 0.3:
            half = np.array([rng.uniform(0.1, 0.3) * high, 0.0])
            path += [foot - half, foot + half]
    points = np.rint((np.array(path) + pen_px) * 32).astype(np.int32)  # drawn twice as large, in sixteenths
    canvas = np.zeros((3 * HEIGHT_PX, 4 * HEIGHT_PX), dtype=np.uint8)
    cv2.polylines(canvas, [points], False, 255, max(1, round(2 * pen_px)), cv2.LINE_AA, 4)
    drawn = np.asarray(cv2.resize(canvas, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    x, y, width, height = cv2.boundingRect((drawn > 25).view(np.uint8))
    return np.ascontiguousarray(drawn[y : y + height, x : x + width])


def _draw_sign(rng: np.random.Generator) -> Bytes:
    """Draw a letter or a sign, as high as a digit or somewhat lower."""
    name = choose_names(rng, 1)
    if name not in DASHES and rng.random() < 0.5:
        field = draw_letters(rng, name)
    else:
        letters = font_letters(DASHES)
        field = np.pad(letters[rng.integers(len(letters))], 2)
    x, y, width, height = cv2.boundingRect((field > 64).view(np.uint8))
    scale = HEIGHT_PX * rng.uniform(0.6, 1.1) / max(height, 0.7 * width, 1)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    return np.asarray(cv2.resize(field[y : y + height, x : x + width], size, interpolation=cv2.INTER_AREA), np.uint8)


def _pen_of(shape: Bytes) -> float:
    """Return the mean width of a shape's strokes: a ribbon's mean distance from its edge is a quarter of it."""
    core = np.pad((shape > 127).view(np.uint8), 1)
    distances = cv2.distanceTransform(core, cv2.DIST_L2, 3)[core > 0]
    return 4 * float(distances.mean()) - 1 if distances.size else 1.0
