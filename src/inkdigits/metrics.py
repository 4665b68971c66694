"""How good answers are: accuracy, per-class scores, calibration, and what rejecting the unsure costs and brings.

Pure functions on arrays of labels and confidences; `evaluate` fills them from a network and a data set.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.records import N_LABELS, Patches, RejectPoint

Labels: TypeAlias = npt.NDArray[np.integer[Any]]
"""(N,) integers 0-9."""

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
"""float32 or float64."""

Classify: TypeAlias = Callable[[Patches], tuple[Floats, Floats]]
"""A network as it ships: patches (N, 28, 28) -> calibrated probabilities (N, 10) and digit scores (N,)."""

N_ECE_BINS = 15
"""Guo et al. 2017, "On calibration of modern neural networks", section 2."""

Z_95 = 1.6449
"""The normal distribution's 95 % quantile: one-sided bounds that hold 19 times out of 20."""


@dataclass(frozen=True, slots=True)
class ClassScores:
    """One row of a classification report."""

    precision: float
    """Share of what was read as this label that is this label; 0 where nothing was."""
    recall: float
    """Share of this label that was read as it; 0 where there is none."""
    f1: float
    """Harmonic mean of the two; 0 where both are."""
    support: int
    """Images of this label."""


@dataclass(frozen=True, slots=True)
class ClassificationReport:
    """Precision, recall and F1 of every label and their averages, as scikit-learn defines them."""

    classes: tuple[ClassScores, ...]
    """Ten, one a label."""
    accuracy: float
    macro: ClassScores
    """Mean over the labels."""
    weighted: ClassScores
    """Mean over the labels, weighted by support."""

    def to_dict(self) -> dict[str, Any]:
        """Return scikit-learn's `classification_report(..., output_dict=True)`."""
        rows = {str(label): scores for label, scores in enumerate(self.classes)}
        rows |= {"macro avg": self.macro, "weighted avg": self.weighted}
        report: dict[str, Any] = {
            name: {"precision": row.precision, "recall": row.recall, "f1-score": row.f1, "support": row.support}
            for name, row in rows.items()
        }
        return report | {"accuracy": self.accuracy}


def accuracy(labels: Labels, predicted: Labels) -> float:
    """Return the share of images that are read right.

    Raises:
        ValueError: no images, or arrays of different lengths.
    """
    _check_lengths(labels, predicted)
    return float((labels == predicted).mean())


def confusion_matrix(labels: Labels, predicted: Labels) -> npt.NDArray[np.int64]:
    """Count how often each label was read as each label: (10, 10) int64, row label, column read as.

    Raises:
        ValueError: no images, or arrays of different lengths.
    """
    _check_lengths(labels, predicted)
    cells = labels.astype(np.int64) * N_LABELS + predicted.astype(np.int64)
    return np.bincount(cells, minlength=N_LABELS**2).reshape(N_LABELS, N_LABELS)


def classification_report(labels: Labels, predicted: Labels) -> ClassificationReport:
    """Take precision, recall and F1 of each of the ten labels, and their averages; what is divided by nothing is 0.

    Raises:
        ValueError: no images, or arrays of different lengths.
    """
    matrix = confusion_matrix(labels, predicted)
    right, support, read = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    columns = (_divide(right, read), _divide(right, support), _divide(2 * right, read + support))
    scores = np.stack(columns, axis=1)  # (10, 3): precision, recall, F1
    n_images = int(support.sum())
    return ClassificationReport(
        classes=tuple(_to_scores(row, int(n)) for row, n in zip(scores, support, strict=True)),
        accuracy=accuracy(labels, predicted),
        macro=_to_scores(scores.mean(axis=0), n_images),
        weighted=_to_scores(support @ scores / n_images, n_images),
    )


def expected_calibration_error(confidences: Floats, correct: npt.NDArray[np.bool_], n_bins: int = N_ECE_BINS) -> float:
    """Measure how far confidence is from the truth: the mean gap between confidence and accuracy over equal bins.

    Guo et al. 2017, equation 3: bin m holds the confidences in ((m - 1) / M, m / M].

    Args:
        confidences: (N,) in [0, 1], of the label that was read.
        correct: (N,) bool, whether that label is right.
        n_bins: M.

    Returns:
        0 for perfect calibration, at most 1.

    Raises:
        ValueError: no images, or arrays of different lengths.
    """
    _check_lengths(confidences, correct)
    bins = calibration_bins(confidences, n_bins)
    gaps = np.bincount(bins, weights=correct - confidences.astype(np.float64), minlength=n_bins)
    return float(np.abs(gaps).sum() / len(confidences))


def calibration_bins(confidences: Floats, n_bins: int = N_ECE_BINS) -> npt.NDArray[np.int64]:
    """Return the place of each confidence among equal bins, from 0: bin m, from 1, holds those in ((m - 1)/M, m/M]."""
    return np.clip(np.ceil(confidences * n_bins).astype(np.int64) - 1, 0, n_bins - 1)


def wilson_interval(shares: Floats, n: npt.NDArray[np.int64], z: float) -> tuple[Floats, Floats]:
    """Return between what the true shares lie where `shares` of `n` were seen (Wilson 1927).

    Args:
        shares: (N,) in [0, 1].
        n: (N,) of how many, at least 1.
        z: quantile of the normal distribution: `Z_95` for each of the ends by itself to hold 19 times out of 20, 1.96
            for both of them.

    Returns:
        Lower and upper ends, (N,); rounding may pass 0 and 1.
    """
    middle, half = shares + z**2 / (2 * n), z * np.sqrt(shares * (1 - shares) / n + z**2 / (4 * n**2))
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


def auroc(positives: Floats, negatives: Floats) -> float:
    """Return how well a score tells two groups apart: the area under the ROC curve (Hanley and McNeil 1982).

    Args:
        positives: (N,) scores of those that should score high.
        negatives: (M,) scores of the others.

    Returns:
        The chance that a positive drawn at random scores higher than a negative, a tie counting half: 1 when all do,
        0.5 for a score that knows nothing.

    Raises:
        ValueError: a group is empty or not (N,).
    """
    if positives.ndim != 1 or negatives.ndim != 1 or not len(positives) or not len(negatives):
        raise ValueError(f"expected two arrays (N,) with N at least 1, not {positives.shape} and {negatives.shape}")
    ranked = np.sort(negatives)
    n_below = np.searchsorted(ranked, positives, side="left")
    n_not_above = np.searchsorted(ranked, positives, side="right")
    return float((n_below + n_not_above).mean() / (2 * len(negatives)))


def reject_table(confidences: Floats, correct: npt.NDArray[np.bool_], n_points: int = 100) -> tuple[RejectPoint, ...]:
    """Tell what accepting only the sure digits costs and brings.

    `error` is the upper end of a one-sided 95 % interval (Wilson 1927) and not the bare share, as in selection with
    guaranteed risk (Geifman and El-Yaniv 2017): no error among 300 digits does not promise none, but 0.9 % at most.
    A row is kept only where it promises less error than every row that accepts more, so the table ends where the
    sample is too small to promise more.

    Args:
        confidences: (N,) in [0, 1].
        correct: (N,) bool.
        n_points: rows at most, at least 2; the first and the last always stay.

    Returns:
        Rows by ascending confidence and coverage falling from 1; the first accepts everything, from 0 on.

    Raises:
        ValueError: no images, or arrays of different lengths.
    """
    _check_lengths(confidences, correct)
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order]
    accepted = np.append(np.flatnonzero(np.diff(ranked)) + 1, len(ranked))  # equal confidences go together
    shares = np.cumsum(~correct[order])[accepted - 1] / accepted
    bounds = np.minimum(wilson_interval(shares, accepted, Z_95)[1], 1)[::-1]  # rounding may pass it
    accepted = accepted[::-1]
    better = np.flatnonzero(bounds < np.minimum.accumulate(np.append(np.inf, bounds[:-1])))
    rows = better[np.unique(np.linspace(0, len(better) - 1, n_points).round().astype(np.int64))]
    thresholds = np.where(rows == 0, 0.0, ranked[accepted[rows] - 1])
    coverages = accepted[rows] / len(ranked)
    return tuple(map(RejectPoint, thresholds.tolist(), bounds[rows].tolist(), coverages.tolist()))


def _to_scores(row: npt.NDArray[np.float64], support: int) -> ClassScores:
    precision, recall, f1 = row.tolist()
    return ClassScores(precision, recall, f1, support)


def _divide(top: npt.NDArray[np.int64], bottom: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.divide(top, bottom, out=np.zeros(len(top)), where=bottom != 0)


def _check_lengths(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> None:
    if one.shape != other.shape or one.ndim != 1 or not len(one):
        raise ValueError(f"expected two arrays (N,) of one length, at least 1, not {one.shape} and {other.shape}")
