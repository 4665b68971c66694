"""A smooth line through the points of a pen, at any speed of the hand."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from inkdigits.desktop.curve import STEP, to_curve

PLACES = st.tuples(st.floats(-50, 550), st.floats(-50, 450))
WHOLE = st.tuples(st.integers(0, 20).map(float), st.integers(0, 20).map(float))


def circle(n: int, radius: float = 100) -> list[tuple[float, float]]:
    """Return so many points on a circle, the last of which is the first."""
    return [(radius * np.cos(a), radius * np.sin(a)) for a in np.linspace(0, 2 * np.pi, n)]


def test_few_points_of_a_quick_hand_make_a_round_line():
    """Twelve points on a circle: the line stays within a hundredth of it, where straight lines would be off by four."""
    radii = np.hypot(*to_curve(circle(13)).T)
    assert abs(radii[10:-10] / 100 - 1).max() < 0.01
    assert np.cos(np.pi / 12) < 0.97


def test_it_goes_through_the_points_and_leaves_no_gap():
    """Its corners lie so close that nobody sees them."""
    points = circle(13)
    line = to_curve(points)
    assert max(np.hypot(*(line - point).T).min() for point in points) < 1e-9
    assert np.hypot(*np.diff(line, axis=0).T).max() < 1.5 * STEP


def test_the_tremble_of_a_slow_hand_is_taken_out():
    """A line that shakes by one unit from point to point comes out nearly straight."""
    shaken = [(2.0 * n, 100.0 + n % 2) for n in range(100)]
    assert np.ptp(to_curve(shaken)[2:-2, 1]) < 0.2


def test_dots_and_short_strokes_stay_what_they_are():
    """One point, the same point again, and two points."""
    assert to_curve([(3, 4)]).tolist() == [[3, 4]]
    assert to_curve([(3, 4), (3, 4), (3, 4)]).tolist() == [[3, 4]]
    assert to_curve([(3, 4), (3.2, 4)]).tolist() == [[3, 4], [3.2, 4]]


@given(st.lists(st.one_of(PLACES, WHOLE), min_size=1, max_size=40))
def test_any_points_give_a_line_from_the_first_to_the_last(points: list[tuple[float, float]]):
    """Finite, and no farther out than the points by more than a part of what lies between them."""
    line = to_curve(points)
    assert np.isfinite(line).all()
    assert np.allclose([line[0], line[-1]], [points[0], points[-1]], atol=1e-6)
    every = np.array(points)
    room = 0.5 * np.ptp(every, axis=0).max() + 1e-6
    assert (line >= every.min(0) - room).all()
    assert (line <= every.max(0) + room).all()
