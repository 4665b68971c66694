"""What lines say of the page that they are on."""

import numpy as np
import pytest

from inkdigits import load_reader
from inkdigits.lines import DOUBTFUL, Lines, Networks, choose_turned, is_sure, read_lines, stand_evenly
from inkdigits.records import Box, Digit, Ink, Line, LineInk
from tests.strokes import draw

BOX = Box(0, 0, 1, 1)


def line(*confidences: float | None) -> Line:
    """A line of 7s that are so sure; None: a sign, surely."""
    digits = tuple(
        Digit(None if sure is None else 7, 1.0 if sure is None else sure, 1.0, BOX, (0.1,) * 10) for sure in confidences
    )
    text = "".join(digit.text for digit in digits)
    return Line(text, text, 1.0, BOX, digits, ())


@pytest.mark.parametrize(
    ("lines", "sure"),
    [
        ([], False),
        ([line(0.92, 0.9), line(0.91)], True),
        ([line(0.9, 0.8)], False),
        ([line(0.9, 0.9, None)], False),  # upside down, numbers look like that
        ([line(0.99, 0.96, 0.97), line(None, 0.98)], True),
    ],
)
def test_a_page_lies_right_where_its_digits_are_sure(lines: list[Line], sure: bool) -> None:
    """Where one of them is a sign, the others must be surer."""
    assert is_sure(lines) == sure


def test_a_page_stays_as_it_was_sent_unless_much_more_is_read_another_way_up() -> None:
    """A little more is chance."""
    sent, little, much = (Lines(tuple(line(*[0.9] * n) for _ in range(2)), (), ()) for n in (4, 6, 12))
    assert choose_turned([sent]) is sent
    assert choose_turned([sent, little]) is sent
    assert choose_turned([sent, little, much]) is much


def placed(*places: tuple[int, int]) -> Line:
    """A line of digits, 20 px wide and 30 px high, with their left and upper edges there."""
    digits = tuple(Digit(7, 1.0, 1.0, Box(x, y, x + 20, y + 30), (0.1,) * 10) for x, y in places)
    return Line("7" * len(places), "7" * len(places), 1.0, BOX, digits, ())


@pytest.mark.parametrize(
    ("lines", "evenly"),
    [
        ([], False),
        ([placed((0, 0), (60, 4)), placed((130, 2))], True),
        ([placed((0, 0), (25, 0), (50, 0)), placed((140, 0), (165, 0))], False),  # two numbers side by side
        ([placed((0, 0), (45, 0), (90, 0)), placed((170, 0), (215, 0))], False),  # also where they are near
        ([placed((0, 0), (60, 0)), placed((0, 40), (60, 40))], False),  # one above the other
        ([placed((0, 0), (18, 0)), placed((36, 0))], True),  # touching
    ],
)
def test_digits_that_stand_evenly_in_a_row_are_of_one_number(lines: list[Line], evenly: bool) -> None:
    """However widely they are spaced; what stands apart from others that are near each other is another number."""
    assert stand_evenly(lines) == evenly


@pytest.fixture(scope="module")
def networks() -> Networks:
    """What the reader of a fresh installation reads with."""
    reader = load_reader()
    return Networks(reader._recogniser, reader._line_thresholds, reader._classifier, reader._thresholds)


def written(*digits: int, height_px: int = 50) -> Ink:
    """Digits side by side."""
    inks = [draw(digit, high_px=height_px, pen_px=5, at=(12, 15), shape=(80, 60)) for digit in digits]
    return np.hstack(inks).astype(np.float32) / np.float32(255)


class TestLooks:
    """A line that is doubtful is looked at again."""

    @staticmethod
    def doubtful() -> Ink:
        """Digits of which so much is covered that they may be others."""
        ink = written(5, 8, 3)
        ink[38:60] = 0.9
        return ink

    def test_another_look_tells_what_stands_there(self, networks: Networks) -> None:
        """Its digits, in its own part of the picture; the line is as sure as both looks together."""
        other = LineInk(written(5, 8, 3), Box(500, 0, 680, 80))
        first = LineInk(self.doubtful(), Box(0, 0, 180, 80), again=lambda: other)
        (alone,) = read_lines([first._replace(again=None)], networks).lines
        assert alone.confidence < DOUBTFUL
        read = read_lines([first], networks)
        assert [line.text for line in read.lines] == ["583"]
        assert read.lines[0].box.x0 >= 500
        assert read.inks[0] is other.ink
        (clear,) = read_lines([other], networks).lines
        assert 0.3 < read.lines[0].confidence < clear.confidence
        assert alone.text in [other.text for other in read.lines[0].alternatives]

    def test_a_line_that_is_sure_is_looked_at_once(self, networks: Networks) -> None:
        """It takes no longer."""

        def fail() -> LineInk:
            raise AssertionError

        (line,) = read_lines([LineInk(written(5, 8, 3), Box(0, 0, 180, 80), again=fail)], networks).lines
        assert line.text == "583"

    def test_a_look_that_shows_the_same_counts_once(self, networks: Networks) -> None:
        """The line is as sure as by the first look; where it shows no number, it does not count at all."""
        part = Box(0, 0, 180, 80)
        first = LineInk(self.doubtful(), part)
        (alone,) = read_lines([first], networks).lines
        blot = np.zeros((80, 180), np.float32)
        blot[20:60, 40:140] = 1
        for again in (LineInk(first.ink.copy(), part), LineInk(np.zeros((80, 180), np.float32), part)):
            assert read_lines([first._replace(again=lambda look=again: look)], networks).lines == (alone,)
        on_page = read_lines([first._replace(again=lambda: LineInk(blot, part))], networks, only_numbers=True)
        assert [line.text for line in on_page.lines] == [alone.text]

    def test_a_number_of_digits_may_be_expected(self, networks: Networks) -> None:
        """Of each look those texts count that have so many; there is always one."""
        first = LineInk(
            self.doubtful(), Box(0, 0, 180, 80), again=lambda: LineInk(written(5, 8, 3), Box(0, 0, 180, 80))
        )
        for n in (2, 3, 6):
            (line,) = read_lines([first], networks, n_digits=n).lines
            assert line.alternatives[0].text == line.text

    def test_a_look_without_any_ink_is_followed_by_the_next(self, networks: Networks) -> None:
        """And so is an empty one in between; where all are empty, there is no line."""
        part = Box(0, 0, 180, 80)
        last = LineInk(written(5, 8, 3), part)
        empty = LineInk(np.zeros((80, 180), np.float32), part)
        (line,) = read_lines([empty._replace(again=lambda: last)], networks).lines
        assert line.text == "583"
        between = LineInk(self.doubtful(), part, again=lambda: empty._replace(again=lambda: last))
        assert [line.text for line in read_lines([between], networks).lines] == ["583"]
        assert not read_lines([empty._replace(again=lambda: empty)], networks).lines
