"""The network that reads a strip: convolutions, then one look at each column with its neighbours.

Its columns are half the strip's. What it says of them is decoded as Graves et al. 2006 have it (connectionist temporal
classification): tokens, with blanks between.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as from_safetensors
from safetensors.torch import save as to_safetensors
from torch import Tensor, nn

from inkdigits.errors import TrainingError
from inkdigits.records import BLANK, STRIP_PX
from inkdigits.train.fit import WEIGHTS, replace_file
from inkdigits.train.lines.recipe import LineRecipe

ANCHORED = "anchored"
"""Weights that were mixed with the first ones say so."""

HEIGHTS = 8
"""A strip is pooled to an eighth of its rows; the last layer sees all of them."""


class LineNetwork(nn.Module):
    """Strips (N, 1, 32, W) float32 in [0, 1], W a multiple of 4 -> logits (N, W / 2, 14) float32."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.layers = nn.Sequential(*LAYERS[name]())

    def forward(self, strips: Tensor) -> Tensor:
        """Return logits (N, W / 2, 14), one row a column."""
        said: Tensor = self.layers(strips)  # (N, 14 for each column that it speaks of, columns it has)
        return said.squeeze(2).transpose(1, 2).reshape(said.shape[0], -1, BLANK + 1)


def n_line_parameters(name: str) -> int:
    """Return how many weights training fits."""
    return sum(weights.numel() for weights in LineNetwork(name).parameters())


def load_line_network(run: Path, name: str) -> nn.Module:
    """Return the network of a run with the weights it kept, ready to answer.

    Raises:
        TrainingError: no weights there, or those of another network.
    """
    network = LineNetwork(name)
    try:
        network.load_state_dict(from_safetensors((run / WEIGHTS).read_bytes()))
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0].rstrip(":")
        words = f"{run / WEIGHTS} does not hold the weights of the network {name!r} for lines: {reason}."
        raise TrainingError(words) from error
    return network.eval()


def anchor_weights(run: Path, start: Path, recipe: LineRecipe) -> None:
    """Mix what a run kept with the weights that it began with, by the recipe's `anchor`; once, however often asked.

    Raises:
        TrainingError: one of the two holds no weights of this network.
    """
    with safe_open(run / WEIGHTS, "pt") as file:
        if ANCHORED in (file.metadata() or {}):
            return
    kept, first = (load_line_network(folder, recipe.network).state_dict() for folder in (run, start))
    mixed = {name: torch.lerp(value.double(), first[name].double(), recipe.anchor) for name, value in kept.items()}
    weights = {name: value.to(kept[name].dtype).contiguous() for name, value in mixed.items()}
    note = {ANCHORED: str(recipe.anchor)}
    replace_file(run / WEIGHTS, lambda place: place.write_bytes(to_safetensors(weights, note)))


def _lines() -> list[nn.Module]:
    """Columns are halved by the second layer, and not again."""
    return [
        *_conv(1, 16),
        *_conv(16, 32, stride=2),
        *_conv(32, 32),
        nn.MaxPool2d((2, 1)),
        *_conv(32, 48),
        *_conv(48, 64),
        nn.MaxPool2d((2, 1)),
        *_conv(64, 80),
        *_conv(80, 80),
        *_head(80, 128, halves=1),
    ]


def _lines_wide() -> list[nn.Module]:
    """Three times the weights: columns are pooled to a quarter, and the last layer speaks of both halves of each."""
    return [
        *_conv(1, 48, 5, stride=2),
        *_conv(48, 48),
        nn.MaxPool2d(2),
        *_conv(48, 96),
        *_conv(96, 96),
        nn.MaxPool2d((2, 1)),
        *_conv(96, 128),
        *_conv(128, 128),
        *_head(128, 256, halves=2),
    ]


LAYERS: Mapping[str, Callable[[], list[nn.Module]]] = {"lines": _lines, "lines-wide": _lines_wide}
"""By the name that a recipe gives."""


def _head(before: int, features: int, halves: int) -> list[nn.Module]:
    """All rows at once with the columns beside, then four more columns, then what is said."""
    layers: list[nn.Module] = []
    for size, pad, channels in (((STRIP_PX // HEIGHTS, 3), (0, 1), before), ((1, 5), (0, 2), features)):
        layers += [nn.Conv2d(channels, features, size, padding=pad, bias=False), nn.BatchNorm2d(features)]
        layers += [nn.ReLU(inplace=True), nn.Dropout(0.1)]
    return [*layers, nn.Conv2d(features, halves * (BLANK + 1), 1)]


def _conv(before: int, after: int, kernel_px: int = 3, stride: int = 1) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(before, after, kernel_px, stride=stride, padding=kernel_px // 2, bias=False)
    return convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True)
