"""A line is parted in the likeliest way: dynamic programming agrees with trying all ways."""

import itertools
from dataclasses import replace
from math import exp, isclose, log

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.decode import part_line, to_number
from inkdigits.decode.digits import Thresholds
from inkdigits.decode.parting import JOIN, LEAST, MAX_ODDS, PRIOR, _steps
from inkdigits.records import REJECTED, Box, Candidate, Glyph, Lattice

Floats = npt.NDArray[np.float32]

GLYPH = Glyph(np.ones((40, 24), dtype=np.float32), Box(0, 0, 24, 40))


def make_lattice(
    n: int, spans: list[tuple[int, int]] | None = None, marks: str = "", cuts: list[float] | None = None
) -> Lattice:
    """A lattice of n pieces with much ink; every run of up to three is a candidate unless spans are given."""
    runs = [(start, stop) for start in range(n) for stop in range(start + 1, min(n, start + 3) + 1)]
    candidates = tuple(Candidate(start, stop, GLYPH) for start, stop in (runs if spans is None else spans))
    padded = tuple(mark.strip() for mark in marks.ljust(n))
    return Lattice(40.0, (0.2,) * n, tuple(cuts or [0.0] * (n - 1)), (0.1,) * (n - 1), padded, candidates)


def rows(*labels: int, sure: float = 0.91) -> Floats:
    """Probabilities: `sure` for each label, and the rest for all others alike."""
    table = np.full((len(labels), 10), (1 - sure) / 9, dtype=np.float32)
    table[np.arange(len(labels)), labels] = sure
    return table


def all_texts(lattice: Lattice, probabilities: Floats, scores: Floats) -> dict[str, float]:
    """Every text with its probability, by trying all ways."""
    steps = [*_steps(lattice, scores)]
    texts: dict[str, float] = {}

    def go_on(at: int, text: str, weight: float) -> None:
        if at == len(lattice.weights):
            texts[text] = texts.get(text, 0.0) + exp(weight)
            return
        for step in steps:
            if step.start != at:
                continue
            if step.candidate is None:
                go_on(step.stop, text, weight + step.weight)
            elif step.is_sign:
                go_on(step.stop, text + REJECTED, weight + step.weight)
            else:
                for label in range(10):
                    share = float(probabilities[step.candidate, label])
                    if share >= LEAST:
                        go_on(step.stop, text + str(label), weight + step.weight + log(share))

    go_on(0, "", 0.0)
    total = sum(texts.values())
    return {text: weight / total for text, weight in texts.items()}


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_the_best_text_is_the_likeliest_of_all(data: st.DataObject) -> None:
    """And its probability is that of all ways that lead to it."""
    lattice = make_lattice(data.draw(st.integers(1, 4)))
    n = len(lattice.candidates)
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    probabilities = rng.dirichlet([0.03] * 10, n).astype(np.float32)
    scores = rng.random(n).astype(np.float32)
    expected = all_texts(lattice, probabilities, scores)
    parting = part_line(lattice, probabilities, scores)
    text = "".join(part.text for part in parting.parts)
    best = max(expected.values())
    assert isclose(expected[parting.alternatives[0].text], best, rel_tol=0.02)
    assert isclose(parting.confidence, best, rel_tol=0.05)
    assert text == parting.alternatives[0].text
    assert all(one.probability >= other.probability for one, other in itertools.pairwise(parting.alternatives))


def test_whole_digits_are_preferred_to_their_pieces() -> None:
    """Three pieces, of which the first two are a 4: the pieces and the pair of 4 and 7 are none."""
    lattice = make_lattice(3)
    score_of = {(0, 2): 0.999, (2, 3): 0.998}
    scores = np.array([score_of.get((each.start, each.stop), 0.02) for each in lattice.candidates], dtype=np.float32)
    labels = [{(0, 2): 4, (2, 3): 7}.get((each.start, each.stop), 1) for each in lattice.candidates]
    parting = part_line(lattice, rows(*labels, sure=0.999), scores)
    assert [part.text for part in parting.parts] == ["4", "7"]
    assert parting.confidence > 0.9
    assert all(part.confidence > 0.9 for part in parting.parts)


def test_what_is_no_digit_is_rejected_and_not_forced() -> None:
    """A letter between two digits prints as "?"; it is not left out."""
    lattice = make_lattice(3, spans=[(0, 1), (1, 2), (2, 3)])
    parting = part_line(lattice, rows(1, 2, 3, sure=0.99), np.array([0.999, 0.0001, 0.999], dtype=np.float32))
    assert [part.text for part in parting.parts] == ["1", "?", "3"]
    assert parting.parts[1].label is None


def test_points_stand_where_they_were_written() -> None:
    """Between digits, in the formatted text alone; not before the first digit nor behind the last."""
    spans = [(1, 2), (3, 4), (5, 6)]
    lattice = make_lattice(7, spans=spans, marks=". . , .")
    lattice = Lattice(40.0, (0.01, 0.2) * 3 + (0.01,), lattice.cuts, lattice.gaps, lattice.marks, lattice.candidates)
    probabilities, scores = rows(1, 2, 5, sure=0.99), np.full(3, 0.999, dtype=np.float32)
    parting = part_line(lattice, probabilities, scores)
    line = to_number(parting, [GLYPH.box] * 3, probabilities, scores, Thresholds(0.5, 0.0))
    assert (line.text, line.formatted) == ("125", "1.2,5")


def test_an_equal_pair_of_ways_is_doubtful() -> None:
    """Two pieces that are one 0, or two 1s: neither is sure."""
    lattice = make_lattice(2)
    scores = np.array([0.5, 1 / (1 + exp(-PRIOR - JOIN)), 0.5], dtype=np.float32)
    parting = part_line(lattice, rows(1, 0, 1, sure=0.999), scores)
    assert parting.confidence < 0.6
    assert {each.text for each in parting.alternatives[:2]} == {"11", "0"}


def test_cutting_ink_costs() -> None:
    """As good a 0 as two 1s: what was cut belongs together rather than what stood apart."""
    scores = np.array([0.9, 0.995, 0.9], dtype=np.float32)
    probabilities = rows(1, 0, 1, sure=0.999)
    apart, cut = (
        part_line(make_lattice(2, cuts=cuts), probabilities, scores).alternatives[0].text for cuts in ([0.0], [0.3])
    )
    assert (apart, cut) == ("11", "0")


def test_a_blank_line_has_no_parts() -> None:
    """It is sure to be blank."""
    parting = part_line(Lattice(0.0, (), (), (), (), ()), np.zeros((0, 10), np.float32), np.zeros(0, np.float32))
    assert parting.parts == ()
    assert parting.confidence == 1
    assert [each.text for each in parting.alternatives] == [""]


@pytest.mark.parametrize("score", [0.0, 1.0, np.float32(1e-12)])
def test_no_score_is_believed_without_limit(score: float) -> None:
    """0 and 1 have finite odds."""
    weights = [step.weight for step in _steps(make_lattice(1), np.array([score], dtype=np.float32))]
    assert np.isfinite(weights).all()
    assert max(weights) <= PRIOR + MAX_ODDS


def test_a_threshold_rejects_digits_of_a_line() -> None:
    """The text says "?"; the alternatives still say what it may be."""
    lattice = make_lattice(2, spans=[(0, 1), (1, 2)])
    probabilities = np.concatenate([rows(4, sure=0.999), rows(7, sure=0.6)])
    scores = np.full(2, 0.999, dtype=np.float32)
    line = to_number(
        part_line(lattice, probabilities, scores), [GLYPH.box] * 2, probabilities, scores, Thresholds(0.5, 0.9)
    )
    assert line.text == line.formatted == "4?"
    assert line.alternatives[0].text == "47"
    assert [digit.label for digit in line.digits] == [4, None]


def test_an_expected_number_of_digits_decides() -> None:
    """Between ways that are nearly as good; alternatives have as many, and their probabilities are among themselves."""
    lattice = make_lattice(2)
    scores = np.array([0.5, 1 / (1 + exp(-PRIOR - JOIN - 1)), 0.5], dtype=np.float32)
    texts = {n: part_line(lattice, rows(1, 0, 1, sure=0.99), scores, n) for n in (None, 1, 2)}
    assert [parting.alternatives[0].text for parting in texts.values()] == ["0", "0", "11"]
    assert all(len(other.text) == 2 for other in texts[2].alternatives)
    assert texts[2].confidence > 0.5
    assert 0.9 < sum(other.probability for other in texts[2].alternatives) <= 1


def test_what_was_expected_in_vain_is_doubtful() -> None:
    """The likeliest text is shown, and nobody should trust it."""
    lattice = make_lattice(2, spans=[(0, 1), (1, 2)])
    parting = part_line(lattice, rows(4, 7), np.full(2, 0.99, dtype=np.float32), 9)
    assert "".join(part.text for part in parting.parts) == "47"
    assert parting.confidence == 0


def with_box(lattice: Lattice, at: int, width: int, height: int) -> Lattice:
    """The same lattice, one of whose candidates has another form."""
    glyph = Glyph(np.ones((height, width), dtype=np.float32), Box(0, 0, width, height))
    candidates = [
        replace(each, glyph=glyph) if number == at else each for number, each in enumerate(lattice.candidates)
    ]
    return replace(lattice, candidates=tuple(candidates))


@pytest.mark.parametrize(("width", "height"), [(10, 40), (12, 20)])
def test_a_form_that_few_digits_have_costs(width: int, height: int) -> None:
    """A narrow piece that was cut off is the side of a 0; a low one is a comma: they need a better score."""
    lattice = make_lattice(2, spans=[(0, 1), (1, 2)], cuts=[0.1])
    probabilities, scores = rows(4, 1, sure=0.999), np.array([0.99, 0.3], dtype=np.float32)
    plain, odd = (part_line(each, probabilities, scores) for each in (lattice, with_box(lattice, 1, width, height)))
    assert plain.parts[-1].label == 1
    assert odd.parts[-1].confidence < plain.parts[-1].confidence - 0.05


def test_dashes_are_left_out() -> None:
    """What stands behind an amount is no digit, and no sign that anyone asked for."""
    lattice = replace(make_lattice(2, spans=[(0, 1)], marks=" -"), weights=(0.2, 0.06))
    parting = part_line(lattice, rows(7, sure=0.999), np.array([0.99], dtype=np.float32))
    assert [part.text for part in parting.parts] == ["7"]
    assert parting.confidence > 0.9
