"""Strokes become pixels: joined, round, soft at their edges, and the same whatever the order of drawing."""

import cv2
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from inkdigits.desktop.sheet import MARGIN_PX, Sheet, to_picture
from inkdigits.desktop.strokes import PAD, Stroke
from inkdigits.images import load_image
from inkdigits.ink import to_ink

PLACE = st.tuples(st.floats(-30, 530), st.floats(-30, 430))
STROKE = st.builds(Stroke, st.lists(PLACE, min_size=1, max_size=6).map(tuple), st.sampled_from([6, 20, 44]))


def line(*points: tuple[float, float], width: float = 20) -> Stroke:
    """A stroke."""
    return Stroke(points, width)


def test_a_fast_stroke_is_one_piece():
    """Five points, a hundred units apart, are no five dots."""
    coverage = Sheet().draw([line(*[(50 + 100 * n, 200 + 60 * (n % 2)) for n in range(5)])])
    n, *_ = cv2.connectedComponentsWithStats((coverage > 127).astype(np.uint8))
    assert n == 2  # the paper is one


@pytest.mark.parametrize("width", [6, 20, 44])
@pytest.mark.parametrize("scale", [1.0, 1.37, 3.0])
def test_a_stroke_is_as_wide_as_the_pen_with_round_ends(width: float, scale: float):
    """Its ink has the area of a rectangle and a circle; that of a dot, of a circle."""
    for length in (0, 100):
        points = ((200.0, 200.0), (200.0 + length, 200.0)) if length else ((200.0, 200.0),)
        area = Sheet(scale).draw([Stroke(points, width)]).sum() / 255 / scale**2
        assert area == pytest.approx(length * width + np.pi * width**2 / 4, rel=0.06)


def test_its_edge_is_soft_and_lies_where_it_should():
    """The middle of a dot is the place of its point."""
    coverage = Sheet().draw([line((100.3, 77.6))]).astype(float)
    rows, columns = np.indices(coverage.shape) + 0.5
    assert (coverage * columns).sum() / coverage.sum() == pytest.approx(100.3, abs=0.15)
    assert (coverage * rows).sum() / coverage.sum() == pytest.approx(77.6, abs=0.15)
    assert len(np.unique(coverage)) > 5


@settings(max_examples=15)
@given(st.lists(STROKE, max_size=4))
def test_drawing_one_after_the_other_is_drawing_all_at_once(strokes: list[Stroke]):
    """As they are written, after undo, and anew: the same pixels."""
    sheet = Sheet()
    for n in [*range(len(strokes) + 1), *range(len(strokes), -1, -1), len(strokes)]:
        shown = sheet.draw(strokes[:n])
        assert (shown == Sheet().draw(strokes[:n])).all()


def test_what_is_given_out_stays_as_it_is():
    """A thread may still read it while more is drawn."""
    sheet = Sheet()
    first = sheet.draw([line((100, 100))])
    kept = first.copy()
    sheet.draw([line((100, 100)), line((300, 300))])
    assert (first == kept).all()


def test_the_picture_has_paper_around_it_in_both_colours():
    """White on black is the opposite of black on white."""
    coverage = Sheet().draw([line((0, 0), (500, 400))])
    black, white = to_picture(coverage, "black"), to_picture(coverage, "white")
    assert (black == 255 - white).all()
    assert black.shape == (PAD[1] + 2 * MARGIN_PX, PAD[0] + 2 * MARGIN_PX)
    assert not black[:MARGIN_PX].any()


def test_a_stroke_from_edge_to_edge_is_no_printed_rule():
    """Its ink is all there: the paper around it says that it ends."""
    coverage = Sheet().draw([line((0, 200), (500, 200), width=8)])
    ink = to_ink(load_image(to_picture(coverage, "white")))
    assert (ink > 0.5).sum() == pytest.approx((coverage > 127).sum(), rel=0.02)
