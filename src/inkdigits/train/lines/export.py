"""The trained network for lines -> model.onnx and its card."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inkdigits.decode import calibrate, spell
from inkdigits.errors import ExportError, ModelFormatError
from inkdigits.graphs import POLARITY, RUN_MODEL, open_graph
from inkdigits.metrics import reject_table
from inkdigits.recogniser import (
    INPUTS,
    OUTPUTS,
    STEP_PX,
    STRIP_SHAPE,
    STRIP_VERSION,
    move,
    one_look_is_enough,
    weigh_signs,
)
from inkdigits.records import COMMA, N_LABELS, POINT, STRIP_PX, ModelCard
from inkdigits.train.export import card_facts, rounded_ece, save_model, write_graph
from inkdigits.train.lines.calibration import calibrate_halves, fit_calibration
from inkdigits.train.lines.fit import Strips, loss_of, n_right
from inkdigits.train.lines.network import load_line_network
from inkdigits.train.parity import PARITY
from inkdigits.train.quantise import quantise

TEMPERATURES = tuple(np.geomspace(0.5, 4, 31).tolist())
"""What the logits may be divided by."""

N_EXAMPLES = 10
"""Batches of validation lines that show what the layers give, for eight bits."""

NEAR = 0.01
"""In eight bits the graph says nearly the same: no probability differs by more, on average."""

_TINY = 1e-30
"""Of probabilities, before their logarithm is taken."""


class ServedLines(nn.Module):
    """The network as it is served: strips in, calibrated probabilities out."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, strips: Tensor) -> Tensor:
        """(N, 1, 32, W) float32 in [0, 1] -> (N, W / 2, 14) float32, rows summing to 1."""
        probabilities: Tensor = (self.network(strips) / self.temperature).softmax(2)
        return probabilities


@torch.no_grad()
def look_at(network: Callable[[Tensor], Tensor], strips: Tensor) -> Tensor:
    """Return what the network says of strips as they are, higher and lower: (N, 1, 32, W) -> (3, N, W / 2, 14)."""
    moved = [torch.from_numpy(each) for each in move(strips.numpy())]
    return torch.stack([network(each) for each in (strips, *moved)])


def decide(looks: Tensor) -> Tensor:
    """Return what counts of three looks, as reading has it, (3, N, T, 14) -> (N, T, 14): the first, or the mean."""
    first, mean = (torch.from_numpy(weigh_signs(each.numpy())) for each in (looks[0], looks.mean(0)))
    enough = torch.from_numpy(one_look_is_enough(first.numpy()))
    return torch.where(enough[:, None, None], first, mean)


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
    network = load_line_network(run, record["recipe"]["network"])
    served = ServedLines(network, fit_temperature(network, validation)).eval()
    steps = torch.export.Dim("steps", max=1024)
    example = torch.zeros(2, 1, STRIP_PX, 64)
    axes = {0: torch.export.Dim("n"), 3: STEP_PX * steps}
    graph = write_graph(served, example, axes, INPUTS, OUTPUTS)
    _check_parity(graph, served, validation)
    examples = validation[:: max(1, len(validation) // N_EXAMPLES)]
    if examples:
        graph = quantise(graph, INPUTS[0], (strips.ink.numpy() for strips in examples))
    session = open_graph(graph)

    def answer(strips: Tensor) -> Tensor:
        return torch.from_numpy(session.run(INPUTS[0], strips.numpy())[0])

    _check_nearness(answer, served, examples)
    card = _make_card(served.temperature, judge(answer, validation), record)
    save_model(out or run / RUN_MODEL, graph, card)
    return card


@torch.no_grad()
def fit_temperature(network: nn.Module, batches: Sequence[Strips]) -> float:
    """Return the number that the logits must be divided by so that lines are as likely as they should be."""
    if not batches:
        return 1.0
    seen = [(look_at(network, strips.ink), strips.tokens) for strips in batches]

    def loss(temperature: float) -> float:
        columns = [(decide((looks / temperature).softmax(3)), tokens) for looks, tokens in seen]
        said = [(column.clamp(min=_TINY).log(), tokens) for column, tokens in columns]
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


@torch.no_grad()
def _check_nearness(answer: Callable[[Tensor], Tensor], served: nn.Module, batches: Sequence[Strips]) -> None:
    """Compare the graph in eight bits with the network.

    Raises:
        ExportError: they differ too much.
    """
    for strips in batches:
        difference = float((answer(strips.ink) - served(strips.ink)).abs().mean())
        if not difference <= NEAR:
            raise ExportError(
                f"In eight bits, the graph differs from the network by {difference:.3f} on average. Nothing was "
                "written. Train it for longer: the layers of a network that has learned little may give anything."
            )


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
    confidences: npt.NDArray[np.float64]
    """(N,) in [0, 1], not calibrated yet, of the digits that it reads in them; signs are none."""
    correct: npt.NDArray[np.bool_]
    """(N,) whether these match what was written, in order."""


@torch.no_grad()
def judge(served: Callable[[Tensor], Tensor], batches: Sequence[Strips]) -> Judged:
    """Let the network read the validation lines as it is served."""
    digits: list[tuple[float, bool]] = []
    n, right = 0, 0
    for strips in batches:
        columns = decide(look_at(served, strips.ink))
        right += n_right(columns, strips.tokens)
        n += len(strips.tokens)
        for row, tokens in zip(columns.numpy(), strips.tokens, strict=True):
            parts = spell(row).parts
            matched = _matched([part.label for part in parts], tokens)
            digits += [(part.confidence, at in matched) for at, part in enumerate(parts) if part.label is not None]
    confidences, correct = zip(*digits, strict=True) if digits else ((), ())
    return Judged(n, right, np.array(confidences, dtype=np.float64), np.array(correct, dtype=np.bool_))


def _make_card(temperature: float, judged: Judged, record: dict[str, Any]) -> ModelCard:
    """Make the card of a network: `record` is that of its run."""
    has_digits = len(judged.correct) > 0
    calibration = fit_calibration(judged.confidences, judged.correct) if has_digits else ()
    sure = calibrate(judged.confidences, calibration)
    return ModelCard(
        name=record["name"],
        normalisation=STRIP_VERSION,
        labels=tuple(range(N_LABELS)),
        input_shape=STRIP_SHAPE,
        polarity=POLARITY,
        temperature=temperature,
        digit_score_threshold=0.0,
        reject_table=reject_table(sure, judged.correct) if has_digits else (),
        facts=card_facts(record) | _validation(judged),
        calibration=calibration,
    )


def _validation(judged: Judged) -> dict[str, Any]:
    """Return what the card tells of the validation lines, and of the digits that were read in them, if any."""
    if not judged.n_lines:
        return {}
    told = {"n_lines": judged.n_lines, "accuracy": round(judged.n_right / judged.n_lines, 5)}
    if len(judged.correct):
        told |= {
            "n_digits": len(judged.correct),
            "ece": rounded_ece(calibrate_halves(judged.confidences, judged.correct), judged.correct),
        }
    return {"validation": told}
