"""A data folder with a small MNIST, and run folders that were never trained: the bundled LeNet stands for a result."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import save_file
from sklearn.datasets import load_digits

from inkdigits.graphs import BUNDLED, RUN_MODEL
from inkdigits.normalize import to_patches
from inkdigits.report.models import Model, Specimen, load_model
from inkdigits.report.runs import Run, load_run
from inkdigits.train.augment import AFFINE_C
from inkdigits.train.fit import HISTORY, WEIGHTS, Epoch
from inkdigits.train.networks import build_network, find_network
from inkdigits.train.recipes import Recipe

N_TEST, N_TRAIN = 60, 80

RECIPE = Recipe("e-lenet", data=("mnist", "elsewhere*2"), epochs=3, augmentation=AFFINE_C)
"""Its second data set is not at hand."""


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Two would take the cores of the tests beside these."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose mnist are scikit-learn's digits, as Kaggle's CSV files."""
    folder = tmp_path_factory.mktemp("data") / "mnist"
    folder.mkdir()
    images, labels = load_digits(return_X_y=True)
    inks = [image.reshape(8, 8).astype(np.float32) / 16 for image in images[: N_TEST + N_TRAIN]]
    patches = np.round(to_patches(inks) * 255).astype(int).reshape(-1, 784)
    header = ",".join(["label", *(f"pixel{i}" for i in range(784))])
    for part, which in (("test", slice(N_TEST)), ("train", slice(N_TEST, N_TEST + N_TRAIN))):
        rows = np.column_stack([labels[: N_TEST + N_TRAIN][which], patches[which]])
        np.savetxt(folder / f"{part}.csv", rows, "%d", ",", header=header, comments="")
    return folder.parent


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of `RECIPE` after three epochs; copy it before writing into it."""
    folder = tmp_path_factory.mktemp("runs") / "lenet"
    folder.mkdir()
    for ending in (".onnx", ".json"):
        shutil.copyfile(BUNDLED / f"e-lenet{ending}", (folder / RUN_MODEL).with_suffix(ending))
    named = {each.name: each for each in onnx.load(folder / RUN_MODEL).graph.initializer}
    weights = {
        name: torch.tensor(onnx.numpy_helper.to_array(named[f"network.{name}"]))
        for name in build_network(find_network("e-lenet")).state_dict()
    }
    save_file(weights, folder / WEIGHTS)
    epochs = [Epoch(n, 0.001, 1 / n, 1 - 0.2 / n, 2 / n, 1 - 0.3 / n, 1.5) for n in (1, 2, 3)]
    (folder / HISTORY).write_text("".join(json.dumps(asdict(epoch)) + "\n" for epoch in epochs))
    facts = {"n_train": 70, "times": 1, "n_validation": 10, "by_writer": False, "digests": {"train.csv": "ab" * 32}}
    record = {"name": "lenet", "recipe": asdict(RECIPE), "data": {"mnist": facts}, "n_parameters": 61706}
    (folder / "run.json").write_text(json.dumps(record | {"n_validation": 10, "best": {"epoch": 2}}))
    return folder


@pytest.fixture
def classical_folder(tmp_path: Path, tiny_model: Path) -> Path:
    """The folder of a run that torch had no part in: a graph, its card and a record without epochs."""
    for ending in (".onnx", ".json"):
        shutil.copyfile(tiny_model.with_suffix(ending), (tmp_path / RUN_MODEL).with_suffix(ending))
    record = {"name": "svm", "recipe": {"method": "svm", "data": ["mnist"], "seed": 0}, "data": {}}
    (tmp_path / "run.json").write_text(json.dumps(record))
    return tmp_path


@pytest.fixture(scope="session")
def run(run_folder: Path, root: Path) -> Run:
    """That run, loaded."""
    return load_run(run_folder, root)


@pytest.fixture(scope="session")
def model(run: Run) -> Model:
    """Its network, with its weights."""
    return run.model


@pytest.fixture(scope="session")
def bare() -> Model:
    """A bundled network: a graph without weights."""
    return load_model(BUNDLED / "default.onnx")


@pytest.fixture(scope="session")
def specimen(run: Run) -> Specimen:
    """The digit that is looked into."""
    return run.specimen
