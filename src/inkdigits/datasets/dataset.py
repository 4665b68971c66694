"""Dataset: pictures of digits with their labels, as they came from disk."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.datasets.content import content_digest
from inkdigits.errors import DataError
from inkdigits.records import N_LABELS

Split: TypeAlias = Literal["train", "test", "all"]
"""Which part of a data set: what its makers keep for training, for testing, or everything there is."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Pictures of single digits, ink bright on black."""

    name: str
    """What it was asked for by, such as "mnist" or "usps16"."""
    split: Split
    """Which part this is; "all" also for a set that comes in one part."""
    images: npt.NDArray[Any]
    """(N, H, W) uint8, 0 paper, 255 ink. Where sizes differ: (N,) objects, each a (H, W) uint8 array."""
    labels: npt.NDArray[np.uint8] | None
    """(N,) uint8 in 0-9; None for a set without labels."""
    writers: npt.NDArray[np.int64] | None
    """(N,) int64, one number a person; None where nobody noted them."""
    normalised: bool
    """True when the images already are patches (28, 28), placed MNIST's way; False when they still need it."""
    files: tuple[Path, ...]
    """The files, or the folder of pictures, that it was read from."""

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width of every image in pixels; None where they differ."""
        return (int(self.images.shape[1]), int(self.images.shape[2])) if self.images.ndim == 3 else None

    def counts(self) -> npt.NDArray[np.int64]:
        """Count the images of each label: (10,) int64.

        Raises:
            DataError: the set has no labels.
        """
        return np.bincount(self.known_labels(), minlength=N_LABELS)

    def known_labels(self) -> npt.NDArray[np.uint8]:
        """Return the labels, (N,) uint8.

        Raises:
            DataError: the set has none.
        """
        if self.labels is None:
            raise DataError(f"data set {self.name!r} ({self.split}) has no labels; choose one that has")
        return self.labels

    def select(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Dataset":
        """Keep the images that a mask (N,) bool or an array of indices names, in that order."""
        return replace(
            self,
            images=self.images[which],
            labels=None if self.labels is None else self.labels[which],
            writers=None if self.writers is None else self.writers[which],
        )

    def digests(self) -> dict[str, str]:
        """Name each file's content: file name -> sha256 in hex, taken after decompression.

        Two archives of the same content agree; see `content.content_digest`. The files are read anew.

        Raises:
            DataError: a file has gone since, or is damaged.
        """
        return {path.name: content_digest(path) for path in self.files}


def join(parts: Sequence[Dataset]) -> Dataset:
    """Put the parts of one data set behind each other.

    Raises:
        DataError: some parts have labels and others have none.
    """
    if len(parts) == 1:
        return parts[0]
    labels = [part.labels for part in parts if part.labels is not None]
    writers = [part.writers for part in parts if part.writers is not None]
    if len(labels) not in (0, len(parts)):
        raise DataError(f"data set {parts[0].name!r} has labels in one part only; choose train or test")
    return replace(
        parts[0],
        split="all",
        images=stack([image for part in parts for image in part.images]),
        labels=np.concatenate(labels) if labels else None,
        writers=np.concatenate(writers) if len(writers) == len(parts) else None,
        normalised=all(part.normalised for part in parts),
        files=tuple(path for part in parts for path in part.files),
    )


def stack(images: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[Any]:
    """Make one array of (H, W) images: (N, H, W) where sizes agree, else (N,) objects."""
    if len({image.shape for image in images}) == 1:
        return np.stack(images)
    ragged = np.empty(len(images), dtype=object)
    ragged[:] = images
    return ragged
