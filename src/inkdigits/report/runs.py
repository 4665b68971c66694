"""A run folder and the data sets -> Run: everything that a report shows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inkdigits.classifier import Classifier
from inkdigits.datasets import Dataset, find_dataset, load_dataset
from inkdigits.errors import ModelNotFoundError, UsageError
from inkdigits.evaluate import BATCH, Evaluation, evaluate, to_bytes
from inkdigits.graphs import RUN_MODEL
from inkdigits.records import Patches, Watch
from inkdigits.report.models import Model, Specimen, load_model, to_specimen
from inkdigits.train.fit import Epoch
from inkdigits.train.recipes import parse_entry
from inkdigits.train.record import can_go_on, load_history, load_record

TEST_SET = "mnist"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the exported network says of the test digits."""

    patches: npt.NDArray[np.uint8]
    """(N, 28, 28), ink bright."""
    labels: npt.NDArray[np.uint8]
    """(N,) 0-9."""
    probabilities: npt.NDArray[np.floating[Any]]
    """(N, 10), calibrated."""
    evaluation: Evaluation

    @property
    def read_as(self) -> npt.NDArray[np.intp]:
        """(N,) the most probable labels."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def confidences(self) -> npt.NDArray[np.floating[Any]]:
        """(N,) in [0, 1], of what was read."""
        return np.asarray(self.probabilities.max(axis=1))

    @property
    def losses(self) -> npt.NDArray[np.float64]:
        """(N,) cross-entropy of each digit."""
        truth = self.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        return -np.log(np.maximum(truth, np.finfo(np.float32).tiny))


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished training, and the digits it is shown with."""

    folder: Path
    record: dict[str, Any]
    history: tuple[Epoch, ...]
    """Empty where nothing was trained by epochs."""
    model: Model
    training: tuple[Dataset, ...]
    """The data sets it learned from, as far as they are at hand."""
    missing: tuple[str, ...]
    """Names of those that are not."""
    answers: Answers
    specimen: Specimen
    """The digit that is looked into."""


def load_run(folder: Path, root: Path | None, index: int = 0, watch: Watch = lambda *_: None) -> Run:
    """Load a run, and let its exported network read MNIST's test digits.

    Args:
        folder: the run folder.
        root: the data folder.
        index: which test digit is looked into.
        watch: told after each batch of test digits.

    Raises:
        TrainingError: it is not the folder of a run, or a damaged one.
        ModelError: the run was never exported, or its network cannot be used.
        ExportError: its network is not that of its weights.
        DataError: MNIST's test digits are missing or damaged.
        UsageError: no test digit has this index.
    """
    record = load_record(folder)
    if not (folder / RUN_MODEL).is_file():
        resume = " --resume" if can_go_on(record["name"], folder) else ""
        raise ModelNotFoundError(
            f"{folder} has no {RUN_MODEL}: its training did not come to its end. Go on with it, or start it again, by "
            f"`inkdigits train {record['name']} --out {folder}{resume}`."
        )
    model = load_model(folder / RUN_MODEL)
    test = load_dataset(TEST_SET, "test", root)
    found = {name: find_dataset(name, "train", root) for name, _ in map(parse_entry, record["recipe"].get("data", ()))}
    return Run(
        folder=folder,
        record=record,
        history=load_history(folder),
        model=model,
        training=tuple(dataset for dataset in found.values() if dataset is not None),
        missing=tuple(name for name, dataset in found.items() if dataset is None),
        answers=answer(model.classifier, test, watch),
        specimen=choose_specimen(model, test, index),
    )


def answer(classifier: Classifier, dataset: Dataset, watch: Watch = lambda *_: None) -> Answers:
    """Let a network read a data set, once for all figures.

    Raises:
        DataError: the set has no labels.
    """
    seen: list[npt.NDArray[np.floating[Any]]] = []

    def classify(patches: Patches) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        probabilities, scores = classifier.classify(patches)
        seen.append(probabilities)
        watch("reading", len(seen), -(-len(dataset) // BATCH))
        return probabilities, scores

    evaluation = evaluate(classify, dataset, classifier.card.digit_score_threshold)
    return Answers(to_bytes(dataset), dataset.known_labels(), np.concatenate(seen), evaluation)


def choose_specimen(model: Model, dataset: Dataset, index: int, accept_error: float | None = None) -> Specimen:
    """Take one image of a data set to look into.

    Raises:
        UsageError: there is no such image, or the network cannot promise so small an error.
    """
    if not 0 <= index < len(dataset):
        raise UsageError(f"{dataset.name} ({dataset.split}) has no image {index}, only 0 to {len(dataset) - 1}.")
    one = dataset.select(np.array([index]))
    patch = to_bytes(one)[0].astype(np.float32) / np.float32(255)
    label = None if one.labels is None else int(one.labels[0])
    return to_specimen(model, patch, f"image {index} of {dataset.name} ({dataset.split})", label, accept_error)
