"""A trained network -> name.onnx and name.json, checked against torch before anything is written."""

import copy
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from inkdigits import __version__
from inkdigits.errors import ExportError, TrainingError
from inkdigits.evaluate import reject_table
from inkdigits.graphs import NORMALISATION_VERSION, RUN_MODEL, card_fields, open_graph
from inkdigits.records import N_LABELS, PATCH_PX, ModelCard
from inkdigits.train.fit import WEIGHTS, logits_of, replace_file, standardise, to_ink
from inkdigits.train.networks import build_network, find_network
from inkdigits.train.prepare import TrainingData
from inkdigits.train.recipes import Recipe

OPSET = 20
PARITY = 1e-4
"""The largest difference of a probability between torch and the exported graph."""

N_CHECKED = 1000
"""Digits that parity is checked on."""

PASSED_SHARE = 0.995
"""Share of the validation digits that the digit score lets pass."""


class Served(nn.Module):
    """A trained network as it is served: patches in, calibrated probabilities and digit scores out."""

    def __init__(self, network: nn.Module, recipe: Recipe, temperature: float) -> None:
        super().__init__()
        self.network, self.recipe, self.temperature = network, recipe, temperature

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 1, 28, 28) float32 in [0, 1] -> probabilities (N, 10), digit scores (N,), float32 in [0, 1]."""
        logits = self.network(standardise(patches, self.recipe))
        probabilities = (logits[:, :N_LABELS] / self.temperature).softmax(1)
        return probabilities, digit_scores(logits, probabilities)


def digit_scores(logits: Tensor, probabilities: Tensor) -> Tensor:
    """Return (N,) in [0, 1]: the eleventh logit's sigmoid.

    A network that was never shown anything but digits has no such logit. Its score is its highest probability, the
    usual baseline (Hendrycks and Gimpel 2017), which sees most noise and few letters.
    """
    if logits.shape[1] > N_LABELS:
        return logits[:, N_LABELS].sigmoid()
    return probabilities.amax(1)


def export_run(run: Path, recipe: Recipe, data: TrainingData, record: dict[str, Any]) -> ModelCard:
    """Write model.onnx and model.json into a run folder; return the card.

    Raises:
        TrainingError: the run has no weights of this network.
        ExportError: the graph does not answer like the network; nothing is written.
    """
    network = load_network(run, recipe)
    has_validation = len(data.validation_patches) > 0
    patches, labels = data.patches[: 2 * N_CHECKED], data.labels[: 2 * N_CHECKED]
    if has_validation:
        patches, labels = data.validation_patches, data.validation_labels
    logits = logits_of(network, recipe, torch.from_numpy(patches)[:, None])
    is_digit = torch.from_numpy(labels >= 0)
    digit_logits, digit_labels = logits[is_digit], torch.from_numpy(labels)[is_digit]
    temperature = fit_temperature(digit_logits[:, :N_LABELS], digit_labels) if has_validation else 1.0
    graph = to_graph(Served(network, recipe, temperature))
    check_parity(graph, Served(network, recipe, temperature), patches[labels >= 0][:N_CHECKED])
    probabilities = (digit_logits[:, :N_LABELS] / temperature).softmax(1)
    scores = digit_scores(digit_logits, probabilities).numpy()
    confidences, answers = probabilities.max(1)
    correct = (answers == digit_labels).numpy()
    card = ModelCard(
        name=record["name"],
        normalisation=NORMALISATION_VERSION,
        labels=tuple(range(N_LABELS)),
        input_shape=(1, PATCH_PX, PATCH_PX),
        polarity="ink-bright",
        temperature=temperature,
        digit_score_threshold=float(np.quantile(scores, 1 - PASSED_SHARE)) if has_validation else 0.0,
        reject_table=reject_table(confidences.numpy(), correct) if has_validation else (),
        facts=_facts(record, correct if has_validation else None),
    )
    save_model(run / RUN_MODEL, graph, card)
    return card


def load_network(run: Path, recipe: Recipe) -> nn.Module:
    """Return the network of a run with the weights it kept, on the CPU, ready to answer.

    Raises:
        TrainingError: no weights there, or those of another network.
    """
    network = build_network(find_network(recipe.network))
    place = run / WEIGHTS
    try:
        network.load_state_dict(load_file(place, device="cpu"))
    except (OSError, RuntimeError) as error:
        raise TrainingError(f"{place} does not hold the weights of {recipe.network!r}: {error}") from error
    return network.eval()


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the number that the logits must be divided by to mean what they say (Guo et al. 2017).

    Args:
        logits: (N, 10) float32 of validation digits.
        labels: (N,) int64 in 0-9.
    """
    log_temperature = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature], lr=0.1, max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = nn.functional.cross_entropy(logits / log_temperature.exp(), labels)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return float(log_temperature.detach().exp())


def to_graph(served: Served) -> bytes:
    """Return `served` as an ONNX graph: one file's bytes, any number of patches, no trace of this machine."""
    example = torch.zeros(2, 1, PATCH_PX, PATCH_PX)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="torch|onnxscript|copyreg")
        program = torch.onnx.export(
            copy.deepcopy(served).eval(),
            (example,),
            input_names=["patches"],
            output_names=["probabilities", "digit_score"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            opset_version=OPSET,
            external_data=False,
            verbose=False,
            dynamo=True,
        )
    assert program is not None  # None only comes back from the old exporter
    model = program.model_proto
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.functions):
        del part.metadata_props[:]
        part.doc_string = ""
    model.producer_name, model.producer_version = "inkdigits", __version__
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def check_parity(graph: bytes, served: Served, patches: npt.NDArray[np.uint8]) -> float:
    """Compare graph and network on digits (N, 28, 28) uint8; return the largest difference of a probability.

    Raises:
        ExportError: it exceeds `PARITY`, or a label differs.
    """
    ink = to_ink(torch.from_numpy(patches)[:, None]).contiguous()
    with torch.inference_mode():
        expected = served.eval()(ink)[0].numpy()
    answered = open_graph(graph).run("patches", ink.numpy())[0]
    difference = float(np.abs(expected - answered).max())
    n_other = int((expected.argmax(1) != answered.argmax(1)).sum())
    if not difference < PARITY or n_other:
        raise ExportError(
            f"The exported graph differs from the network by {difference:.1e} in a probability (allowed: {PARITY:.0e}) "
            f"and in {n_other} of {len(ink)} labels. Nothing was written."
        )
    return difference


def save_model(path: Path, graph: bytes, card: ModelCard) -> None:
    """Write the graph to `path` and its card beside it."""
    text = json.dumps(card_fields(card), indent=1) + "\n"
    replace_file(path.with_suffix(".json"), lambda place: place.write_text(text, encoding="utf-8"))
    replace_file(path, lambda place: place.write_bytes(graph))


def _facts(record: dict[str, Any], correct: npt.NDArray[np.bool_] | None) -> dict[str, Any]:
    """What the card tells people."""
    kept = ("data", "n_parameters", "n_macs", "version", "commit", "train_seconds", "n_epochs")
    facts = {key: record[key] for key in kept}
    facts["network"] = record["recipe"]["network"]
    facts["seed"] = record["recipe"]["seed"]
    if correct is not None:
        facts["validation"] = {"n": len(correct), "accuracy": round(float(correct.mean()), 5)}
    return facts
