"""Trained networks that teach another: what they say of each augmented digit is learned beside its label."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from inkdigits.errors import TrainingError
from inkdigits.records import N_LABELS
from inkdigits.train.export import load_network
from inkdigits.train.fit import device
from inkdigits.train.logits import standardise
from inkdigits.train.recipes import Recipe, recipe_of
from inkdigits.train.record import load_record


@dataclass(frozen=True, slots=True, eq=False)
class Teacher:
    """One or more trained networks that answer together."""

    networks: tuple[tuple[nn.Module, Recipe], ...]

    def __call__(self, ink: Tensor) -> Tensor:
        """Return the mean of the networks' probabilities: (N, 1, 28, 28) ink -> (N, 10) float32."""
        with torch.no_grad():
            answers = [network(standardise(ink, recipe))[:, :N_LABELS].float() for network, recipe in self.networks]
        return torch.stack([logits.softmax(1) for logits in answers]).mean(0)


def load_teacher(recipe: Recipe) -> Teacher | None:
    """Load the teachers that a recipe names; None where it names none.

    Raises:
        TrainingError: one of them is not the folder of a run, or holds no weights.
    """
    if not recipe.teachers:
        return None
    networks = []
    for name in recipe.teachers:
        try:
            own = recipe_of(load_record(Path(name))["recipe"])
            network = load_network(Path(name), own).to(device())
        except TrainingError as error:
            raise TrainingError(f"The teacher {name!r} cannot teach. {error}") from error
        networks.append((network, own))
    return Teacher(tuple(networks))
