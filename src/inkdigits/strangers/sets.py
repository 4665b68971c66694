"""The sets of strangers. What looks like a digit stands apart: a network that reads an O as a 0 makes no mistake."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inkdigits.datasets.content import open_npz
from inkdigits.normalize import to_patches
from inkdigits.records import PATCH_PX, Ink, Patches

LIKE_DIGITS = "OoIil|!ZzSsbgq"
"""Letters and signs that many hands make just like a digit: 0, 1, 2, 5, 6 and 9."""

N_DRAWN = 8
"""How often each glyph of a font is drawn, slanted, turned and stretched otherwise each time."""

N_NOISE = 1000
"""Patches of each kind of noise."""

N_SCRIPT = 1000
"""Digits taken of each script, at most, of each of its two sets."""

SEED = 3
"""Of all that is drawn or chosen here."""

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Script:
    """Digits of another script, in the data folder's scripts/."""

    member: str
    """What stands behind x and y in the names of the archive's members."""
    like_digits: tuple[int, ...]
    """Classes that look like some Western digit, seldom the one of the same value; told by eye."""


SCRIPTS = {
    "kannada": Script("_test", (0, 3, 4, 7)),
    "cmaterdb_bangla": Script("_test", (0, 2, 4, 7)),
    "cmaterdb_devanagari": Script("_test", (0, 1, 2, 3, 4, 5, 7)),
    "cmaterdb_telugu": Script("_test", (0, 3, 4, 7)),
    "hoda_persian": Script("_test", (0, 1, 5, 6, 9)),
    "tibetan": Script("", (0, 1, 2, 3, 5, 6)),
}
"""Scripts that no network learns from."""


@dataclass(frozen=True, slots=True, eq=False)
class StrangerSet:
    """Patches that show no digit."""

    name: str
    patches: Patches
    """(N, 28, 28) float32 in [0, 1], ink 1."""
    like_digits: bool = False
    """Whether many of them look just like a digit, so that refusing them all is not the aim."""


def load_strangers(root: Path | None = None) -> tuple[StrangerSet, ...]:
    """Return all sets, always the same: letters, signs, noise and blank paper, and the scripts that `root` holds.

    Args:
        root: the data folder; without one there are no other scripts.

    Raises:
        DataFormatError: an archive is damaged, or not as `SCRIPTS` says.
    """
    return (*_letters(), *_noise(), *(_scripts(root) if root else ()))


def _letters() -> Iterator[StrangerSet]:
    with (files("inkdigits.strangers") / "letters.npz").open("rb") as file, np.load(file) as archive:
        glyphs, kinds = archive["x"], archive["kind"]
    alike = np.isin(kinds, list(LIKE_DIGITS))
    is_letter = np.char.isalpha(kinds)
    rng = np.random.default_rng(SEED)
    yield StrangerSet("letters", _draw(rng, glyphs[is_letter & ~alike]))
    yield StrangerSet("signs", _draw(rng, glyphs[~is_letter & ~alike]))
    yield StrangerSet("letters and signs like digits", _draw(rng, glyphs[alike]), like_digits=True)


def _draw(rng: np.random.Generator, glyphs: Bytes) -> Patches:
    inks = glyphs.astype(np.float32) / np.float32(255)
    return to_patches([_bend(rng, ink) for ink in inks for _ in range(N_DRAWN)])


def _bend(rng: np.random.Generator, ink: Ink) -> Ink:
    """Slant, turn and stretch a glyph, as hands do, on a field with room for it."""
    slant, turn, stretch = rng.normal(0, 0.15), rng.normal(0, 0.08), np.exp(rng.normal(0, 0.15))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    bend = turned @ np.array([[stretch, -slant], [0, 1]])
    side = 2 * max(ink.shape)
    places = np.indices((side, side)).reshape(2, -1)[::-1] - (side - 1) / 2  # columns, rows from the middle
    middle = (np.array(ink.shape[::-1])[:, None] - 1) / 2
    return _sample(ink, np.linalg.inv(bend) @ places + middle).reshape(side, side)


def _sample(ink: Ink, places: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
    """Return the ink at places (2, N) of column and row, between pixels by weight; paper beyond the edge."""
    padded = np.pad(ink, 1)
    limits = np.array(padded.shape[::-1])[:, None] - 2
    low = np.clip(np.floor(places).astype(np.int64) + 1, 0, limits)
    (right, down), (column, row) = np.clip(places + 1 - low, 0, 1), low
    above = padded[row, column] * (1 - right) + padded[row, column + 1] * right
    below = padded[row + 1, column] * (1 - right) + padded[row + 1, column + 1] * right
    return np.asarray(np.clip(above * (1 - down) + below * down, 0, 1), dtype=np.float32)


def _noise() -> Iterator[StrangerSet]:
    """Noise and blank paper, as the normaliser hands them to a network."""
    rng = np.random.default_rng(SEED)
    shape = (N_NOISE, PATCH_PX, PATCH_PX)
    yield StrangerSet("even noise", to_patches(list(rng.random(shape, dtype=np.float32))))
    salt = rng.random(shape) < rng.uniform(0.02, 0.5, (N_NOISE, 1, 1))
    yield StrangerSet("salt noise", to_patches(list(salt.astype(np.float32))))
    coarse = rng.random((N_NOISE, PATCH_PX // 4, PATCH_PX // 4), dtype=np.float32)
    yield StrangerSet("coarse noise", to_patches(list(coarse.repeat(4, axis=1).repeat(4, axis=2))))
    yield StrangerSet("blank paper", np.zeros((1, PATCH_PX, PATCH_PX), dtype=np.float32))


def _scripts(root: Path) -> Iterator[StrangerSet]:
    for name, script in SCRIPTS.items():
        path = root / "scripts" / f"{name}.npz"
        if path.exists():
            with open_npz(path) as members:
                images, labels = members.read(f"x{script.member}"), members.read(f"y{script.member}")
            alike = np.isin(labels, script.like_digits)
            yield StrangerSet(name, _choose(images[~alike]))
            yield StrangerSet(f"{name}, like digits", _choose(images[alike]), like_digits=True)


def _choose(images: Bytes) -> Patches:
    """Make patches of up to `N_SCRIPT` images, whichever way round their ink is."""
    chosen = images[np.random.default_rng(SEED).permutation(len(images))[:N_SCRIPT]]
    bright = 255 - chosen if np.median(images) > 127 else chosen
    return to_patches([image.astype(np.float32) / 255 for image in bright])
