"""Lines on pages that are filled in by hand, as the steps of reading hand them to the network."""

from collections.abc import Sequence

import cv2
import numpy as np

from inkdigits.images import load_image
from inkdigits.ink import find_ways_up
from inkdigits.records import Box
from inkdigits.train.lines.compose import Written, write_digit, write_line
from inkdigits.train.lines.library import HEIGHT_PX, Library
from inkdigits.train.pictures.pages import SIDES, Desk
from inkdigits.train.pictures.shapes import draw_log_uniform

N_LINES = 14
"""So many lines are written on a page, if there is room."""

NUMBER_PX = (18, 90)
"""Height of the digits of a line."""

MAX_WIDTH_PX = 700

TOUCHED = 0.3
"""Share of the lines of which some neighbours touch: on forms fewer do."""

CELLS = 0.4
"""Share of the pages with a row of boxes."""

CELL_PX, N_CELLS = (30, 62), (4, 10)
"""Width of a box, and boxes in a row."""

FILLED = 0.93
"""Share of the boxes with a digit."""

SLACK_PX = 4
"""What is found may lack so much at the ends of a line: soft edges."""


def photograph_page(rng: np.random.Generator, library: Library) -> list[Written]:
    """Write random lines on a page, photograph it, and return those that reading finds, as it finds them."""
    desk = Desk(rng)
    desk.rule()
    tokens = [_fill_boxes(desk, library)] if rng.random() < CELLS else []
    for _ in range(int(rng.integers(0, 4))):
        desk.print_words()
    for _ in range(N_LINES):
        line = write_line(rng, library, TOUCHED)
        scale = min(draw_log_uniform(rng, *NUMBER_PX) / HEIGHT_PX, MAX_WIDTH_PX / line.ink.shape[1])
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        ink = np.clip(cv2.resize(line.ink, None, fx=scale, fy=scale, interpolation=method), 0, 1)
        if desk.write_number(np.asarray(ink, dtype=np.float32)):
            tokens.append(line.tokens)
    page = desk.photograph()
    way_up = next(iter(find_ways_up(load_image(page.image))))
    parts = [(way_up.to_page(found.part), found.ink) for found in way_up.found]
    lines = []
    for place, written in zip(page.places, tokens, strict=True):
        others = [other for other in (*page.places, *page.others) if other is not place]
        lines += [Written(ink, written) for part, ink in parts if _holds_only(part, place, others)]
    return lines


def _fill_boxes(desk: Desk, library: Library) -> tuple[int, ...]:
    """Draw a row of boxes, fill them in, and return what stands there."""
    rng = desk.rng
    cell, n = int(rng.integers(*CELL_PX)), int(rng.integers(*N_CELLS, endpoint=True))
    top = int(rng.integers(60, SIDES[0] - 200))
    left = int(rng.integers(30, SIDES[1] - n * cell - 30))
    desk.draw_boxes(top, left, cell, n)
    tokens = []
    for at, filled in enumerate(rng.random(n) < FILLED):
        if filled:
            label, shape = write_digit(rng, library)
            scale = cell * rng.uniform(0.45, 0.85) / HEIGHT_PX
            ink = cv2.resize(np.pad(shape, 3), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            desk.fill_box(np.asarray(ink, dtype=np.float32), top, left + at * cell, cell)
            tokens.append(label)
    return tuple(tokens)


def _holds_only(part: Box, place: Box, others: Sequence[Box]) -> bool:
    """Whether a part of the page holds a place, and nothing of others."""
    return holds(part, place, SLACK_PX) and not any(_meet(part, other) for other in others)


def holds(part: Box, box: Box, slack_px: float) -> bool:
    """Whether a part of a picture holds a whole box, but for some slack."""
    across = min(box.x0 - part.x0, part.x1 - box.x1)
    down = min(box.y0 - part.y0, part.y1 - box.y1)
    return min(across, down) >= -slack_px


def _meet(one: Box, other: Box) -> bool:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return width > 0 and height > 0
