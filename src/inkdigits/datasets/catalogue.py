"""A name or a path -> Dataset: where data sets lie, and which reader fits."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from inkdigits.datasets.dataset import Dataset, Split, join, stack
from inkdigits.datasets.readers import (
    CLASS_NAMES,
    read_csv,
    read_folder,
    read_idx_images,
    read_idx_labels,
    read_npz,
    read_writers,
)
from inkdigits.errors import DataFormatError, DataNotFoundError
from inkdigits.records import PATCH_PX

IDX_STEMS: dict[Split, str] = {"train": "train", "test": "t10k"}
"""How MNIST's file names begin."""

IDX_IMAGES = ("-images-idx3-ubyte", "-images-idx3-ubyte.gz", "-images.idx3-ubyte", "-images.idx3-ubyte.gz")
"""How names of image files end: as published, unpacked or not, and with the point that some copies have."""

WRITERS_FILE = "qmnist_provenance.npz"
"""Beside MNIST's files it tells who wrote each image."""

SET_FOLDERS = (".", "train", "dev", "scripts")
"""Folders of the data root where a set is looked for by its bare name."""

REMEDY = "Fetch MNIST with `inkdigits data fetch mnist`, or name your data folder with --data or INKDIGITS_DATA."

Parts: TypeAlias = dict[Split, Callable[[], Dataset]]
"""The parts that a set comes in, each loaded on demand."""


def load_dataset(name_or_path: str | Path, split: Split = "all", root: str | Path | None = None) -> Dataset:
    """Load a data set, or one part of it.

    Args:
        name_or_path: a name such as "mnist" (`root`/mnist) or "usps16" (`root`, or train/, dev/ or scripts/ in it), or
            a path to an IDX, NPZ or CSV file, or to a folder: of IDX files, of Kaggle's train.csv and test.csv, of
            pictures in folders 0 to 9, or of train/ and test/ with such folders.
        split: "train", "test" or "all" (train, then test). A set that comes in one part is returned whole, whichever
            is asked for; the record's own `split` then says "all".
        root: the data folder; without one only paths are found.

    Raises:
        DataNotFoundError: no such set, or it has no such part; says where it was looked for and how to get MNIST.
        DataFormatError: a file is damaged or not what it says; names the file and the place in it.
        DataError: "all" of a set of which one part has no labels.
    """
    parts = _find_parts(name_or_path, root)
    if split == "all" or set(parts) == {"all"}:
        return join([load() for load in parts.values()])
    if split not in parts:
        raise DataNotFoundError(
            f"data set {str(name_or_path)!r} has no {split} part, only {', '.join(parts)}. {REMEDY}"
        )
    return parts[split]()


def find_dataset(name_or_path: str | Path, split: Split = "all", root: str | Path | None = None) -> Dataset | None:
    """Load a data set as `load_dataset` does; None where it is not at hand.

    Raises:
        DataFormatError: a file is damaged or not what it says.
        DataError: "all" of a set of which one part has no labels.
    """
    try:
        return load_dataset(name_or_path, split, root)
    except DataNotFoundError:
        return None


def load_parts(name_or_path: str | Path, root: str | Path | None = None) -> tuple[Dataset, ...]:
    """Load every part of a data set by itself: train and test, or the one there is.

    Raises:
        DataNotFoundError: no such set.
        DataFormatError: a file is damaged or not what it says.
    """
    return tuple(load() for load in _find_parts(name_or_path, root).values())


def _find_parts(name_or_path: str | Path, root: str | Path | None) -> Parts:
    path = _find(name_or_path, root)
    name = path.name.partition(".")[0] if path.is_file() else path.resolve().name
    if path.is_file():
        return {"all": partial(_file_loader(path), path, name, "all")}
    for layout in (_idx_parts, _csv_parts, _class_parts):
        if parts := layout(path, name):
            return parts
    raise DataNotFoundError(
        f"{path} holds no data set: no IDX files, no train.csv or test.csv, no folders named 0 to 9. {REMEDY}"
    )


def _find(name_or_path: str | Path, root: str | Path | None) -> Path:
    candidates = [Path(name_or_path)]
    if root is not None:
        in_root = [Path(root) / folder / name_or_path for folder in SET_FOLDERS]
        candidates = [*in_root, *(path.with_name(f"{path.name}.npz") for path in in_root), *candidates]
    for path in candidates:
        if path.exists():
            return path
    places = ", ".join(str(path) for path in dict.fromkeys(candidates))
    raise DataNotFoundError(f"no data set {str(name_or_path)!r}; looked for {places}. {REMEDY}")


def _file_loader(path: Path) -> Callable[[Path, str, Split], Dataset]:
    if path.suffix == ".npz":
        return _load_npz
    if path.suffix == ".csv":
        return _load_csv
    if "idx3" in path.name:
        return _load_idx
    raise DataFormatError(f"{path}: byte 0: not a data set by its name; we read IDX image files, .npz and .csv")


def _idx_parts(folder: Path, name: str) -> Parts:
    found = {
        split: next((path for end in IDX_IMAGES if (path := folder / f"{stem}{end}").exists()), None)
        for split, stem in IDX_STEMS.items()
    }
    return {split: partial(_load_idx, path, name, split) for split, path in found.items() if path}


def _csv_parts(folder: Path, name: str) -> Parts:
    splits: tuple[Split, ...] = ("train", "test")
    return {
        split: partial(_load_csv, path, name, split) for split in splits if (path := folder / f"{split}.csv").exists()
    }


def _class_parts(folder: Path, name: str) -> Parts:
    folders: dict[Split, Path] = {"all": folder, "train": folder / "train", "test": folder / "test"}
    return {
        split: partial(_load_folder, path, name, split)
        for split, path in folders.items()
        if any((path / label).is_dir() for label in CLASS_NAMES)
    }


def _load_idx(path: Path, name: str, split: Split) -> Dataset:
    labels_path = _labels_beside(path)
    images, labels = read_idx_images(path), read_idx_labels(labels_path)
    if len(images) != len(labels):
        raise DataFormatError(
            f"{labels_path}: byte 4: {len(labels)} labels for the {len(images)} images of {path.name}"
        )
    writers_path = path.with_name(WRITERS_FILE)
    known = split in IDX_STEMS and writers_path.exists()
    return Dataset(
        name=name,
        split=split,
        images=images,
        labels=labels,
        writers=read_writers(writers_path, split, len(images)) if known else None,
        normalised=images.shape[1:] == (PATCH_PX, PATCH_PX),
        files=(path, labels_path),
    )


def _labels_beside(images: Path) -> Path:
    plain = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    for path in (images.with_name(plain), images.with_name(f"{plain}.gz")):
        if path.exists() and path != images:
            return path
    raise DataNotFoundError(f"{images} has no labels beside it: looked for {plain} and {plain}.gz. {REMEDY}")


def _load_npz(path: Path, name: str, split: Split) -> Dataset:
    images, labels = read_npz(path)
    return Dataset(name, split, images, labels, writers=None, normalised=False, files=(path,))


def _load_csv(path: Path, name: str, split: Split) -> Dataset:
    images, labels = read_csv(path)
    return Dataset(name, split, images, labels, writers=None, normalised=True, files=(path,))


def _load_folder(path: Path, name: str, split: Split) -> Dataset:
    images, labels = read_folder(path)
    return Dataset(name, split, stack(images), labels, writers=None, normalised=False, files=(path,))
