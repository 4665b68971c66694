"""Negatives are inks, never digits by their making, and the same for the same seed."""

import numpy as np
import pytest

from inkdigits.datasets import Dataset
from inkdigits.normalize import to_patches
from inkdigits.train.negatives import SIGNS, make_negatives


def test_negatives_are_inks(digits: Dataset) -> None:
    """2-D float32 within [0, 1], each with ink that the normaliser can place."""
    inks = make_negatives(80, digits.images, seed=0)
    assert len(inks) == 80
    for ink in inks:
        assert ink.ndim == 2
        assert ink.dtype == np.float32
        assert ink.min() >= 0
        assert 0.3 < ink.max() <= 1
    assert (to_patches(inks).max((1, 2)) > 0.5).all()


def test_the_seed_decides_everything(digits: Dataset) -> None:
    """The same seed gives the same inks, another others, and fewer are the first of more."""
    first, again, fewer, other = (
        make_negatives(n, digits.images, seed) for n, seed in ((48, 1), (48, 1), (16, 1), (48, 2))
    )
    assert all(map(np.array_equal, first, again))
    assert all(map(np.array_equal, first, fewer))
    assert not any(map(np.array_equal, first, other))


def test_the_digits_that_some_are_made_of_stay_as_they_are(digits: Dataset) -> None:
    """Nothing is drawn into the training set."""
    patches = digits.images.copy()
    make_negatives(80, patches, seed=0)
    assert np.array_equal(patches, digits.images)


def test_composed_negatives_come_from_the_digits_given(digits: Dataset) -> None:
    """Three kinds of eight differ with the digits, and the others do not."""
    first, other = (make_negatives(8, patches, seed=3) for patches in (digits.images[:20], digits.images[20:40]))
    assert [np.array_equal(one, two) for one, two in zip(first, other, strict=True)] == [True] * 5 + [False] * 3


def test_a_blank_digit_among_them_does_no_harm(digits: Dataset) -> None:
    """What comes out blank is made again."""
    patches = digits.images[:2].copy()
    patches[0] = 0
    assert all(ink.max() > 0.3 for ink in make_negatives(64, patches, seed=0))


@pytest.mark.parametrize("sign", "0123456789BbDGgIiJjLlOoQqSsZz!|/()[]")
def test_what_a_hand_makes_like_a_digit_is_no_negative(sign: str) -> None:
    """An O is a 0, and an l is a 1."""
    assert sign not in SIGNS


def test_no_negatives_are_none(digits: Dataset) -> None:
    """A set too small for any gives none."""
    assert make_negatives(0, digits.images, seed=0) == []
