"""Decoding is pure: thresholds keep their promise, and the alternatives are the best there are."""

import itertools
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.decode import N_ALTERNATIVES, Thresholds, alternatives, choose_thresholds, to_digit, to_line
from inkdigits.errors import UsageError
from inkdigits.graphs import load_card
from inkdigits.records import Box, Digit, ModelCard, RejectPoint

BOX = Box(1, 2, 30, 40)

WEIGHTS = st.lists(st.integers(0, 1000), min_size=10, max_size=10).filter(any)


@pytest.fixture(scope="module")
def card(tiny_model: Path) -> ModelCard:
    """Accepts errors of 0.1, 0.01 and 0.001 at coverages of 1, 0.8 and 0.5; digit scores from 0.5 on."""
    return load_card(tiny_model)


def a_digit(*weights: float, label: int | None = 0, box: Box = BOX) -> Digit:
    """A digit whose probabilities are in proportion to these weights."""
    probabilities = tuple(weight / sum(weights) for weight in weights) + (0.0,) * (10 - len(weights))
    return Digit(label, max(probabilities), 1.0, box, probabilities)


class TestThresholds:
    """What a digit must reach."""

    @pytest.mark.parametrize(
        ("accept_error", "confidence"),
        [(None, 0.0), (1, 0.0), (0.1, 0.0), (0.0999, 0.9), (0.01, 0.9), (0.005, 0.999), (0.001, 0.999)],
    )
    def test_the_row_that_accepts_most_and_keeps_the_promise(
        self, accept_error: float | None, confidence: float, card: ModelCard
    ) -> None:
        """The digit score is asked for either way."""
        assert choose_thresholds(card, accept_error) == Thresholds(0.5, confidence)

    @pytest.mark.parametrize("accept_error", [0, -0.1, 1.5, float("nan"), float("inf")])
    def test_what_is_no_share_is_refused(self, accept_error: float, card: ModelCard) -> None:
        """Per cent, above all."""
        with pytest.raises(UsageError, match="accept_error is a share above 0 and up to 1"):
            choose_thresholds(card, accept_error)

    def test_what_the_network_cannot_promise_is_refused(self, card: ModelCard) -> None:
        """With what would do, or with why nothing would."""
        with pytest.raises(UsageError, match=r"'toy' cannot promise an error of 0\.0001: ask for 0\.001 or more"):
            choose_thresholds(card, 0.0001)
        odd = replace(card, reject_table=(RejectPoint(0.5, 0.01234567, 0.9),))
        with pytest.raises(UsageError, match=r"ask for 0\.0124 or more"):
            choose_thresholds(odd, 0.01)
        assert choose_thresholds(odd, 0.0124).confidence == 0.5
        with pytest.raises(UsageError, match="it was never measured"):
            choose_thresholds(replace(card, reject_table=()), 0.5)

    def test_a_row_that_accepts_nothing_promises_nothing(self, card: ModelCard) -> None:
        """An error of 0 among no digits at all is no offer."""
        table = (RejectPoint(0.0, 0.1, 1.0), RejectPoint(1.0, 0.0, 0.0))
        with pytest.raises(UsageError):
            choose_thresholds(replace(card, reject_table=table), 0.01)


class TestDigit:
    """One glyph."""

    @pytest.mark.parametrize(
        ("score", "confidence", "accepted"),
        [(0.9, 0.8, True), (0.5, 0.7, True), (0.49, 0.99, False), (0.9, 0.69, False), (0.0, 0.0, False)],
    )
    def test_a_digit_reaches_both_thresholds_or_is_rejected(
        self, score: float, confidence: float, accepted: bool
    ) -> None:
        """Exactly at a threshold is enough; what was measured stays, whatever is decided."""
        probabilities = np.full(10, (1 - confidence) / 9, np.float64)
        probabilities[7] = confidence
        digit = to_digit(probabilities.astype(np.float32), score, BOX, Thresholds(0.5, float(np.float32(0.7))))
        assert digit.label == (7 if accepted else None)
        assert digit.text == ("7" if accepted else "?")
        assert digit.digit_score == score
        assert digit.box == BOX
        assert len(digit.probabilities) == 10

    @given(WEIGHTS)
    def test_confidence_is_the_highest_probability(self, weights: list[int]) -> None:
        """And the label its place; all numbers are Python's own, for JSON."""
        probabilities = (np.array(weights) / sum(weights)).astype(np.float32)
        digit = to_digit(probabilities, 1.0, BOX, Thresholds(0.0, 0.0))
        assert digit.confidence == max(digit.probabilities) == digit.probabilities[digit.label or 0]
        assert digit.probabilities == tuple(probabilities.tolist())
        assert {type(each) for each in (*digit.probabilities, digit.confidence, digit.digit_score)} == {float}


class TestLine:
    """Digits in order."""

    def test_a_line_joins_its_digits(self) -> None:
        """Text, confidence of the whole, and the box around all; a rejected digit is a question mark."""
        digits = (
            a_digit(9, 1, box=Box(10, 20, 30, 40)),
            a_digit(1, 4, label=None, box=Box(28, 5, 50, 30)),
            a_digit(0, 0, 1, label=2, box=Box(60, 22, 70, 41)),
        )
        line = to_line(digits)
        assert line.text == line.formatted == "0?2"
        assert line.confidence == pytest.approx(0.9 * 0.8)
        assert line.box == Box(10, 5, 70, 41)
        assert line.digits == digits
        assert line.alternatives[0].text == "012"
        assert line.alternatives[0].probability == pytest.approx(line.confidence)

    def test_one_digit_is_a_line(self) -> None:
        """Of its own confidence and box."""
        line = to_line([a_digit(3, 1)])
        assert (line.text, line.confidence, line.box) == ("0", 0.75, BOX)


class TestAlternatives:
    """Other ways to read a line."""

    @given(st.lists(WEIGHTS, min_size=1, max_size=3))
    def test_they_are_the_best_five_of_all(self, rows: list[list[int]]) -> None:
        """Of every text that there is, by brute force; most probable first, no text twice."""
        digits = [a_digit(*row) for row in rows]
        every = {
            "".join(map(str, labels)): prod(
                digit.probabilities[label] for digit, label in zip(digits, labels, strict=True)
            )
            for labels in itertools.product(range(10), repeat=len(digits))
        }
        found = alternatives(digits)
        assert [one.probability for one in found] == pytest.approx(sorted(every.values(), reverse=True)[:5])
        assert all(one.probability == pytest.approx(every[one.text]) for one in found)
        assert len({one.text for one in found}) == N_ALTERNATIVES == 5

    def test_a_long_line_is_quick(self) -> None:
        """Forty digits have 10^40 readings; the best differs from the next in one digit."""
        digits = [a_digit(1, 8, 1)] * 39 + [a_digit(1, 5, 4)]
        best, second, *_ = alternatives(digits)
        assert best.text == "1" * 40
        assert second.text == "1" * 39 + "2"
        assert second.probability == pytest.approx(best.probability * 4 / 5)

    def test_nothing_has_one_reading(self) -> None:
        """The empty text, for sure."""
        assert [(one.text, one.probability) for one in alternatives([])] == [("", 1.0)]
