"""How sure the digits of lines seem -> how often they are right, fitted on validation."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.decode import calibrate
from inkdigits.records import CalibrationCurve

N_BINS = 20
"""Bins with as many digits each, from which a calibration is fitted (Zadrozny and Elkan 2001)."""

DECIMALS = 6
"""So exact a card notes it."""

Floats: TypeAlias = npt.NDArray[np.floating[Any]]


def fit_calibration(confidences: Floats, correct: npt.NDArray[np.bool_], n_bins: int = N_BINS) -> CalibrationCurve:
    """Find out how often digits are right that seem so sure: in bins, never falling (isotonic regression).

    Args:
        confidences: (N,) in [0, 1], at least one.
        correct: (N,).
        n_bins: at most; of N digits, N.

    Returns:
        A point for each bin, and both ends.
    """
    from sklearn.isotonic import isotonic_regression  # takes as long to load as torch

    bins = np.array_split(np.argsort(confidences, kind="stable"), min(n_bins, len(confidences)))
    seems = [float(confidences[each].mean(dtype=np.float64)) for each in bins]
    right = isotonic_regression([correct[each].mean() for each in bins], sample_weight=[len(each) for each in bins])
    points = dict(zip(np.round(seems, DECIMALS).tolist(), np.round(right, DECIMALS).tolist(), strict=True))
    return tuple(({0.0: 0.0} | points | {1.0: max(points.values())}).items())


def calibrate_halves(confidences: Floats, correct: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Calibrate one half of the digits by the other, (N,): by themselves they would seem better than others are."""
    sure, odd = confidences.astype(np.float64), np.arange(len(correct)) % 2 == 1
    for half in (odd, ~odd):
        if half.any() and not half.all():
            sure[half] = calibrate(sure[half], fit_calibration(confidences[~half], correct[~half]))
    return sure
