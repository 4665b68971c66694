"""Run a network over a data set, and put all that `metrics` says about its answers in one record."""

import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits import normalize
from inkdigits.datasets.dataset import Dataset
from inkdigits.datasets.description import align
from inkdigits.datasets.download import REMOTE_SETS
from inkdigits.metrics import (
    ClassificationReport,
    Classify,
    Floats,
    Labels,
    accuracy,
    classification_report,
    confusion_matrix,
    expected_calibration_error,
    reject_table,
)
from inkdigits.records import N_LABELS, Ink, Patches, RejectPoint

__all__ = [
    "DISPUTED_MNIST_TEST",
    "Classify",
    "Evaluation",
    "Mistake",
    "ToPatches",
    "accuracy",
    "batches",
    "classification_report",
    "classify_dataset",
    "confusion_matrix",
    "evaluate",
    "expected_calibration_error",
    "reject_table",
    "to_bytes",
    "to_levels",
]

ToPatches: TypeAlias = Callable[[Sequence[Ink]], Patches]
"""Inks of any size -> patches (N, 28, 28)."""

MNIST_TEST_LABELS_SHA256 = REMOTE_SETS["mnist"][-1].content_sha256
"""How MNIST's test set is known, whatever form it comes in: of its labels, as an IDX file."""

BATCH = 1000
"""Images classified at a time: 3 MB of patches, whatever the size of the set."""

DISPUTED_MNIST_TEST = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
"""MNIST test images whose label got fewer than three of five human votes.

From cleanlab's label-errors study (Northcutt, Athalye, Mueller 2021, "Pervasive label errors in test sets"). The test
set stays as it is; accuracy is given with and without them.
"""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One misread image."""

    index: int
    """Its place in the data set, counted from 0."""
    label: int
    read_as: int
    confidence: float
    """Of what it was read as."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one network does on one data set. Accuracy counts every image, also those that would be rejected."""

    dataset: str
    split: str
    digests: dict[str, str]
    """File name -> sha256 of its content."""
    n_images: int
    accuracy: float
    accuracy_without_disputed: float | None
    """Without `DISPUTED_MNIST_TEST`; None for any other set than MNIST's test images."""
    ece: float
    """Expected calibration error of the confidence."""
    digit_score_threshold: float
    refused: float
    """Share of the images whose digit score is under the threshold."""
    report: ClassificationReport
    confusion: tuple[tuple[int, ...], ...]
    """10 x 10 counts; row: label, column: read as."""
    reject_table: tuple[RejectPoint, ...]
    """Measured on these images, see `reject_table`."""
    mistakes: tuple[Mistake, ...]
    """Highest loss first."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self) | {"n_errors": len(self.mistakes), "report": self.report.to_dict()}

    def to_text(self) -> str:
        """Return the figures and tables, to be read in a terminal."""
        confusion = [[str(label), *map(str, row)] for label, row in enumerate(self.confusion)]
        points = [[f"{p.confidence:.4f}", f"{p.error:.2%}", f"{p.coverage:.2%}"] for p in self.reject_table]
        blocks = [
            f"{self.dataset} ({self.split}), {self.n_images:,} images\n{align(self._figures())}",
            align(_report_rows(self.report)),
            f"confusion (row: label, column: read as)\n{align([['', *map(str, range(N_LABELS))], *confusion])}",
            f"rejecting the unsure\n{align([['accept from', 'error at most', 'coverage'], *points])}",
        ]
        return "\n\n".join(blocks)

    def _figures(self) -> list[list[str]]:
        figures = [["accuracy", f"{self.accuracy:.2%}"], ["errors", f"{len(self.mistakes):,}"]]
        if self.accuracy_without_disputed is not None:
            name = f"accuracy without the {len(DISPUTED_MNIST_TEST)} disputed images"
            figures.append([name, f"{self.accuracy_without_disputed:.2%}"])
        refused = f"refused as not a digit (digit score under {self.digit_score_threshold:.2f})"
        return [*figures, ["ECE", f"{self.ece:.4f}"], [refused, f"{self.refused:.2%}"]]


def evaluate(
    classify: Classify,
    dataset: Dataset,
    digit_score_threshold: float = 0.0,
    to_patches: ToPatches = normalize.to_patches,
) -> Evaluation:
    """Run a network over a data set and measure it.

    Args:
        classify: the network, as it ships.
        dataset: with labels. Sets that are not MNIST-shaped go through `to_patches` first.
        digit_score_threshold: below this a glyph is not a digit; the model card knows it.
        to_patches: inks of any size -> (N, 28, 28) patches.

    Raises:
        DataError: the set has no labels, or its files have gone since it was loaded.
    """
    labels = dataset.known_labels()
    probabilities, digit_scores = classify_dataset(classify, dataset, to_patches)
    predicted, confidences = probabilities.argmax(axis=1), probabilities.max(axis=1)
    correct = predicted == labels
    confusion = confusion_matrix(labels, predicted)
    return Evaluation(
        dataset=dataset.name,
        split=dataset.split,
        digests=dataset.digests(),
        n_images=len(dataset),
        accuracy=accuracy(labels, predicted),
        accuracy_without_disputed=_accuracy_without_disputed(labels, predicted),
        ece=expected_calibration_error(confidences, correct),
        digit_score_threshold=digit_score_threshold,
        refused=float((digit_scores < digit_score_threshold).mean()),
        report=classification_report(labels, predicted),
        confusion=tuple(tuple(map(int, row)) for row in confusion),
        reject_table=reject_table(confidences, correct, n_points=10),
        mistakes=_mistakes(labels, probabilities),
    )


def classify_dataset(
    classify: Classify, dataset: Dataset, to_patches: ToPatches = normalize.to_patches
) -> tuple[Floats, Floats]:
    """Run a network over a data set, `BATCH` images at a time.

    Returns:
        Probabilities (N, 10) and digit scores (N,).
    """
    answers = [classify(patches) for patches in batches(dataset, to_patches)]
    return np.concatenate([answer[0] for answer in answers]), np.concatenate([answer[1] for answer in answers])


def batches(dataset: Dataset, to_patches: ToPatches = normalize.to_patches) -> Iterator[Patches]:
    """Yield the patches of a data set, `BATCH` at a time: as they are where it is MNIST-shaped, else normalised."""
    for start in range(0, len(dataset), BATCH):
        images = dataset.images[start : start + BATCH]
        if dataset.normalised:
            yield _to_ink(images)
        else:
            yield to_patches([_to_ink(image) for image in images])


def to_bytes(dataset: Dataset) -> npt.NDArray[np.uint8]:
    """Return the patches of a data set, of at least one image, as levels: (N, 28, 28) uint8, ink bright."""
    if dataset.normalised:
        return np.asarray(dataset.images, dtype=np.uint8)
    return np.concatenate([to_levels(patches) for patches in batches(dataset)])


def to_levels(ink: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return ink in [0, 1] as levels 0-255 of the same shape."""
    return np.round(ink * 255).astype(np.uint8)


def _report_rows(report: ClassificationReport) -> list[list[str]]:
    names = [*map(str, range(N_LABELS)), "macro avg", "weighted avg"]
    rows = [["label", "precision", "recall", "F1", "images"]]
    for name, row in zip(names, [*report.classes, report.macro, report.weighted], strict=True):
        rows.append([name, f"{row.precision:.4f}", f"{row.recall:.4f}", f"{row.f1:.4f}", f"{row.support:,}"])
    return rows


def _to_ink(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return images.astype(np.float32) / np.float32(255)


def _accuracy_without_disputed(labels: npt.NDArray[np.uint8], predicted: Labels) -> float | None:
    as_idx = struct.pack(">II", 0x0801, len(labels)) + labels.tobytes()
    if hashlib.sha256(as_idx).hexdigest() != MNIST_TEST_LABELS_SHA256:
        return None
    kept = np.delete(np.arange(len(labels)), DISPUTED_MNIST_TEST)
    return accuracy(labels[kept], predicted[kept])


def _mistakes(labels: Labels, probabilities: Floats) -> tuple[Mistake, ...]:
    predicted, truth = probabilities.argmax(axis=1), probabilities[np.arange(len(labels)), labels]
    (wrong,) = np.nonzero(predicted != labels)
    return tuple(
        Mistake(int(i), int(labels[i]), int(predicted[i]), float(probabilities[i, predicted[i]]))
        for i in wrong[np.argsort(truth[wrong], kind="stable")]
    )
