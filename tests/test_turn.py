"""Pages that lie askew, on their side or on their head."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from inkdigits import load_reader
from inkdigits.images import load_image
from inkdigits.ink import find_page_ink, find_ways_up
from inkdigits.ink.turn import turn_page
from inkdigits.reader import Reader
from inkdigits.records import Box, LineInk
from tests.papers import SHEETS
from tests.strokes import draw, paint

NUMBERS = {(120, 100): "3142", (520, 110): "7605", (130, 250): "20", (420, 260): "5926", (300, 420): "48"}
"""Left top corners of numbers, in reading order."""


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The reader of a fresh installation."""
    return load_reader()


@pytest.fixture(scope="module")
def page() -> npt.NDArray[np.uint8]:
    """A sheet of ruled paper with five numbers."""
    sheet: npt.NDArray[Any] = np.full((600, 900, 3), 246, np.uint8)
    for y in range(60, 600, 45):
        cv2.line(sheet, (0, y), (900, y), (170, 190, 215), 1)
    for (x, y), text in NUMBERS.items():
        for place, digit in enumerate(text):
            coverage = draw(int(digit), high_px=50, pen_px=5, at=(x + 40 * place, y), shape=sheet.shape[:2])
            sheet = paint(coverage, (30, 40, 120), sheet)
    return sheet


def askew(page: npt.NDArray[np.uint8], degrees: float) -> npt.NDArray[np.uint8]:
    """Turn a page counter-clockwise about its middle."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    turned = cv2.warpAffine(page, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, dtype=np.uint8)


@pytest.mark.parametrize("n_quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("degrees", [0, -9, 8])
def test_a_page_is_read_however_it_lies(
    reader: Reader, page: npt.NDArray[np.uint8], n_quarters: int, degrees: float
) -> None:
    """In reading order, and each digit has its box on the page as it was sent."""
    sent = np.ascontiguousarray(np.rot90(askew(page, degrees), n_quarters))
    reading = reader.read(sent, layout="page")
    assert [line.text for line in reading.lines] == [*NUMBERS.values()]
    assert (reading.width, reading.height) == (sent.shape[1], sent.shape[0])
    dark = sent.min(axis=2) < 120
    for line in reading.lines:
        for digit in line.digits:
            assert dark[digit.box.y0 : digit.box.y1, digit.box.x0 : digit.box.x1].any()
    boxed = np.zeros_like(dark)
    for line in reading.lines:
        boxed[line.box.y0 : line.box.y1, line.box.x0 : line.box.x1] = True
    assert (dark & boxed).sum() >= 0.97 * dark.sum()


def test_boxes_come_back(page: npt.NDArray[np.uint8]) -> None:
    """Of a turned page, to the very pixels; of a level one, they are what they were."""
    for n_quarters in range(4):
        sent = load_image(np.ascontiguousarray(np.rot90(page, n_quarters)))
        for turned in turn_page(sent):
            rows, columns = turned.image.grey.shape
            assert (turned.image.height, turned.image.width) == (rows, columns)
            box = Box(90, 100, 131, 160)
            back = turned.to_page(box)
            here, there = turned.image.grey[100:160, 90:131], sent.grey[back.y0 : back.y1, back.x0 : back.x1]
            assert here.size == there.size
            assert sorted(here.ravel()) == sorted(there.ravel())
            on_its_head = Box(columns - box.x1, rows - box.y1, columns - box.x0, rows - box.y0)
            assert turned.from_its_head(on_its_head) == back


def test_only_the_ways_that_it_may_lie_are_offered(page: npt.NDArray[np.uint8]) -> None:
    """Rows of writing and rules tell sides from ends; a blank sheet tells nothing."""
    assert len([*find_ways_up(load_image(page))]) == 2
    assert len([*find_ways_up(load_image(np.ascontiguousarray(np.rot90(page))))]) == 2
    assert len([*find_ways_up(load_image(np.full((400, 300), 250, np.uint8)))]) == 4


def test_what_is_found_is_the_same_on_its_head(page: npt.NDArray[np.uint8]) -> None:
    """In reading order, each in its place: nothing is looked for twice."""
    _, on_its_head = find_ways_up(load_image(page))
    sent = np.ascontiguousarray(np.rot90(page, 2))
    looked_for = find_page_ink(load_image(sent))
    assert len(on_its_head.found) == len(looked_for) == len(NUMBERS)
    for found, expected in zip(on_its_head.found, looked_for, strict=True):
        assert np.abs(np.subtract(found.part.to_list(), expected.part.to_list())).max() <= 2
        for one, other in ((found, expected), (again(found), again(expected))):
            assert cv2.matchTemplate(one.ink, other.ink[4:-4, 4:-4], cv2.TM_CCOEFF_NORMED).max() > 0.95


def again(found: LineInk) -> LineInk:
    """Look at a line again, once and no more."""
    assert found.again is not None
    look = found.again()
    assert look.part == found.part
    assert look.again is None
    return look


def test_grey_pages_stay_grey() -> None:
    """One plane is turned, not three alike."""
    photo = SHEETS["ruled"]().min(axis=2)
    for turned in turn_page(load_image(np.ascontiguousarray(photo))):
        assert turned.image.colour.strides[2] == 0


def test_digits_below_each_other_do_not_turn_a_page(reader: Reader) -> None:
    """Columns may be fuller than rows; and a 1 takes the room of a digit."""
    sheet: npt.NDArray[Any] = np.full((480, 640, 3), 250, np.uint8)
    for y, text in ((60, "196"), (330, "5017")):
        for place, digit in enumerate(text):
            coverage = draw(int(digit), high_px=70, pen_px=7, at=(80 + 77 * place, y), shape=sheet.shape[:2])
            sheet = paint(coverage, (30, 40, 120), sheet)
    assert reader.read(sheet, layout="page").text == "196\n5017"
