"""What people said is put into a reading as they meant it."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from inkdigits.outputs import from_fields, to_fields
from inkdigits.records import Box, Digit, Line, Reading
from inkdigits.store import Correction, to_corrected


def line(text: str) -> Line:
    """Return a line as it was read."""
    box, labels = Box(0, 0, 1, 1), [sign for sign in text if sign not in ".,"]
    digits = tuple(Digit(None if each == "?" else int(each), 0.9, 0.9, box, (0.1,) * 10) for each in labels)
    return Line("".join(labels), text, 0.9, box, digits, ())


def corrected(texts: list[str], *said: dict[str, Any]) -> Reading:
    """Correct a reading of these lines."""
    reading = Reading("a.png", 1, 9, 9, tuple(map(line, texts)), "toy", "0", "0")
    nothing = {"line": None, "digit": None, "label": None, "text": None}
    made = tuple(Correction("0", "0", datetime.now(UTC), **{**nothing, **each}) for each in said)
    fields = to_corrected(to_fields(reading), made)
    back = cast(Reading, from_fields(fields))
    assert to_fields(back) == fields
    return back


@pytest.mark.parametrize(
    ("said", "formatted"),
    [
        ([], "12.50\n?7"),
        ([{"line": 0, "digit": 2, "label": 6}], "12.60\n?7"),
        ([{"line": 1, "digit": 0, "label": 4}], "12.50\n47"),
        ([{"line": 1, "digit": 1, "label": None}], "12.50\n??"),
        ([{"line": 0, "text": "1,250"}], "1,250\n?7"),
        ([{"line": 0, "text": "9"}, {"line": 0, "digit": 0, "label": 8}], "8\n?7"),
        ([{"line": 0, "text": "9"}, {"line": 0, "digit": 3, "label": 8}], "9\n?7"),
        ([{"line": 0, "digit": 0, "label": 8}, {"line": 0, "text": "12"}], "12\n?7"),
        ([{"text": "3\n4"}], "3\n4"),
        ([{"text": "3\n4\n5.5"}], "3\n4\n5.5"),
        ([{"text": "3"}], "3"),
        ([{"text": "3"}, {"line": 1, "text": "4"}], "3"),
    ],
)
def test_corrections_are_put_in(said: list[dict[str, Any]], formatted: str):
    """Points and commas stay where they were; the later is put over the earlier."""
    reading = corrected(["12.50", "?7"], *said)
    assert reading.formatted == formatted
    assert reading.text == "".join(sign for sign in formatted if sign not in ".,")


def test_a_corrected_digit_has_its_new_label():
    """None where it is no digit; of a text with as many digits, each is what it says."""
    for text, labels in (("1.?", [1, None]), ("123", [4, 7])):
        assert [digit.label for digit in corrected(["47"], {"line": 0, "text": text}).lines[0].digits] == labels
    digits = corrected(["47"], {"line": 0, "digit": 1, "label": 1}, {"line": 0, "digit": 0}).lines[0].digits
    assert [digit.label for digit in digits] == [None, 1]
