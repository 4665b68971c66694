"""What lines say of the page that they are on."""

import pytest

from inkdigits.lines import Lines, choose_turned, is_sure, stand_evenly
from inkdigits.records import Box, Digit, Line

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
    sent, little, much = (Lines(tuple(line(*[0.9] * n) for _ in range(2)), ()) for n in (4, 6, 12))
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
