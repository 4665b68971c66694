"""Whether an ONNX file is a network that inkdigits can serve: one check after the other, each with its fault.

Files that export wrote pass. It is for those that came another way: changed, converted, or written by somebody else.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx.reference import ReferenceEvaluator

from inkdigits.classifier import INPUTS, OUTPUTS
from inkdigits.errors import ExportError, InkdigitsError, ModelFormatError
from inkdigits.graphs import RUN_MODEL, Graph, load_card, open_graph
from inkdigits.records import N_LABELS, PATCH_PX
from inkdigits.train.export import OPSET, Served, load_network
from inkdigits.train.fit import WEIGHTS
from inkdigits.train.parity import PARITY
from inkdigits.train.recipes import recipe_of
from inkdigits.train.record import load_record

COUNTS = (1, 2, 7)
"""Patches a call."""

SUM_TOLERANCE = 1e-5
"""What the sum of ten float32 probabilities may miss 1 by."""

SHAPES = {INPUTS[0]: ["n", 1, PATCH_PX, PATCH_PX], OUTPUTS[0]: ["n", N_LABELS], OUTPUTS[1]: ["n"]}
"""What goes in and comes out; "n" stands for any number of patches, whatever a file calls it."""

_PLACES = [str(place) for place in (Path.home(), Path.cwd(), Path(sys.prefix)) if len(place.parts) > 1]
_TRACE = re.compile("|".join([*map(re.escape, _PLACES), r"[A-Z]:\\", r"site-packages", r"\.py\b"]))
"""What tells of the machine that wrote a file: places on it, and source files."""

Answers = list[npt.NDArray[np.float32]]
"""Probabilities (N, 10) and digit scores (N,)."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    error: InkdigitsError | None
    """What is wrong; None when all is well."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The file that is checked, opened."""

    path: Path
    model: onnx.ModelProto
    graph: Graph


def check_model(path: Path) -> Iterator[Check]:
    """Check the network at `path`, an .onnx file; where it cannot be opened, nothing else is checked.

    Yields:
        Each check with its fault: a ModelFormatError where the file is not of the right kind, an ExportError where
        its answers are wrong.
    """
    opened = "an ONNX graph in one file"
    try:
        subject = _open(path)
    except ModelFormatError as error:
        yield Check(opened, error)
        return
    yield Check(opened, None)
    for name, look in CHECKS.items():
        try:
            look(subject)
        except InkdigitsError as error:
            yield Check(name, error)
        else:
            yield Check(name, None)


def some_patches(n: int) -> npt.NDArray[np.float32]:
    """Return patches (n, 1, 28, 28) float32 in [0, 1]: bars of different width and darkness, and noise around them."""
    generator = np.random.default_rng(n)
    patches = np.zeros((n, 1, PATCH_PX, PATCH_PX), dtype=np.float32)
    for i, patch in enumerate(patches[:, 0]):
        patch[4:24, 12 : 14 + i] = 1 - i / (2 * n)
        patch[4 + i : 8 + i, 6:22] = 1
    return np.clip(patches + generator.normal(0, 0.05, patches.shape), 0, 1).astype(np.float32)


def _open(path: Path) -> Subject:
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:  # of protobuf, whose errors are nobody's business here
        raise ModelFormatError(f"{path} is not an ONNX graph.") from error
    outside = [each.name for each in model.graph.initializer if each.data_location != onnx.TensorProto.DEFAULT]
    if outside:
        raise ModelFormatError(f"{path} keeps the weights {outside[0]!r} in another file. Export it again.")
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # the checker and the shape inference have no common error
        raise ModelFormatError(f"{path} breaks ONNX's own rules: {str(error).splitlines()[0]}") from error
    return Subject(path, model, open_graph(path))


def _check_shapes(subject: Subject) -> None:
    found = {}
    for value in (*subject.model.graph.input, *subject.model.graph.output):
        kind = value.type.tensor_type
        sides = [side.dim_value or "n" for side in kind.shape.dim]
        found[value.name] = sides if kind.elem_type == onnx.TensorProto.FLOAT else [f"type {kind.elem_type}", *sides]
    if found != SHAPES or subject.graph.inputs + subject.graph.outputs != tuple(SHAPES):
        raise ModelFormatError(f"{subject.path} has {found}, all float32, in place of {SHAPES}. Export it again.")


def _check_operators(subject: Subject) -> None:
    opsets = [(each.domain, each.version) for each in subject.model.opset_import]
    if opsets != [("", OPSET)] or subject.model.functions:
        raise ModelFormatError(
            f"{subject.path} needs {opsets} and {len(subject.model.functions)} functions of its own; plain operators "
            f"of opset {OPSET} run everywhere. Export it again."
        )


def _check_traces(subject: Subject) -> None:
    for text in _texts(subject.model):
        if trace := _TRACE.search(text):
            raise ModelFormatError(f"{subject.path} tells where it was made: {trace[0]!r}. Export it again.")


def _texts(message: Any) -> Iterator[str]:
    """Yield every text in a protobuf message; weights are none."""
    for field, value in message.ListFields():
        is_one = isinstance(value, str | bytes) or not hasattr(value, "__len__")
        for each in [value] if is_one else value:
            if hasattr(each, "ListFields"):
                yield from _texts(each)
            elif isinstance(each, str):
                yield each
            elif isinstance(each, bytes) and field.name != "raw_data":
                yield each.decode(errors="replace")


def _check_card(subject: Subject) -> None:
    load_card(subject.path)


def _check_counts(subject: Subject) -> None:
    alone = _answer(subject, some_patches(1))
    for n in COUNTS:
        patches = np.concatenate([some_patches(1), some_patches(n)])[:n]
        answers = _answer(subject, patches)
        if [each.shape for each in answers] != [(n, N_LABELS), (n,)]:
            raise ModelFormatError(f"{subject.path} gives {[each.shape for each in answers]} for {n} patches.")
        if not np.abs(answers[0][0] - alone[0][0]).max() < PARITY:
            raise ExportError(f"{subject.path} answers a patch among {n} otherwise than the same patch alone.")


def _check_probabilities(subject: Subject) -> None:
    probabilities, scores = _answer(subject, some_patches(max(COUNTS)))
    for name, values in (("probabilities", probabilities), ("digit scores", scores)):
        if not (values.min() >= 0 and values.max() <= 1):  # written so that NaN fails too
            raise ExportError(f"{subject.path} gives {name} from {values.min()} to {values.max()}, not in [0, 1].")
    if not np.abs(probabilities.sum(axis=1) - 1).max() < SUM_TOLERANCE:
        raise ExportError(
            f"The ten probabilities of {subject.path} do not sum to 1 but to {probabilities.sum(axis=1)}."
        )


def _check_parity(subject: Subject) -> None:
    patches = some_patches(max(COUNTS))
    answers = _answer(subject, patches)
    in_run = subject.path.name == RUN_MODEL and (subject.path.parent / WEIGHTS).is_file()
    expected = _answer_by_torch(subject.path, patches) if in_run else _answer_by_reference(subject, patches)
    differences = [np.abs(a - b).max() for a, b in zip(expected, answers, strict=True)]
    if not max(differences) < PARITY:
        other = "the weights of its run" if in_run else "the reference runtime"
        raise ExportError(
            f"{subject.path} differs from {other} by {max(differences):.1e} (allowed: {PARITY:.0e}). Export it again."
        )


def _answer(subject: Subject, patches: npt.NDArray[np.float32]) -> Answers:
    try:
        answers = subject.graph.run(INPUTS[0], patches)
    except Exception as error:  # onnxruntime raises a dozen classes of its own
        raise ModelFormatError(f"{subject.path} does not take {len(patches)} patches: {error}") from error
    if len(answers) != len(OUTPUTS):
        raise ModelFormatError(f"{subject.path} gives {len(answers)} outputs in place of {' and '.join(OUTPUTS)}.")
    return answers


def _answer_by_torch(path: Path, patches: npt.NDArray[np.float32]) -> Answers:
    recipe = recipe_of(load_record(path.parent)["recipe"])
    served = Served(load_network(path.parent, recipe), recipe, load_card(path).temperature)
    with torch.inference_mode():
        return [answer.numpy() for answer in served(torch.from_numpy(patches))]


def _answer_by_reference(subject: Subject, patches: npt.NDArray[np.float32]) -> Answers:
    try:
        return list(ReferenceEvaluator(subject.model).run(None, {INPUTS[0]: patches}))
    except Exception as error:  # it is plain Python, and each operator fails in its own way
        raise ModelFormatError(f"The reference runtime does not run {subject.path}: {error}") from error


CHECKS: dict[str, Callable[[Subject], None]] = {
    "names, shapes and types": _check_shapes,
    f"plain operators of opset {OPSET}": _check_operators,
    "nothing of the machine it was made on": _check_traces,
    "a model card that fits": _check_card,
    f"any number of patches: {', '.join(map(str, COUNTS))}": _check_counts,
    "probabilities": _check_probabilities,
    f"the same answers from a second runtime, within {PARITY:.0e}": _check_parity,
}
"""In order."""
