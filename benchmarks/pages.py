"""Pages made here: numbers in handwriting among print, words, rules and boxes, scanned or photographed.

Two kinds: sheets with up to twelve numbers anywhere, and exam pages full of print with one row of nine boxes for a
student number. Digits are MNIST's; print is set in the font that comes with Pillow, words are our own letters.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from inkdigits.records import Box
from inkdigits.train.pictures.numbers import Spacing, compose_number
from inkdigits.train.pictures.pages import SIDES, TEXT, Desk
from inkdigits.train.pictures.shapes import Bytes, draw_log_uniform

MOST_NUMBERS = 12
NUMBER_PX = (20, 90)
"""Height of the digits of a number."""

N_BOXES = 9
"""Digits of a student number."""

USUAL = Spacing(touching=0.05, close=0.35)


class Page(NamedTuple):
    """A page with what stands on it."""

    image: Bytes
    """(H, W, 3) RGB uint8."""
    numbers: tuple[tuple[str, Box], ...]
    """The handwritten numbers, each with its place in the picture."""


def draw_pages(
    kind: str, digits: Bytes, labels: npt.NDArray[np.integer[Any]], *, n: int, seed: int = 0
) -> Iterator[Page]:
    """Draw pages of a kind, "sheets" or "exams".

    Args:
        kind: which.
        digits: (N, 28, 28) uint8, ink bright on black.
        labels: (N,) 0-9.
        n: how many pages.
        seed: another seed, other pages.
    """
    draw = _draw_exam if kind == "exams" else _draw_sheet
    for number in range(n):
        desk = Desk(np.random.default_rng((seed, number)))
        texts = draw(desk, digits, labels)
        page = desk.photograph()
        yield Page(page.image, tuple(zip(texts, page.places, strict=True)))


def _draw_sheet(desk: Desk, digits: Bytes, labels: npt.NDArray[np.integer[Any]]) -> list[str]:
    """Draw a sheet with numbers anywhere, and return what they are."""
    rng, texts = desk.rng, list[str]()
    desk.rule()
    for _ in range(int(rng.integers(0, 4))):
        desk.print_words()
    for _ in range(int(rng.integers(1, MOST_NUMBERS, endpoint=True))):
        height_px = draw_log_uniform(rng, *NUMBER_PX)
        number = compose_number(rng, digits, labels, n_digits=(1, 8), height_px=height_px, spacing=USUAL)
        if desk.write_number(number.ink):
            texts.append("".join(map(str, number.labels)))
    for _ in range(int(rng.integers(0, 4))):
        desk.write_word(rng.uniform(24, 60))
    return texts


def _draw_exam(desk: Desk, digits: Bytes, labels: npt.NDArray[np.integer[Any]]) -> list[str]:
    """Draw an exam page: print all over, and a row of boxes with a student number in its upper part; return that."""
    rng, text = desk.rng, ""
    cell = int(rng.integers(34, 62))
    top, left = int(rng.integers(60, 260)), int(rng.integers(60, SIDES[1] - N_BOXES * cell - 60))
    desk.draw_boxes(top, left, cell, N_BOXES)
    for at in range(N_BOXES):
        digit = compose_number(rng, digits, labels, n_digits=(1, 1), height_px=cell * rng.uniform(0.5, 0.85))
        desk.fill_box(digit.ink, top, left + at * cell, cell)
        text += str(digit.labels[0])
    desk.print_at("Student number", 24, (left, max(4, top - 40)))
    y = 20
    while y < SIDES[0] - 60:
        size = float(rng.choice([16, 18, 20, 22]))
        if not desk.taken[y : y + round(1.5 * size)].any():
            words = " ".join(rng.choice(TEXT.split(), size=14))
            desk.print_at(f"{rng.integers(1, 30)}. {words}"[: int(80 * 18 / size)], size, (40, y))
        y += round(size * rng.uniform(1.4, 2.2))
    return [text]
