"""A trained network -> name.onnx and name.json, checked against torch before anything is written."""

import copy
import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_safetensors
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from inkdigits import __version__
from inkdigits.classifier import INPUTS, OUTPUTS
from inkdigits.errors import TrainingError
from inkdigits.graphs import NORMALISATION_VERSION, POLARITY, RUN_MODEL, card_fields
from inkdigits.metrics import expected_calibration_error, reject_table
from inkdigits.records import N_LABELS, PATCH_PX, ModelCard
from inkdigits.train.fit import WEIGHTS, replace_file
from inkdigits.train.lines.recipe import LINES
from inkdigits.train.logits import logits_of, standardise, to_ink, to_tensors
from inkdigits.train.networks import build_network, find_network
from inkdigits.train.parity import check_answers
from inkdigits.train.prepare import TrainingData
from inkdigits.train.recipes import Recipe, find_recipe, recipe_of

OPSET = 20
N_CHECKED = 1000
"""Digits that parity is checked on."""

PASSED_SHARE = 0.998
"""Share of the validation digits that the digit score lets pass, those in photos aside: some of these can hardly be
read, and a threshold that lets them pass lets drawn animals pass too. At 0.995, three times as many digits in photos
were rejected as were wrong."""

LICENCES = {
    "mnist": "CC BY-SA 3.0",
    "bhmsds": "MIT",
    "optdigits32": "UCI",
    "nsysu": "ODbL 1.0, DbCL 1.0",
    "negatives_yz": "MIT",
    "thai": "MIT",
    "gujarati": "MIT",
}
"""Of the data sets that the bundled networks learned from; the card of a network says None for any other."""


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


def export_run(
    run: Path, recipe: Recipe, data: TrainingData, record: dict[str, Any], out: Path | None = None
) -> ModelCard:
    """Write the network of a run and its card, to model.onnx and model.json in its folder unless `out` says otherwise.

    Args:
        run: holds the weights.
        recipe: what they were trained by.
        data: the network is calibrated on its validation digits, and checked on them.
        record: the run's record; the card takes its name and facts from it.
        out: path of the graph; the card goes beside it.

    Raises:
        TrainingError: the run has no weights of this network.
        ExportError: the graph does not answer like the network; nothing is written.
    """
    network = load_network(run, recipe)
    judged = calibrate(network, recipe, data)
    served = Served(network, recipe, judged.temperature)
    graph = to_graph(served)
    check_parity(graph, served, some_digits(data))
    card = make_card(judged, record)
    save_model(out or run / RUN_MODEL, graph, card)
    return card


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """How a network does on the validation digits; all arrays are empty where none were set aside."""

    temperature: float
    """What its logits must be divided by to mean what they say."""
    confidences: npt.NDArray[np.float32]
    """(N,) in [0, 1], of its answers."""
    correct: npt.NDArray[np.bool_]
    """(N,) whether these are right."""
    digit_scores: npt.NDArray[np.float32]
    """(M,) in [0, 1], of those that were not photographed."""


def calibrate(network: nn.Module, recipe: Recipe, data: TrainingData) -> Calibration:
    """Let a network answer the validation digits, and find the temperature that makes it say how sure it may be."""
    is_digit = data.validation_labels >= 0
    if not is_digit.any():
        nothing = np.zeros(0, dtype=np.float32)
        return Calibration(1.0, nothing, np.zeros(0, dtype=np.bool_), nothing)
    patches, labels = to_tensors(data.validation_patches[is_digit], data.validation_labels[is_digit])
    logits = logits_of(network, recipe, patches)
    temperature = fit_temperature(logits[:, :N_LABELS], labels)
    probabilities = (logits[:, :N_LABELS] / temperature).softmax(1)
    confidences, answers = probabilities.max(1)
    plain = is_digit[: len(is_digit) - data.n_validation_photos].sum()
    scores = digit_scores(logits, probabilities)[:plain]
    return Calibration(temperature, confidences.numpy(), (answers == labels).numpy(), scores.numpy())


def make_card(judged: Calibration, record: dict[str, Any]) -> ModelCard:
    """Make the card of a network: `record` is that of its run."""
    has_validation = len(judged.correct) > 0
    return ModelCard(
        name=record["name"],
        normalisation=NORMALISATION_VERSION,
        labels=tuple(range(N_LABELS)),
        input_shape=(1, PATCH_PX, PATCH_PX),
        polarity=POLARITY,
        temperature=judged.temperature,
        digit_score_threshold=float(np.quantile(judged.digit_scores, 1 - PASSED_SHARE)) if has_validation else 0.0,
        reject_table=reject_table(judged.confidences, judged.correct) if has_validation else (),
        facts=_facts(judged, record),
    )


def load_network(run: Path, recipe: Recipe) -> nn.Module:
    """Return the network of a run with the weights it kept, on the CPU, ready to answer.

    Raises:
        TrainingError: no weights there, or those of another network.
    """
    network = build_network(find_network(recipe.network))
    place = run / WEIGHTS
    try:
        network.load_state_dict(from_safetensors(place.read_bytes()))
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0].rstrip(":")
        raise TrainingError(f"{place} does not hold the weights of {recipe.network!r}: {reason}.") from error
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
        value.backward()
        return value

    optimizer.step(loss)
    return float(log_temperature.detach().exp())


def to_graph(served: Served) -> bytes:
    """Return a digit network as an ONNX graph that takes any number of patches."""
    example = torch.zeros(2, 1, PATCH_PX, PATCH_PX)
    merged = Served(merge_over_pooling(served.eval().network), served.recipe, served.temperature)
    return write_graph(merged, example, {0: torch.export.Dim("n")}, INPUTS, OUTPUTS)


def merge_over_pooling(network: nn.Module) -> nn.Module:
    """Merge a normalisation into the convolution before it also where a pooling stands between them.

    The largest of scaled numbers is the largest, scaled, if the scale is above 0; where one is not, nothing is merged.
    Those without a pooling between are merged by the exporter.
    """
    if not isinstance(network, nn.Sequential):
        return network
    layers = list(network)
    for at in range(2, len(layers)):
        match layers[at - 2 : at + 1]:
            case [nn.Conv2d() as convolution, nn.MaxPool2d(), nn.BatchNorm2d() as norm] if bool(
                (norm.weight > 0).all()
            ):
                layers[at - 2], layers[at] = fuse_conv_bn_eval(convolution, norm), nn.Identity()
    return nn.Sequential(*layers)


def write_graph(
    served: nn.Module, example: Tensor, free: dict[int, Any], inputs: Sequence[str], outputs: Sequence[str]
) -> bytes:
    """Return a network as an ONNX graph: one file's bytes, no trace of this machine.

    Args:
        served: what is exported.
        example: what may go in.
        free: the axes of it that may be longer or shorter, each with its `torch.export.Dim`.
        inputs: name of what goes in.
        outputs: names of what comes out.
    """
    with _quiet_exporter():
        program = torch.onnx.export(
            copy.deepcopy(served).eval(),
            (example,),
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=(free,),
            opset_version=OPSET,
            external_data=False,  # or the weights land in a second file
            verbose=False,
            dynamo=True,
        )
    assert program is not None  # None only comes back from the old exporter
    model = program.model_proto
    _strip(model)
    model.producer_name, model.producer_version = "inkdigits", __version__
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def check_parity(graph: bytes, served: Served, patches: npt.NDArray[np.uint8]) -> float:
    """Compare graph and network on digits (N, 28, 28) uint8; return the largest difference of a number they give.

    Raises:
        ExportError: it exceeds `parity.PARITY`, a label differs, or the graph cannot be run at all.
    """
    ink = to_ink(torch.tensor(patches)[:, None]).contiguous()
    with torch.inference_mode():
        expected = [answer.numpy() for answer in served.eval()(ink)]
    return check_answers(graph, ink.numpy(), expected)


def save_model(path: Path, graph: bytes, card: ModelCard) -> None:
    """Write the graph to `path` and its card beside it."""
    text = json.dumps(card_fields(card), indent=1) + "\n"
    replace_file(path.with_suffix(".json"), lambda place: place.write_text(text, encoding="utf-8"))
    replace_file(path, lambda place: place.write_bytes(graph))


def some_digits(data: TrainingData) -> npt.NDArray[np.uint8]:
    """Return up to `N_CHECKED` digits, (N, 28, 28) uint8: of validation, filled up from training."""
    sides = ((data.validation_patches, data.validation_labels), (data.patches, data.labels))
    return np.concatenate([patches[labels >= 0][:N_CHECKED] for patches, labels in sides])[:N_CHECKED]


def _strip(model: onnx.ModelProto) -> None:
    """Take out what the exporter notes for its makers: its metadata carries paths of this machine."""
    graph = model.graph
    functions = [node for function in model.functions for node in function.node]
    values = (*graph.input, *graph.output, *graph.value_info, *graph.initializer)
    for part in (model, graph, *graph.node, *values, *model.functions, *functions):
        del part.metadata_props[:]
        part.doc_string = ""


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Keep back two things that torch's exporter says and nobody can act on."""
    log = logging.getLogger("torch.onnx._internal.exporter._registration")
    log.addFilter(_is_of_use)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning)
            yield
    finally:
        log.removeFilter(_is_of_use)


def _is_of_use(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("torchvision is not installed")


def _facts(judged: Calibration, record: dict[str, Any]) -> dict[str, Any]:
    """What the card tells people."""
    facts = card_facts(record)
    if len(judged.correct):
        ece = rounded_ece(judged.confidences, judged.correct)
        facts["validation"] = {"n": len(judged.correct), "accuracy": round(float(judged.correct.mean()), 5), "ece": ece}
    return facts


def rounded_ece(confidences: npt.NDArray[np.floating[Any]], correct: npt.NDArray[np.bool_]) -> float:
    """Return the calibration error of validation's digits as cards note it: none of these is rejected."""
    return round(expected_calibration_error(confidences, correct), 5)


def card_facts(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the card of any network tells of its run."""
    kept = ("data", "n_parameters", "n_macs", "version", "commit", "train_seconds", "n_epochs")
    facts = {key: record[key] for key in kept if key in record}
    facts["data"] = {name: {**known, "licence": LICENCES.get(name)} for name, known in record.get("data", {}).items()}
    facts |= {"network": record["recipe"]["network"], "seed": record["recipe"]["seed"], "recipe": record["recipe"]}
    facts["command"] = _command(record["recipe"])
    return facts


def _command(recipe: dict[str, Any]) -> str:
    """Return the command that trains this recipe again; what an older record does not know yet is as it was then."""
    name = LINES if "lines" in recipe else recipe["network"]  # recipes of single digits are called like their networks
    usual = find_recipe(name)
    whole = asdict(recipe_of(_plain(recipe))) if isinstance(usual, Recipe) else recipe
    usual_fields, own = _plain(asdict(usual)), _plain(whole)
    changed = [f" --set {key}={_to_text(value)}" for key, value in own.items() if value != usual_fields[key]]
    return f"inkdigits train {name} --data DIR --out RUN{''.join(changed)}"


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields as JSON has them: lists for tuples."""
    return dict(json.loads(json.dumps(fields)))


def _to_text(value: Any) -> str:
    """Return a field of a recipe as `--set` takes it."""
    return ",".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
