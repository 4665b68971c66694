"""A graph with what else there is of its network, and one patch with what the network says of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from inkdigits.classifier import Classifier, load_classifier
from inkdigits.decode import Thresholds, choose_thresholds
from inkdigits.errors import ExportError
from inkdigits.graphs import RUN_MODEL
from inkdigits.outputs import to_percent
from inkdigits.records import Patch
from inkdigits.train.check import some_patches
from inkdigits.train.export import Served, load_network
from inkdigits.train.fit import WEIGHTS
from inkdigits.train.parity import PARITY
from inkdigits.train.recipes import Recipe, recipe_of
from inkdigits.train.record import load_record

N_COMPARED = 16
"""Patches on which a graph and the weights beside it must agree."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A network as it was trained, for what only gradients can tell."""

    network: nn.Module
    recipe: Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network to look into."""

    graph: Path
    classifier: Classifier
    """The graph, open."""
    weights: Weights | None
    """None where only the graph is there, and for networks that torch does not know."""


@dataclass(frozen=True, slots=True, eq=False)
class Specimen:
    """One patch that is looked into."""

    title: str
    """What it is, such as "image 30 of mnist (test)"."""
    patch: Patch
    label: int | None
    """What it shows; None where nobody knows."""
    probabilities: npt.NDArray[np.float32]
    """(10,) what the network says."""
    digit_score: float
    thresholds: Thresholds
    """What both must reach, or the digit is rejected."""

    @property
    def read_as(self) -> int:
        """The most probable label."""
        return int(self.probabilities.argmax())

    @property
    def rejection(self) -> str:
        """Why it is rejected, such as "digit score 0.00, below 0.77"; empty where it is accepted."""
        score, confidence, needed = self.digit_score, float(self.probabilities.max()), self.thresholds
        if score < needed.digit_score:
            return f"digit score {score:.2f}, below {needed.digit_score:.2f}"
        if confidence < needed.confidence:
            return f"confidence {to_percent(confidence)}, below {to_percent(needed.confidence)}"
        return ""


def load_model(graph: Path, threads: int = 1) -> Model:
    """Open a graph, and load the weights beside it where it lies in a run folder.

    Raises:
        ModelError: the graph cannot be used.
        TrainingError: the weights of the run are damaged.
        ExportError: the graph is not that of the weights.
    """
    run, classifier = graph.parent, load_classifier(graph, threads)
    if graph.name != RUN_MODEL or not (run / WEIGHTS).is_file():
        return Model(graph, classifier, None)
    weights = load_weights(run)
    _check_same(classifier, weights, run)
    return Model(graph, classifier, weights)


def load_weights(run: Path) -> Weights:
    """Load the network of a run, on the CPU.

    Raises:
        TrainingError: it is no run, or its weights are those of another network.
    """
    recipe = recipe_of(load_record(run)["recipe"])
    return Weights(load_network(run, recipe), recipe)


def to_specimen(
    model: Model, patch: Patch, title: str, label: int | None = None, accept_error: float | None = None
) -> Specimen:
    """Let the network answer one patch, (28, 28) float32 in [0, 1].

    Raises:
        UsageError: `accept_error` is less than this network can promise, see `choose_thresholds`.
    """
    probabilities, scores = model.classifier.classify(patch[None])
    thresholds = choose_thresholds(model.classifier.card, accept_error)
    return Specimen(title, patch, label, probabilities[0], float(scores[0]), thresholds)


def _check_same(classifier: Classifier, weights: Weights, run: Path) -> None:
    """Compare a graph with the weights beside it: a page must not show two networks as one."""
    patches = some_patches(N_COMPARED)
    served = Served(weights.network, weights.recipe, classifier.card.temperature).eval()
    with torch.inference_mode():
        expected = [answer.numpy() for answer in served(torch.from_numpy(patches))]
    answers = classifier.classify(patches[:, 0])
    difference = max(float(np.abs(one - other).max()) for one, other in zip(expected, answers, strict=True))
    if not difference < PARITY:
        raise ExportError(
            f"{run / RUN_MODEL} is not the network of {WEIGHTS} beside it: they differ by {difference:.1e} in a "
            f"probability (allowed: {PARITY:.0e}). See `inkdigits onnx-check {run}`, and export the run again."
        )
