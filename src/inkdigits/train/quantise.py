"""A graph that computes in float32 -> the same in whole numbers of eight bits: in a third of the time.

The range of what each layer gives is that of some examples (static quantisation, Jacob et al. 2018); weights have a
range for each channel, and seven bits, so that processors without instructions for this do not overflow: all answer
alike. The last layer stays as it is, for what is likely is told by small differences.
"""

import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from inkdigits import __version__

QUANTISED = ("Conv", "Gemm", "MatMul", "MaxPool", "Relu")
"""Layers that compute in eight bits."""

WITH_WEIGHTS = ("Conv", "Gemm", "MatMul")
"""Those of them of which the last one does not."""


class _Examples(CalibrationDataReader):  # type: ignore[misc]  # it has no types
    """Hands out examples, a batch at a time."""

    def __init__(self, name: str, batches: Iterable[npt.NDArray[np.float32]]) -> None:
        self._batches = ({name: batch} for batch in batches)

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        """Return the next batch as the graph takes it; None behind the last."""
        return next(self._batches, None)


def quantise(graph: bytes, name: str, examples: Iterable[npt.NDArray[np.float32]]) -> bytes:
    """Return a graph that computes in eight bits.

    Args:
        graph: an ONNX graph.
        name: of its input.
        examples: batches of what goes in, at least one: no layer ever gives more than it does for one of them.
    """
    with tempfile.TemporaryDirectory() as folder, _quietly():
        given, prepared, out = (Path(folder, f"{stem}.onnx") for stem in ("given", "prepared", "out"))
        given.write_bytes(graph)
        quant_pre_process(given, prepared, skip_symbolic_shape=True)
        layers = [node.name for node in onnx.load(prepared).graph.node if node.op_type in WITH_WEIGHTS]
        quantize_static(
            prepared,
            out,
            _Examples(name, examples),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=layers[-1:],
        )
        model = onnx.load(out)
    del model.metadata_props[:]
    model.producer_name, model.producer_version = "inkdigits", __version__
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep back what the quantiser says of graphs that were not prepared: this one was."""
    log = logging.getLogger()
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)
