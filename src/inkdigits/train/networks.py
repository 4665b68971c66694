"""Every network, as a table: a name and its layers in order.

All take patches (N, 1, 28, 28) and return logits, never probabilities: a softmax inside would leave the cross-entropy
after it no way below 1.46. The first ten belong to the labels; an eleventh says "is this a digit at all?". Names that
begin with a letter and a dash are networks of other systems, with exactly their parameters; `alexnet-28` and
`zfnet-28` are those two with a quarter of their channels and no strides, for 28x28 (Krizhevsky et al. 2012; Zeiler
and Fergus 2014); the others are ours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from torch import nn

from inkdigits.errors import UsageError
from inkdigits.records import N_LABELS, PATCH_PX

Shape: TypeAlias = tuple[int, int, int]
"""Channels, height, width."""


@dataclass(frozen=True, slots=True)
class Conv:
    """A square convolution with stride 1."""

    channels: int
    kernel_px: int
    pad_px: int = 0


@dataclass(frozen=True, slots=True)
class Norm:
    """Batch normalisation."""


@dataclass(frozen=True, slots=True)
class Relu:
    """max(0, x)."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The maximum of each 2x2 block; an odd last row or column is left out."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Dropout with this share of zeros."""

    share: float


@dataclass(frozen=True, slots=True)
class Dense:
    """A fully connected layer; flattens what comes in."""

    features: int


Layer: TypeAlias = Conv | Norm | Relu | Pool | Drop | Dense
Network: TypeAlias = tuple[Layer, ...]


def _conv(*channels: int, kernel_px: int = 3, pad_px: int = 0, norm: bool = False, pool: bool = True) -> Network:
    """Convolutions, each with its ReLU (after batch normalisation if `norm`), then one pooling if `pool`."""
    between: Network = (Norm(), Relu()) if norm else (Relu(),)
    layers = [layer for n in channels for layer in (Conv(n, kernel_px, pad_px), *between)]
    return (*layers, Pool()) if pool else tuple(layers)


def _dense(*features: int, drop: float = 0.0, last: int = N_LABELS) -> Network:
    """Hidden fully connected layers with ReLU and dropout, then the logits."""
    after: Network = (Relu(), Drop(drop)) if drop else (Relu(),)
    return (*(layer for n in features for layer in (Dense(n), *after)), Dense(last))


NETWORKS: dict[str, Network] = {
    "a-ffnn": _dense(100, 80, drop=0.2),
    "a-cnn": (
        *_conv(32, 32, pad_px=1, norm=True),
        *_conv(64, 64, pad_px=1, norm=True),
        *_dense(100, 80, drop=0.2),
    ),
    "b-cnn": (
        *_conv(8, pad_px=1, norm=True),
        *_conv(32, kernel_px=5, pad_px=2, norm=True),
        *_dense(600, drop=0.5),
    ),
    "c-mlp": _dense(512, 512),
    "c-cnn": (*_conv(32, pad_px=1), *_conv(64, pad_px=1), *_dense(128, drop=0.5)),
    "d-cnn": (
        *_conv(16, 32, kernel_px=5),
        Drop(0.25),
        *_conv(64, 128),
        Drop(0.25),
        *_dense(32, drop=0.25),
    ),
    "d-keras": (*_conv(64, 32, pool=False), *_dense()),
    "e-lenet": (*_conv(6, kernel_px=5, pad_px=2), *_conv(16, kernel_px=5), *_dense(120, 84)),
    "alexnet-28": (
        *_conv(24, kernel_px=5, pad_px=2),
        *_conv(64, kernel_px=5, pad_px=2),
        *_conv(96, 96, 64, pad_px=1),
        *_dense(256, 256, drop=0.5),
    ),
    "zfnet-28": (
        *_conv(24, kernel_px=7, pad_px=3),
        *_conv(64, kernel_px=5, pad_px=2),
        *_conv(128, 256, 128, pad_px=1),
        *_dense(256, 256, drop=0.5),
    ),
    "fast": (  # pooling first leaves a quarter of the pixels to normalisation and ReLU
        *(Conv(16, 5), Pool(), Norm(), Relu()),
        *(Conv(40, 3), Pool(), Norm(), Relu()),
        *(Conv(64, 3), Norm(), Relu()),
        *_dense(),
    ),
    "quick": (
        *(Conv(24, 5), Norm(), Pool(), Relu()),
        *(Conv(48, 3, 1), Norm(), Relu()),
        *(Conv(48, 3, 1), Norm(), Pool(), Relu()),
        *(Conv(96, 3), Norm(), Relu()),
        *_dense(),
    ),
    "tiny": (
        *_conv(10, kernel_px=5, norm=True),
        *_conv(24, 28, pad_px=1, norm=True),
        *_conv(32, norm=True, pool=False),
        *_dense(last=N_LABELS + 1),
    ),
    "house": (
        *_conv(24, 32, norm=True),
        *_conv(64, 64, pad_px=1, norm=True, pool=False),
        *_conv(64, pad_px=1, norm=True),
        *_conv(128, 128, pad_px=1, norm=True, pool=False),
        *_conv(128, norm=True, pool=False),
        Drop(0.3),
        *_dense(),
    ),
    "default": (
        *_conv(32, kernel_px=5, norm=True),
        *_conv(56, norm=True, pool=False),
        *_conv(56, pad_px=1, norm=True),
        *_conv(96, pad_px=1, norm=True, pool=False),
        *_conv(96, norm=True, pool=False),
        *_dense(256, drop=0.3, last=N_LABELS + 1),
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One layer of a network with what it does to the shape and what it costs."""

    layer: Layer
    before: Shape
    after: Shape
    n_parameters: int
    n_macs: int
    """Multiply-accumulates for one patch; those of normalisation vanish into the convolution when exported."""


def walk(network: Network) -> Iterator[Step]:
    """Yield each layer with its shapes, parameters and cost, starting from a patch."""
    shape: Shape = (1, PATCH_PX, PATCH_PX)
    for layer in network:
        after = _shape_after(layer, shape)
        yield Step(layer, shape, after, *_cost(layer, shape, after))
        shape = after


def n_parameters(network: Network) -> int:
    """Return how many weights training fits."""
    return sum(step.n_parameters for step in walk(network))


def n_outputs(network: Network) -> int:
    """Return how many logits the network gives: ten, or eleven with the one that tells digits from the rest."""
    *_, last = walk(network)
    return last.after[0]


def n_macs(network: Network) -> int:
    """Return the multiply-accumulates that one patch costs."""
    return sum(step.n_macs for step in walk(network))


def find_network(name: str) -> Network:
    """Return the network called `name`.

    Raises:
        UsageError: there is none; the message lists them.
    """
    if name not in NETWORKS:
        raise UsageError(f"There is no network {name!r}. There are: {', '.join(NETWORKS)}.")
    return NETWORKS[name]


def build_network(network: Network) -> nn.Sequential:
    """Make the torch module: patches (N, 1, 28, 28) float32 -> logits (N, outputs) float32, weights fresh."""
    modules: list[nn.Module] = []
    is_flat = False
    for step in walk(network):
        if isinstance(step.layer, Dense) and not is_flat:
            modules.append(nn.Flatten())
            is_flat = True
        modules.append(_module(step))
    return nn.Sequential(*modules)


def _shape_after(layer: Layer, before: Shape) -> Shape:
    channels, height, width = before
    match layer:
        case Conv(channels=out, kernel_px=kernel, pad_px=pad):
            return out, height + 2 * pad - kernel + 1, width + 2 * pad - kernel + 1
        case Pool():
            return channels, height // 2, width // 2
        case Dense(features=out):
            return out, 1, 1
        case _:
            return before


def _cost(layer: Layer, before: Shape, after: Shape) -> tuple[int, int]:
    """Return (parameters, multiply-accumulates)."""
    match layer:
        case Conv(kernel_px=kernel):
            weights = before[0] * after[0] * kernel**2
            return weights + after[0], weights * after[1] * after[2]
        case Norm():
            return 2 * before[0], 0
        case Dense():
            weights = prod(before) * after[0]
            return weights + after[0], weights
        case _:
            return 0, 0


def _module(step: Step) -> nn.Module:
    match step.layer:
        case Conv(channels=out, kernel_px=kernel, pad_px=pad):
            return nn.Conv2d(step.before[0], out, kernel, padding=pad)
        case Norm():
            return nn.BatchNorm2d(step.before[0])
        case Relu():
            return nn.ReLU(inplace=True)
        case Pool():
            return nn.MaxPool2d(2)
        case Drop(share=share):
            return nn.Dropout(share)
        case Dense(features=out):
            return nn.Linear(prod(step.before), out)
