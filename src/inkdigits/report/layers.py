"""The layers of a network, made from the network itself: shapes, the size formula, weights, cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log2, prod
from pathlib import Path

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from inkdigits.datasets import load_dataset
from inkdigits.datasets.description import align
from inkdigits.records import N_LABELS, PATCH_PX
from inkdigits.report.drawings import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, Drawing, drawing
from inkdigits.report.markup import join, paragraph, table
from inkdigits.report.page import Section
from inkdigits.report.runs import Run
from inkdigits.train.networks import (
    Conv,
    Dense,
    Drop,
    Layer,
    Network,
    Norm,
    Pool,
    Relu,
    Shape,
    Step,
    build_network,
    find_network,
    walk,
)

FORMULA = "(n + 2p - k)/s + 1"
"""Side of what a square window gives: n the side before, p the padding, k the window's side, s its stride."""

COLUMNS = ("layer", "size", "shape after", "parameters", "multiply-accumulates")

_SIDE = 0.05
"""Of one pixel in the picture of a network, in inches."""

_HALF = 1.4
"""Half the height of that picture, in inches."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer in words."""

    name: str
    formula: str
    """The size formula filled in; "" where the size stays."""
    after: str
    n_parameters: int
    n_macs: int

    def words(self) -> list[str]:
        """Return the row of a table, in the order of `COLUMNS`."""
        return [self.name, self.formula, self.after, _or_dash(self.n_parameters), _or_dash(self.n_macs)]


def layers(run: Run) -> Section | None:
    """Show the network layer by layer."""
    weights = run.model.weights
    if weights is None:
        return None
    network = find_network(weights.recipe.network)
    picture = network_picture(network)
    words = paragraph(
        f"A window of side k that moves by s over n pixels with p pixels of padding on both sides gives {FORMULA} "
        "pixels, rounded down. Shapes are channels x height x width."
    )
    listed = table(COLUMNS, layer_table(network), "Every layer", "numbers")
    return Section("Layers", join(words, picture.to_html(wide=True), listed), (picture,))


def layer_rows(network: Network) -> Iterator[LayerRow]:
    """Yield each layer in words."""
    for step in walk(network):
        name, formula = _name(step.layer), _formula(step)
        yield LayerRow(name, formula, _shape(step.after), step.n_parameters, step.n_macs)


def layer_table(network: Network) -> list[list[str]]:
    """Return the rows of the table of layers, from the patch to the sum."""
    rows = list(layer_rows(network))
    total = ["sum", "", "", f"{sum(r.n_parameters for r in rows):,}", f"{sum(r.n_macs for r in rows):,}"]
    return [["patch", "", _shape((1, PATCH_PX, PATCH_PX)), "-", "-"], *(row.words() for row in rows), total]


def shapes_text(name: str, patches: Tensor, seed: int = 0) -> str:
    """Walk one batch through a network that has learned nothing yet.

    Args:
        name: of the network.
        patches: (N, 1, 28, 28) float32 in [0, 1].
        seed: of its weights.

    Returns:
        The shape after every layer, the size formula filled in, and the ten probabilities of each patch.

    Raises:
        UsageError: there is no such network.
    """
    network = find_network(name)
    torch.manual_seed(seed)
    modules, rows = build_network(network).eval(), iter(layer_rows(network))
    lines = [["layer", "shape of the batch", "size", "parameters"], ["patches", _batch(patches), "", "-"]]
    with torch.inference_mode():
        for module in modules:
            patches = module(patches)
            lines.append(_line(None if isinstance(module, nn.Flatten) else next(rows), patches))
    blocks = (
        f"{name}: size after a window = {FORMULA}, rounded down",
        align(lines),
        f"untrained predictions, in per cent (weights of seed {seed})",
        align([["patch", *map(str, range(N_LABELS)), "read as"], *_predictions(patches)]),
    )
    return "\n\n".join(blocks)


def first_patches(n: int, root: Path | None) -> Tensor:
    """Return `n` patches to walk through a network: MNIST's first test digits, or noise where no data folder is named.

    Returns:
        (n, 1, 28, 28) float32 in [0, 1].

    Raises:
        DataError: the data folder has no MNIST, or a damaged one.
    """
    if root is None:
        return torch.rand(n, 1, PATCH_PX, PATCH_PX, generator=torch.Generator().manual_seed(0))
    images = load_dataset("mnist", "test", root).images[:n]
    return torch.tensor(images)[:, None] / 255


def network_picture(network: Network) -> Drawing:
    """Draw what goes from layer to layer, to scale: the sheets of a block stand for its channels."""
    steps = [step for step in walk(network) if isinstance(step.layer, Conv | Pool | Dense)]
    with drawing(9, 2 * _HALF, framed=False) as (figure, axes):
        left = _draw_block(axes, 0.0, (1, PATCH_PX, PATCH_PX), "patch", FAINT)
        for step in steps:
            colour = {Conv: BLUE, Pool: GREEN, Dense: ORANGE}[type(step.layer)]
            left = _draw_block(axes, left, step.after, _short_name(step.layer), colour)
        axes.set(xlim=(-0.2, left), ylim=(-_HALF, _HALF), aspect="equal")
        figure.set_size_inches(left + 0.2, 2 * _HALF)
    shapes = ", ".join(f"{_short_name(step.layer)} {_shape(step.after)}" for step in steps)
    return Drawing("layers", figure, f"The network from left to right: {shapes}")


def _line(row: LayerRow | None, batch: Tensor) -> list[str]:
    """Return a line of the walk; None stands for the flattening before the first fully connected layer."""
    if row is None:
        return ["flatten", _batch(batch), "", "-"]
    return [row.name, _batch(batch), row.formula, _or_dash(row.n_parameters)]


def _predictions(logits: Tensor) -> Iterator[list[str]]:
    for place, answer in enumerate(logits[:, :N_LABELS].softmax(1)):
        yield [str(place), *(f"{100 * share:.1f}" for share in answer.tolist()), str(int(answer.argmax()))]


def _draw_block(axes: Axes, left: float, shape: Shape, name: str, colour: str) -> float:
    """Draw one block; return where the next one begins."""
    channels, height, _ = shape
    n_sheets = 1 + round(log2(channels)) if height > 1 else 1
    width, tall = (height * _SIDE, height * _SIDE) if height > 1 else (0.12, 0.22 * log2(channels) + 0.2)
    step = 0.045
    for sheet in reversed(range(n_sheets)):
        at = (left + sheet * step, -tall / 2 + sheet * step)
        axes.add_patch(Rectangle(at, width, tall, facecolor=PAPER, edgecolor="none"))
        axes.add_patch(Rectangle(at, width, tall, facecolor=colour, edgecolor=INK, linewidth=0.5, alpha=0.75))
    whole = max(width + n_sheets * step, 0.8)
    for words, colour, edge, place in ((name, INK, _HALF, "top"), (_shape(shape), FAINT, -_HALF, "bottom")):
        axes.text(left + width / 2, edge * 0.97, words, ha="center", va=place, fontsize=9, color=colour)
    return left + whole + 0.3


def _name(layer: Layer) -> str:
    match layer:
        case Conv(channels=n, kernel_px=kernel):
            return f"convolution {kernel}x{kernel}, {n} channels"
        case Norm():
            return "batch normalisation"
        case Relu():
            return "ReLU"
        case Pool():
            return "maximum of 2x2"
        case Drop(share=share):
            return f"dropout {share:g}"
        case Dense(features=n):
            return f"fully connected, {n}"


def _short_name(layer: Layer) -> str:
    match layer:
        case Conv(kernel_px=kernel):
            return f"conv {kernel}x{kernel}"
        case Pool():
            return "max 2x2"
        case _:
            return "dense"


def _formula(step: Step) -> str:
    """Fill in the size formula of a layer that has a window."""
    n, after = step.before[1], step.after[1]
    match step.layer:
        case Conv(kernel_px=kernel, pad_px=pad):
            return f"({n} + 2·{pad} - {kernel})/1 + 1 = {after}"
        case Pool():
            return f"({n} + 2·0 - 2)/2 + 1 = {after}"
        case Dense() if n > 1:
            return f"{step.before[0]}·{n}·{n} = {prod(step.before)} in"
        case _:
            return ""


def _shape(shape: Shape) -> str:
    return str(shape[0]) if shape[1:] == (1, 1) else "x".join(map(str, shape))


def _batch(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape))


def _or_dash(n: int) -> str:
    return f"{n:,}" if n else "-"
