"""A row of boxes is spelled box by box: none of them holds two digits."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.decode import spell, spell_boxes, stand_in_boxes
from inkdigits.records import COMMA, SIGN
from tests.decode.test_spelling import all_ways, line, random_table, rows

BORDERS = (0.0, 3.0, 6.0, 9.0)


def texts_of(table: npt.NDArray[np.floating]) -> dict[int | None, float]:
    """What one box may hold, by trying all ways: one token, or nothing."""
    return {tokens[0] if tokens else None: share for tokens, share in all_ways(table).items() if len(tokens) < 2}


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_the_row_is_the_likeliest_of_all(seed: int) -> None:
    """And its probability is a share of what one digit a box, or none, has altogether."""
    table = random_table(seed, 9)
    boxes = [texts_of(table[at : at + 3]) for at in (0, 3, 6)]
    texts: dict[str, float] = {}
    for way in itertools.product(*(box.items() for box in boxes)):
        share = np.prod([share / max(sum(box.values()), 0.05) for (_, share), box in zip(way, boxes, strict=True)])
        text = "".join(_shown(token) for token, _ in way)
        texts[text] = texts.get(text, 0.0) + share
    spelling = spell_boxes(table, BORDERS)
    ranked = sorted(texts.items(), key=lambda item: -item[1])
    assert spelling.confidence == pytest.approx(ranked[0][1], rel=1e-4)
    assert texts[spelling.alternatives[0].text] == pytest.approx(ranked[0][1], rel=1e-4)
    assert "".join(_shown(SIGN if part.label is None else part.label) for part in spelling.parts) == (
        spelling.alternatives[0].text
    )


def _shown(token: int | None) -> str:
    return "" if token is None else "?" if token == SIGN else str(token)


def test_no_box_holds_two_digits() -> None:
    """What looks like 11 to the network is the one digit that it looks most like."""
    table = rows({4: 0.05, 1: 0.9}, {}, {1: 0.9, 4: 0.05}, {}, {7: 0.99}, {})
    assert spell(table).alternatives[0].text == "117"
    spelling = spell_boxes(table, (0, 3, 6))
    assert spelling.alternatives[0].text == "17"
    assert [part.column for part in spelling.parts] == pytest.approx([1, 4])


def test_a_box_may_be_empty() -> None:
    """How sure that is counts as well."""
    spelling = spell_boxes(line(3, 5)[:5], (0, 2, 5, 5.5))
    assert spelling.alternatives[0].text == "35"
    assert spelling.confidence == pytest.approx(0.98, abs=0.01)


def test_a_text_may_stand_in_several_boxes() -> None:
    """All ways to lay it out count, and its digits stand where they stand most likely."""
    spelling = spell_boxes(rows({3: 0.45}, {3: 0.55}), (0, 1, 2))
    assert spelling.alternatives[0].text == "3"
    assert spelling.confidence == pytest.approx(0.45 * 0.45 + 0.55 * 0.55)
    assert [part.column for part in spelling.parts] == [1]


def test_a_box_without_columns_is_empty() -> None:
    """The boxes are longer than the ink in them."""
    assert spell_boxes(line(3), (0, 3, 3, 3)).alternatives[0].text == "3"


def test_texts_that_can_hardly_be_are_not_offered() -> None:
    """As of any line."""
    assert len(spell_boxes(rows({3: 1.0}, {}), (0, 1, 2)).alternatives) == 1


def test_points_do_not_stand_in_boxes() -> None:
    """A line that was not erased whole may look like one."""
    spelling = spell_boxes(rows({8: 0.99}, {COMMA: 0.99}, {}, {2: 0.99}), (0, 3, 4))
    assert [(part.label, part.before) for part in spelling.parts] == [(8, ""), (2, "")]


def test_digits_in_boxes_are_calibrated() -> None:
    """As in any line."""
    curve = ((0.0, 0.0), (0.9, 0.8), (1.0, 0.8))
    (part,) = spell_boxes(rows({6: 0.95}), (0, 1), curve).parts
    assert part.confidence == pytest.approx(0.8)
    assert sum(part.probabilities) == pytest.approx(1)


def test_signs_are_no_digits() -> None:
    """A cross in a box is none."""
    (part,) = spell_boxes(rows({SIGN: 0.9, 4: 0.1}), (0, 1)).parts
    assert part.label is None
    assert part.digit_score == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("borders", "fits"),
    [((0, 2, 4), True), ((0, 4, 5), False), ((1.5, 2, 4), False), ((0, 2), False), ((0, 1, 2, 4), False)],
)
def test_each_box_holds_one_digit(borders: tuple[float, ...], fits: bool) -> None:
    """Otherwise the line is spelled box by box."""
    assert stand_in_boxes(spell(line(3, 5)).parts, borders) is fits


def test_boxes_beyond_the_line_are_empty() -> None:
    """A strip ends with its ink, a row of boxes does not."""
    spelling = spell_boxes(line(3), (-9, -4, 0, 4, 9, 14))
    assert spelling.alternatives[0].text == "3"
