"""Patches are classified as they are meant, in any number, or refused; a graph of something else is never opened."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from inkdigits.classifier import Classifier, load_classifier
from inkdigits.errors import ModelFormatError, ModelNotFoundError
from inkdigits.graphs import NORMALIZER, open_graph


@pytest.fixture
def classifier(tiny_model: Path) -> Classifier:
    """The toy network: a patch with a mean of 0.04 k shows the label k."""
    return load_classifier(tiny_model)


def showing(*labels: int) -> np.ndarray:
    """Patches that the toy network reads as these labels."""
    levels = np.array(labels, np.float32) * np.float32(0.04)
    return np.ones((len(labels), 28, 28), np.float32) * levels[:, None, None]


def test_each_patch_gets_probabilities_and_a_digit_score(classifier: Classifier) -> None:
    """float32, rows summing to 1, in the order of the patches."""
    probabilities, scores = classifier.classify(showing(3, 0, 9))
    assert (probabilities.shape, scores.shape) == ((3, 10), (3,))
    assert probabilities.dtype == scores.dtype == np.float32
    assert probabilities.argmax(1).tolist() == [3, 0, 9]
    assert np.allclose(probabilities.sum(1), 1)
    assert (scores == 1).all()


def test_a_patch_that_is_no_digit_gets_a_low_score(classifier: Classifier) -> None:
    """One full of ink."""
    assert classifier.classify(np.ones((1, 28, 28), np.float32))[1].tolist() == [0]


@pytest.mark.parametrize("n", [0, 1, 255, 256, 257, 700])
def test_any_number_of_patches_is_answered(n: int, classifier: Classifier) -> None:
    """More than one call takes too, and none."""
    labels = [i % 10 for i in range(n)]
    probabilities, scores = classifier.classify(showing(*labels))
    assert probabilities.argmax(1).tolist() == labels if n else probabilities.shape == (0, 10)
    assert scores.shape == (n,)


def test_bytes_and_ink_are_the_same(classifier: Classifier) -> None:
    """uint8 is divided by 255, as training does; float32 is taken as it is."""
    pixels = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    for one, other in zip(
        classifier.classify(pixels), classifier.classify(pixels.astype(np.float32) / np.float32(255)), strict=True
    ):
        assert np.array_equal(one, other)


def test_views_are_taken_and_left_alone(classifier: Classifier) -> None:
    """Read-only ones too."""
    patches = showing(*range(10))
    patches.setflags(write=False)
    assert classifier.classify(patches[::-1])[0].argmax(1).tolist() == list(range(9, -1, -1))
    assert classifier.classify(patches[::3].transpose(0, 2, 1))[0].argmax(1).tolist() == [0, 3, 6, 9]


@pytest.mark.parametrize("shape", [(28, 28), (1, 1, 28, 28), (2, 27, 28), (2, 784), (0,)])
def test_other_shapes_are_refused(shape: tuple[int, ...], classifier: Classifier) -> None:
    """With the shape that it has."""
    with pytest.raises(ValueError, match=r"patches must be \(N, 28, 28\), not \("):
        classifier.classify(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.int8, bool, ">f4"])
def test_other_types_are_refused(dtype: str, classifier: Classifier) -> None:
    """Nobody can tell what range they mean."""
    with pytest.raises(ValueError, match="patches must be uint8 or float32"):
        classifier.classify(np.zeros((1, 28, 28), dtype))


@pytest.mark.parametrize("value", [255.0, 1.01, -0.01, np.nan, np.inf])
def test_ink_outside_its_range_is_refused(value: float, classifier: Classifier) -> None:
    """Serving what training divided by 255, undivided, was a fault of others."""
    patches = showing(1, 2)
    patches[1, 5, 5] = value
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\].*divide pixels by 255"):
        classifier.classify(patches)


def test_a_classifier_knows_its_card_and_digest(classifier: Classifier, tiny_model: Path) -> None:
    """By which a reading says what read it."""
    assert classifier.card.name == "toy"
    assert classifier.digest == open_graph(tiny_model).digest


def test_threads_may_share_a_classifier(classifier: Classifier) -> None:
    """Each gets its own answers."""
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda label: classifier.classify(showing(label))[0].argmax(), [i % 10 for i in range(200)])
        assert list(answers) == [i % 10 for i in range(200)]


def test_a_graph_of_something_else_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    """Even with the card of a digit network beside it."""
    shutil.copy(NORMALIZER, tmp_path / "model.onnx")
    shutil.copy(tiny_model.with_suffix(".json"), tmp_path / "model.json")
    with pytest.raises(ModelFormatError, match="not a digit network: it turns ink into patch"):
        load_classifier(tmp_path / "model.onnx")


def test_graph_and_card_are_both_needed(tiny_model: Path, tmp_path: Path) -> None:
    """Either alone is refused by its name."""
    with pytest.raises(ModelNotFoundError):
        load_classifier(tmp_path / "model.onnx")
    shutil.copy(tiny_model, tmp_path / "model.onnx")
    with pytest.raises(ModelFormatError, match="no model card"):
        load_classifier(tmp_path / "model.onnx")
