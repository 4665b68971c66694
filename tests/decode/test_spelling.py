"""A line is spelled in the likeliest way: prefixes and sums agree with trying all ways."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.decode import spell, to_number
from inkdigits.decode.digits import Thresholds
from inkdigits.decode.spelling import _weigh
from inkdigits.records import BLANK, COMMA, POINT, SIGN, Box

Floats = npt.NDArray[np.float32]
Tokens = tuple[int, ...]

USED = (1, 7, SIGN, BLANK)
"""Tokens of the small examples."""


def rows(*columns: dict[int, float]) -> Floats:
    """Columns, each with what it says of some tokens; the blank has the rest."""
    table = np.zeros((len(columns), BLANK + 1), dtype=np.float32)
    for row, said in zip(table, columns, strict=True):
        for token, probability in said.items():
            row[token] = probability
        row[BLANK] = 1 - sum(said.values())
    return table


def line(*tokens: int, sure: float = 0.99) -> Floats:
    """Columns that say these tokens, with blanks between."""
    return rows(*({} if at % 2 == 0 else {tokens[at // 2]: sure} for at in range(2 * len(tokens) + 1)))


def all_ways(table: npt.NDArray[np.floating]) -> dict[Tokens, float]:
    """Every sequence of the used tokens with its probability."""
    found: dict[Tokens, float] = {}
    for way in itertools.product(USED, repeat=len(table)):
        tokens = tuple(token for token, _ in itertools.groupby(way) if token != BLANK)
        probability = float(np.prod([row[token] for row, token in zip(table, way, strict=True)]))
        found[tokens] = found.get(tokens, 0.0) + probability
    return found


def random_table(seed: int, n: int) -> Floats:
    """Columns that are rather sure of one of the used tokens."""
    table = np.zeros((n, BLANK + 1), dtype=np.float32)
    table[:, USED] = np.random.default_rng(seed).dirichlet([0.6] * len(USED), n)
    return table


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_the_best_text_is_the_likeliest_of_all(seed: int, n: int) -> None:
    """And its probability is that of all ways that lead to it."""
    table = random_table(seed, n)
    texts: dict[str, float] = {}
    for tokens, probability in all_ways(table).items():
        text = "".join("?" if token == SIGN else str(token) for token in tokens)
        texts[text] = texts.get(text, 0.0) + probability
    found = spell(table)
    assert found.confidence == pytest.approx(max(texts.values()), abs=0.02)
    assert found.alternatives[0].probability == found.confidence
    assert all(texts[other.text] == pytest.approx(other.probability, abs=0.05) for other in found.alternatives)
    assert all(one.probability >= other.probability for one, other in itertools.pairwise(found.alternatives))


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 5))
def test_weights_are_those_of_the_changed_sequences(seed: int, n: int) -> None:
    """Each token replaced by each other, or left out: as likely as trying all ways says."""
    table = np.maximum(random_table(seed, n).astype(np.float64), 1e-300)
    ways = all_ways(table)
    tokens = max((way for way in ways if way), key=lambda way: ways[way])
    weights, columns = _weigh(table, tokens)
    assert (np.diff(columns) > 0).all()
    for at in range(len(tokens)):
        for other in USED[:-1]:
            changed = (*tokens[:at], other, *tokens[at + 1 :])
            assert weights[at, other] == pytest.approx(ways.get(changed, 0.0) / ways[tokens], abs=1e-6)
        left_out = (*tokens[:at], *tokens[at + 1 :])
        assert weights[at, -1] == pytest.approx(ways.get(left_out, 0.0) / ways[tokens], abs=1e-6)


def test_a_calibrated_digit_is_as_sure_as_such_digits_are_right() -> None:
    """The others share what is left as before; what is read stays, and so does a sign."""
    columns = rows({}, {4: 0.6, 9: 0.3, 7: 0.06}, {}, {SIGN: 0.6, 1: 0.3}, {})
    before, after = spell(columns), spell(columns, calibration=((0.0, 0.0), (0.5, 0.4), (0.7, 0.9), (1.0, 1.0)))
    (digit, sign), (other, other_sign) = before.parts, after.parts
    assert (sign, after.alternatives, after.confidence) == (other_sign, before.alternatives, before.confidence)
    assert digit.confidence == pytest.approx(0.6)
    assert other.confidence == pytest.approx(0.65)
    assert other.digit_score == pytest.approx(1 - 0.04 * 0.35 / 0.4)
    assert sum(other.probabilities) == pytest.approx(1)
    assert other.probabilities[9] / other.probabilities[7] == pytest.approx(5)
    assert other.probabilities[4] * other.digit_score == pytest.approx(0.65)
    lowered = spell(rows({}, {4: 0.5, 9: 0.4}, {}), calibration=((0.0, 0.0), (0.5, 0.2), (1.0, 1.0))).parts[0]
    assert lowered.label == 4
    assert lowered.probabilities[4] == pytest.approx(lowered.probabilities[9])
    certain = spell(line(4, sure=1.0), calibration=((0.0, 0.0), (0.9, 0.8), (1.0, 1.0))).parts[0]
    assert (certain.confidence, certain.digit_score) == pytest.approx((1, 1))


def test_repeated_digits_need_a_blank_between() -> None:
    """11 and 000 are numbers; a digit that lasts two columns is one."""
    assert spell(line(1, 1)).alternatives[0].text == "11"
    assert spell(line(0, 0, 0)).alternatives[0].text == "000"
    assert spell(rows({4: 0.99}, {4: 0.99})).alternatives[0].text == "4"


def test_a_digit_has_ten_probabilities_and_a_place() -> None:
    """They sum to 1; its middle is the column that spoke."""
    found = spell(rows({}, {4: 0.7, 9: 0.2}, {}, {}, {7: 0.95}))
    first, second = found.parts
    assert (first.label, second.label) == (4, 7)
    assert sum(first.probabilities) == pytest.approx(1)
    assert first.probabilities[9] == pytest.approx(0.2 / 0.9, abs=1e-6)
    assert first.confidence == pytest.approx(0.7, abs=1e-6)
    assert first.digit_score == pytest.approx(0.9, abs=1e-6)
    assert (first.column, second.column) == (pytest.approx(1), pytest.approx(4))


def test_points_stand_where_they_were_written() -> None:
    """Between digits, in the formatted text alone; not before the first digit nor behind the last."""
    found = spell(line(POINT, 1, POINT, 2, COMMA, 5, POINT))
    number = to_number(found, [Box(0, 0, 9, 9)] * 3, Thresholds(0.0, 0.0))
    assert (number.text, number.formatted) == ("125", "1.2,5")


def test_texts_that_differ_in_points_are_one() -> None:
    """Whether there is a point says nothing against the digits."""
    found = spell(rows({1: 1.0}, {POINT: 0.5}, {2: 1.0}))
    assert found.confidence == pytest.approx(1)
    assert [other.text for other in found.alternatives] == ["12"]


def test_what_is_no_digit_is_rejected_and_not_forced() -> None:
    """A letter between two digits prints as "?"; it is not left out. A word is no number."""
    found = spell(line(1, SIGN, 3))
    assert [part.label for part in found.parts] == [1, None, 3]
    assert found.alternatives[0].text == "1?3"
    assert found.is_number
    assert not spell(line(SIGN, SIGN, 3)).is_number


def test_a_line_of_print_is_no_number() -> None:
    """Some of its letters look like nothing, and none is surely a digit; a number has a sign at most now and then."""
    assert spell(line(1, 2, SIGN, 4, 5)).is_number
    assert not spell(line(1, 2, SIGN, 4, 5, 6, SIGN)).is_number
    assert not spell(line(1, 2, 3, 4, 5, 6, sure=0.7)).is_number


def test_an_expected_number_of_digits_decides() -> None:
    """Between texts that are nearly as good; probabilities are those among texts of that length."""
    table = rows({1: 0.99}, {}, {7: 0.4})
    texts = {n: spell(table, n) for n in (None, 1, 2)}
    assert [found.alternatives[0].text for found in texts.values()] == ["1", "1", "17"]
    assert all(len(other.text) == 2 for other in texts[2].alternatives)
    assert texts[2].confidence > 0.95


def test_what_was_expected_in_vain_is_doubtful() -> None:
    """The likeliest text is shown, and nobody should trust it; nor a text that had hardly a chance."""
    found = spell(line(4, 7), 9)
    assert [part.label for part in found.parts] == [4, 7]
    assert found.confidence == 0
    assert spell(rows({4: 0.99}, {}, {7: 0.005}), 2).confidence < 0.2


def test_a_blank_line_has_no_parts() -> None:
    """It is sure to be blank."""
    found = spell(rows({}, {}))
    assert (found.parts, found.confidence) == ((), 1)
    assert [other.text for other in found.alternatives] == [""]
    assert not found.is_number


def test_a_threshold_rejects_digits_of_a_line() -> None:
    """The text says "?"; the alternatives still say what it may be."""
    number = to_number(spell(rows({4: 0.99}, {}, {7: 0.6})), [Box(0, 0, 9, 9)] * 2, Thresholds(0.0, 0.9))
    assert number.text == number.formatted == "4?"
    assert number.alternatives[0].text == "47"
    assert [digit.label for digit in number.digits] == [4, None]


def test_long_and_doubtful_lines_stay_in_range() -> None:
    """Hundreds of columns that say nothing: probabilities are neither lost nor above 1."""
    table = np.full((500, BLANK + 1), 1 / (BLANK + 1), dtype=np.float32)
    found = spell(table)
    assert 0 <= found.confidence <= 1
    assert all(0 <= part.confidence <= 1 and 0 <= part.digit_score <= 1 for part in found.parts)
