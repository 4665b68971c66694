"""Negatives are inks, never digits by their making, and the same for the same seed."""

import numpy as np
import pytest

from inkdigits.datasets import Dataset
from inkdigits.normalize import to_patches
from inkdigits.train import negatives as module
from inkdigits.train.negatives import SIGNS, Digits, make_negatives

N_KINDS = len(module._KINDS)


@pytest.fixture(scope="module")
def some(digits: Dataset) -> Digits:
    """All of the real digits, with their labels."""
    return Digits(digits.images, digits.known_labels().astype(np.int64))


def test_negatives_are_inks(some: Digits) -> None:
    """2-D float32 within [0, 1], each with ink that the normaliser can place; blank paper is one of the textures."""
    inks = make_negatives(10 * N_KINDS, some, seed=0)
    assert len(inks) == 10 * N_KINDS
    for ink in inks:
        assert ink.ndim == 2
        assert ink.dtype == np.float32
        assert ink.min() >= 0
        assert ink.max() <= 1
    peaks = to_patches(inks).max((1, 2))
    assert np.mean(peaks > 0.5) > 0.98
    assert not peaks[peaks <= 0.5].any()


def test_the_seed_decides_everything(some: Digits) -> None:
    """The same seed gives the same inks, another others, and fewer are the first of more."""
    first, again, fewer, other = (make_negatives(n, some, seed) for n, seed in ((48, 1), (48, 1), (16, 1), (48, 2)))
    assert all(map(np.array_equal, first, again))
    assert all(map(np.array_equal, first, fewer))
    assert not any(map(np.array_equal, first, other))


def test_the_digits_that_some_are_made_of_stay_as_they_are(some: Digits) -> None:
    """Nothing is drawn into the training set."""
    patches = some.patches.copy()
    make_negatives(3 * N_KINDS, Digits(patches, some.labels), seed=0)
    assert np.array_equal(patches, some.patches)


def test_most_are_letters_and_signs() -> None:
    """They are what a form shows besides digits."""
    letters = (module._letter, module._font_letter, module._sign)
    assert sum(kind in letters for kind in module._KINDS) > N_KINDS / 2


@pytest.mark.parametrize("kind", [module._pair, module._part, module._crossed_out, module._turned])
def test_composed_negatives_come_from_the_digits_given(kind: module.Kind, some: Digits) -> None:
    """Other digits, other inks."""
    first, other = (
        kind(np.random.default_rng(3), Digits(some.patches[part], some.labels[part]))
        for part in (slice(0, 20), slice(20, 40))
    )
    assert not np.array_equal(first, other)


def test_a_turned_digit_is_one_no_more(some: Digits) -> None:
    """A 0 is a 0 from every side, and an 8 in the mirror stays an 8: neither comes out so."""
    for label in range(10):
        chosen = Digits(some.patches[some.labels == label][:1], np.full(1, label))
        digit = module._pick(np.random.default_rng(0), chosen)
        inks = [np.round(module._turned(np.random.default_rng(seed), chosen) * 255) for seed in range(20)]
        mirrored = any(np.array_equal(ink, digit[:, ::-1]) for ink in inks)
        assert mirrored == (label in (3, 4, 6, 7, 9))
        assert not any(np.array_equal(ink, digit) or np.array_equal(ink, digit[::-1, ::-1]) for ink in inks)
        if label == 0:
            assert not any(np.array_equal(ink, np.rot90(digit, turns)) for ink in inks for turns in (1, 3))


def test_a_blank_digit_among_them_does_no_harm(some: Digits) -> None:
    """What comes out blank is made again."""
    patches = some.patches[:2].copy()
    patches[0] = 0
    inks = make_negatives(4 * N_KINDS, Digits(patches, some.labels[:2]), seed=0)
    kinds = [module._KINDS[at % N_KINDS] for at in range(len(inks))]
    assert all(ink.max() > 0.3 for ink, kind in zip(inks, kinds, strict=True) if kind is not module._texture)


@pytest.mark.parametrize("sign", "0123456789bDGgIiJjlOoQqSsZz!|/()[]")
def test_what_a_hand_makes_like_a_digit_is_no_negative(sign: str) -> None:
    """An O is a 0, and an l is a 1."""
    assert sign not in SIGNS


def test_no_negatives_are_none(some: Digits) -> None:
    """A set too small for any gives none."""
    assert make_negatives(0, some, seed=0) == []


def test_the_noise_of_tiny_pictures_is_coarse(some: Digits) -> None:
    """A few pixels that hang together; what is thin, and might be a 1, is made again."""
    inks = [module._coarse(np.random.default_rng(seed), some) for seed in range(80)]
    shown = [ink for ink in inks if ink.any()]
    assert len(shown) > 40
    assert all(3 < side < 15 for ink in shown for side in ink.shape)
