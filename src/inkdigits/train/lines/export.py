"""The trained network for lines -> model.onnx and its card."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from inkdigits.decode import spell
from inkdigits.errors import ExportError, ModelFormatError
from inkdigits.graphs import POLARITY, RUN_MODEL, open_graph
from inkdigits.metrics import reject_table
from inkdigits.recogniser import INPUTS, OUTPUTS, STEP_PX, STRIP_SHAPE, STRIP_VERSION
from inkdigits.records import BLANK, COMMA, N_LABELS, POINT, SIGN, STRIP_PX, ModelCard
from inkdigits.train.export import card_facts, halve_weights, rounded_ece, save_model, write_graph
from inkdigits.train.lines.fit import Strips, loss_of, n_right
from inkdigits.train.lines.network import Deeper, load_line_network
from inkdigits.train.parity import PARITY

TEMPERATURES = tuple(np.geomspace(0.5, 4, 31).tolist())
"""What the logits may be divided by."""

SIGNS = 0.3
"""What is no digit is so much rarer in what people send than in the lines that the network learns from."""

_TINY = 1e-30
"""Of probabilities, before their logarithm is taken."""


class ServedLines(nn.Module):
    """The network as it is served: strips in, calibrated probabilities out.

    It looks at each strip thrice, as it is and a pixel higher and lower, and the mean is what it says: where the three
    disagree, one look would often have been wrong. Signs count by `SIGNS` (docs/experiments.md has what both bring).
    """

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, strips: Tensor) -> Tensor:
        """(N, 1, 32, W) float32 in [0, 1] -> (N, W / 2, 14) float32, rows summing to 1."""
        said = average(self.look(strips), self.temperature)
        said = said * torch.where(torch.arange(BLANK + 1) == SIGN, SIGNS, 1.0)
        return said / said.sum(2, keepdim=True)

    def look(self, strips: Tensor) -> Tensor:
        """Return what the network says at each height, logits: (N, 1, 32, W) -> (3, N, W / 2, 14)."""
        higher, lower = F.pad(strips[:, :, 1:], (0, 0, 0, 1)), F.pad(strips[:, :, :-1], (0, 0, 1, 0))
        logits: Tensor = self.network(torch.cat([strips, higher, lower]))
        return logits.reshape(3, strips.shape[0], *logits.shape[1:])


def average(logits: Tensor, temperature: float) -> Tensor:
    """Return the mean of the probabilities: (3, N, T, 14) logits -> (N, T, 14)."""
    return (logits / temperature).softmax(3).mean(0)


def export_lines(run: Path, validation: Sequence[Strips], record: dict[str, Any], out: Path | None = None) -> ModelCard:
    """Write the network of a run and its card, to model.onnx and model.json in its folder unless `out` says otherwise.

    Args:
        run: holds the weights.
        validation: what the network is calibrated on, and checked on.
        record: the run's record; the card takes its name and facts from it.
        out: path of the graph; the card goes beside it.

    Raises:
        TrainingError: the run has no weights of this network.
        ExportError: the graph does not answer like the network; nothing is written.
    """
    network = round_weights(load_line_network(run, record["recipe"]["network"]))
    served = ServedLines(network, fit_temperature(network, validation)).eval()
    steps = torch.export.Dim("steps", max=1024)
    example = torch.zeros(2, 1, STRIP_PX, 64)
    axes = {0: torch.export.Dim("n"), 3: STEP_PX * steps}
    graph = halve_weights(write_graph(served, example, axes, INPUTS, OUTPUTS))
    _check_parity(graph, served, validation)
    card = _make_card(served.temperature, judge(served, validation), record)
    save_model(out or run / RUN_MODEL, graph, card)
    return card


@torch.no_grad()
def round_weights(network: nn.Module) -> nn.Module:
    """Merge each normalisation into the convolution before it, and round to float16: the graph is stored so."""
    _merge_norms(network)
    for weights in network.parameters():
        weights.copy_(weights.half())
    return network


def _merge_norms(network: nn.Module) -> None:
    """Merge each normalisation into the convolution before it, in place."""
    layers: list[nn.Module] = []
    for layer in network.layers:  # type: ignore[union-attr]  # its types do not know that this is a sequence
        if isinstance(layer, nn.BatchNorm2d):
            convolution = layers.pop()
            assert isinstance(convolution, nn.Conv2d)
            layers.append(fuse_conv_bn_eval(convolution, layer))
        else:
            if isinstance(layer, Deeper):
                _merge_norms(layer)
            layers.append(layer)
    network.layers = nn.Sequential(*layers)


@torch.no_grad()
def fit_temperature(network: nn.Module, batches: Sequence[Strips]) -> float:
    """Return the number that the logits must be divided by so that lines are as likely as they should be."""
    if not batches:
        return 1.0
    served = ServedLines(network, 1.0)
    seen = [(served.look(strips.ink), strips.tokens) for strips in batches]

    def loss(temperature: float) -> float:
        said = [(average(looks, temperature).clamp(min=_TINY).log(), tokens) for looks, tokens in seen]
        return sum(float(loss_of(columns, tokens)) * len(tokens) for columns, tokens in said)

    return float(min(TEMPERATURES, key=loss))


@torch.no_grad()
def _check_parity(graph: bytes, served: nn.Module, batches: Sequence[Strips]) -> None:
    """Compare graph and network on the validation lines.

    Raises:
        ExportError: they differ, or the graph cannot be run at all.
    """
    try:
        session = open_graph(graph)
        for strips in batches:
            answered = session.run(INPUTS[0], strips.ink.numpy())[0]
            difference = float(np.abs(served(strips.ink).numpy() - answered).max())
            if not difference < PARITY:
                raise ExportError(
                    f"The exported graph differs from the network by {difference:.1e}. Nothing was written."
                )
    except ModelFormatError as error:
        raise ExportError(f"The exported graph cannot be run. Nothing was written. {error}") from error


def _matched(labels: Sequence[int | None], tokens: Sequence[int]) -> set[int]:
    """Return which labels of a line stand in what was written, in the same order."""
    written = [token if token < N_LABELS else None for token in tokens if token not in (POINT, COMMA)]
    blocks = SequenceMatcher(None, labels, written, autojunk=False).get_matching_blocks()
    return {block.a + at for block in blocks for at in range(block.size)}


class Judged(NamedTuple):
    """How the network does on the validation lines."""

    n_lines: int
    n_right: int
    """Of the lines, marks and signs included."""
    confidences: npt.NDArray[np.float32]
    """(N,) in [0, 1], of the digits that it reads in them; signs are none."""
    correct: npt.NDArray[np.bool_]
    """(N,) whether these match what was written, in order."""


@torch.no_grad()
def judge(served: Callable[[Tensor], Tensor], batches: Sequence[Strips]) -> Judged:
    """Let the network read the validation lines as it is served."""
    digits: list[tuple[float, bool]] = []
    n, right = 0, 0
    for strips in batches:
        columns = served(strips.ink)
        right += n_right(columns, strips.tokens)
        n += len(strips.tokens)
        for row, tokens in zip(columns.numpy(), strips.tokens, strict=True):
            parts = spell(row).parts
            matched = _matched([part.label for part in parts], tokens)
            digits += [(part.confidence, at in matched) for at, part in enumerate(parts) if part.label is not None]
    confidences, correct = zip(*digits, strict=True) if digits else ((), ())
    return Judged(n, right, np.array(confidences, dtype=np.float32), np.array(correct, dtype=np.bool_))


def _make_card(temperature: float, judged: Judged, record: dict[str, Any]) -> ModelCard:
    """Make the card of a network: `record` is that of its run."""
    return ModelCard(
        name=record["name"],
        normalisation=STRIP_VERSION,
        labels=tuple(range(N_LABELS)),
        input_shape=STRIP_SHAPE,
        polarity=POLARITY,
        temperature=temperature,
        digit_score_threshold=0.0,
        reject_table=reject_table(judged.confidences, judged.correct) if len(judged.correct) else (),
        facts=card_facts(record) | _validation(judged),
    )


def _validation(judged: Judged) -> dict[str, Any]:
    """Return what the card tells of the validation lines, and of the digits that were read in them, if any."""
    if not judged.n_lines:
        return {}
    told = {"n_lines": judged.n_lines, "accuracy": round(judged.n_right / judged.n_lines, 5)}
    if len(judged.correct):
        told |= {"n_digits": len(judged.correct), "ece": rounded_ece(judged.confidences, judged.correct)}
    return {"validation": told}
