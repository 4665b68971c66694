"""Data sets -> the patches that a network is trained on and judged by."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inkdigits.datasets import Dataset, load_dataset, split_validation
from inkdigits.normalize import to_patches
from inkdigits.records import PATCH_PX
from inkdigits.train.negatives import make_negatives
from inkdigits.train.recipes import Recipe, parse_entry

NOT_A_DIGIT = -1
"""The label of a patch that shows no digit."""

NEGATIVE_SHARE = 0.12
"""How many negatives are made for each digit."""

Bytes = npt.NDArray[np.uint8]
"""(N, 28, 28) uint8, ink bright."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """What training sees and what it is judged by; no writer is in both where writers are known."""

    patches: Bytes
    labels: npt.NDArray[np.int64]
    """(N,) 0-9, or -1: not a digit."""
    validation_patches: Bytes
    validation_labels: npt.NDArray[np.int64]
    facts: dict[str, Any]
    """For each data set its counts and digests."""


def prepare(recipe: Recipe, root: Path | None) -> TrainingData:
    """Load the recipe's data sets, split them, and make patches of what is not MNIST-shaped yet.

    Args:
        recipe: names the data sets, the share to hold out and the seed.
        root: the data folder.

    Raises:
        DataError: a data set is missing or damaged.
    """
    parts: list[tuple[Bytes, npt.NDArray[np.int64]]] = []
    held_out: list[tuple[Bytes, npt.NDArray[np.int64]]] = []
    facts: dict[str, Any] = {}
    for entry in recipe.data:
        name, times = parse_entry(entry)
        dataset = load_dataset(name, split="train", root=root)
        train = _train_mask(dataset, recipe)
        patches, labels = to_bytes(dataset), dataset.known_labels().astype(np.int64)
        parts += [(patches[train], labels[train])] * times
        held_out.append((patches[~train], labels[~train]))
        facts[name] = {
            "n_train": int(train.sum()),
            "times": times,
            "n_validation": int((~train).sum()),
            "by_writer": dataset.writers is not None,
            "digests": dataset.digests(),
        }
    if recipe.negatives:
        for seed, side in enumerate((parts, held_out)):
            if not any(len(patches) for patches, _ in side):
                continue
            negatives = _negatives(np.concatenate([patches for patches, _ in side]), recipe.seed * 2 + seed)
            side.append((negatives, np.full(len(negatives), NOT_A_DIGIT, dtype=np.int64)))
    return TrainingData(*_join(parts), *_join(held_out), facts)


def to_bytes(dataset: Dataset) -> Bytes:
    """Return the patches of a data set: as they are where it is MNIST-shaped, else through the normaliser."""
    if dataset.normalised:
        return np.asarray(dataset.images, dtype=np.uint8)
    return _quantise(to_patches([image.astype(np.float32) / 255 for image in dataset.images]))


def _train_mask(dataset: Dataset, recipe: Recipe) -> npt.NDArray[np.bool_]:
    if recipe.validation_share == 0:
        return np.ones(len(dataset), dtype=np.bool_)
    return split_validation(dataset, recipe.validation_share, recipe.seed).train


def _negatives(digits: Bytes, seed: int) -> Bytes:
    return _quantise(to_patches(make_negatives(int(len(digits) * NEGATIVE_SHARE), digits, seed)))


def _quantise(patches: npt.NDArray[np.float32]) -> Bytes:
    return np.round(patches * 255).astype(np.uint8)


def _join(parts: list[tuple[Bytes, npt.NDArray[np.int64]]]) -> tuple[Bytes, npt.NDArray[np.int64]]:
    if not parts:
        return np.zeros((0, PATCH_PX, PATCH_PX), dtype=np.uint8), np.zeros(0, dtype=np.int64)
    return np.concatenate([patches for patches, _ in parts]), np.concatenate([labels for _, labels in parts])
