"""Pages made here: numbers in handwriting among print, words, rules and boxes, scanned or photographed.

Two kinds: sheets with up to twelve numbers anywhere, and exam pages full of print with one row of nine boxes for a
student number. Digits are MNIST's; print is set in the font that comes with Pillow, words are our own letters.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from inkdigits.records import Box
from inkdigits.train.letters import choose_names, draw_letters
from inkdigits.train.pictures.numbers import Spacing, compose_number
from inkdigits.train.pictures.photos import PAPERS, PENS, SPARE, photograph_sheet, write
from inkdigits.train.pictures.shapes import Bytes, draw_log_uniform

SIDES = (1200, 1000)
"""Height and width of a page, in pixels."""

MOST_NUMBERS = 12
NUMBER_PX = (20, 90)
"""Height of the digits of a number."""

N_BOXES = 9
"""Digits of a student number."""

TURN_DEG = 3
USUAL = Spacing(touching=0.05, close=0.35)

TEXT = """
the sum of all parts is written below each line please use a pen and write clearly total amount name date signature
question answer points course number group of the exam read every task before you begin no books are allowed time one
hour explain your result in a short sentence and show the way that led to it
"""
"""Print is made of its words."""


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
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        yield _Desk(rng, digits, labels).draw_exam() if kind == "exams" else _Desk(rng, digits, labels).draw_sheet()


class _Desk:
    """One page while it is made."""

    def __init__(self, rng: np.random.Generator, digits: Bytes, labels: npt.NDArray[np.integer[Any]]) -> None:
        self.rng, self.digits, self.labels = rng, digits, labels
        self.spare = round(SPARE * max(SIDES))
        paper = PAPERS[str(rng.choice(list(PAPERS)))]
        self.sheet = np.full((SIDES[0] + 2 * self.spare, SIDES[1] + 2 * self.spare, 3), paper, np.uint8)
        self.page = self.sheet[self.spare : -self.spare, self.spare : -self.spare]
        self.pen = PENS[str(rng.choice([name for name in PENS if "felt" not in name]))]
        self.taken = np.zeros(SIDES, dtype=np.bool_)
        self.numbers: list[tuple[str, Box]] = []

    def draw_sheet(self) -> Page:
        """Draw a sheet with numbers anywhere."""
        self._rule()
        for _ in range(int(self.rng.integers(0, 4))):
            self._print(
                " ".join(self.rng.choice(TEXT.split(), size=int(self.rng.integers(1, 6)))), self.rng.uniform(14, 34)
            )
        n_numbers = int(self.rng.integers(1, MOST_NUMBERS, endpoint=True))
        for _ in range(n_numbers):
            self._write_number(draw_log_uniform(self.rng, *NUMBER_PX))
        for _ in range(int(self.rng.integers(0, 4))):
            self._write_word(self.rng.uniform(24, 60))
        return self._photograph()

    def draw_exam(self) -> Page:
        """Draw an exam page: print all over, and a row of boxes with a student number in its upper part."""
        cell = int(self.rng.integers(34, 62))
        top, left = int(self.rng.integers(60, 260)), int(self.rng.integers(60, SIDES[1] - N_BOXES * cell - 60))
        self._fill_boxes(top, left, cell)
        self._print_at("Student number", 24, (left, max(4, top - 40)))
        y = 20
        while y < SIDES[0] - 60:
            size = float(self.rng.choice([16, 18, 20, 22]))
            if not self.taken[y : y + round(1.5 * size)].any():
                text = " ".join(self.rng.choice(TEXT.split(), size=14))
                self._print_at(f"{self.rng.integers(1, 30)}. {text}"[: int(80 * 18 / size)], size, (40, y))
            y += round(size * self.rng.uniform(1.4, 2.2))
        return self._photograph()

    def _photograph(self) -> Page:
        places = [
            Box(box.x0 + self.spare, box.y0 + self.spare, box.x1 + self.spare, box.y1 + self.spare)
            for _, box in self.numbers
        ]
        image, boxes, _ = photograph_sheet(self.rng, self.sheet, places, SIDES, 2.5, TURN_DEG)
        return Page(image, tuple((text, box) for (text, _), box in zip(self.numbers, boxes, strict=True)))

    def _colour(self) -> tuple[int, ...]:
        return tuple(int(level) for level in self.rng.integers((90, 120, 150), (170, 190, 215)))

    def _rule(self) -> None:
        """Rule the paper, or square it, or leave it as it is."""
        kind = self.rng.choice(["none", "lines", "squares"], p=[0.5, 0.3, 0.2])
        spacing, colour = int(self.rng.uniform(28, 90)), self._colour()
        if kind == "none":
            return
        for y in range(spacing, self.sheet.shape[0], spacing):
            cv2.line(self.sheet, (0, y), (self.sheet.shape[1], y), colour, 1)
        if kind == "squares":
            for x in range(spacing, self.sheet.shape[1], spacing):
                cv2.line(self.sheet, (x, 0), (x, self.sheet.shape[0]), colour, 1)

    def _find_room(self, height: int, width: int) -> tuple[int, int] | None:
        """Find a free place with some paper around; None where there is none."""
        for _ in range(60):
            top = int(self.rng.integers(20, max(21, SIDES[0] - height - 40)))
            left = int(self.rng.integers(20, max(21, SIDES[1] - width - 40)))
            room = round(0.6 * height)
            window = np.s_[max(0, top - room) : top + height + room, max(0, left - 3 * room) : left + width + 3 * room]
            if top + height < SIDES[0] - 10 and left + width < SIDES[1] - 10 and not self.taken[window].any():
                self.taken[top : top + height, left : left + width] = True
                return top, left
        return None

    def _write_number(self, height_px: float) -> None:
        """Write a number in a free place: sometimes in a box, or on an underline."""
        number = compose_number(self.rng, self.digits, self.labels, n_digits=(1, 8), height_px=height_px, spacing=USUAL)
        x, y, width, height = cv2.boundingRect((number.ink > 0.1).view(np.uint8))
        place = self._find_room(height, width)
        if place is None:
            return
        top, left = place
        frame = self.rng.random()
        room = int(self.rng.uniform(0.12, 0.35) * height)
        if frame < 0.25:
            corner, end = (left - room, top - room), (left + width + room, top + height + room)
            cv2.rectangle(self.page, corner, end, self._colour(), int(self.rng.integers(1, 3)))
        elif frame < 0.45:
            y_line = top + height + int(self.rng.uniform(-0.05, 0.15) * height)
            ends = ((left - room, y_line), (left + width + 2 * room, y_line))
            cv2.line(self.page, *ends, self._colour(), int(self.rng.integers(1, 3)))
        mask = number.ink[y : y + height, x : x + width]
        write(self.rng, self.page[top : top + height, left : left + width], mask, self.pen)
        text = "".join(map(str, number.labels))
        self.numbers.append((text, Box(left, top, left + width, top + height)))

    def _write_word(self, height_px: float) -> None:
        """Write a few letters by hand."""
        field = draw_letters(self.rng, choose_names(self.rng, int(self.rng.integers(3, 7))), round(height_px))
        place = self._find_room(*field.shape)
        if place is not None:
            top, left = place
            mask = field.astype(np.float32) / np.float32(255)
            write(self.rng, self.page[top : top + field.shape[0], left : left + field.shape[1]], mask, self.pen)

    def _print(self, text: str, size: float) -> None:
        """Print a line of text in a free place."""
        place = self._find_room(round(1.4 * size), round(0.56 * size * len(text)))
        if place is not None:
            self._print_at(text, size, (place[1], place[0]))

    def _print_at(self, text: str, size: float, corner: tuple[int, int]) -> None:
        layer = Image.fromarray(np.ascontiguousarray(self.page))
        ImageDraw.Draw(layer).text(corner, text, fill=(30, 30, 34), font=ImageFont.load_default(size))
        self.page[:] = np.asarray(layer)

    def _fill_boxes(self, top: int, left: int, cell: int) -> None:
        """Draw nine boxes side by side, with a digit in each, and remember them as one number."""
        text = ""
        colour, line_px = self._colour(), int(self.rng.integers(1, 3))
        for at in range(N_BOXES):
            x = left + at * cell
            cv2.rectangle(self.page, (x, top), (x + cell, top + round(1.2 * cell)), colour, line_px)
        for at in range(N_BOXES):
            digit = compose_number(
                self.rng, self.digits, self.labels, n_digits=(1, 1), height_px=cell * self.rng.uniform(0.5, 0.85)
            )
            x, y, width, height = cv2.boundingRect((digit.ink > 0.1).view(np.uint8))
            mask = digit.ink[y : y + height, x : x + min(width, cell - 2)]
            at_x = left + at * cell + (cell - mask.shape[1]) // 2 + int(self.rng.normal(0, 0.06 * cell))
            at_y = top + (round(1.2 * cell) - height) // 2 + int(self.rng.normal(0, 0.06 * cell))
            write(self.rng, self.page[at_y : at_y + height, at_x : at_x + mask.shape[1]], mask, self.pen)
            text += str(digit.labels[0])
        self.taken[top - 50 : top + round(1.2 * cell) + 10] = True
        self.numbers.append((text, Box(left, top, left + N_BOXES * cell, top + round(1.2 * cell))))
