"""Composed numbers are what they say, and what they are taken apart into is labelled by what it holds."""

import numpy as np
import pytest

from inkdigits.datasets import Dataset
from inkdigits.records import Box, Glyph
from inkdigits.train.negatives import NOT_A_DIGIT, Digits
from inkdigits.train.numbers import _judge, take_apart
from inkdigits.train.pictures.numbers import N_DIGITS, Number, compose_number, kern


@pytest.fixture(scope="module")
def some(digits: Dataset) -> Digits:
    """Two hundred digits."""
    return Digits(digits.images[:200], digits.known_labels()[:200].astype(np.int64))


def numbers(some: Digits, n: int) -> list[Number]:
    """Several composed numbers."""
    return [compose_number(np.random.default_rng((5, at)), *some) for at in range(n)]


def test_a_number_holds_the_ink_of_its_digits(some: Digits) -> None:
    """All of it, in their order, and none besides; as many digits as allowed."""
    for number in numbers(some, 20):
        assert N_DIGITS[0] <= len(number.labels) == len(number.shapes) <= N_DIGITS[1]
        rebuilt = np.zeros_like(number.ink)
        for box, ink in number.shapes:
            window = rebuilt[box.y0 : box.y1, box.x0 : box.x1]
            np.maximum(window, ink, out=window)
        assert np.array_equal(rebuilt, number.ink)
        assert 0 <= number.ink.min() <= number.ink.max() <= 1
        lefts = [box.x0 for box, _ in number.shapes]
        assert lefts == sorted(lefts)


def test_some_touch_and_some_do_not(some: Digits) -> None:
    """Neighbours share pixels in some numbers and stand apart in others."""
    shared = []
    for number in numbers(some, 40):
        for (box, ink), (other_box, other) in zip(number.shapes, number.shapes[1:], strict=False):
            both = np.zeros((2, *number.ink.shape), dtype=np.bool_)
            both[0, box.y0 : box.y1, box.x0 : box.x1] = ink > 0.5
            both[1, other_box.y0 : other_box.y1, other_box.x0 : other_box.x1] = other > 0.5
            shared.append(bool(both.all(0).any()))
    assert 0.1 < np.mean(shared) < 0.7


def testkerning_lets_the_nearest_rows_touch() -> None:
    """Two slanted bars fit closer than their boxes; of inks without a row in common the boxes decide."""
    slanted = np.eye(6, dtype=np.float32)[:, ::-1]
    assert kern(slanted, 0, slanted, 0) == 1
    assert kern(slanted, 0, slanted, 20) == 6


def test_taking_apart_is_repeatable_and_gives_both_kinds(some: Digits) -> None:
    """Digits of every label, and what is none; another seed gives others."""
    told: list[int] = []
    first, again, other = take_apart(30, some, 1, told.append), take_apart(30, some, 1), take_apart(30, some, 2)
    assert told == list(range(1, 31))
    assert np.array_equal(first.patches, again.patches)
    assert np.array_equal(first.labels, again.labels)
    assert first.patches.shape != other.patches.shape or not np.array_equal(first.patches, other.patches)
    assert set(first.labels.tolist()) >= {NOT_A_DIGIT, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
    assert 0.2 < (first.labels == NOT_A_DIGIT).mean() < 0.6


def test_a_glyph_is_judged_by_the_ink_that_it_shares() -> None:
    """All of a digit is the digit, half of one is none, and most of one says nothing; nor does half a bar."""
    block = np.ones((20, 20), dtype=np.float32)
    number = Number(np.zeros((30, 60), np.float32), (3, 7), ((Box(5, 5, 25, 25), block), (Box(30, 5, 50, 25), block)))

    def judge(x0: int, x1: int) -> int | None:
        return _judge(Glyph(np.ones((20, x1 - x0), np.float32), Box(x0, 5, x1, 25)), number)

    assert judge(5, 25) == 3
    assert judge(31, 50) == 7
    assert judge(5, 15) == NOT_A_DIGIT
    assert judge(5, 21) is None
    assert judge(5, 12) is None
    assert judge(5, 50) == NOT_A_DIGIT
