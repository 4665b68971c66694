"""A sound network passes every check, and each kind of damage fails the check that is meant for it."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import save_file

from inkdigits.errors import ExportError, InkdigitsError, ModelFormatError
from inkdigits.graphs import NORMALISATION_VERSION, POLARITY, card_fields
from inkdigits.records import ModelCard
from inkdigits.train import check as module
from inkdigits.train.check import CHECKS, check_model, some_patches
from inkdigits.train.export import Served, to_graph
from inkdigits.train.fit import WEIGHTS
from inkdigits.train.networks import NETWORKS, build_network, find_network
from inkdigits.train.recipes import RECIPES
from inkdigits.train.record import RECORD

CARD = ModelCard(
    name="mine",
    normalisation=NORMALISATION_VERSION,
    labels=tuple(range(10)),
    input_shape=(1, 28, 28),
    polarity=POLARITY,
    temperature=2.0,
    digit_score_threshold=0.5,
    reject_table=(),
    facts={},
)

Change = Callable[[onnx.ModelProto], object]


def save(folder: Path, graph: bytes, card: ModelCard | None = CARD) -> Path:
    """Write a graph and its card; return the path of the graph."""
    path = folder / "model.onnx"
    path.write_bytes(graph)
    if card:
        path.with_suffix(".json").write_text(json.dumps(card_fields(card)))
    return path


def changed(tiny_model: Path, folder: Path, *changes: Change) -> Path:
    """Write the toy network with changes, and a sound card."""
    model = onnx.load(tiny_model)
    for change in changes:
        change(model)
    return save(folder, model.SerializeToString())


def failures(path: Path) -> dict[str, InkdigitsError]:
    """The checks that fail, with their errors."""
    return {check.name: check.error for check in check_model(path) if check.error}


def rename(model: onnx.ModelProto, old: str, new: str) -> None:
    """Give a value of the graph another name."""
    for value in (*model.graph.input, *model.graph.output):
        value.name = new if value.name == old else value.name
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]


def insert(model: onnx.ModelProto, name: str, operator: str, *constants: float, **attributes: Any) -> None:
    """Put an operator between the value `name` and whoever takes it from the graph."""
    (source,) = [node for node in model.graph.node if name in node.output]
    source.output[:] = [f"{name}_before"]
    operands = []
    for i, constant in enumerate(constants):
        operands.append(f"{name}_constant_{i}")
        dtype = np.int64 if isinstance(constant, int) else np.float32
        shape = (1,) if dtype == np.int64 else ()
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.full(shape, constant, dtype), operands[-1]))
    place = list(model.graph.node).index(source) + 1
    model.graph.node.insert(place, onnx.helper.make_node(operator, [f"{name}_before", *operands], [name], **attributes))


class TestSound:
    """What passes."""

    def test_a_graph_made_without_torch_passes(self, tiny_model: Path) -> None:
        """Every check is made, and none finds a fault."""
        checks = list(check_model(tiny_model))
        assert [check.name for check in checks] == ["an ONNX graph in one file", *CHECKS]
        assert not failures(tiny_model)

    @pytest.mark.slow
    @pytest.mark.parametrize("name", NETWORKS)
    def test_every_network_of_the_table_passes_once_exported(self, name: str, tmp_path: Path) -> None:
        """From a run folder with its weights, against torch."""
        torch.manual_seed(0)
        network = build_network(find_network(name)).eval()
        recipe = RECIPES[name]
        path = save(tmp_path, to_graph(Served(network, recipe, CARD.temperature)))
        save_file(network.state_dict(), tmp_path / WEIGHTS)
        (tmp_path / RECORD).write_text(json.dumps({"name": name, "recipe": dataclasses.asdict(recipe)}))
        assert not failures(path)

    def test_other_weights_than_those_of_the_run_are_found(self, tmp_path: Path) -> None:
        """The graph is sound, but not of this run."""
        recipe = RECIPES["e-lenet"]
        ours, other = (build_network(find_network("e-lenet")).eval() for _ in range(2))
        path = save(tmp_path, to_graph(Served(ours, recipe, CARD.temperature)))
        save_file(other.state_dict(), tmp_path / WEIGHTS)
        (tmp_path / RECORD).write_text(json.dumps({"name": "e-lenet", "recipe": dataclasses.asdict(recipe)}))
        (error,) = failures(path).values()
        assert isinstance(error, ExportError)
        assert "differs from the weights of its run by" in str(error)

    def test_another_network_in_the_folder_of_a_run_is_not_taken_for_that_runs(
        self, tiny_model: Path, tmp_path: Path
    ) -> None:
        """Only its own model.onnx is."""
        path = save(tmp_path, tiny_model.read_bytes())
        save_file(build_network(find_network("e-lenet")).state_dict(), tmp_path / WEIGHTS)
        assert failures(path)
        for ending in (".onnx", ".json"):
            path.with_suffix(ending).rename(tmp_path / f"toy{ending}")
        assert not failures(tmp_path / "toy.onnx")

    def test_patches_are_ink(self) -> None:
        """As many as asked for, in [0, 1], and no two alike."""
        patches = some_patches(7)
        assert (patches.shape, patches.dtype) == ((7, 1, 28, 28), np.float32)
        assert patches.min() == 0
        assert patches.max() == 1
        assert len(np.unique(patches, axis=0)) == 7


class TestDamage:
    """What fails, and where."""

    @pytest.mark.parametrize("content", [b"", b"noise" * 50])
    def test_what_is_no_graph_ends_the_checks(self, content: bytes, tmp_path: Path) -> None:
        """There is nothing more to look at."""
        (check,) = check_model(save(tmp_path, content))
        assert isinstance(check.error, ModelFormatError)

    def test_weights_in_another_file_end_the_checks(self, tiny_model: Path, tmp_path: Path) -> None:
        """The message names them."""
        path = changed(tiny_model, tmp_path, lambda model: insert(model, "digit_score", "Mul", 1.0))
        model = onnx.load(path)
        onnx.save(model, path, save_as_external_data=True, size_threshold=0, location="weights.bin")
        (check,) = check_model(path)
        assert "keeps the weights 'digit_score_constant_0' in another file" in str(check.error)

    def test_a_graph_that_breaks_the_rules_ends_the_checks(self, tiny_model: Path, tmp_path: Path) -> None:
        """An operator without its inputs is none."""
        (check,) = check_model(changed(tiny_model, tmp_path, lambda model: model.graph.node[-1].ClearField("input")))
        assert "breaks ONNX's own rules" in str(check.error)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda model: rename(model, "digit_score", "quality"), "'quality'"),
            (lambda model: rename(model, "patches", "x"), "'x'"),
            (lambda model: setattr(dim(model), "dim_value", 1), r"\[1, 1, 28, 28\]"),
            (lambda model: model.graph.output.pop(), "in place of"),
            (lambda model: to_double(model), "type 11"),
        ],
        ids=["output", "input", "batch", "missing", "dtype"],
    )
    def test_other_names_shapes_and_types_are_found(
        self, change: Change, message: str, tiny_model: Path, tmp_path: Path
    ) -> None:
        """With what there is and what there should be; later checks say what they cannot do, and do not break."""
        found = failures(changed(tiny_model, tmp_path, change))
        error = found["names, shapes and types"]
        assert isinstance(error, ModelFormatError)
        with pytest.raises(ModelFormatError, match=message):
            raise error

    @pytest.mark.parametrize("opset", [("", 19), ("ai.onnx.ml", 3)])
    def test_other_operators_are_found(self, opset: tuple[str, int], tiny_model: Path, tmp_path: Path) -> None:
        """An older opset, or one that not every runtime has."""

        def change(model: onnx.ModelProto) -> None:
            kept = [] if opset[0] == "" else [onnx.helper.make_opsetid("", 20)]
            del model.opset_import[:]
            model.opset_import.extend([*kept, onnx.helper.make_opsetid(*opset)])

        assert list(failures(changed(tiny_model, tmp_path, change))) == ["plain operators of opset 20"]

    @pytest.mark.parametrize("trace", [str(Path.home() / "me" / "net"), "C:\\nets", "layers.py", "lib/site-packages/x"])
    def test_traces_of_a_machine_are_found(self, trace: str, tiny_model: Path, tmp_path: Path) -> None:
        """In texts of the graph and of each of its parts."""

        def note(model: onnx.ModelProto) -> None:
            onnx.helper.set_model_props(model, {"made in": trace})

        def name(model: onnx.ModelProto) -> None:
            model.graph.node[0].doc_string = f"by {trace}"

        for change in (note, name):
            (error,) = failures(changed(tiny_model, tmp_path, change)).values()
            assert "tells where it was made" in str(error)

    def test_weights_are_no_texts(self, tiny_model: Path, tmp_path: Path) -> None:
        """Four bytes of a number may spell anything."""

        def change(model: onnx.ModelProto) -> None:
            weights = np.frombuffer(b"a.py" * 4, dtype=np.float32)
            model.graph.initializer.append(onnx.numpy_helper.from_array(weights, "unused"))

        assert not failures(changed(tiny_model, tmp_path, change))

    def test_a_card_that_does_not_fit_is_found(self, tiny_model: Path, tmp_path: Path) -> None:
        """Or is not there."""
        for card in (None, dataclasses.replace(CARD, normalisation=99)):
            (name,) = failures(save(tmp_path, tiny_model.read_bytes(), card))
            assert name == "a model card that fits"

    def test_answers_that_depend_on_their_neighbours_are_found(self, tiny_model: Path, tmp_path: Path) -> None:
        """As those of a network that was exported while it was training."""
        path = changed(tiny_model, tmp_path, lambda model: insert(model, "logits", "LpNormalization", axis=0))
        error = failures(path)["any number of patches: 1, 2, 7"]
        assert "otherwise than the same patch alone" in str(error)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda model: insert(model, "probabilities", "Mul", 0.5), "do not sum to 1"),
            (lambda model: insert(model, "probabilities", "Neg"), r"probabilities from -\d"),
            (lambda model: insert(model, "digit_score", "Add", 1.0), r"digit scores from \d\.\d+ to 2"),
            (lambda model: insert(model, "digit_score", "Mul", float("nan")), "digit scores from nan"),
        ],
        ids=["sum", "negative", "large", "nan"],
    )
    def test_what_are_no_probabilities_is_found(
        self, change: Change, message: str, tiny_model: Path, tmp_path: Path
    ) -> None:
        """They sum to 1 and lie in [0, 1]; so does the digit score."""
        error = failures(changed(tiny_model, tmp_path, change))["probabilities"]
        assert isinstance(error, ExportError)
        with pytest.raises(ExportError, match=message):
            raise error

    def test_a_second_runtime_that_fails_is_found(self, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its error is one of ours."""
        monkeypatch.setattr(module, "ReferenceEvaluator", lambda _: None)
        (error,) = failures(tiny_model).values()
        assert "The reference runtime does not run" in str(error)

    def test_another_answer_of_the_second_runtime_is_found(
        self, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One of the two has a fault."""

        def answer(subject: Any, patches: np.ndarray) -> list[np.ndarray]:
            return [each + np.float32(0.001) for each in module._answer(subject, patches)]

        monkeypatch.setattr(module, "_answer_by_reference", answer)
        (error,) = failures(tiny_model).values()
        assert "differs from the reference runtime by 1.0e-03" in str(error)


def dim(model: onnx.ModelProto) -> Any:
    """The side of the input that counts patches."""
    return model.graph.input[0].type.tensor_type.shape.dim[0]


def to_double(model: onnx.ModelProto) -> None:
    """Make the digit score a float64."""
    insert(model, "digit_score", "Cast", to=onnx.TensorProto.DOUBLE)
    model.graph.output[1].type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
