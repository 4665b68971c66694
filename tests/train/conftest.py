"""Small, real and quick: a few hundred of scikit-learn's digits, as patches and as a data folder; one thread."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.onnx._internal.exporter._registration import ONNXRegistry

from inkdigits.datasets import Dataset
from inkdigits.normalize import to_patches
from inkdigits.train.lines.library import Library, draw_library
from inkdigits.train.negatives import Digits
from inkdigits.train.prepare import TrainingData

N_DIGITS = 640


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Two would add in another order each time, and take the cores of the tests beside these."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session", autouse=True)
def _one_registry() -> Iterator[None]:
    """Torch's exporter lists all operators anew for every network, half of its work: once will do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ONNXRegistry, "from_torchlib", staticmethod(cache(ONNXRegistry.from_torchlib)))
        yield


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """`N_DIGITS` digits of 13 writers, 8x8 when they came; read-only, as files mapped into memory are."""
    images, labels = load_digits(return_X_y=True)
    inks = [image.reshape(8, 8).astype(np.float32) / 16 for image in images[:N_DIGITS]]
    patches, labels = np.round(to_patches(inks) * 255).astype(np.uint8), labels[:N_DIGITS].astype(np.uint8)
    for array in (patches, labels):
        array.setflags(write=False)
    return Dataset("digits", "all", patches, labels, writers=None, normalised=True, files=())


@pytest.fixture(scope="session")
def data(digits: Dataset) -> TrainingData:
    """512 digits to train on and 128 to judge by; read-only."""
    patches, labels = digits.images, digits.known_labels().astype(np.int64)
    labels.setflags(write=False)
    return TrainingData(patches[128:], labels[128:], patches[:128], labels[:128], {})


@pytest.fixture(scope="session")
def data_root(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """A data folder that holds one set, called small, which is not MNIST-shaped."""
    root = tmp_path_factory.mktemp("data")
    np.savez(root / "small.npz", x=digits.images[:320], y=digits.known_labels()[:320])
    return root


@pytest.fixture(scope="session")
def library(digits: Dataset) -> Library:
    """Two hundred digits, and signs."""
    return draw_library(Digits(digits.images[:200], digits.known_labels()[:200].astype(np.int64)), 3)
