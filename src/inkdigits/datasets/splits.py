"""Train and validation: by writer where writers are known, stratified by label otherwise."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inkdigits.datasets.dataset import Dataset
from inkdigits.errors import DataError, UsageError

Mask = npt.NDArray[np.bool_]
"""(N,) bool, one an image."""


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Every image of a data set is in one of two parts, never in both and never in none.

    Masks, not index arithmetic: `x[~index]` is a mask's inverse only by looks (`~i` is `-i - 1`), and a validation
    split made that way once trained on the last fifth of MNIST. The record refuses to exist when its promise fails.
    """

    train: Mask
    """(N,) bool: to learn from."""
    validation: Mask
    """(N,) bool: to choose by."""
    writers: npt.NDArray[np.int64] | None = None
    """(N,) int64 where writers are known: nobody writes in both parts."""

    def __post_init__(self) -> None:
        """Check the promise.

        Raises:
            DataError: an image is in both parts or in none, a part is empty, or a writer is in both.
        """
        if self.train.dtype != np.bool_ or self.validation.dtype != np.bool_:
            raise DataError("a partition is two masks, not two arrays of indices")
        if (self.train == self.validation).any():
            raise DataError("an image must be in one part, train or validation, and not in both")
        if not self.train.any() or not self.validation.any():
            raise DataError("one part has no images; choose another fraction")
        if self.writers is not None and set(self.writers[self.train]) & set(self.writers[self.validation]):
            raise DataError("a writer must not be in both parts")

    def __str__(self) -> str:
        """Say how many images, and writers, each part has."""
        return f"{self._words('train', self.train)}, {self._words('validation', self.validation)}"

    def _words(self, name: str, mask: Mask) -> str:
        by = "" if self.writers is None else f" by {len(np.unique(self.writers[mask]))} writers"
        return f"{name} {np.count_nonzero(mask):,}{by}"


def split_validation(dataset: Dataset, fraction: float, seed: int) -> Partition:
    """Set a share of a data set aside for validation: by writer where writers are known, else by label.

    Raises:
        UsageError: `fraction` is not between 0 and 1.
        DataError: no labels, or too few images or writers for two parts.
    """
    if dataset.writers is not None:
        return split_by_writer(dataset.writers, fraction, seed)
    return split_stratified(dataset.known_labels(), fraction, seed)


def split_by_writer(writers: npt.NDArray[np.int64], fraction: float, seed: int) -> Partition:
    """Set whole writers aside, drawn at random, until their images come closest to the share asked for.

    Digits of one hand look alike. With the same writers on both sides, validation would measure memory.

    Args:
        writers: (N,) int, one number a person.
        fraction: share of the images for validation, 0 < fraction < 1.
        seed: the same seed draws the same writers.

    Raises:
        UsageError: `fraction` is not between 0 and 1.
        DataError: fewer than two writers.
    """
    _check(fraction)
    people, n_images = np.unique(writers, return_counts=True)
    if len(people) < 2:
        raise DataError("a split by writer needs two writers or more; use a stratified split")
    order = np.random.default_rng(seed).permutation(len(people))
    missed = np.abs(np.cumsum(n_images[order]) - fraction * len(writers))
    n_people = 1 + int(np.argmin(missed[:-1]))  # [:-1]: one writer at least stays in train
    validation = np.isin(writers, people[order[:n_people]])
    return Partition(~validation, validation, writers)


def split_stratified(labels: npt.NDArray[np.uint8], fraction: float, seed: int) -> Partition:
    """Set the same share of each label aside, drawn at random.

    Args:
        labels: (N,) uint8.
        fraction: share of the images for validation, 0 < fraction < 1. Each label gives at least one image, unless it
            has only one, which stays in train.
        seed: the same seed draws the same images.

    Raises:
        UsageError: `fraction` is not between 0 and 1.
        DataError: no label has two images.
    """
    _check(fraction)
    generator = np.random.default_rng(seed)
    validation = np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        (indices,) = np.nonzero(labels == label)
        n_validation = min(max(1, round(fraction * len(indices))), len(indices) - 1)
        validation[generator.permutation(indices)[:n_validation]] = True
    return Partition(~validation, validation)


def _check(fraction: float) -> None:
    if not 0 < fraction < 1:
        raise UsageError(f"the share for validation must lie between 0 and 1, not {fraction}")
