"""Patches -> calibrated probabilities and digit scores, by one network."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inkdigits.errors import ModelFormatError
from inkdigits.graphs import OpenNetwork, load_card, open_graph
from inkdigits.records import N_LABELS, PATCH_PX

INPUTS = ("patches",)
"""What a network's graph takes."""

OUTPUTS = ("probabilities", "digit_score")
"""What it gives."""

_BATCH = 256
"""Patches a call: more needs memory and is no faster."""


class Classifier(OpenNetwork):
    """A network for single digits."""

    def classify(self, patches: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Say what each patch shows.

        Args:
            patches: (N, 28, 28), 0 paper; uint8 with ink 255, or float32 with ink 1. N may be 0.

        Returns:
            Probabilities (N, 10) float32, calibrated, rows summing to 1; digit scores (N,) float32 in [0, 1].

        Raises:
            ValueError: another shape, another dtype, or values outside the range.
        """
        ink = _to_ink(patches)
        probabilities = np.zeros((len(ink), N_LABELS), dtype=np.float32)
        scores = np.zeros(len(ink), dtype=np.float32)
        for at in _slices(len(ink)):
            probabilities[at], scores[at] = self._graph.run(INPUTS[0], ink[at])
        return probabilities, scores


def load_classifier(path: Path, threads: int = 1) -> Classifier:
    """Open the network at `path`, an .onnx file with its card beside it.

    Raises:
        ModelError: missing, damaged, made for another normaliser, or a graph of something else.
    """
    graph = open_graph(path, threads)
    if (graph.inputs, graph.outputs) != (INPUTS, OUTPUTS):
        raise ModelFormatError(
            f"{path} is not a digit network: it turns {', '.join(graph.inputs)} into {', '.join(graph.outputs)}, not "
            f"{', '.join(INPUTS)} into {', '.join(OUTPUTS)}. One that turns strips into columns reads lines: the "
            "setting line_model takes it. Export any other again."
        )
    return Classifier(graph, load_card(path))


def _to_ink(patches: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """Return (N, 1, 28, 28) float32 in [0, 1]."""
    if patches.ndim != 3 or patches.shape[1:] != (PATCH_PX, PATCH_PX):
        raise ValueError(f"patches must be (N, {PATCH_PX}, {PATCH_PX}), not {patches.shape}")
    if patches.dtype == np.uint8:
        ink = patches.astype(np.float32) / np.float32(255)
    elif patches.dtype == np.float32:
        ink = np.asarray(patches, dtype=np.float32)
        if ink.size and not (ink.min() >= 0 and ink.max() <= 1):  # written so that NaN fails too
            raise ValueError("float32 patches must lie in [0, 1]: 0 paper, 1 ink; divide pixels by 255")
    else:
        raise ValueError(f"patches must be uint8 or float32, not {patches.dtype}")
    return np.ascontiguousarray(ink[:, None])


def _slices(n: int) -> Iterable[slice]:
    return (slice(start, start + _BATCH) for start in range(0, n, _BATCH))
