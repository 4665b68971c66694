"""Several looks at one line are weighed together."""

import numpy as np
import pytest

from inkdigits.decode import Part, Spelling, Thresholds, add_missed, to_missed, weigh_looks
from inkdigits.decode.looks import FIRST
from inkdigits.records import Alternative


def look(**probabilities: float) -> Spelling:
    """What one look says: texts, each behind a "t", and how probable they are; it reads the first of them."""
    others = tuple(Alternative(text[1:], probability) for text, probability in probabilities.items())
    digits = tuple(Part(int(sign), 0.9, 1.0, (0.1,) * 10, at, "") for at, sign in enumerate(others[0].text))
    return Spelling(digits, others[0].probability, others)


def test_a_text_is_as_probable_as_by_all_looks() -> None:
    """The likeliest comes first, and the look that reads it is told."""
    chosen, spelling = weigh_looks([look(t12=0.5, t17=0.4), look(t17=0.9, t1=0.1)])
    assert (chosen, spelling.text) == (1, "17")
    assert [each.text for each in spelling.alternatives] == ["17", "12", "1"]
    assert spelling.confidence == spelling.alternatives[0].probability
    assert spelling.confidence == pytest.approx((FIRST * 0.4 + 0.9) / (FIRST + 1))


def test_the_first_look_counts_more() -> None:
    """Two looks that are as sure of different texts: the first one's is kept."""
    chosen, spelling = weigh_looks([look(t12=0.6), look(t17=0.6)])
    assert (chosen, spelling.alternatives[0].text) == (0, "12")
    assert weigh_looks([look(t12=0.6), look(t17=0.6), look(t17=0.6)])[0] == 1


def test_at_most_five_texts_are_offered() -> None:
    """As many as by one look; and one at the least, however improbable all are."""
    many = [look(**{f"t{at}{n}": 0.2 - 0.01 * n for n in range(5)}) for at in range(2)]
    assert len(weigh_looks(many)[1].alternatives) == 5
    assert [each.text for each in weigh_looks([look(t12=1e-12), look(t17=1e-13)])[1].alternatives] == ["12"]


def test_a_text_that_no_look_reads_is_not_read() -> None:
    """Though it is likelier than each that one does: the first look stays as it is."""
    looks = [look(t12=0.4, t13=0.39), look(t17=0.4, t13=0.39)]
    assert weigh_looks(looks) == (0, looks[0])


def test_a_line_with_a_sign_that_was_missed_is_as_sure_as_its_own_text() -> None:
    """Its alternatives have digits in the sign's place, or nothing: they are other texts."""
    missed = to_missed(np.full(10, 0.1, np.float32), 0.3, 0.5, Thresholds(0.0, 0.5))
    with_sign = add_missed(look(t12=0.9), [missed])
    assert with_sign.text == "1?2"
    assert with_sign.confidence == pytest.approx(0.9 * 0.03)
    assert weigh_looks([with_sign, with_sign])[1].confidence == pytest.approx(with_sign.confidence)
    chosen, spelling = weigh_looks([with_sign, look(t12=0.5)])
    assert (chosen, spelling.text) == (1, "12")
    hopeless = add_missed(look(t12=1e-9), [missed] * 3)
    assert hopeless.alternatives
    assert weigh_looks([hopeless, hopeless])[1].alternatives
