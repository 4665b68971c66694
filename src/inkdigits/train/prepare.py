"""Data sets -> the patches that a network is trained on and judged by."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.datasets import Dataset, load_dataset, split_validation
from inkdigits.datasets.content import open_npz
from inkdigits.errors import DataError
from inkdigits.evaluate import to_bytes, to_levels
from inkdigits.normalize import to_patches
from inkdigits.records import PATCH_PX, Watch
from inkdigits.train.negatives import NOT_A_DIGIT, Digits, make_negatives
from inkdigits.train.numbers import take_apart
from inkdigits.train.photographs import photograph
from inkdigits.train.recipes import AnyRecipe, Recipe, parse_entry

NEGATIVE_SHARE = 0.25
"""How many negatives are made for each digit."""

Bytes = npt.NDArray[np.uint8]
"""(N, 28, 28) uint8, ink bright."""

Part: TypeAlias = tuple[Bytes, npt.NDArray[np.int64]]
"""Patches with their labels."""

Facts: TypeAlias = dict[str, Any]
"""What the record of a run says of a data set: counts and digests."""


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
    n_validation_photos: int = 0
    """How many of the validation patches, the last ones, were photographed."""


def prepare(
    recipe: AnyRecipe, root: Path | None, watch: Watch = lambda *_: None, *, to_train: bool = True
) -> TrainingData:
    """Load the recipe's data sets, split them, and make patches of what is not MNIST-shaped yet.

    Args:
        recipe: names the data sets, the share to hold out and the seed.
        root: the data folder.
        watch: called while photos are taken and numbers composed.
        to_train: False leaves out photos and numbers of training digits, which take most of the time; the validation
            side is the same.

    Raises:
        DataError: a data set is missing, damaged, or has nothing of the classes asked for.
    """
    parts: list[Part] = []
    held_out: list[Part] = []
    facts: dict[str, Facts] = {}
    for entry in recipe.data:
        shown, kept, known = _load_digits(entry, recipe, root)
        parts += shown
        held_out.append(kept)
        facts |= known
    if recipe.negatives:
        for seed, side in enumerate((parts, held_out)):
            if any(len(patches) for patches, _ in side):
                side.append(_label(_negatives(Digits(*_join(side)), recipe.seed * 2 + seed)))
    for entry in recipe.negatives_from:
        name, classes = parse_source(entry)
        patches, train, facts[name] = _load_negatives(name, classes, recipe, root)
        parts.append(_label(patches[train]))
        held_out.append(_label(patches[~train]))
    photos: list[Part] = []
    if isinstance(recipe, Recipe):
        if to_train:
            parts += _drawn_anew(Digits(*_join(parts)), recipe, watch)
        if recipe.photographed:
            photos = [_photograph(Digits(*_join(held_out)), recipe, 1, watch)]
    n_photos = sum(len(patches) for patches, _ in photos)
    return TrainingData(*_join(parts), *_join(held_out + photos), facts, n_photos)


def parse_source(entry: str) -> tuple[str, str]:
    """Split "name:classes" into the name of a set of negatives and its classes to use, a character each; "": all."""
    name, _, classes = entry.partition(":")
    return name, classes


def _load_digits(entry: str, recipe: AnyRecipe, root: Path | None) -> tuple[list[Part], Part, dict[str, Facts]]:
    """Load a set of digits; return what of it is to train on, as often as it is shown, what is not, and its facts."""
    name, times = parse_entry(entry)
    dataset = load_dataset(name, split="train", root=root)
    train = _train_mask(dataset, recipe)
    patches, labels = to_bytes(dataset), dataset.known_labels().astype(np.int64)
    facts = {
        "n_train": int(train.sum()),
        "times": times,
        "n_validation": int((~train).sum()),
        "by_writer": dataset.writers is not None,
        "digests": dataset.digests(),
    }
    return [(patches[train], labels[train])] * times, (patches[~train], labels[~train]), {name: facts}


def _train_mask(dataset: Dataset, recipe: AnyRecipe) -> npt.NDArray[np.bool_]:
    if recipe.validation_share == 0:
        return np.ones(len(dataset), dtype=np.bool_)
    return split_validation(dataset, recipe.validation_share, recipe.seed).train


def _negatives(digits: Digits, seed: int) -> Bytes:
    return to_levels(to_patches(make_negatives(int(len(digits.patches) * NEGATIVE_SHARE), digits, seed)))


def _drawn_anew(known: Digits, recipe: Recipe, watch: Watch) -> list[Part]:
    """Return what becomes of training digits, and of what is none, in photos and in numbers."""
    anew: list[Part] = []
    if recipe.photographed:
        anew.append(_photograph(known, recipe, 0, watch))
    if recipe.composed:
        anew.append(_take_apart(known, recipe, watch))
    return anew


def _photograph(digits: Digits, recipe: Recipe, seed: int, watch: Watch) -> Digits:
    """Photograph some of the digits, and of what is none, of one side of the split."""
    n_photos = int(len(digits.patches) * recipe.photographed)
    name = f"photos of {('training', 'validation')[seed]} digits"
    return photograph(n_photos, digits, recipe.seed * 2 + seed, lambda n: watch(name, n, n_photos))


def _take_apart(digits: Digits, recipe: Recipe, watch: Watch) -> Digits:
    """Compose numbers of training digits and take them apart.

    Only these: confidence and digit score are calibrated on whole digits, as they come one by one.
    """
    is_digit = digits.labels >= 0
    only = Digits(digits.patches[is_digit], digits.labels[is_digit])
    n_numbers = int(len(only.patches) * recipe.composed)
    return take_apart(n_numbers, only, recipe.seed * 2, lambda n: watch("numbers of digits", n, n_numbers))


def _load_negatives(
    name: str, classes: str, recipe: AnyRecipe, root: Path | None
) -> tuple[Bytes, npt.NDArray[np.bool_], Facts]:
    """Load what is no digit in a set; return its patches, which of them are to train on, and its facts."""
    dataset = load_dataset(name, split="train", root=root)
    if classes:
        dataset = dataset.select(np.isin(_classes(dataset), list(classes)))
    if not len(dataset):
        raise DataError(f"data set {name!r} has nothing of the classes {classes!r}; name some that it has")
    patches = to_bytes(replace(dataset, images=_ink_bright(dataset.images)))
    train = np.random.default_rng(recipe.seed).permutation(len(patches)) >= recipe.validation_share * len(patches)
    facts = {
        "n_train": int(train.sum()),
        "times": 1,
        "n_validation": int((~train).sum()),
        "by_writer": False,
        "classes": classes,
        "digests": dataset.digests(),
    }
    return patches, train, facts


def _classes(dataset: Dataset) -> npt.NDArray[np.str_]:
    """Return what each image shows, (N,) of one character each: its label, or its kind where it is no digit."""
    if dataset.labels is not None:
        return dataset.labels.astype(np.str_)
    with open_npz(dataset.files[0]) as members:
        return members.read("kind")


def _ink_bright(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Turn dark ink on bright paper, as most sets of other scripts come, into bright ink."""
    return 255 - images if np.median(images) > 127 else images


def _label(patches: Bytes) -> Part:
    return patches, np.full(len(patches), NOT_A_DIGIT, dtype=np.int64)


def _join(parts: list[Part]) -> Part:
    if not parts:
        return np.zeros((0, PATCH_PX, PATCH_PX), dtype=np.uint8), np.zeros(0, dtype=np.int64)
    return np.concatenate([patches for patches, _ in parts]), np.concatenate([labels for _, labels in parts])
