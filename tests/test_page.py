"""Numbers anywhere on a page: where they are, in which order."""

import itertools
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from inkdigits.components import label_components
from inkdigits.images import load_image
from inkdigits.ink import find_page_ink
from inkdigits.ink.combs import Comb, Line
from inkdigits.ink.frames import find_cells
from inkdigits.ink.page import ALIKE, CELL, LEVEL, MAX_GROUPS, find_neighbours
from inkdigits.ink.page import _beside as beside
from inkdigits.ink.page import _goes_on as goes_on
from inkdigits.ink.page import find_groups as find_groups_in
from inkdigits.ink.photo import ink_dark
from inkdigits.ink.sizes import Mask
from inkdigits.records import Box
from tests.papers import SHEETS, photograph, plain
from tests.strokes import draw, paint

Array = npt.NDArray[Any]

PLACES = {(110, 80): "314", (380, 86): "7", (120, 300): "20", (360, 310): "5926"}
"""Left top corners of numbers, in reading order."""


def find_groups(photo: Array) -> tuple[list[Box], Mask]:
    """Find groups on a photo in colour."""
    light = ink_dark(photo)
    groups, frames = find_groups_in(light, None)
    return [group.box for group in groups], frames


def write(sheet: Array, places: dict[tuple[int, int], str] = PLACES, high_px: int = 50) -> Array:
    """Write numbers on a sheet."""
    for (x, y), text in places.items():
        for place, digit in enumerate(text):
            at = (x + round(0.8 * high_px * place), y)
            coverage = draw(int(digit), high_px=high_px, pen_px=5, at=at, shape=sheet.shape[:2])
            sheet = paint(coverage, (30, 40, 120), sheet)
    return sheet


def holds(box: Box, place: tuple[int, int], text: str, high_px: int = 50) -> bool:
    """Whether a box lies around a number, and not around more."""
    right = place[0] + 0.8 * high_px * (len(text) - 1) + 0.4 * high_px
    inside = box.x0 <= place[0] + 4 and box.y0 <= place[1] + 4 and box.x1 >= right and box.y1 >= place[1] + high_px - 4
    return inside and box.width < 0.8 * high_px * len(text) + 1.2 * high_px and box.height < 2.2 * high_px


@pytest.mark.parametrize("sheet", SHEETS)
def test_each_number_is_a_group_in_reading_order(sheet: str) -> None:
    """On plain, ruled and squared paper, and beside a table: lines from top to bottom, numbers from left to right."""
    groups, _ = find_groups(photograph(write(SHEETS[sheet]())))
    found = [next((at for at, box in enumerate(groups) if holds(box, *item)), None) for item in PLACES.items()]
    assert None not in found
    assert found == sorted(found)


def test_ink_covers_its_part_of_the_page() -> None:
    """As wide as it is high there."""
    page = load_image(photograph(write(plain())))
    for ink, part, *_ in find_page_ink(page):
        assert (ink > 0.5).any()
        assert abs(ink.shape[1] / ink.shape[0] - part.width / part.height) < 0.1


def test_a_blank_page_has_no_groups_with_ink() -> None:
    """Grain is none."""
    assert not any(ink.any() for ink, *_ in find_page_ink(load_image(photograph(plain()))))


def test_columns_stay_apart() -> None:
    """What is farther than a digit's height is another number; lines are not joined either."""
    places = {(50 + 200 * column, 60 + 110 * row): "12" for row, column in itertools.product(range(3), range(3))}
    groups, _ = find_groups(photograph(write(plain(), places)))
    assert len(groups) == 9
    assert all(holds(box, *item) for box, item in zip(groups, places.items(), strict=True))


def boxes_in_a_row(sheet: Array, corner: tuple[int, int], text: str, cell_px: int = 60) -> Array:
    """A row of boxes with a digit in each; one of them touches its box."""
    for at, digit in enumerate(text):
        left = corner[0] + at * cell_px
        cv2.rectangle(sheet, (left, corner[1]), (left + cell_px, corner[1] + 70), (140, 150, 170), 2)
        place = (left + (3 if at == 2 else 20), corner[1] + 17)
        sheet = paint(draw(int(digit), high_px=36, pen_px=4, at=place, shape=sheet.shape[:2]), (30, 40, 120), sheet)
    return sheet


def test_digits_with_a_box_each_are_one_number() -> None:
    """Its lines are known, and are neither ink nor a reason to part it."""
    photo = photograph(boxes_in_a_row(plain(), (90, 120), "3857204"))
    groups, frames = find_groups(photo)
    (group,) = groups
    assert group.x0 <= 115
    assert group.x1 >= 460
    assert frames[120:190, 90:510].mean() > 0.05
    assert not frames[220:].any()
    ((ink, *_),) = find_page_ink(load_image(photo))
    standing = ink[:, ink.shape[1] // 14 :: ink.shape[1] // 7]
    assert standing.shape[1] >= 7


@pytest.mark.parametrize(("width_px", "height_px"), [(36, 40), (52, 52), (90, 44)])
def test_a_small_box_is_found_around_its_digit(width_px: int, height_px: int) -> None:
    """Its lines are too short to be found one by one; the group is the one that the digit makes without it."""
    place = (200 + width_px // 2 - 8, 150 + height_px // 2 - 12)
    alone = paint(draw(2, high_px=24, pen_px=3, at=place, shape=plain().shape[:2]), (30, 40, 120), plain())
    boxed = alone.copy()
    cv2.rectangle(boxed, (200, 150), (200 + width_px, 150 + height_px), (120, 130, 150), 2)
    ((own,), _), ((group,), frames) = (find_groups(photograph(sheet)) for sheet in (alone, boxed))
    assert np.abs(np.subtract(own.to_list(), group.to_list())).max() <= 3
    assert frames[146:154, 200 : 200 + width_px].any(0).mean() > 0.9


def test_a_square_zero_is_no_box() -> None:
    """Its corners are round; nor is a full square, which has no inside."""
    angle = np.linspace(0, 2 * np.pi, 200)
    across, down = (np.sign(each) * np.abs(each) ** 0.6 for each in (np.cos(angle), np.sin(angle)))
    outline = np.stack([60 + 25 * across, 60 + 32 * down], 1).astype(np.int32)
    inked = cv2.polylines(np.zeros((120, 240), np.uint8), [outline], True, 1, 3)
    inked[40:80, 150:190] = 1
    assert not find_cells(label_components(inked)).any()
    cv2.rectangle(inked, (20, 20), (100, 100), 1, 2)
    assert find_cells(label_components(inked)).sum() > 500


def test_boxes_side_by_side_keep_their_own_lines() -> None:
    """What is found around a row of boxes is left to the row, whose lines are known better; other boxes stay."""
    line = Line(100, 300, 50, 0.0)
    comb = Comb(line, line._replace(row=90), (100.0, 150.0, 200.0, 250.0, 300.0), 0.0)
    cells = np.ones((140, 400), dtype=np.bool_)
    left = beside(cells, [comb])
    assert not left[45:96, 95:306].any()
    assert left[:40].all()
    assert left[:, :90].all()
    assert left[100:].all()
    assert left[:, 312:].all()


@pytest.mark.parametrize("size", [(40, 48), (420, 90)])
def test_specks_on_a_box_do_not_hide_it(size: tuple[int, int]) -> None:
    """It is found with its soft edge; what lies inside stays, and letters joined to a word are no box."""
    (width, height), inked = size, np.zeros((160, 520), np.uint8)
    cv2.rectangle(inked, (30, 30), (30 + width, 30 + height), 1, 3)
    inked[50:53, 20:30] = inked[30 + height : 38 + height, 44:47] = 1  # specks that hang on it
    cells = find_cells(label_components(inked))
    assert cells[26:32, 30 : 30 + width].any(0).all()
    assert cells[30 : 30 + height, 28 + width : 34 + width].any(1).all()
    assert not cells[40 : 20 + height, 40 : 20 + width].any()
    cv2.rectangle(inked, (5, 5), (10 + width, 23), 1, 2)
    assert not find_cells(label_components(inked[:26])).any()


def test_a_box_much_fainter_than_its_number_is_no_part_of_it() -> None:
    """On yellow paper, blue lines: what is left of them would be read as 1s."""
    sheet = np.full((400, 520, 3), (236, 214, 96), np.uint8)
    number = draw(6, high_px=40, pen_px=5, at=(206, 160), shape=sheet.shape[:2])
    drawn = paint(number, (90, 90, 50), sheet)
    cv2.rectangle(drawn, (190, 144), (246, 216), (150, 146, 160), 3)
    grain = np.random.default_rng(3).normal(0, 6, drawn.shape)
    found = find_page_ink(load_image(np.clip(drawn + grain, 0, 255).astype(np.uint8)))
    (own,) = [each for each in found if each.part.x0 <= 220 <= each.part.x1]
    assert own.part.width < 60
    assert own.ink[:, [0, 1, -2, -1]].max() == 0


def test_a_bar_is_no_frame() -> None:
    """A large 1, and the bar of a large 7, are ink."""
    sheet = plain()
    for at, digit in enumerate((1, 7)):
        coverage = draw(digit, high_px=300, pen_px=14, at=(100 + 240 * at, 80), shape=sheet.shape[:2])
        sheet = paint(coverage, (30, 40, 120), sheet)
    _, frames = find_groups(photograph(sheet))
    assert not frames.any()


def test_lines_of_text_are_no_numbers() -> None:
    """Nor is what stands in a row with them; a number far from them is one."""
    sheet = write(plain(), {(380, 400): "57"})
    for row in range(4):
        cv2.putText(
            sheet, f"{row}. write the sum of all parts", (20, 60 + 60 * row), 0, 0.9, (30, 30, 34), 2, cv2.LINE_AA
        )
    groups, _ = find_groups(photograph(sheet))
    assert len(groups) == 1
    assert holds(groups[0], (380, 400), "57")


def test_many_thin_bars_are_left_of_rules() -> None:
    """One of them may be a 1."""
    one, many = plain(), plain()
    for at in range(12):
        place = (40 + 50 * at, 60 + 30 * (at % 4))
        for sheet in (one, many)[at > 0 :]:
            cv2.line(sheet, place, (place[0], place[1] + 30), (40, 40, 60), 3)
    assert [len(find_groups(photograph(sheet))[0]) for sheet in (one, many)] == [1, 0]


def test_large_pages_are_looked_at_small() -> None:
    """Boxes are in pixels of the page that came in."""
    page = cv2.resize(photograph(write(plain())), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    groups, _ = find_groups(page)
    for (x, y), text in PLACES.items():
        assert any(holds(box, (4 * x, 4 * y), text, 200) for box in groups)


@pytest.mark.parametrize(("height", "width"), [(6000, 20), (12000, 55)])
def test_long_narrow_pages_have_groups_that_lie_on_them(height: int, width: int) -> None:
    """Made small, their sides are rounded unlike each other."""
    page = np.full((height, width), 240, np.uint8)
    page[-170:-20, width // 2 - 3 : width // 2 + 3] = 20
    ((_, part, *_),) = find_page_ink(load_image(page))
    assert 0 <= part.x0 < part.x1 <= width
    assert height - 300 < part.y0 < part.y1 <= height


def test_noise_has_an_end() -> None:
    """Of thousands of specks only so many are looked at."""
    salt = np.where(np.random.default_rng(0).random((900, 900)) < 0.05, 0, 255).astype(np.uint8)
    assert len(find_groups(salt)[0]) <= MAX_GROUPS


def test_neighbours_are_those_of_all_pairs() -> None:
    """Only boxes that share rows are compared, and yet none is missing."""
    rng = np.random.default_rng(3)
    corners, sides = rng.integers(0, 300, (80, 2)), rng.integers(5, 60, (80, 2))
    boxes = np.hstack([corners, corners + sides])
    pairs, gaps = find_neighbours(boxes)
    found = {(min(pair), max(pair)): gap for pair, gap in zip(pairs.tolist(), gaps.tolist(), strict=True)}
    expected = {}
    for one, other in itertools.combinations(range(80), 2):
        low, high = sorted(sides[[one, other], 1].tolist())
        shared = min(boxes[one, 3], boxes[other, 3]) - max(boxes[one, 1], boxes[other, 1])
        (x0, x1), (u0, u1) = ((x + w - r, x + w + r) for x, w, r in _spans(boxes[[one, other]]))
        if shared >= LEVEL * low and high <= ALIKE * low:
            expected[one, other] = max(x0 - u1, u0 - x1) / high
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-5)


def _spans(boxes: npt.NDArray[np.int64]) -> list[tuple[float, float, float]]:
    """Return of each box its left side, half its width, and half of what it takes: `CELL` of its height at least."""
    half = [(float(x1 - x0) / 2, CELL * float(y1 - y0) / 2) for x0, y0, x1, y1 in boxes.tolist()]
    return [(float(box[0]), own, max(own, least)) for box, (own, least) in zip(boxes, half, strict=True)]


def test_a_bar_from_which_a_line_goes_on_is_a_piece_of_it() -> None:
    """Above it or below; a 1 in a box, or beside a line, is none."""
    frames = np.zeros((200, 200), np.bool_)
    frames[20:22, 20:180] = frames[120:122, 20:180] = True
    frames[20:120, 180:182] = True
    assert goes_on((179, 120, 184, 150), frames)
    assert goes_on((178, 0, 183, 20), frames)
    assert not goes_on((100, 50, 106, 90), frames)
    assert not goes_on((100, 24, 106, 119), frames)
    assert not goes_on((170, 122, 175, 150), frames)
    assert not goes_on((0, 0, 4, 200), frames)
