"""What the window says."""

import pytest

from inkdigits.desktop.answers import EMPTY, Answer
from inkdigits.desktop.keys import SEQUENCES
from inkdigits.desktop.texts import BUTTONS, KEYS, MOODS, to_caption, to_copied, to_header, to_note, to_title
from inkdigits.records import Alternative, Box, Digit


def answer(*labels: int | None, confidence: float = 0.9912) -> Answer:
    """Digits with these labels."""
    digits = tuple(Digit(label, confidence, 1.0, Box(0, 0, 1, 1), (0.1,) * 10) for label in labels)
    text = "".join(digit.text for digit in digits)
    others = (Alternative(text, confidence), Alternative("51", 0.032), Alternative("57", 0.0001))
    return Answer(text, confidence, digits, others)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (EMPTY, "Canvas is empty"),
        (answer(5), "Number: 5 (99.12 %)"),
        (answer(5, 0), "Number: 50 (99.12 %)"),
        (answer(5, None), "Number: 5? (99.12 %)"),
        (answer(None), "Not a digit"),
        (answer(None, None), "Not a digit"),
        (answer(7, confidence=1.0), "Number: 7 (100.00 %)"),
    ],
)
def test_the_header_says_what_was_read(given: Answer, says: str):
    """As in the page."""
    assert str(to_header(given)) == says
    assert to_title(to_header(given)) == f"{says} - inkdigits"


def test_a_camera_has_a_mood_and_no_canvas():
    """Both are told in the title."""
    assert str(to_header(EMPTY, is_camera=True)) == "Nothing in the frame"
    assert to_title(to_header(answer(4), is_camera=True), "locked") == "Number: 4 (99.12 %) - Locked - inkdigits"
    assert len(set(MOODS.values())) == 3


def test_other_ways_to_read_a_number_are_named():
    """If they are at all likely; a digit's stand in its bars."""
    assert to_note(answer(5, 0)) == "or 51 (3.20 %)"
    assert to_note(answer(5)) == to_note(EMPTY) == ""


def test_nothing_can_be_copied_where_nothing_is():
    """And it says so."""
    assert (to_copied(answer(4, 2)), to_copied(EMPTY)) == ("Copied: 42", "There is nothing to copy")
    assert to_caption(EMPTY) == "What the network sees"


def test_every_action_has_its_key_and_its_line():
    """Buttons do what keys do, and the list of keys names as many as there are."""
    assert set(BUTTONS) <= set(SEQUENCES)
    told = " ".join(key for key, _ in KEYS)
    assert all(key in told for key in ("Ctrl+Z", "Ctrl+Y", "Ctrl+C", "Ctrl+S", "Delete", "Space", "T", "N", "K", "Q"))
