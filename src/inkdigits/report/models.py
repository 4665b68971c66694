"""A graph with what else there is of its network, and one patch with what the network says of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import nn

from inkdigits.classifier import Classifier, load_classifier
from inkdigits.graphs import RUN_MODEL
from inkdigits.records import Patch
from inkdigits.train.export import load_network
from inkdigits.train.fit import WEIGHTS
from inkdigits.train.recipes import Recipe, recipe_of
from inkdigits.train.record import load_record


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

    @property
    def read_as(self) -> int:
        """The most probable label."""
        return int(self.probabilities.argmax())


def load_model(graph: Path, threads: int = 1) -> Model:
    """Open a graph, and load the weights beside it where it lies in a run folder.

    Raises:
        ModelError: the graph cannot be used.
        TrainingError: the weights of the run are damaged.
    """
    run = graph.parent
    has_weights = graph.name == RUN_MODEL and (run / WEIGHTS).is_file()
    return Model(graph, load_classifier(graph, threads), load_weights(run) if has_weights else None)


def load_weights(run: Path) -> Weights:
    """Load the network of a run, on the CPU.

    Raises:
        TrainingError: it is no run, or its weights are those of another network.
    """
    recipe = recipe_of(load_record(run)["recipe"])
    return Weights(load_network(run, recipe), recipe)


def to_specimen(model: Model, patch: Patch, title: str, label: int | None = None) -> Specimen:
    """Let the network answer one patch, (28, 28) float32 in [0, 1]."""
    probabilities, scores = model.classifier.classify(patch[None])
    return Specimen(title, patch, label, probabilities[0], float(scores[0]))
