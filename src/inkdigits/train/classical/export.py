"""A fitted method -> model.onnx and model.json, calibrated, and checked against scikit-learn before it is written."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper, parser

from inkdigits import __version__
from inkdigits.errors import TrainingError
from inkdigits.graphs import RUN_MODEL, load_card
from inkdigits.records import ModelCard
from inkdigits.train.classical.fitted import Fitted, to_rows
from inkdigits.train.export import OPSET, Calibration, fit_temperature, make_card, save_model, some_digits
from inkdigits.train.parity import check_answers
from inkdigits.train.prepare import TrainingData

FRAME = """
<ir_version: 10, opset_import: ["": {opset}]>
{name} (float[n, 1, 28, 28] patches) => (float[n, 10] probabilities, float[n] digit_score) {{
    ink = Flatten (patches)
    {nodes}
    calibrated = Div (scores, temperature)
    probabilities = Softmax <axis = 1> (calibrated)
    label_axis = Constant <value = int64[1] {{1}}> ()
    digit_score = ReduceMax <keepdims = 0> (probabilities, label_axis)
}}
"""
"""What every method's nodes stand in. As for networks that never saw anything but digits, the digit score is the
highest probability."""


def export_classical(fitted: Fitted, data: TrainingData, run: Path, record: dict[str, Any]) -> ModelCard:
    """Write a fitted method and its card to model.onnx and model.json in the run's folder.

    Args:
        fitted: what has learned.
        data: it is calibrated on the validation digits, and checked on them.
        run: the run folder.
        record: the run's record; the card takes its name and facts from it.

    Raises:
        ExportError: the graph does not answer like scikit-learn; nothing is written.
    """
    judged = calibrate(fitted, data)
    graph = to_graph(fitted, judged.temperature, record["recipe"]["network"])
    digits = some_digits(data)
    probabilities = _probabilities(fitted.score(to_rows(digits)), judged.temperature)
    check_answers(graph, to_rows(digits).reshape(-1, 1, 28, 28), (probabilities, probabilities.max(1)))
    card = make_card(judged, record)
    save_model(run / RUN_MODEL, graph, card)
    return card


def copy_classical(run: Path, out: Path) -> ModelCard:
    """Write the method of a run once more, to another place; the name of the file names it.

    A classical run keeps no weights beside its graph, and so nothing is made anew.

    Raises:
        TrainingError: the run came to no end.
        ModelFormatError: its card is damaged.
    """
    if not (run / RUN_MODEL).is_file():
        raise TrainingError(f"{run} has no {RUN_MODEL}: its training came to no end. Start it again.")
    card = replace(load_card(run / RUN_MODEL), name=out.stem)
    save_model(out, (run / RUN_MODEL).read_bytes(), card)
    return card


def calibrate(fitted: Fitted, data: TrainingData) -> Calibration:
    """Let a method answer the validation digits, and find the temperature that makes it say how sure it may be."""
    if not len(data.validation_labels):
        nothing = np.zeros(0, dtype=np.float32)
        return Calibration(1.0, nothing, np.zeros(0, dtype=np.bool_), nothing)
    scores, labels = fitted.score(to_rows(data.validation_patches)), data.validation_labels
    temperature = fit_temperature(torch.tensor(scores.astype(np.float32)), torch.tensor(labels))
    probabilities = _probabilities(scores, temperature)
    confidences = probabilities.max(1)
    return Calibration(temperature, confidences, probabilities.argmax(1) == labels, confidences)


def to_graph(fitted: Fitted, temperature: float, name: str) -> bytes:
    """Return a fitted method as an ONNX graph: one file's bytes, any number of patches, plain operators only."""
    model = parser.parse_model(FRAME.format(opset=OPSET, name=name, nodes=fitted.nodes))
    for key, array in {**fitted.weights, "temperature": np.array(temperature)}.items():
        single = array.astype(np.float32 if array.dtype.kind == "f" else array.dtype, order="C")
        model.graph.initializer.append(numpy_helper.from_array(single, key))
    model.producer_name, model.producer_version = "inkdigits", __version__
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _probabilities(scores: npt.NDArray[np.floating[Any]], temperature: float) -> npt.NDArray[np.float32]:
    """Softmax of scores (N, 10) over the temperature."""
    raised = np.exp((scores - scores.max(1, keepdims=True)) / temperature)
    probabilities: npt.NDArray[np.float32] = (raised / raised.sum(1, keepdims=True)).astype(np.float32)
    return probabilities
