"""How long a network takes to answer: one patch at a time, and many."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from inkdigits.classifier import Classifier
from inkdigits.records import PATCH_PX

N_SINGLE = 300
"""Patches that are answered one by one: a busy machine makes single figures worthless, so medians are taken."""

N_MANY, N_REPEATS = 2048, 7
"""Patches that are answered in one go, and how often."""


def latency_seconds(classifier: Classifier, n_calls: int = N_SINGLE) -> float:
    """Return the median time from one patch to its answer."""
    patch = _patches(1)
    return median_seconds(lambda: classifier.classify(patch), n_calls)


def digits_per_second(classifier: Classifier, n_repeats: int = N_REPEATS) -> float:
    """Return how many patches are answered in a second when they come in one go; the median of several."""
    patches = _patches(N_MANY)
    return N_MANY / median_seconds(lambda: classifier.classify(patches), n_repeats)


def median_seconds(call: Callable[[], object], n_calls: int) -> float:
    """Return the median wall time of `n_calls` calls, after one that does not count."""
    call()
    seconds = []
    for _ in range(n_calls):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def _patches(n: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (n, PATCH_PX, PATCH_PX), dtype=np.uint8)
