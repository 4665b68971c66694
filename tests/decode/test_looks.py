"""Several looks at one line are weighed together."""

import pytest

from inkdigits.decode import Spelling, weigh_looks
from inkdigits.decode.looks import FIRST
from inkdigits.records import Alternative


def look(**probabilities: float) -> Spelling:
    """What one look says: texts, each behind a "t", and how probable they are."""
    others = tuple(Alternative(text[1:], probability) for text, probability in probabilities.items())
    return Spelling((), others[0].probability, others)


def test_one_look_is_as_it_is() -> None:
    """There is nothing to weigh."""
    assert weigh_looks([look(t12=0.5, t17=0.3)]) == (0, look(t12=0.5, t17=0.3))


def test_a_text_is_as_probable_as_by_all_looks() -> None:
    """The likeliest comes first, and the look that reads it is told."""
    chosen, spelling = weigh_looks([look(t12=0.5, t17=0.4), look(t17=0.9, t1=0.1)])
    assert chosen == 1
    assert [each.text for each in spelling.alternatives] == ["17", "12", "1"]
    assert spelling.confidence == spelling.alternatives[0].probability
    assert spelling.confidence == pytest.approx((FIRST * 0.4 + 0.9) / (FIRST + 1))


def test_the_first_look_counts_more() -> None:
    """Two looks that are as sure of different texts: the first one's is kept."""
    chosen, spelling = weigh_looks([look(t12=0.6), look(t17=0.6)])
    assert (chosen, spelling.alternatives[0].text) == (0, "12")
    assert weigh_looks([look(t12=0.6), look(t17=0.6), look(t17=0.6)])[0] == 1


def test_at_most_five_texts_are_offered() -> None:
    """As many as by one look."""
    many = [look(**{f"t{at}{n}": 0.2 - 0.01 * n for n in range(5)}) for at in range(2)]
    assert len(weigh_looks(many)[1].alternatives) == 5


def test_a_text_that_no_look_reads_is_not_read() -> None:
    """Though it is likelier than each that one does: the first look stays as it is."""
    looks = [look(t12=0.4, t13=0.39), look(t17=0.4, t13=0.39)]
    assert weigh_looks(looks) == (0, looks[0])
