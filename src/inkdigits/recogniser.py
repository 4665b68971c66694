"""Strips -> what stands in each of their columns, by the network for lines."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inkdigits.errors import ModelFormatError
from inkdigits.graphs import OpenNetwork, load_card, open_graph
from inkdigits.records import STRIP_PX, Ink

INPUTS = ("strips",)
"""What the network's graph takes."""

OUTPUTS = ("columns",)
"""What it gives."""

STRIP_VERSION = 1
"""Raised whenever `segment.to_strip` gives other strips: networks trained on the old ones must not run on the new."""

STEP_PX = 4
"""The width of what the network sees is a multiple of this."""

STRIP_SHAPE = (1, STRIP_PX, 0)
"""How cards say that strips may be of any width."""


class Recogniser(OpenNetwork):
    """A network for lines."""

    def look(self, strips: Sequence[Ink]) -> list[npt.NDArray[np.float32]]:
        """Say what stands in the columns of each strip.

        One call a strip: they are as wide as their lines, and a batch of unlike ones would mostly be paper.

        Args:
            strips: (32, W) float32 each, 0 paper, 1 ink.

        Returns:
            For each (2 ceil(W / 4), 14) float32: the probabilities of the tokens and of the blank, rows summing to 1.
        """
        return [self._graph.run(INPUTS[0], _widen(strip)[None, None])[0][0] for strip in strips]


def load_recogniser(path: Path, threads: int = 1) -> Recogniser:
    """Open the network for lines at `path`, an .onnx file with its card beside it.

    Raises:
        ModelError: missing, damaged, made for other strips, or a graph of something else.
    """
    graph = open_graph(path, threads)
    if (graph.inputs, graph.outputs) != (INPUTS, OUTPUTS):
        raise ModelFormatError(
            f"{path} is no network for lines: it turns {', '.join(graph.inputs)} into {', '.join(graph.outputs)}, not "
            f"{', '.join(INPUTS)} into {', '.join(OUTPUTS)}. Train one with: inkdigits train lines --out RUN"
        )
    return Recogniser(graph, load_card(path, STRIP_VERSION, STRIP_SHAPE))


def _widen(strip: Ink) -> Ink:
    """Add paper on the right, up to a width that the network takes."""
    wide = np.zeros((strip.shape[0], -(-strip.shape[1] // STEP_PX) * STEP_PX), dtype=np.float32)
    wide[:, : strip.shape[1]] = strip
    return wide
