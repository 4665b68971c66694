"""How likely answers are right that seem so sure, by what validation measured."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from inkdigits.records import N_TOKENS, SIGN, CalibrationCurve

_TINY = 1e-300


def calibrate(confidences: npt.NDArray[np.floating[Any]], calibration: CalibrationCurve) -> npt.NDArray[np.float64]:
    """Return how likely answers are right, (N,), of how sure they seem, (N,)."""
    if not calibration:
        return confidences.astype(np.float64)
    seems, right = zip(*calibration, strict=True)
    return np.asarray(np.interp(confidences, seems, right), dtype=np.float64)


def calibrate_shares(
    shares: npt.NDArray[np.float64], tokens: Sequence[int], calibration: CalibrationCurve
) -> npt.NDArray[np.float64]:
    """Make digits as likely as such ones are right, and all others in their stead so much more or less likely.

    None of them becomes likelier than the digit. Signs stay as they are.

    Args:
        shares: (N, 14), how likely each token, or none, is at each place.
        tokens: N that stand there.
        calibration: of the digits.
    """
    labels = np.array(list(tokens))[:, None]
    is_own = np.arange(N_TOKENS + 1) == labels
    others = np.where(is_own, 0.0, shares)
    rest, rival = others.sum(1), others.max(1)
    likely = np.maximum(calibrate(shares[is_own], calibration), rival / np.maximum(rest + rival, _TINY))
    calibrated = np.where(is_own, likely[:, None], others * ((1 - likely) / np.maximum(rest, _TINY))[:, None])
    return np.where(labels == SIGN, shares, calibrated)
