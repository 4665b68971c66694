"""Strangers are the same every time, are what their names say, and are counted right."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from inkdigits.errors import DataFormatError
from inkdigits.records import Patches
from inkdigits.strangers import SCRIPTS, StrangerSet, load_strangers, measure_refusal
from inkdigits.strangers import sets as module

Array = npt.NDArray[Any]


def read_ink(patches: Patches) -> tuple[Array, Array]:
    """A network whose digit score is the mean of the ink."""
    assert patches.dtype == np.float32
    return np.full((len(patches), 10), 0.1), patches.mean(axis=(1, 2))


def make_set(levels: list[float], like_digits: bool = False) -> StrangerSet:
    """Patches of even ink."""
    patches = np.ones((len(levels), 28, 28), dtype=np.float32) * np.array(levels, dtype=np.float32)[:, None, None]
    return StrangerSet("grey", patches, like_digits)


@pytest.fixture(scope="module")
def strangers() -> dict[str, StrangerSet]:
    """The sets that need no data folder, by name."""
    return {each.name: each for each in load_strangers()}


@pytest.fixture
def script_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Little else, for speed; and a data folder with one script, dark on light: class k is a bar k + 5 columns wide."""
    monkeypatch.setattr(module, "N_DRAWN", 1)
    images = np.full((30, 28, 28), 255, dtype=np.uint8)
    labels = np.arange(30, dtype=np.uint8) % 10
    for image, label in zip(images, labels, strict=True):
        image[4:24, 4 : 9 + label] = 0
    (tmp_path / "scripts").mkdir()
    np.savez(tmp_path / "scripts" / "cmaterdb_bangla.npz", x_test=images, y_test=labels)
    return tmp_path


def test_strangers_are_patches(strangers: dict[str, StrangerSet]) -> None:
    """Float32 (28, 28) in [0, 1], many of each kind but blank paper, which is blank."""
    for name, each in strangers.items():
        assert each.patches.dtype == np.float32
        assert each.patches.shape[1:] == (28, 28)
        assert each.patches.min() >= 0
        assert each.patches.max() <= 1
        assert len(each.patches) > 300 or name == "blank paper"
        assert each.patches.any() == (name != "blank paper")


def test_strangers_are_the_same_every_time(strangers: dict[str, StrangerSet]) -> None:
    """So that networks can be compared over years."""
    again = load_strangers()
    assert [each.name for each in again] == list(strangers)
    assert all(np.array_equal(each.patches, strangers[each.name].patches) for each in again)


def test_what_hands_make_like_digits_stands_apart(strangers: dict[str, StrangerSet]) -> None:
    """Each glyph is in one of three sets, and only one of these looks like digits."""
    n_glyphs = [len(each.patches) / module.N_DRAWN for name, each in strangers.items() if "paper" not in name][:3]
    with np.load(Path(module.__file__).with_name("letters.npz")) as archive:
        kinds = archive["kind"].tolist()
    n_alike = sum(kind in module.LIKE_DIGITS for kind in kinds)
    n_letters = sum(kind.isalpha() and kind not in module.LIKE_DIGITS for kind in kinds)
    assert n_glyphs == [n_letters, len(kinds) - n_letters - n_alike, n_alike]
    assert [name for name, each in strangers.items() if each.like_digits] == ["letters and signs like digits"]


def test_no_font_is_both_learned_from_and_measured_with() -> None:
    """Or the measure would be of memory."""
    seen, unseen = (
        set(np.load(Path(module.__file__).parents[1] / folder / "letters.npz")["source"].tolist())
        for folder in ("train", "strangers")
    )
    assert seen
    assert unseen
    assert not seen & unseen


def test_a_glyph_that_is_not_bent_stays_as_it_is() -> None:
    """Sampling at the pixels gives the pixels, and beyond them paper."""
    ink = np.random.default_rng(0).random((5, 7), dtype=np.float32)
    rows, columns = np.indices((9, 11)) - 2
    sampled = module._sample(ink, np.stack([columns.ravel(), rows.ravel()]).astype(float)).reshape(9, 11)
    assert np.allclose(sampled, np.pad(ink, 2), atol=1e-6)
    halfway = module._sample(ink, np.array([[1.5], [2.0]]))
    assert halfway == pytest.approx((ink[2, 1] + ink[2, 2]) / 2)


def test_scripts_are_split_into_strangers_and_look_alikes(script_root: Path) -> None:
    """By class; dark ink on light paper comes out bright."""
    found = {each.name: each for each in load_strangers(script_root)}
    alike, others = found["cmaterdb_bangla, like digits"], found["cmaterdb_bangla"]
    n_alike = 3 * len(SCRIPTS["cmaterdb_bangla"].like_digits)
    assert (len(alike.patches), len(others.patches)) == (n_alike, 30 - n_alike)
    assert alike.like_digits
    assert not others.like_digits
    assert not any("kannada" in name for name in found)
    widths = (others.patches.max(axis=1) > 0.5).sum(axis=1)
    assert sorted(set(widths.tolist())) == [5 + label for label in range(10) if label not in (0, 2, 4, 7)]


def test_scripts_are_capped(script_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of many thousands takes no longer than the others."""
    monkeypatch.setattr(module, "N_SCRIPT", 7)
    found = {each.name: each for each in load_strangers(script_root)}
    assert len(found["cmaterdb_bangla"].patches) == 7


def test_a_damaged_script_is_named(script_root: Path) -> None:
    """With its path."""
    (script_root / "scripts" / "kannada.npz").write_bytes(b"no archive")
    with pytest.raises(DataFormatError, match=r"kannada\.npz"):
        load_strangers(script_root)


def test_real_scripts_are_found(data_dir: Path) -> None:
    """All six, each with strangers and look-alikes."""
    names = [each.name for each in load_strangers(data_dir)]
    assert {name for script in SCRIPTS for name in (script, f"{script}, like digits")} <= set(names)


def test_refusal_counts_what_lies_under_the_threshold() -> None:
    """Digits that reach it pass, and strangers under it are refused; the order of scores is the AUROC."""
    digits = np.zeros((4, 28, 28), dtype=np.uint8)
    digits += np.array([51, 102, 153, 204], dtype=np.uint8)[:, None, None]  # 0.2, 0.4, 0.6, 0.8
    refusal = measure_refusal(read_ink, 0.5, digits, [make_set([0.0, 0.1, 0.5]), make_set([1.0], like_digits=True)])
    assert (refusal.n_digits, refusal.passed) == (4, 0.5)
    grey, alike = refusal.rows
    assert grey.n == 3
    assert grey.refused == pytest.approx(2 / 3)
    assert grey.auroc == pytest.approx((4 + 4 + 2) / 12)
    assert (alike.refused, alike.auroc, alike.like_digits) == (0, 0, True)


def test_refusal_at_99_asks_what_the_score_could_do() -> None:
    """At the threshold that 99 of 100 digits pass, whatever the card's is."""
    digits = np.zeros((200, 28, 28), dtype=np.uint8) + np.arange(50, 250, dtype=np.uint8)[:, None, None]
    (row,) = measure_refusal(read_ink, 0.0, digits, [make_set([0.1, 0.19, 0.21, 0.9])]).rows
    assert (row.refused, row.refused_at_99) == (0, 0.5)
