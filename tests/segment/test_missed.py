"""What is as high as a digit, and belongs to none, is found; nothing else is."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkdigits.components import label_components
from inkdigits.records import CORE, Ink
from inkdigits.segment import find_missed

HIGH_PX = 44
"""Height of the digits."""


def line() -> Ink:
    """Ink (120, 240): rings in columns 30 and 170, as digits are."""
    field = np.zeros((120, 240), np.uint8)
    for x in (30, 170):
        cv2.ellipse(field, (x, 60), (12, 20), 0, 0, 360, 255, 4, cv2.LINE_AA)
    return field.astype(np.float32) / np.float32(255)


def with_bar(x: int, top: int, bottom: int, width: int = 5) -> Ink:
    """The same with a bar."""
    ink = line()
    ink[top:bottom, x : x + width] = 1
    return ink


@pytest.mark.parametrize("x", [70, 100, 215])
def test_a_bar_beside_the_digits_is_missed(x: int) -> None:
    """Wherever in the line it stands; so is every digit where none was read."""
    ink = with_bar(x, 40, 80)
    assert find_missed(ink, [30, 170], HIGH_PX) == (x + 2.5,)
    assert find_missed(ink, [30, x + 2, 170], HIGH_PX) == ()
    assert find_missed(ink, [x + 2], HIGH_PX) == pytest.approx((30.5, 170.5), abs=1)
    assert len(find_missed(ink, [], HIGH_PX)) == 3


@pytest.mark.parametrize(
    ("what", "ink"),
    [
        ("a dash", with_bar(80, 58, 64, 40)),
        ("a point", with_bar(90, 74, 81, 7)),
        ("a small piece", with_bar(90, 40, 64)),
        ("a rule through the picture", with_bar(90, 0, 120, 2)),
        ("what belongs to the line below", with_bar(90, 76, 116)),
        ("a stroke in a digit", with_bar(28, 46, 74, 4)),
        ("a table at the end of the picture", with_bar(235, 40, 80)),
    ],
)
def test_nothing_else_is_missed(what: str, ink: Ink) -> None:
    """What is lower or higher than a digit, on another line, over one, or cut off by the end of the picture."""
    assert find_missed(ink, [30, 170], HIGH_PX) == (), what


@given(
    arrays(np.float32, st.tuples(st.integers(1, 30), st.integers(1, 50)), elements=st.sampled_from([0, 0.2, 0.5, 1])),
    st.lists(st.floats(-5, 60), max_size=4).map(sorted),
)
def test_it_is_ink_that_no_digit_stands_in(ink: Ink, columns: list[float]) -> None:
    """In any ink: each is the middle of a component of its own."""
    missed = find_missed(ink, columns, 8)
    _, _, stats, _ = label_components(ink >= CORE)
    middles = [left + width / 2 for left, _, width, _, _ in stats[1:].tolist()]
    assert list(missed) == sorted(missed)
    assert all(column in middles for column in missed)
    assert len(missed) + bool(columns and middles) <= len(middles)
