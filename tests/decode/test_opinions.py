"""Another network's word on doubtful digits counts where these stand, and nowhere else."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.decode import find_doubtful, spell, weigh_labels
from inkdigits.records import BLANK, SIGN


def say(*labels: dict[int, float]) -> npt.NDArray[np.float32]:
    """Columns of a line: what may stand at each place, and two blanks behind each."""
    rows = np.zeros((3 * len(labels), BLANK + 1), dtype=np.float32)
    rows[:, BLANK] = 1
    for at, shares in enumerate(labels):
        rows[3 * at] = 0
        for token, share in shares.items():
            rows[3 * at, token] = share
    return rows


def sure_of(label: int, share: float) -> npt.NDArray[np.float32]:
    """Ten probabilities."""
    probabilities = np.full(10, (1 - share) / 9, dtype=np.float32)
    probabilities[label] = share
    return probabilities


def test_doubtful_are_digits_that_are_not_sure() -> None:
    """Signs are not asked of: the other network would say which digit they look like."""
    spelling = spell(say({1: 1.0}, {7: 0.6, 2: 0.4}, {SIGN: 0.6, 8: 0.4}, {5: 0.96, 6: 0.04}))
    assert find_doubtful(spelling.parts) == [1]


def test_an_opinion_decides_between_two_digits() -> None:
    """7 or 2? The other network says 2; the digits beside it stay as they were."""
    columns = say({1: 1.0}, {7: 0.6, 2: 0.4}, {3: 0.9, 8: 0.1})
    before = spell(columns)
    weighed = weigh_labels(columns, before.parts, {1: (sure_of(2, 0.99), 0.5)})
    after = spell(weighed)
    assert (before.alternatives[0].text, after.alternatives[0].text) == ("173", "123")
    assert np.array_equal(weighed[:2], columns[:2])
    assert np.array_equal(weighed[5:], columns[5:])
    odds = 4 / 6 * (0.99 / np.float32(0.01 / 9)) ** 0.5
    assert after.parts[1].confidence == pytest.approx(odds / (1 + odds), rel=1e-4)


def test_a_power_of_nothing_changes_nothing() -> None:
    """So does not what is no digit by its score."""
    columns = say({7: 0.6, 2: 0.4})
    assert weigh_labels(columns, spell(columns).parts, {0: (sure_of(2, 1.0), 0.0)}) == pytest.approx(columns)


@given(st.lists(st.floats(0, 1, width=32), min_size=10, max_size=10), st.floats(0, 1))
def test_a_digit_stays_as_likely_as_it_was(shares: list[float], power: float) -> None:
    """Whichever it is, and whatever the other network says; signs and blanks too."""
    columns = say({7: 0.4, 2: 0.2, SIGN: 0.1, BLANK: 0.3}, {1: 1.0})
    weighed = weigh_labels(columns, spell(columns).parts, {0: (np.array(shares, dtype=np.float32), power)})
    assert weighed[:, :10].sum(1) == pytest.approx(columns[:, :10].sum(1), abs=1e-6)
    assert weighed[:, 10:] == pytest.approx(columns[:, 10:])
    assert np.isfinite(weighed).all()
