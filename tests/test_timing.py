"""Medians of real calls."""

import time
from pathlib import Path

import pytest

from inkdigits.classifier import load_classifier
from inkdigits.timing import digits_per_second, latency_seconds, median_seconds


def test_the_median_leaves_out_the_first_call_and_the_slow_ones():
    """One warm-up, then n calls, of which the middle one counts."""
    waits = iter([0.2, 0.01, 0.01, 0.3, 0.01, 0.01])
    assert median_seconds(lambda: time.sleep(next(waits)), 5) == pytest.approx(0.01, abs=0.009)
    assert next(waits, None) is None


def test_rate_and_latency_are_of_the_same_network(tiny_model: Path):
    """Both are times of calls of it; many in one go are not slower a digit than one by one."""
    classifier = load_classifier(tiny_model)
    latency, rate = latency_seconds(classifier, 50), digits_per_second(classifier, 3)
    assert 0 < latency < 1
    assert rate > 0.5 / latency
