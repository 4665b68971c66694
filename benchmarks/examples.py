"""Choose the training digits that the page shows beside a drawing, and write them into one small picture.

    python -m benchmarks.examples --data DIR

Of each label's digits in MNIST's training set, k-means with 100 centres finds the ways to write it; the digit nearest
to each centre stands for it. The picture holds 1,000 digits of 28x28 pixels, 40 a row, those of a label one after
the other, in 16 shades: 0 paper, 15 ink. It is made of MNIST, so its licence is MNIST's, CC BY-SA 3.0 (see NOTICE).
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.cluster import KMeans

from inkdigits.datasets import load_dataset
from inkdigits.records import N_LABELS, PATCH_PX
from inkdigits.web.files import PAGE

OUT = PAGE / "examples.png"

N_EACH = 100
"""Digits of a label."""

N_COLUMNS = 40
"""Digits in a row of the picture."""

SHADES = 16
"""More cannot be told apart on so few pixels, and take half as much room again."""

SEED = 0

Patches = npt.NDArray[np.uint8]
"""(N, 28, 28), ink 255."""


def main() -> None:
    """Write the picture into the page's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="The folder with the data sets.")
    digits = load_dataset("mnist", "train", parser.parse_args().data)
    chosen = np.concatenate([choose(digits.images[digits.labels == label], N_EACH) for label in range(N_LABELS)])
    save(to_sheet(chosen), OUT)
    print(f"{OUT.name}: {len(chosen)} digits, {OUT.stat().st_size} bytes")


def choose(patches: Patches, n: int) -> Patches:
    """Return `n` digits of one label that stand for all ways to write it."""
    pixels = patches.reshape(len(patches), -1).astype(np.float32) / 255
    means = KMeans(n, n_init=1, random_state=SEED).fit(pixels)
    distances = means.transform(pixels)
    return patches[distances.argmin(0)]


def to_sheet(patches: Patches, n_columns: int = N_COLUMNS) -> Patches:
    """Lay digits out in rows."""
    rows = patches.reshape(-1, n_columns, PATCH_PX, PATCH_PX)
    return rows.swapaxes(1, 2).reshape(len(rows) * PATCH_PX, n_columns * PATCH_PX)


def save(sheet: Patches, path: Path) -> None:
    """Write a sheet as a PNG of 16 shades."""
    picture = Image.fromarray(np.round(sheet / (255 / (SHADES - 1))).astype(np.uint8), "P")
    picture.putpalette([shade * 255 // (SHADES - 1) for shade in range(SHADES) for _ in range(3)])
    picture.save(path, optimize=True, bits=4)


if __name__ == "__main__":
    main()
