"""How likely answers are right that seem so sure, by what validation measured."""

from typing import Any

import numpy as np
import numpy.typing as npt

from inkdigits.records import CalibrationCurve


def calibrate(confidences: npt.NDArray[np.floating[Any]], calibration: CalibrationCurve) -> npt.NDArray[np.float64]:
    """Return how likely answers are right, (N,), of how sure they seem, (N,)."""
    if not calibration:
        return confidences.astype(np.float64)
    seems, right = zip(*calibration, strict=True)
    return np.asarray(np.interp(confidences, seems, right), dtype=np.float64)
