"""Which pixels an answer rests on: four methods of captum, of which one needs no gradients."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam, Occlusion, Saliency
from torch import Tensor, nn

from inkdigits.records import N_LABELS, PATCH_PX
from inkdigits.report.models import Model, Specimen, Weights
from inkdigits.train.logits import standardise

Map: TypeAlias = npt.NDArray[np.float32]
"""(28, 28) float32; above 0 speaks for the answer, below 0 against it."""

WINDOW_PX = 5
"""Side of what occlusion covers: about as wide as two strokes."""

N_STEPS = 64
"""Of the integral; more changes nothing that can be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What one method says."""

    name: str
    words: str
    """What it asks."""
    values: Map


def attributions(model: Model, specimen: Specimen) -> Iterator[Attribution]:
    """Ask which pixels the network's most probable label rests on.

    Occlusion runs the graph that ships; the others need gradients, and so the weights.
    """
    ink = torch.tensor(specimen.patch)[None, None]
    if model.weights is not None:
        yield from _by_gradients(model.weights, ink.clone().requires_grad_(), specimen.read_as)
    yield Attribution(
        "Occlusion",
        f"How much does the probability fall when a {WINDOW_PX}x{WINDOW_PX} window of paper covers this place? "
        "(Zeiler and Fergus 2014)",
        _occlude(model, ink, specimen.read_as),
    )


def _by_gradients(weights: Weights, ink: Tensor, label: int) -> Iterator[Attribution]:
    network, recipe = weights.network, weights.recipe

    def logits(patches: Tensor) -> Tensor:
        answer: Tensor = network(standardise(patches, recipe))[:, :N_LABELS]
        return answer

    yield Attribution(
        "Saliency",
        "How strongly does the answer change with this pixel, either way? (Simonyan et al. 2014)",
        _to_map(Saliency(logits).attribute(ink, target=label)),
    )
    yield Attribution(
        "Integrated gradients",
        "What did this pixel bring on the way from blank paper to this digit? (Sundararajan et al. 2017)",
        _to_map(IntegratedGradients(logits).attribute(ink, target=label, n_steps=N_STEPS)),
    )
    layer = _last_maps(network, standardise(ink, recipe))
    if layer is not None:
        coarse = LayerGradCam(logits, layer).attribute(ink, target=label, relu_attributions=True)
        yield Attribution(
            "Grad-CAM",
            "Where do the last feature maps that speak for the answer lie? (Selvaraju et al. 2017)",
            _to_map(LayerAttribution.interpolate(coarse, (PATCH_PX, PATCH_PX), "bilinear")),
        )


def _last_maps(network: nn.Module, fed: Tensor) -> nn.Module | None:
    """Return the last layer that gives maps, and not single numbers; None in a network without any."""
    last = None
    with torch.no_grad():
        for layer in network.children():
            fed = layer(fed)
            if fed.ndim == 4 and isinstance(layer, nn.ReLU):
                last = layer
    return last


def _occlude(model: Model, ink: Tensor, label: int) -> Map:
    def probabilities(patches: Tensor) -> Tensor:
        return torch.tensor(model.classifier.classify(patches[:, 0].detach().numpy())[0])

    window = (1, WINDOW_PX, WINDOW_PX)
    return _to_map(Occlusion(probabilities).attribute(ink, window, target=label, perturbations_per_eval=64))


def _to_map(values: Tensor) -> Map:
    single: Map = values[0, 0].detach().numpy().astype(np.float32)
    return single
