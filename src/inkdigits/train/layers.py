"""What the layers of an exported network are, made from its graph alone: the page that looks inside reads it.

Their outputs need no second graph with the same weights. Protobuf messages that follow each other are one message, so
whoever has the graph appends the names of the outputs that it wants to see (`layers.js` does it in a few lines).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import onnx
from onnx import ModelProto, NodeProto

from inkdigits.errors import UsageError
from inkdigits.graphs import LAYERS_SUFFIX, open_graph
from inkdigits.outputs import open_output

Shape: TypeAlias = tuple[int, ...]
"""Channels, height, width; or the length of a list."""

_FORMS = ("Sub", "Reshape")
"""What brings numbers into another form only: the mean is taken off before the division, maps become a list."""


@dataclass(frozen=True, slots=True)
class Field:
    """The square of the patch that a cell of a map sees."""

    side_px: int
    step_px: int
    """How much further the square of the next cell lies."""
    first_px: int
    """Where that of the first cell begins; below 0 in the padding."""

    def through(self, kernel_px: int, pad_px: int, stride_px: int) -> "Field":
        """Return the field of a cell behind a window that moves over cells with this one."""
        return Field(
            self.side_px + (kernel_px - 1) * self.step_px,
            self.step_px * stride_px,
            self.first_px - pad_px * self.step_px,
        )


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """One layer, with the ReLU behind it if there is one."""

    kind: str
    """standardise, convolution, pool or dense."""
    output: str
    """Name of the value that goes on to the next layer."""
    before_relu: str | None
    """Name of the same value before its ReLU; None: there is no ReLU."""
    before: Shape
    after: Shape
    kernel_px: int = 0
    pad_px: int = 0
    stride_px: int = 1
    n_parameters: int = 0
    n_macs: int = 0
    """Multiply-accumulates for one patch."""
    field: Field | None = None
    """None: each number sees the whole patch."""
    weights: str | None = None
    bias: str | None = None
    """Names of what it learned."""


def describe_layers(graph: bytes) -> dict[str, Any]:
    """Return the JSON object about the layers of a network.

    Raises:
        ModelFormatError: it is no ONNX graph.
        UsageError: it is not made of layers, as the classical methods are not.
    """
    digest = open_graph(graph).digest
    found = list(_walk(onnx.shape_inference.infer_shapes(onnx.load_model_from_string(graph))))
    if len(found) < 2 or found[-1].kind != "dense":
        raise UsageError("This network has no layers to look into: it is no neural network.")
    return {
        "digest": digest,
        "features": found[-2].output,
        "layers": [asdict(layer) for layer in found],
    }


def write_layers(graph: Path) -> Path:
    """Write what the layers of a network are beside its graph; return the file.

    Raises:
        ModelFormatError, UsageError: as `describe_layers`.
    """
    place = graph.with_suffix(LAYERS_SUFFIX)
    described = describe_layers(graph.read_bytes())
    with open_output(place) as file:
        file.write(json.dumps(described, indent=1) + "\n")
    return place


def _walk(model: ModelProto) -> Iterator[LayerFacts]:
    """Yield each layer from the patch to the logits: what comes behind these is no layer."""
    shapes, n_weights = _shapes(model), {each.name: prod(each.dims) for each in model.graph.initializer}
    layer, field = None, Field(1, 1, 0)
    for node in _until_logits(model):
        if node.op_type == "Relu" and layer:
            layer = replace(layer, output=node.output[0], before_relu=layer.output)
        elif node.op_type not in _FORMS:
            if layer:
                yield layer
            layer = _to_layer(node, shapes, n_weights, field)
            field = layer.field or field
    if layer:
        yield layer


def _until_logits(model: ModelProto) -> list[NodeProto]:
    nodes = list(model.graph.node)
    last = max((at for at, node in enumerate(nodes) if node.op_type == "Gemm"), default=-1)
    return nodes[: last + 1]


def _to_layer(node: NodeProto, shapes: Mapping[str, Shape], n_weights: Mapping[str, int], field: Field) -> LayerFacts:
    """Return the layer that a node is; `field` is that of the cells that go in.

    Raises:
        UsageError: no layer is known that works so.
    """
    n_parameters = sum(n_weights[name] for name in node.input[1:])
    before, after = shapes[node.input[0]], shapes[node.output[0]]
    window = _window(node)
    facts = LayerFacts("", node.output[0], None, before, after, *window, field=field.through(*window))
    match node.op_type:
        case "Div":
            return replace(facts, kind="standardise")
        case "MaxPool":
            return replace(facts, kind="pool")
        case "Conv" | "Gemm":
            weights, bias = node.input[1:]
            learned = replace(facts, n_parameters=n_parameters, weights=weights, bias=bias)
            if node.op_type == "Conv":
                return replace(learned, kind="convolution", n_macs=n_weights[weights] * prod(after[1:]))
            return replace(learned, kind="dense", n_macs=n_weights[weights], field=None)
    raise UsageError(f"This network has no layers to look into: it computes {node.op_type}.")


def _window(node: NodeProto) -> tuple[int, int, int]:
    """Return side, padding and stride of the square window that a node moves over its maps."""
    said = {each.name: each.ints[0] for each in node.attribute if each.ints}
    return said.get("kernel_shape", 1), said.get("pads", 0), said.get("strides", 1)


def _shapes(model: ModelProto) -> dict[str, Shape]:
    """Return the shape of each value for one patch; a flattened one keeps the shape that it had."""
    graph = model.graph
    values = (*graph.input, *graph.output, *graph.value_info)
    shapes = {each.name: tuple(axis.dim_value for axis in each.type.tensor_type.shape.dim[1:]) for each in values}
    for node in graph.node:
        if node.op_type == "Reshape":
            shapes[node.output[0]] = shapes[node.input[0]]
    return shapes
