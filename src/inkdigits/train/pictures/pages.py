"""Pages that are filled in by hand: paper, print, words, rules and boxes, scanned or photographed."""

from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inkdigits.records import Box, Ink
from inkdigits.train.letters import choose_names, draw_letters
from inkdigits.train.pictures.photos import PAPERS, PENS, SPARE, photograph_sheet, write
from inkdigits.train.pictures.shapes import Bytes

SIDES = (1200, 1000)
"""Height and width of a page, in pixels."""

TURN_DEG = 3

PEN_PX = 2.5
"""Width of a pen: blur stays below what drowns it."""

CELL_HEIGHT = 1.2
"""Height of a box for one digit, as a share of its width."""

TEXT = """
the sum of all parts is written below each line please use a pen and write clearly total amount name date signature
question answer points course number group of the exam read every task before you begin no books are allowed time one
hour explain your result in a short sentence and show the way that led to it
"""
"""Print is made of its words."""


class Page(NamedTuple):
    """A photo of a page."""

    image: Bytes
    """(H, W, 3) RGB uint8."""
    places: tuple[Box, ...]
    """Where the numbers lie in it, in the order in which they were written."""
    others: tuple[Box, ...]
    """Where print and words do."""


class Desk:
    """One page while it is made."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.spare = round(SPARE * max(SIDES))
        paper = PAPERS[str(rng.choice(list(PAPERS)))]
        self.sheet = np.full((SIDES[0] + 2 * self.spare, SIDES[1] + 2 * self.spare, 3), paper, np.uint8)
        self.page = self.sheet[self.spare : -self.spare, self.spare : -self.spare]
        self.pen = PENS[str(rng.choice([name for name in PENS if "felt" not in name]))]
        self.taken = np.zeros(SIDES, dtype=np.bool_)
        self.numbers: list[Box] = []
        self.others: list[Box] = []

    def rule(self) -> None:
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

    def write_number(self, ink: Ink) -> bool:
        """Write a number in a free place, sometimes in a box, or on an underline; return whether there is such a place.

        Args:
            ink: (H, W) float32 in [0, 1], with some paper around it.
        """
        x, y, width, height = cv2.boundingRect((ink > 0.1).view(np.uint8))
        place = self._find_room(height, width)
        if place is None:
            return False
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
        self._write(ink[y : y + height, x : x + width], top, left)
        self.numbers.append(Box(left, top, left + width, top + height))
        return True

    def draw_boxes(self, top: int, left: int, cell: int, n: int) -> None:
        """Draw boxes for one digit each, side by side and so wide, and remember them as one number."""
        colour, line_px = self._colour(), int(self.rng.integers(1, 3))
        for at in range(n):
            x = left + at * cell
            cv2.rectangle(self.page, (x, top), (x + cell, top + round(CELL_HEIGHT * cell)), colour, line_px)
        self.taken[top - 50 : top + round(CELL_HEIGHT * cell) + 10] = True
        self.numbers.append(Box(left, top, left + n * cell, top + round(CELL_HEIGHT * cell)))

    def fill_box(self, ink: Ink, top: int, left: int, cell: int) -> None:
        """Write a digit into a box, not quite in its middle."""
        x, y, width, height = cv2.boundingRect((ink > 0.1).view(np.uint8))
        mask = ink[y : y + height, x : x + min(width, cell - 2)]
        at_x = left + (cell - mask.shape[1]) // 2 + int(self.rng.normal(0, 0.06 * cell))
        at_y = top + (round(CELL_HEIGHT * cell) - height) // 2 + int(self.rng.normal(0, 0.06 * cell))
        self._write(mask, at_y, at_x)

    def write_word(self, height_px: float) -> None:
        """Write a few letters by hand."""
        field = draw_letters(self.rng, choose_names(self.rng, int(self.rng.integers(3, 7))), round(height_px))
        place = self._find_room(*field.shape)
        if place is not None:
            top, left = place
            self._write(field.astype(np.float32) / np.float32(255), top, left)
            self.others.append(Box(left, top, left + field.shape[1], top + field.shape[0]))

    def print_words(self) -> None:
        """Print a few words in a free place."""
        text = " ".join(self.rng.choice(TEXT.split(), size=int(self.rng.integers(1, 6))))
        size = float(self.rng.uniform(14, 34))
        place = self._find_room(round(1.4 * size), round(0.56 * size * len(text)))
        if place is not None:
            self.print_at(text, size, (place[1], place[0]))

    def print_at(self, text: str, size: float, corner: tuple[int, int]) -> None:
        """Print a line of text; its upper left corner is (x, y)."""
        layer = Image.fromarray(np.ascontiguousarray(self.page))
        draw, font = ImageDraw.Draw(layer), ImageFont.load_default(size)
        draw.text(corner, text, fill=(30, 30, 34), font=font)
        self.page[:] = np.asarray(layer)
        self.others.append(Box(*(round(edge) for edge in draw.textbbox(corner, text, font=font))))

    def photograph(self) -> Page:
        """Photograph the page."""
        spare = self.spare
        places = [
            Box(box.x0 + spare, box.y0 + spare, box.x1 + spare, box.y1 + spare) for box in self.numbers + self.others
        ]
        image, boxes, _ = photograph_sheet(self.rng, self.sheet, places, SIDES, PEN_PX, TURN_DEG)
        n = len(self.numbers)
        return Page(image, tuple(boxes[:n]), tuple(boxes[n:]))

    def _write(self, mask: Ink, top: int, left: int) -> None:
        write(self.rng, self.page[top : top + mask.shape[0], left : left + mask.shape[1]], mask, self.pen)

    def _colour(self) -> tuple[int, ...]:
        return tuple(int(level) for level in self.rng.integers((90, 120, 150), (170, 190, 215)))

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
