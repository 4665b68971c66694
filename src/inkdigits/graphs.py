"""Opens ONNX graphs and the cards beside them. The home of onnxruntime; its quantiser is in `train/quantise.py`."""

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib import resources
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from inkdigits.errors import ModelFormatError, ModelNotFoundError
from inkdigits.records import N_LABELS, PATCH_PX, ModelCard, RejectPoint

NORMALISATION_VERSION = 1
"""Raised whenever normalize.onnx gives other patches: networks trained on the old ones must not run on the new."""

NORMALISATION_KEY = "normalisation"
"""Where normalize.onnx carries its version."""

RUN_MODEL = "model.onnx"
"""What training leaves in a run folder."""

BUNDLED = Path(str(resources.files("inkdigits") / "models"))
"""The networks that come with the package."""

LAYERS_SUFFIX = ".layers.json"
"""Ends the name of the file beside a graph that says what its layers are."""

NORMALIZER = BUNDLED / "normalize.onnx"

LINES = BUNDLED / "lines" / "default.onnx"
"""The network that reads lines."""

POLARITY = "ink-bright"
"""How cards say that 0 is paper and 1 is ink."""


@dataclass(frozen=True, slots=True)
class Graph:
    """An open ONNX graph."""

    session: onnxruntime.InferenceSession
    digest: str
    """First 16 hex digits of the sha256 of the file."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what goes in."""
        return tuple(each.name for each in self.session.get_inputs())

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what comes out."""
        return tuple(each.name for each in self.session.get_outputs())

    def run(self, name: str, array: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        """Feed `array` to the input called `name`; return all outputs in the graph's order."""
        outputs: list[npt.NDArray[np.float32]] = self.session.run(None, {name: array})
        return outputs


class OpenNetwork:
    """A network that is open and ready; safe to share between threads."""

    def __init__(self, graph: Graph, card: ModelCard) -> None:
        self._graph = graph
        self.card = card
        """What is known of the network."""

    @property
    def digest(self) -> str:
        """First 16 hex digits of the sha256 of the graph."""
        return self._graph.digest


def open_graph(source: Path | bytes, threads: int = 1) -> Graph:
    """Open the graph in a file, or in the bytes of one.

    One thread and no spinning by default: on networks this small a second, spinning thread makes the slowest
    calls many times slower whenever another program wants the core.

    Raises:
        ModelNotFoundError: there is no such file, or none that may be read.
        ModelFormatError: the file is not an ONNX graph that this runtime opens.
    """
    graph = source if isinstance(source, bytes) else _read(source)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen classes of its own, with no common parent but this
        place = "What was given" if isinstance(source, bytes) else source
        raise ModelFormatError(f"{place} is not an ONNX graph that can be opened: {_first_line(error)}") from error
    return Graph(session, hashlib.sha256(graph).hexdigest()[:16])


def find_model(model: str | Path, folder: Path | None = None) -> Path:
    """Return the path of the graph that `model` means.

    Args:
        model: a bundled name ("default"), a name in `folder`, a path to an .onnx file, or a run folder. A name is
            tried before a path, so that nothing in the working folder takes the place of "default".
        folder: where users keep their own models.

    Raises:
        ModelNotFoundError: none of these; the message lists the names there are.
    """
    path = Path(model)
    is_name = path.name == str(model)
    named = [home / f"{model}.onnx" for home in (BUNDLED, folder) if home is not None and is_name]
    for place in (*named, path, path / RUN_MODEL):
        if place.is_file():
            return place
    names = ", ".join(model_names(folder))
    raise ModelNotFoundError(
        f"There is no model {str(model)!r}. Give one of these names: {names}; or the path of an .onnx file, or of a "
        f"run folder with a {RUN_MODEL} in it."
    )


def find_line_model(model: Path | None = None) -> Path:
    """Return the path of the network for lines: a run folder's, an .onnx file, or the bundled one.

    Raises:
        ModelNotFoundError: neither.
    """
    if model is None:
        return LINES
    for place in (model, model / RUN_MODEL):
        if place.is_file():
            return place
    raise ModelNotFoundError(f"There is no network for lines at {model}. Give an .onnx file or a run folder.")


def model_names(folder: Path | None = None) -> list[str]:
    """Return the names of the bundled models and of those in `folder`, "default" first."""
    paths = [path for home in (BUNDLED, folder) if home is not None for path in home.glob("*.onnx")]
    names = {path.stem for path in paths if path.with_suffix(".json").is_file()}
    return sorted(names, key=lambda name: (name != "default", name))


def load_card(
    path: Path,
    normalisation: int = NORMALISATION_VERSION,
    input_shape: tuple[int, int, int] = (1, PATCH_PX, PATCH_PX),
) -> ModelCard:
    """Load the card beside the graph at `path` and check that this version can serve it.

    Args:
        path: of the graph.
        normalisation: the version of what makes its input; that of patches unless something else goes in.
        input_shape: what goes in.

    Raises:
        ModelFormatError: no card, a damaged one, or one made for another normaliser.
    """
    place = path.with_suffix(".json")
    try:
        card = parse_card(json.loads(place.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelFormatError(f"{path} has no model card. Put {place.name}, which export wrote, beside it.") from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise ModelFormatError(f"The model card {place} is damaged: {error!r}. Export the network again.") from error
    if card.normalisation != normalisation:
        raise ModelFormatError(
            f"{path} was trained on patches of normalisation {card.normalisation}; this version makes "
            f"{normalisation}. Train it again, or install the inkdigits that made it."
        )
    if (card.labels, card.input_shape, card.polarity) != (tuple(range(N_LABELS)), input_shape, POLARITY):
        raise ModelFormatError(f"The model card {place} is of no digit network: its labels, shape or polarity differ.")
    return card


def parse_card(fields: dict[str, Any]) -> ModelCard:
    """Make a card of its JSON object.

    Raises:
        KeyError, TypeError, ValueError, OverflowError: a field is missing or malformed.
    """
    shape = tuple(int(side) for side in fields["input_shape"])
    if len(shape) != 3:
        raise ValueError("input_shape must hold three numbers")
    if not isinstance(fields["facts"], dict):
        raise TypeError("facts must be an object")
    temperature = float(fields["temperature"])
    if not 0 < temperature < inf:  # written so that NaN fails too
        raise ValueError("temperature must be a number above 0")
    calibration = tuple((float(seems), float(right)) for seems, right in fields.get("calibration", ()))
    if calibration:
        seems, right = zip(*calibration, strict=True)
        rises = all(low < high for low, high in pairwise(seems)) and all(low <= high for low, high in pairwise(right))
        if not rises or (seems[0], seems[-1]) != (0, 1) or not 0 <= right[0] <= right[-1] <= 1:
            raise ValueError("calibration must rise, from 0 to 1")
    return ModelCard(
        name=str(fields["name"]),
        normalisation=int(fields["normalisation"]),
        labels=tuple(int(label) for label in fields["labels"]),
        input_shape=shape,
        polarity=str(fields["polarity"]),
        temperature=temperature,
        digit_score_threshold=float(fields["digit_score_threshold"]),
        reject_table=tuple(
            RejectPoint(float(row["confidence"]), float(row["error"]), float(row["coverage"]))
            for row in fields["reject_table"]
        ),
        facts=fields["facts"],
        calibration=calibration,
    )


def card_fields(card: ModelCard) -> dict[str, Any]:
    """Return the JSON object of a card: the reverse of `parse_card`."""
    return {
        "name": card.name,
        "normalisation": card.normalisation,
        "labels": list(card.labels),
        "input_shape": list(card.input_shape),
        "polarity": card.polarity,
        "temperature": card.temperature,
        "digit_score_threshold": card.digit_score_threshold,
        "reject_table": [asdict(row) for row in card.reject_table],
        "facts": card.facts,
        "calibration": [list(point) for point in card.calibration],
    }


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelNotFoundError(f"There is no model to be read at {path}: {error.strerror}.") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
