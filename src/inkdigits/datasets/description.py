"""What is in a data set: class counts, sizes, writers and digests, as text and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from inkdigits.datasets.dataset import Dataset, Split
from inkdigits.records import N_LABELS


@dataclass(frozen=True, slots=True)
class PartDescription:
    """One part of a data set."""

    split: Split
    n_images: int
    height_px: int | None
    """None where sizes differ."""
    width_px: int | None
    normalised: bool
    """True when the images are patches already."""
    class_counts: tuple[int, ...] | None
    """Images of each label 0-9; None without labels."""
    n_writers: int | None
    """None where writers are not known."""
    digests: dict[str, str]
    """File name -> sha256 of its unpacked content."""


@dataclass(frozen=True, slots=True)
class Description:
    """A data set, part by part."""

    name: str
    parts: tuple[PartDescription, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    def to_text(self) -> str:
        """Return a table of class counts, then sizes and digests, a line a file."""
        header = ["", *map(str, range(N_LABELS)), "all", "size", "writers"]
        digests = [[name, digest] for part in self.parts for name, digest in part.digests.items()]
        return "\n".join(
            [self.name, align([header, *map(_to_row, self.parts)]), "", "sha256 of the content", align(digests)]
        )


def describe(parts: Sequence[Dataset]) -> Description:
    """Count and name what the parts of a data set hold, such as `load_parts` returns.

    Raises:
        DataError: a file has gone since it was loaded.
    """
    return Description(parts[0].name, tuple(map(_describe_part, parts)))


def align(rows: Sequence[Sequence[str]]) -> str:
    """Set words in columns: the first to the left, the others to the right, two spaces between."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ([word.rjust(width) for word, width in zip(row, widths, strict=True)] for row in rows)
    return "\n".join("  ".join([row[0].ljust(widths[0]), *words[1:]]) for row, words in zip(rows, padded, strict=True))


def _describe_part(part: Dataset) -> PartDescription:
    height_px, width_px = part.size or (None, None)
    return PartDescription(
        split=part.split,
        n_images=len(part),
        height_px=height_px,
        width_px=width_px,
        normalised=part.normalised,
        class_counts=None if part.labels is None else tuple(map(int, part.counts())),
        n_writers=None if part.writers is None else len(np.unique(part.writers)),
        digests=part.digests(),
    )


def _to_row(part: PartDescription) -> list[str]:
    counts = ["-"] * N_LABELS if part.class_counts is None else [f"{count:,}" for count in part.class_counts]
    size = "varies" if part.height_px is None else f"{part.height_px}x{part.width_px}"
    writers = "-" if part.n_writers is None else str(part.n_writers)
    return [part.split, *counts, f"{part.n_images:,}", size, writers]
