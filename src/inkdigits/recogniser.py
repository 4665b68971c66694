"""Strips -> what stands in each of their columns, by the network for lines."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inkdigits.errors import ModelFormatError
from inkdigits.graphs import OpenNetwork, load_card, open_graph
from inkdigits.records import SIGN, STRIP_PX, Ink

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

SIGNS = 0.3
"""What is no digit is so much rarer in what people send than in the lines that the network learns from."""

ENOUGH = 0.7
"""One look at a strip is enough if in each column one token, or the blank, is so likely (docs/experiments.md)."""


class Recogniser(OpenNetwork):
    """A network for lines."""

    def look(self, strips: Sequence[Ink]) -> list[npt.NDArray[np.float32]]:
        """Say what stands in the columns of each strip.

        One strip at a time: they are as wide as their lines, and a batch of unlike ones would mostly be paper. Where
        the network is not sure, it looks again, a pixel higher and lower, and the mean is what it says: where the three
        disagree, one look would often have been wrong.

        Args:
            strips: (32, W) float32 each, 0 paper, 1 ink.

        Returns:
            For each (2 ceil(W / 4), 14) float32: the probabilities of the tokens and of the blank, rows summing to 1.
        """
        return [self._look_at(_widen(strip)[None, None]) for strip in strips]

    def _look_at(self, strip: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """(1, 1, 32, W) -> (W / 2, 14)."""
        (seen,) = self._graph.run(INPUTS[0], strip)
        if not one_look_is_enough(weigh_signs(seen))[0]:
            (others,) = self._graph.run(INPUTS[0], np.concatenate(move(strip)))
            seen = np.concatenate([seen, others])
        return weigh_signs(seen.mean(0))


def weigh_signs(columns: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Let signs count by `SIGNS`: (..., 14) -> the same, rows summing to 1."""
    weighed = columns.copy()
    weighed[..., SIGN] *= np.float32(SIGNS)
    whole: npt.NDArray[np.float32] = weighed / weighed.sum(-1, keepdims=True)
    return whole


def one_look_is_enough(columns: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Say of each strip whether one look was enough: (N, T, 14) -> (N,)."""
    return np.asarray(columns.max(2).min(1) >= ENOUGH)


def move(strips: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return strips, (N, 1, 32, W), moved up by a pixel, and down."""
    higher, lower = np.zeros_like(strips), np.zeros_like(strips)
    higher[:, :, :-1], lower[:, :, 1:] = strips[:, :, 1:], strips[:, :, :-1]
    return higher, lower


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
