"""What the network for lines left out is a digit where the other network is sure of it, else none; and doubt stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.decode import Part, Spelling, Thresholds, add_missed, to_missed
from inkdigits.records import Alternative

ANY = Thresholds(0.25, 0.0)


def says(label: int, sure: float) -> np.ndarray:
    """Ten probabilities, the label's own and the same for all others."""
    probabilities = np.full(10, (1 - sure) / 9, dtype=np.float32)
    probabilities[label] = sure
    return probabilities


def seven(confidence: float = 0.98) -> Spelling:
    """A line that was read as 7, or else as 71."""
    part = Part(7, 0.99, 1.0, tuple(says(7, 0.99).tolist()), 20.0, "")
    return Spelling((part,), confidence, (Alternative("7", confidence), Alternative("71", 0.01)))


@pytest.mark.parametrize(
    ("sure", "score", "thresholds", "label"),
    [
        (0.99, 0.99, ANY, 1),
        (0.99, 0.85, ANY, None),  # perhaps no digit
        (0.85, 0.99, ANY, None),  # perhaps another
        (0.99, 0.99, Thresholds(0.995, 0.0), None),
        (0.99, 0.99, Thresholds(0.25, 0.985), None),  # an error is promised
    ],
)
def test_it_is_a_digit_only_if_that_is_sure(
    sure: float, score: float, thresholds: Thresholds, label: int | None
) -> None:
    """Both that it is one and which; rejected, it keeps what the network says."""
    part = to_missed(says(1, sure), score, 3.5, thresholds)
    assert part.label == label
    assert part.confidence == pytest.approx(sure * score)
    assert (part.digit_score, part.column, part.before) == (pytest.approx(score), 3.5, "")
    assert sum(part.probabilities) == pytest.approx(1)


def test_a_line_without_its_first_digit_is_completed() -> None:
    """In order of the columns; all of it must be right, and what was read without it may still be."""
    bar = to_missed(says(1, 0.96), 0.95, 4.0, ANY)
    line = add_missed(seven(), [bar])
    assert [part.label for part in line.parts] == [1, 7]
    assert line.confidence == pytest.approx(0.98 * 0.96 * 0.95)
    texts = {other.text: other.probability for other in line.alternatives}
    assert list(texts)[:2] == ["17", "7"]
    assert texts["17"] == pytest.approx(line.confidence)
    assert texts["7"] == pytest.approx(0.98 * 0.05)
    assert len(texts) == 5


def test_what_is_no_digit_makes_the_line_doubtful() -> None:
    """Its text has a question mark, and its confidence falls; the reading without it is the likeliest."""
    line = add_missed(seven(), [to_missed(says(4, 0.6), 0.1, 31.0, ANY)])
    assert [part.label for part in line.parts] == [7, None]
    assert line.confidence == pytest.approx(0.98 * 0.06)
    assert line.alternatives[0] == Alternative("7", pytest.approx(0.98 * 0.9))
    assert line.alternatives[1].text == "74"


def test_a_line_of_nothing_else_is_made_of_it() -> None:
    """Two bars that the network for lines took for none."""
    nothing = Spelling((), 0.9, (Alternative("", 0.9), Alternative("1", 0.05)))
    line = add_missed(nothing, [to_missed(says(1, 0.99), 1.0, column, ANY) for column in (9.0, 3.0)])
    assert [part.column for part in line.parts] == [3.0, 9.0]
    assert line.alternatives[0].text == "11"
    assert line.confidence == pytest.approx(0.9 * 0.99**2)


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.1, 1), st.floats(0, 1), st.floats(0, 40)), max_size=4))
def test_alternatives_stay_probabilities(missed: list[tuple[int, float, float, float]]) -> None:
    """Whatever is added: together at most 1, the likeliest first, no text twice."""
    parts = [to_missed(says(label, sure), score, column, ANY) for label, sure, score, column in missed]
    line = add_missed(seven(), parts)
    probabilities = [other.probability for other in line.alternatives]
    assert len(line.parts) == 1 + len(missed)
    assert sum(probabilities) <= 1 + 1e-6
    assert probabilities == sorted(probabilities, reverse=True)
    assert len({other.text for other in line.alternatives}) == len(probabilities)
