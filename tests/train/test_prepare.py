"""Training data: every image once, none of it seen twice, and never the test set."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkdigits.datasets import Dataset, load_dataset
from inkdigits.errors import DataError, DataNotFoundError
from inkdigits.evaluate import to_bytes
from inkdigits.normalize import to_patches
from inkdigits.train import prepare as module
from inkdigits.train.negatives import Digits
from inkdigits.train.prepare import NEGATIVE_SHARE, NOT_A_DIGIT, prepare
from inkdigits.train.recipes import RECIPES, Recipe

SMALL = Recipe("e-lenet", data=("small",), validation_share=0.2)

DEFAULT = replace(RECIPES["default"], data=("small",), negatives_from=(), photographed=0.0, composed=0.0)


def test_every_image_is_in_one_part(data_root: Path, digits: Dataset) -> None:
    """None is left out, as `x[~order]` once did with four fifths of MNIST, and none is in both."""
    data = prepare(SMALL, data_root)
    labels = np.concatenate([data.labels, data.validation_labels])
    assert len(data.patches) + len(data.validation_patches) == 320
    assert np.array_equal(np.bincount(labels), np.bincount(digits.labels[:320]))
    train, validation = ({patch.tobytes() for patch in part} for part in (data.patches, data.validation_patches))
    assert not train & validation
    assert abs(len(data.validation_patches) - 64) <= 5
    assert data.facts["small"]["n_train"] == len(data.patches)
    assert data.facts["small"]["n_validation"] == len(data.validation_patches)


def test_mnist_is_split_by_writer(data_dir: Path) -> None:
    """All 60,000 images are used, as they are, and nobody writes on both sides."""
    data = prepare(Recipe("e-lenet"), data_dir)
    mnist = load_dataset("mnist", split="train", root=data_dir)
    assert len(data.patches) + len(data.validation_patches) == 60_000
    assert data.facts["mnist"]["by_writer"]
    assert mnist.writers is not None
    writer_of = {image.tobytes(): writer for image, writer in zip(mnist.images, mnist.writers.tolist(), strict=True)}
    train, validation = (
        {writer_of[patch.tobytes()] for patch in part} for part in (data.patches, data.validation_patches)
    )
    assert len(train | validation) == 539
    assert not train & validation


def test_the_test_set_is_never_opened(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is watched while choosing weights cannot measure them afterwards."""
    asked: list[str] = []

    def load(name: str, split: str, root: Path) -> Dataset:
        asked.append(split)
        return load_dataset(name, "train", root)

    monkeypatch.setattr(module, "load_dataset", load)
    prepare(DEFAULT, data_root)
    assert asked == ["train"]


def test_images_go_through_the_normaliser_unless_they_have_been(digits: Dataset) -> None:
    """MNIST's own patches stay to the bit; all others are placed as reading places them."""
    images = np.zeros((3, 40, 60), dtype=np.uint8)
    images[:, 5:30, 20:28] = 200
    foreign = Dataset("ours", "all", images, np.zeros(3, dtype=np.uint8), None, normalised=False, files=())
    expected = to_patches([image.astype(np.float32) / 255 for image in images])
    assert np.array_equal(to_bytes(foreign), np.round(expected * 255))
    placed = replace(foreign, images=digits.images[:3], normalised=True)
    assert np.array_equal(to_bytes(placed), digits.images[:3])


def test_a_data_set_shown_several_times_is_held_out_once(data_root: Path) -> None:
    """A star repeats the digits to train on, after the split: none of them is judged by, or judged twice."""
    once, thrice = (prepare(replace(SMALL, data=(entry,)), data_root) for entry in ("small", "small*3"))
    assert np.array_equal(thrice.patches, np.concatenate([once.patches] * 3))
    assert np.array_equal(thrice.labels, np.concatenate([once.labels] * 3))
    assert np.array_equal(thrice.validation_patches, once.validation_patches)
    assert thrice.facts["small"] == once.facts["small"] | {"times": 3}


def test_each_side_has_negatives_made_of_its_own_digits(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were validation's negatives made of training digits, or by the same seed, they would measure memory."""
    calls: list[tuple[int, bytes, int]] = []
    make = module.make_negatives

    def spy(n: int, digits: Digits, seed: int) -> list[np.ndarray]:
        calls.append((n, digits.patches.tobytes(), seed))
        return make(n, digits, seed)

    monkeypatch.setattr(module, "make_negatives", spy)
    data = prepare(DEFAULT, data_root)
    sides = ((data.patches, data.labels), (data.validation_patches, data.validation_labels))
    for (patches, labels), (n, made_of, _) in zip(sides, calls, strict=True):
        assert patches[labels >= 0].tobytes() == made_of
        assert n == (labels == NOT_A_DIGIT).sum() == int((labels >= 0).sum() * NEGATIVE_SHARE) > 0
    assert calls[0][2] != calls[1][2]


@pytest.fixture
def strange_root(data_root: Path, tmp_path: Path) -> Path:
    """A data folder with letters, with another script's digits in dark ink, and with the small set."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 100, (40, 28, 28), dtype=np.uint8)
    images[:, 4:24, 12:16] = 255
    np.savez(tmp_path / "letters.npz", x=images, kind=np.array(list("yz") * 20))
    (tmp_path / "scripts").mkdir()
    np.savez(tmp_path / "scripts" / "script.npz", x=255 - images, y=np.arange(40, dtype=np.uint8) % 10)
    (tmp_path / "small.npz").write_bytes((data_root / "small.npz").read_bytes())
    return tmp_path


def test_sets_of_what_is_no_digit_are_split_like_the_others(strange_root: Path) -> None:
    """Only the classes named, each image on one side, as bright ink, with its facts in the record."""
    recipe = replace(DEFAULT, negatives_from=("letters:y", "script:29"), validation_share=0.25)
    with_them, without = prepare(recipe, strange_root), prepare(replace(recipe, negatives_from=()), strange_root)
    assert len(with_them.patches) - len(without.patches) == 15 + 6
    assert len(with_them.validation_patches) - len(without.validation_patches) == 5 + 2
    assert (with_them.labels[-21:] == NOT_A_DIGIT).all()
    assert (with_them.validation_labels[-7:] == NOT_A_DIGIT).all()
    seen = {patch.tobytes() for patch in (*with_them.patches[-21:], *with_them.validation_patches[-7:])}
    with np.load(strange_root / "letters.npz") as letters:
        inks = letters["x"].astype(np.float32) / 255
    at = np.arange(40)
    chosen = [*inks[at % 2 == 0], *inks[np.isin(at % 10, (2, 9))]]
    assert seen == {patch.tobytes() for patch in np.round(to_patches(chosen) * 255).astype(np.uint8)}
    assert {key: with_them.facts["script"][key] for key in ("n_train", "n_validation", "classes")} == {
        "n_train": 6,
        "n_validation": 2,
        "classes": "29",
    }
    assert with_them.facts["letters"]["digests"].keys() == {"letters.npz"}


def test_classes_that_a_set_does_not_have_are_refused(strange_root: Path) -> None:
    """A misspelt class would train on nothing without a word."""
    with pytest.raises(DataError, match="nothing of the classes 'x'"):
        prepare(replace(DEFAULT, negatives_from=("letters:x",)), strange_root)


def test_the_seed_decides_everything(data_root: Path) -> None:
    """The same recipe prepares the same bytes; another seed splits and draws otherwise."""
    first, again, other = (prepare(replace(DEFAULT, seed=seed), data_root) for seed in (0, 0, 1))
    assert np.array_equal(first.patches, again.patches)
    assert np.array_equal(first.validation_labels, again.validation_labels)
    assert first.facts == again.facts
    assert not np.array_equal(first.patches, other.patches)


def test_everything_may_be_trained_on(data_root: Path) -> None:
    """A share of 0 leaves validation empty, with patches and labels of the usual shape; no negatives for it either."""
    data = prepare(replace(DEFAULT, validation_share=0.0), data_root)
    assert (data.labels >= 0).sum() == 320
    assert data.validation_patches.shape == (0, 28, 28)
    assert data.validation_labels.shape == (0,)


def test_shapes_and_types_are_what_the_loop_takes(data_root: Path) -> None:
    """uint8 patches and int64 labels, both writable."""
    data = prepare(DEFAULT, data_root)
    assert data.patches.dtype == data.validation_patches.dtype == np.uint8
    assert data.labels.dtype == data.validation_labels.dtype == np.int64
    assert data.patches.shape[1:] == (28, 28)
    assert set(data.labels.tolist()) == {NOT_A_DIGIT, *range(10)}


def test_a_missing_data_set_is_named(data_root: Path) -> None:
    """Before anything is trained."""
    with pytest.raises(DataNotFoundError, match="'large'"):
        prepare(replace(SMALL, data=("small", "large")), data_root)


def test_a_data_set_without_labels_is_refused(tmp_path: Path) -> None:
    """Such as the test part of a competition."""
    header = ",".join(f"pixel{i}" for i in range(784))
    (tmp_path / "unlabelled.csv").write_text("\n".join([header] + [",".join(["0"] * 784)] * 20))
    with pytest.raises(DataError, match="no labels"):
        prepare(replace(SMALL, data=("unlabelled.csv",)), tmp_path)


@pytest.mark.parametrize(("key", "name"), [("photographed", "photograph"), ("composed", "take_apart")])
def test_what_is_drawn_anew_stays_on_its_side(
    key: str, name: str, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photos of training digits are trained on, those of held-out digits judged by; numbers are trained on only."""
    calls: list[tuple[int, bytes, int]] = []
    told: list[tuple[str, int, int]] = []

    def spy(n: int, digits: Digits, seed: int, watch: Callable[[int], object]) -> Digits:
        calls.append((n, digits.patches.tobytes(), seed))
        watch(n)
        return Digits(digits.patches[:1], np.array([7]))

    monkeypatch.setattr(module, name, spy)
    without, with_them = (
        prepare(DEFAULT, data_root),
        prepare(replace(DEFAULT, **{key: 0.1}), data_root, lambda *step: told.append(step)),
    )
    sides = ((without.patches, without.labels), (without.validation_patches, without.validation_labels))
    drawn = [patches if key == "photographed" else patches[labels >= 0] for patches, labels in sides]
    if key == "composed":
        del drawn[1]
    assert calls == [(len(patches) // 10, patches.tobytes(), seed) for seed, patches in enumerate(drawn)]
    for number, after in enumerate((with_them.labels, with_them.validation_labels)):
        assert after.tolist() == [*sides[number][1].tolist(), *[7] * (number < len(drawn))]
    assert [step[1:] for step in told] == [(n, n) for n, _, _ in calls]
    assert len({step[0] for step in told}) == len(calls)


def test_calibrating_again_takes_no_photos_of_training_digits(data_root: Path) -> None:
    """They take most of the time, and the validation side is the same without them: its photos come last."""
    recipe = replace(SMALL, photographed=0.3, composed=0.3)
    whole, calibrating = (prepare(recipe, data_root, to_train=to_train) for to_train in (True, False))
    assert len(calibrating.patches) < len(whole.patches)
    assert np.array_equal(calibrating.validation_patches, whole.validation_patches)
    plain = prepare(SMALL, data_root).validation_patches
    assert 0 < calibrating.n_validation_photos == len(whole.validation_patches) - len(plain)
    assert np.array_equal(whole.validation_patches[: -whole.n_validation_photos], plain)
