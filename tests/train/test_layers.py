"""What is said of layers is true of the network, and the files beside the bundled ones are made of these."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from inkdigits.classifier import INPUTS
from inkdigits.errors import ModelFormatError, UsageError
from inkdigits.graphs import BUNDLED, LAYERS_SUFFIX, model_names, open_graph
from inkdigits.train.layers import Field, describe_layers, write_layers
from inkdigits.train.networks import Conv, Dense, Pool, find_network, walk


@pytest.mark.parametrize("name", model_names())
def test_the_committed_file_is_of_its_network(name: str, tmp_path: Path):
    """Made anew it has the same bytes: whoever replaces a network calls `inkdigits layers NAME`."""
    graph = tmp_path / f"{name}.onnx"
    graph.write_bytes((BUNDLED / f"{name}.onnx").read_bytes())
    made = write_layers(graph)
    committed = BUNDLED / f"{name}{LAYERS_SUFFIX}"
    assert made.name == committed.name
    assert made.read_bytes() == committed.read_bytes()
    assert json.loads(committed.read_text("utf-8"))["digest"] == open_graph(graph).digest


@pytest.mark.parametrize("name", model_names())
def test_layers_are_those_of_training(name: str):
    """Kinds, shapes, windows and multiplications, from the patch to the logits."""
    kinds = {Conv: "convolution", Pool: "pool", Dense: "dense"}
    trained = [step for step in walk(find_network(name)) if type(step.layer) in kinds]
    described = describe_layers((BUNDLED / f"{name}.onnx").read_bytes())
    layers = [layer for layer in described["layers"] if layer["kind"] != "standardise"]
    assert [layer["kind"] for layer in layers] == [kinds[type(step.layer)] for step in trained]
    for layer, step in zip(layers, trained, strict=True):
        assert (*layer["after"], 1, 1)[:3] == step.after
        assert (*layer["before"], 1, 1)[:3] == step.before
        assert layer["n_macs"] == step.n_macs
        if isinstance(step.layer, Conv):
            assert (layer["kernel_px"], layer["pad_px"]) == (step.layer.kernel_px, step.layer.pad_px)
    assert all(layer["before_relu"] for layer in layers[:-1] if layer["kind"] != "pool")
    assert layers[-1]["before_relu"] is None
    assert described["features"] == layers[-2]["output"]


@pytest.mark.parametrize("name", ["default", "c-cnn", "e-lenet"])
def test_a_cell_sees_its_field_and_nothing_else(name: str):
    """Whatever changes outside leaves its value alone; whatever changes inside does not, for one cell of a layer."""
    graph = onnx.load_model(BUNDLED / f"{name}.onnx")
    layers = [layer for layer in describe_layers(graph.SerializeToString())["layers"] if layer["kind"] == "convolution"]
    names = [layer["before_relu"] for layer in layers]
    del graph.graph.output[:]
    graph.graph.output.extend(onnx.ValueInfoProto(name=each) for each in names)
    opened = open_graph(graph.SerializeToString())
    chance = np.random.default_rng(1)
    patch = chance.random((28, 28), dtype=np.float32)
    for at, layer in enumerate(layers):
        field = Field(**layer["field"])
        row, column = (side // 2 for side in layer["after"][1:])
        seen = np.zeros((28, 28), dtype=bool)
        top, left = (max(0, field.first_px + place * field.step_px) for place in (row, column))
        bottom, right = (field.first_px + place * field.step_px + field.side_px for place in (row, column))
        seen[top:bottom, left:right] = True
        other = chance.random((28, 28), dtype=np.float32)
        patches = np.stack([patch, np.where(seen, patch, other), np.where(seen, other, patch)])[:, None]
        same, outside, inside = opened.run(INPUTS[0], patches)[at][:, :, row, column]
        assert np.abs(outside - same).max() < 1e-4
        assert np.abs(inside - same).max() > 1e-2


def test_what_has_no_layers_is_refused():
    """A classical method, say; and what is no graph at all."""
    value = {
        name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1, 28, 28]) for name in ("patches", "out")
    }
    for op in ("Sigmoid", "Relu"):
        node = helper.make_node(op, ["patches"], ["out"])
        graph = helper.make_graph([node], "none", [value["patches"]], [value["out"]])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        with pytest.raises(UsageError, match="no layers to look into"):
            describe_layers(model.SerializeToString())
    with pytest.raises(ModelFormatError):
        describe_layers(b"no graph")


def test_an_unknown_layer_is_refused():
    """Rather than left out."""
    nodes = [
        helper.make_node("Tanh", ["patches"], ["tanh"]),
        helper.make_node("Flatten", ["tanh"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["out"]),
    ]
    constants = [
        helper.make_tensor("weights", TensorProto.FLOAT, [784, 10], np.zeros(7840)),
        helper.make_tensor("bias", TensorProto.FLOAT, [10], np.zeros(10)),
    ]
    patches = helper.make_tensor_value_info("patches", TensorProto.FLOAT, ["n", 1, 28, 28])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 10])
    graph = helper.make_graph(nodes, "tanh", [patches], [out], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    with pytest.raises(UsageError, match="it computes Tanh"):
        describe_layers(model.SerializeToString())
