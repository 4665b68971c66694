"""Charts draw the numbers they are given."""

import numpy as np
import pytest

from inkdigits.metrics import expected_calibration_error
from inkdigits.report.charts import curve, error_against_coverage, reliability
from inkdigits.report.overview import to_duration


def test_bins_are_those_of_the_calibration_error():
    """The gaps of the points, weighted by their digits, are the ECE."""
    generator = np.random.default_rng(0)
    confidences = generator.uniform(0.1, 1, 500)
    correct = generator.uniform(size=500) < confidences**2
    above, below = reliability(confidences, correct).figure.axes
    mean, share = above.containers[0].lines[0].get_data()
    counts = np.array([bar.get_height() for bar in below.patches])
    found = (np.abs(mean - share) * counts[counts > 0]).sum() / 500
    assert found == pytest.approx(expected_calibration_error(confidences, correct))


def test_errors_fall_as_the_unsure_are_rejected():
    """The curve ends at the error rate of all, and has the surest to the left."""
    confidences, correct = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, False])
    (axes,) = error_against_coverage(confidences, correct).figure.axes
    coverage, errors = axes.lines[0].get_data()
    assert list(coverage) == [25, 50, 75, 100]
    assert list(errors) == pytest.approx([0, 0, 100 / 3, 50])


@pytest.mark.parametrize("right", [True, False])
def test_a_network_that_is_always_right_or_wrong_is_drawn(right: bool):
    """Nothing is divided by nothing."""
    answers = np.full(30, right)
    for make in (reliability, error_against_coverage):
        make(np.linspace(0.5, 1, 30), answers).to_html()


def test_a_curve_leaves_out_what_was_not_measured():
    """A run without validation has one line, and one that is drawn alone starts at 0."""
    (axes,) = curve("loss", {"train": [2.0, 1.0], "validation": [None, None]}, "loss", "Loss").figure.axes
    assert len(axes.lines) == 1
    assert axes.get_ylim()[0] == 0


def test_durations_are_words():
    """Seconds below a minute, minutes above."""
    assert [to_duration(seconds) for seconds in (7.4, 60, 1923.02)] == ["7 s", "1 min 0 s", "32 min 3 s"]
