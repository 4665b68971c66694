"""Photographed digits are found where they were written, keep their label, and are repeatable."""

import numpy as np
import pytest

from inkdigits.datasets import Dataset
from inkdigits.records import Box
from inkdigits.train.negatives import NOT_A_DIGIT, Digits
from inkdigits.train.photographs import _is_whole, _judge, _overlap, photograph


@pytest.fixture(scope="module")
def some(digits: Dataset) -> Digits:
    """Twenty digits and two signs: a cross of one piece, and a bar with a dot."""
    signs = np.zeros((2, 28, 28), dtype=np.uint8)
    signs[0, 4:24, 13:15] = signs[0, 13:15, 4:24] = 255
    signs[1, 4:16, 13:15] = signs[1, 20:23, 13:15] = 255
    labels = np.concatenate([digits.known_labels()[:20], [NOT_A_DIGIT] * 2]).astype(np.int64)
    return Digits(np.concatenate([digits.images[:20], signs]), labels)


def test_photos_repeat(some: Digits) -> None:
    """The same seed takes the same ones, whatever their number; another seed takes others."""
    first, again, more, other = (photograph(n, some, seed) for n, seed in ((6, 1), (6, 1), (8, 1), (6, 2)))
    assert np.array_equal(first.patches, again.patches)
    assert np.array_equal(first.labels, again.labels)
    assert np.array_equal(first.patches, more.patches[: len(first.patches)])
    assert not np.array_equal(first.patches[:3], other.patches[:3])


def test_what_is_found_is_what_was_written(some: Digits) -> None:
    """Nearly every photo gives a patch; it looks like its digit, though never exactly."""
    told: list[int] = []
    found = photograph(40, some, 0, told.append)
    assert told == list(range(1, 41))
    assert found.patches.shape == (len(found.labels), 28, 28)
    assert found.patches.dtype == np.uint8
    assert 30 <= len(found.labels) <= 40
    assert set(found.labels.tolist()) <= set(some.labels.tolist())
    for patch, label in zip(found.patches, found.labels, strict=True):
        written = some.patches[some.labels == label]
        assert not (written == patch).all((1, 2)).any()
    alike = [
        max(np.corrcoef(patch.ravel(), one.ravel())[0, 1] for one in some.patches[some.labels == label])
        for patch, label in zip(found.patches, found.labels, strict=True)
    ]
    assert np.median(alike) > 0.6


def test_signs_of_several_pieces_are_not_photographed(some: Digits) -> None:
    """A piece of them may be a digit: the bar without its dot is a 1."""
    assert [_is_whole(patch) for patch in some.patches[-2:]] == [True, False]
    only = Digits(some.patches[-1:], some.labels[-1:])
    assert len(photograph(3, only, 0).labels) == 0
    blank = Digits(np.zeros((1, 28, 28), dtype=np.uint8), np.zeros(1, dtype=np.int64))
    assert photograph(3, blank, 0).patches.shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("label", "overlap", "expected"), [(7, 0.9, 7), (7, 0.3, None), (7, 0.05, NOT_A_DIGIT), (NOT_A_DIGIT, 0.9, -1)]
)
def test_only_what_lies_where_the_digit_was_written_has_its_label(
    label: int, overlap: float, expected: int | None
) -> None:
    """What lies elsewhere is a rule, a shadow or a table; between the two, nobody could say."""
    assert _judge(label, overlap) == expected


def test_overlap_is_shared_over_covered() -> None:
    """1 for the same box, 0 apart, a third for two halves that share one."""
    assert _overlap(Box(0, 0, 4, 4), Box(0, 0, 4, 4)) == 1
    assert _overlap(Box(0, 0, 4, 4), Box(4, 0, 8, 4)) == 0
    assert _overlap(Box(0, 0, 4, 4), Box(2, 0, 6, 4)) == pytest.approx(1 / 3)
