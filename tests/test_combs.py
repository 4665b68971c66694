"""Rows of boxes side by side, one for each digit: all of a row is known from what can be seen of it."""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from inkdigits import load_reader
from inkdigits.components import label_components
from inkdigits.decode import spell
from inkdigits.images import load_image
from inkdigits.ink import find_page_ink, find_ways_up, frames
from inkdigits.ink.combs import INSIDE, N_ROWS, Comb, Line, find_combs
from inkdigits.ink.combs import _grid as grid
from inkdigits.ink.combs import _look as look_at_all_leans
from inkdigits.ink.combs import _most_seen as most_seen
from inkdigits.ink.photo import LEAST_GAIN, MOST_GAIN, find_gains, to_dark
from inkdigits.lines import Networks, complete
from inkdigits.records import BLANK
from inkdigits.segment import to_strip
from tests.papers import photograph, plain
from tests.strokes import draw, paint

Array = npt.NDArray[Any]

CORNER, CELL, HIGH = (90, 120), 52, 66
"""Of the row that these tests draw: its upper left corner, and the width and the height of a box."""

PEN, PRINT = (30, 40, 120), (140, 150, 170)


def fill_in(text: str, *, line_px: int = 2, sheet: Array | None = None, print_in: tuple[int, ...] = PRINT) -> Array:
    """Print a row of boxes, one for each character, and write what is no space into them."""
    sheet = plain() if sheet is None else sheet
    for at, digit in enumerate(text):
        left = CORNER[0] + at * CELL
        cv2.rectangle(sheet, (left, CORNER[1]), (left + CELL, CORNER[1] + HIGH), print_in, line_px)
        if digit != " ":
            place = (left + 16, CORNER[1] + 17)
            sheet = paint(draw(int(digit), high_px=34, pen_px=4, at=place, shape=sheet.shape[:2]), PEN, sheet)
    return sheet


def look(sheet: Array) -> list[Array]:
    """Return the ink of each group that is found on a photo of a sheet."""
    return [ink for ink, *_ in find_page_ink(load_image(photograph(sheet))) if ink.any()]


def n_parts(ink: Array) -> int:
    """Count what hangs together, but for dirt."""
    _, _, stats, _ = label_components((ink >= 0.5).view(np.uint8))
    return int((stats[1:, cv2.CC_STAT_HEIGHT] > 0.2 * ink.shape[0]).sum())


@pytest.mark.parametrize("line_px", [1, 2, 4])
def test_a_row_of_boxes_is_one_number_without_its_lines(line_px: int) -> None:
    """Thin or thick."""
    (ink,) = look(fill_in("38572046", line_px=line_px))
    assert n_parts(ink) == 8


@pytest.mark.parametrize("degrees", [0, 4, -4])
def test_rows_below_each_other_are_two_also_on_a_page_askew(degrees: float) -> None:
    """The lines of one reach into the box around those of the other."""
    sheet = np.full((700, 800, 3), 246, np.uint8)
    for top in (260, 346):
        for at in range(9):
            left = 130 + at * CELL
            cv2.rectangle(sheet, (left, top), (left + CELL, top + HIGH), PRINT, 2)
            shape = sheet.shape[:2]
            sheet = paint(draw(at, high_px=34, pen_px=4, at=(left + 16, top + 17), shape=shape), PEN, sheet)
    turn = cv2.getRotationMatrix2D((400, 350), degrees, 1)
    turned = cv2.warpAffine(sheet, turn, (800, 700), borderMode=cv2.BORDER_REPLICATE)
    assert [len(bars) - 1 for *_, bars, _ in find_page_ink(load_image(np.asarray(turned, dtype=np.uint8)))] == [9, 9]


def test_boxes_may_stay_empty() -> None:
    """What stands far apart is one number all the same, and a row in which nothing stands is none."""
    (ink,) = look(fill_in("3      6"))
    assert n_parts(ink) == 2
    assert not look(fill_in("        "))


def test_a_1_as_high_as_its_box_is_no_line() -> None:
    """It leads from line to line as well; only where a line should stand, one does."""
    sheet = fill_in("385 204")
    x = CORNER[0] + round(3.4 * CELL)
    cv2.line(sheet, (x, CORNER[1] + 1), (x, CORNER[1] + HIGH - 1), PEN, 4)
    (ink,) = look(sheet)
    assert n_parts(ink) == 7


def test_a_digit_that_touches_its_box_stays_whole() -> None:
    """Its pen is darker than the line, on which it lies."""
    sheet = fill_in("38 7204")
    left = CORNER[0] + 2 * CELL
    cv2.ellipse(sheet, (left + CELL // 2, CORNER[1] + 34), (CELL // 2, 20), 0, 0, 360, PEN, 4)
    (ink,) = look(sheet)
    column = round(ink.shape[1] * 2.5 / 7)
    row = ink[round(ink.shape[0] / 2)]
    half = ink.shape[1] // 12
    assert (row[column - half : column].max(), row[column : column + half].max()) > (0.7, 0.7)
    assert n_parts(ink) == 7


def test_a_word_in_its_row_takes_nothing_away() -> None:
    """Beside numbers on plain paper, print is a line of text with all that follows; beside boxes it is not."""
    sheet = fill_in("385720")
    cv2.putText(sheet, "No:", (12, CORNER[1] + 50), 0, 1.2, (30, 30, 34), 2, cv2.LINE_AA)
    assert any(n_parts(ink) == 6 for ink in look(sheet))


def test_on_yellow_paper_pale_blue_lines_are_known() -> None:
    """Their blue is that of the paper: where the darkest channel is looked at, nothing of them shows."""
    paper, line = (236, 214, 120), (150, 170, 125)
    sheet = fill_in("3 5  0 6", sheet=np.full_like(plain(), paper), print_in=line)
    (ink,) = look(sheet)
    assert n_parts(ink) == 4


def test_balanced_paper_is_white() -> None:
    """What is on it keeps its shares; of grey and white pages there is nothing to change."""
    sheet = np.full((64, 64, 3), (240, 200, 120), np.uint8)
    sheet[:8] = (120, 100, 60)
    gains = find_gains(sheet)
    assert gains == pytest.approx([1, 1.2, 2])
    balanced = to_dark(sheet, True, gains)
    assert (balanced[8:] == 240).all()
    assert (balanced[:8] == 120).all()
    for same in (np.full((9, 9), 200, np.uint8), np.full((64, 64, 3), 200, np.uint8)):
        assert find_gains(same) is None
    assert find_gains(np.full((64, 64, 3), (200, 190, round(200 / LEAST_GAIN) + 2), np.uint8)) is None
    assert find_gains(np.full((64, 64, 3), (200, 10, 200), np.uint8)) == [1, MOST_GAIN, 1]


@pytest.mark.parametrize("n", [1, 2])
def test_few_boxes_are_no_row(n: int) -> None:
    """Nor are rules, or lines of text: nothing stands between them."""
    left, right = 100.0, 100.0 + 50 * n
    ridges = np.zeros((300, 900), np.uint8)
    for bar in range(n + 1):
        ridges[100:150, 100 + 50 * bar] = 1
    lines = [Line(left, right, 100, 0.0), Line(left, right, 150, 0.0)]
    assert find_combs(ridges, lines) == []
    assert find_combs(np.zeros_like(ridges), [Line(0, 900, 30.0 * at, 0.0) for at in range(9)]) == []


def test_digits_in_a_frame_are_no_lines() -> None:
    """They stand at equal distances, but do not reach from line to line as those of boxes do."""
    ridges = np.zeros((300, 900), np.uint8)
    ridges[100:160, [100, 280]] = 1
    ridges[109:151, [160, 220]] = 1
    lines = [Line(100, 280, 100, 0.0), Line(100, 280, 160, 0.0)]
    assert find_combs(ridges, lines) == []
    ridges[100:160, [160, 220]] = 1
    assert len(find_one(ridges, lines).bars) == 4


def test_squared_paper_is_no_row_of_boxes() -> None:
    """Nor is a table: its lines go on above a row, or below it, and numbers in it stand apart."""
    ridges = np.zeros((900, 900), np.uint8)
    ridges[100:400, [*range(100, 401, 50)]] = 1
    lines = [Line(100, 400, 100.0 + 50 * at, 0.0) for at in range(7)]
    assert find_combs(ridges, lines) == []
    assert find_combs(ridges, lines[:2]) == find_combs(ridges, lines[-2:]) == []
    ridges[155:] = 0
    assert len(find_combs(ridges, lines[:2])) == 1


def find_one(ridges: Array, lines: list[Line]) -> Comb:
    """Return the only comb."""
    (comb,) = find_combs(ridges, lines)
    return comb


def drawn(bars: list[int], shares: dict[int, float] | None = None) -> Array:
    """Ridges of standing lines from row 100 to 150, of some of which but a share can be seen."""
    ridges = np.zeros((300, 900), np.uint8)
    for number, bar in enumerate(bars):
        ridges[100 : 100 + round(50 * (shares or {}).get(number, 1.0)), bar] = 1
    return ridges


def test_each_line_may_be_seen_in_part() -> None:
    """If most can be seen; a little off is near enough."""
    bars = [100, 148, 201, 250, 300, 352, 399]
    lines = [Line(100, 400, 100, 0.0), Line(100, 400, 150, 0.0)]
    comb = find_one(drawn(bars, {2: 0.5, 5: 0.6}), lines)
    assert comb.bars == pytest.approx(bars, abs=2)
    assert comb.holds(225, 120)
    assert not comb.holds(225, 90)
    assert not comb.holds(420, 120)
    assert find_combs(drawn(bars, {2: 0.1}), lines) == []


def test_lying_lines_may_come_in_pieces_or_go_on() -> None:
    """A digit hides a part of one; the foot of a word makes the other one longer."""
    bars = [*range(100, 401, 50)]
    pieces = [Line(100, 210, 100, 0.0), Line(250, 400, 100, 0.0), Line(100, 470, 150, 0.0)]
    assert find_one(drawn(bars), pieces).bars == pytest.approx(bars, abs=2)


def test_the_smallest_boxes_count() -> None:
    """Each second line makes a row as well, and so do the longest ends with fewer of them."""
    bars = [*range(100, 551, 50)]
    lines = [Line(100, 550, 100, 0.0), Line(100, 500, 150, 0.0)]
    assert find_one(drawn(bars), lines).bars == pytest.approx(bars, abs=2)


def test_a_division_that_fits_worse_does_not_count() -> None:
    """Digits stand where some of its lines would be."""
    sheet = np.full((300, 500, 3), 246, np.uint8)
    for at, digit in enumerate("48915722"):
        left = 100 + at * 36
        cv2.rectangle(sheet, (left, 120), (left + 36, 160), PRINT, 2)
        sheet = paint(draw(int(digit), high_px=20, pen_px=4, at=(left + 9, 130), shape=sheet.shape[:2]), PEN, sheet)
    ((_, _, bars, _),) = find_page_ink(load_image(sheet))
    assert len(bars) == 9


def test_leaning_rows() -> None:
    """As a page askew shows them: the lying lines rise, the standing ones lean."""
    ridges = np.zeros((300, 900), np.uint8)
    bars = [*range(100, 501, 50)]
    for bar in bars:
        top = 100 + 0.05 * (bar - 100)
        cv2.line(ridges, (bar + 2, round(top)), (bar - 2, round(top) + 60), 1, 1)
    lines = [Line(100, 500, 95, 0.05), Line(100, 500, 155, 0.05)]
    comb = find_one(ridges, lines)
    assert comb.bars == pytest.approx(bars, abs=2)
    assert comb.lean == pytest.approx(-4 / 60, abs=0.035)


def test_of_rows_seen_as_well_the_longest_counts() -> None:
    """Of six lines 23 of 24 parts are seen, and of all seven; rounding has no say in it."""
    lines = [Line(100, 350, 100, 0.0), Line(100, 406, 160, 0.0)]
    bars, hidden = [100, 150, 201, 251, 302, 352, 406], [2, 1, 0, 0, 1, 2, 1]
    ridges = np.zeros((300, 900), np.uint8)
    ridges[100:160, bars] = 1
    parts = np.rint(100 + 60 * np.linspace(INSIDE, 1 - INSIDE, N_ROWS)).astype(int)
    for bar, n_hidden in zip(bars, hidden, strict=True):
        ridges[parts[9 : 9 + n_hidden], bar] = 0
    assert len(find_one(ridges, lines).bars) == 7


@pytest.mark.parametrize("seed", range(8))
def test_no_lean_shows_more_than_the_most(seed: int) -> None:
    """Lying lines are passed over by the most that can be seen between them: also askew, and at the edges of a page."""
    rng = np.random.default_rng(seed)
    ridges = (rng.random((160, 300)) < 0.2).astype(np.uint8)
    height, slope = rng.uniform(18, 140), rng.uniform(-0.15, 0.15)
    upper, lower = (Line(0, 300, row, slope) for row in (10.0, 10.0 + height))
    where = *grid(upper, lower), height
    assert (look_at_all_leans(ridges, *where)[1] <= most_seen(ridges, *where)).all()


def test_a_row_at_the_edge_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut out ends there, also if its first line seems to stand before it."""
    comb = Comb(Line(0, 300, 20, 0.0), Line(0, 300, 80, 0.0), (-3.0, 48, 99, 150, 201, 252, 303), 0.0)
    monkeypatch.setattr(frames, "find_combs", lambda *_: [comb])
    page = np.full((200, 300), 230, np.uint8)
    for row in (20, 80):
        page[row : row + 2] = 120
    for left in range(12, 300, 51):
        page = np.where(draw(4, high_px=30, pen_px=4, at=(left, 36), shape=page.shape) > 127, np.uint8(40), page)
    (found,) = find_page_ink(load_image(page))
    assert len(found.bars) == 7
    assert (found.part.x0, found.part.x1) == (0, 300)
    assert n_parts(found.ink) == 6


def test_bars_lie_in_order() -> None:
    """From left to right, however they were found."""
    comb = find_one(drawn([*range(100, 351, 50)]), [Line(100, 350, 100, 0.0), Line(100, 350, 150, 0.0)])
    assert all(one < other for one, other in pairwise(comb.bars))
    box = comb.box
    assert (box.x0, box.y0) == (100, 100)
    assert (box.x1, box.y1) == pytest.approx((351, 151), abs=2)


def test_no_more_digits_than_boxes() -> None:
    """What is left of a line may look like a 1, but there is no box for it; nor is one at the ends of the row."""
    sheet = fill_in("38572046")
    for at in (1, 5):
        x = CORNER[0] + at * CELL + 6
        cv2.line(sheet, (x, CORNER[1] + 14), (x, CORNER[1] + 54), PEN, 3)
    for x in (CORNER[0] - 1, CORNER[0] + 8 * CELL + 1):
        cv2.line(sheet, (x, CORNER[1] + 12), (x, CORNER[1] + 58), PEN, 3)
    reading = load_reader().read(photograph(sheet), layout="page")
    assert [len(line.text) for line in reading.lines] == [8]


def test_more_digits_than_boxes_are_expected() -> None:
    """The row cannot have so many: nobody is sure of what is read in it."""
    reading = load_reader(expect_digits=9).read(photograph(fill_in("38572046")), layout="page")
    assert all(line.confidence < 0.2 for line in reading.lines)


def test_print_above_a_row_that_falls_is_no_part_of_it() -> None:
    """What is cut out of the page is level, and so holds what stands over the lower end; and pieces of lines."""
    sheet = fill_in("38572046")
    for left in range(330, 500, 24):
        sheet = paint(draw(7, high_px=26, pen_px=3, at=(left, CORNER[1] - 34), shape=sheet.shape[:2]), 0, sheet)
    turn = cv2.getRotationMatrix2D((300, 150), -5, 1)
    turned = cv2.warpAffine(sheet, turn, sheet.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    rows = [found for found in find_page_ink(load_image(photograph(np.asarray(turned)))) if found.bars]
    (found,) = rows
    assert n_parts(found.ink) == 8


def test_what_lies_over_or_under_boxes_or_on_their_lines_is_left_out() -> None:
    """A stroke that comes into a box stays whole, also one beside a standing line."""
    comb = Comb(Line(0, 200, 20, 0.1), Line(0, 200, 70, 0.1), (10.0, 60.0, 110.0), 0.0)
    ink = np.zeros((100, 130), np.float32)
    outside = [(0, 5, 8, 60), (80, 30, 82, 100)]
    kept = [(35, 30, 40, 34), (60, 82, 66, 96), (15, 80, 50, 84), (40, 57, 60, 62)]
    for top, left, bottom, right in outside + kept:
        ink[top:bottom, left:right] = 0.8
    found = label_components(comb.inside(ink) > 0).stats[1:, :4]
    boxes = sorted((top, left, top + height, left + width) for left, top, width, height in found.tolist())
    assert boxes == sorted(kept)


@pytest.mark.parametrize("gap_px", [3, 4, 6])
def test_a_1_beside_a_line_is_a_digit(gap_px: int) -> None:
    """And no piece of that line."""
    sheet = fill_in("38 72046")
    x = CORNER[0] + 2 * CELL + gap_px
    cv2.line(sheet, (x, CORNER[1] + 14), (x, CORNER[1] + 52), PEN, 4, cv2.LINE_AA)
    (line,) = load_reader().read(photograph(sheet), layout="page").lines
    assert line.text == "38172046"


def test_a_blot_in_an_empty_box_is_no_digit() -> None:
    """All digits behind it would be wrong ones."""
    sheet = fill_in("3857 20")
    cv2.circle(sheet, (CORNER[0] + 4 * CELL + 26, CORNER[1] + 33), 8, PEN, -1)
    (line,) = load_reader().read(photograph(sheet), layout="page").lines
    assert line.text == "385720"


def test_small_cells_with_several_digits_are_read_whole() -> None:
    """They look like boxes for one digit each, but what they hold is far likelier right without them."""
    sheet = plain()
    for at, number in enumerate(("", "10", "", "7", "", "9")):
        left = 90 + 60 * at
        cv2.rectangle(sheet, (left, 120), (left + 60, 170), PRINT, 2)
        for place, digit in enumerate(number):
            where = (left + 8 + 24 * place, 130)
            sheet = paint(draw(int(digit), high_px=28, pen_px=4, at=where, shape=sheet.shape[:2]), PEN, sheet)
    lines = load_reader().read(photograph(sheet), layout="page").lines
    assert "".join(line.text for line in lines) == "1079"


def test_a_row_on_its_head_is_read_in_its_boxes() -> None:
    """Where the page is turned, so are the boxes."""
    page = find_ways_up(load_image(photograph(fill_in(" 3857 2"))[::-1, ::-1]))
    rows = [found for way in page for found in way.found if found.bars]
    assert len(rows) > 1
    for ink, _, bars, _ in rows:
        assert all(one < other for one, other in pairwise(bars))
        is_filled = [bool((ink[:, round(left) : round(right)] > 0.5).any()) for left, right in pairwise(bars)]
        assert is_filled in ([False, True, True, True, True, False, True], [True, False, True, True, True, True, False])


def test_what_is_seen_of_a_row_in_a_part_of_its_picture() -> None:
    """Places in the one are places in the other."""
    comb = Comb(Line(0, 200, 20, 0.1), Line(0, 200, 70, 0.1), (10.0, 60.0, 110.0), 0.05)
    seen = comb.seen_from((4, 6), 2.0)
    assert seen.bars == (12.0, 112.0, 212.0)
    assert seen.upper.at(112) == pytest.approx(2 * (comb.upper.at(60) - 6))
    assert seen.lean == comb.lean


def test_what_the_network_misses_in_a_box_is_put_in_or_doubtful() -> None:
    """One digit a box at the most, and none where one was read: the digits behind it would move."""
    reader = load_reader()
    networks = Networks(reader._recogniser, reader._line_thresholds, reader._classifier, reader._thresholds)
    ink = np.zeros((80, 300), np.float32)
    for left in (20, 120, 135, 220, 240):
        ink[20:60, left : left + 5] = 1.0
    strip = to_strip(ink)
    assert strip is not None
    said = np.eye(BLANK + 1, dtype=np.float32)[np.full(strip.ink.shape[1] // 2, BLANK)]
    for column in strip.from_line([22.5, 222.5]):
        said[round(column)] = np.eye(BLANK + 1)[1]
    spelling = spell(said)
    assert [part.label for part in spelling.parts] == [1, 1]
    whole = complete(ink, strip, spelling, networks, (0.0, 100.0, 200.0, 300.0))
    assert len(whole.parts) == 3
    assert strip.to_line([whole.parts[1].column])[0] == pytest.approx(122.5, abs=2)
    assert len(complete(ink, strip, spelling, networks).parts) == 5


def test_of_very_many_lines_the_longest_are_looked_at() -> None:
    """Every one is compared with every other, which takes memory."""
    ridges = np.zeros((900, 1000), np.uint8)
    dashes = [Line(20 + 5 * (at % 20), 80 + 5 * (at % 20), at, 0.0) for at in range(0, 900, 2)]
    upper, lower = Line(300, 600, 300, 0.0), Line(300, 600, 340, 0.0)
    for bar in range(300, 601, 30):
        ridges[300:341, bar - 1 : bar + 2] = 1
    assert [comb.upper for comb in find_combs(ridges, [*dashes, upper, lower])] == [upper]
