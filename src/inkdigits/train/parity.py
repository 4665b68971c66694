"""Whether a graph answers like what it was made from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from inkdigits.classifier import INPUTS
from inkdigits.errors import ExportError, ModelFormatError
from inkdigits.graphs import open_graph

PARITY = 1e-4
"""What a probability or digit score of a network and its graph may differ by."""


def check_answers(
    graph: bytes, ink: npt.NDArray[np.float32], expected: Sequence[npt.NDArray[np.floating[Any]]]
) -> float:
    """Compare a graph with what it was made from; return the largest difference of a number they give.

    Args:
        graph: the bytes of the file.
        ink: (N, 1, 28, 28) float32 in [0, 1].
        expected: probabilities (N, 10) and digit scores (N,) that `ink` should give.

    Raises:
        ExportError: the difference exceeds `PARITY`, a label differs, or the graph cannot be run at all.
    """
    try:
        answered = open_graph(graph).run(INPUTS[0], ink)
    except ModelFormatError as error:
        raise ExportError(f"The exported graph cannot be run. Nothing was written. {error}") from error
    difference = float(np.max([np.abs(one - other).max() for one, other in zip(expected, answered, strict=True)]))
    n_other = int((expected[0].argmax(1) != answered[0].argmax(1)).sum())
    if not difference < PARITY or n_other:
        raise ExportError(
            f"The exported graph differs from the network by {difference:.1e} in a probability (allowed: {PARITY:.0e}) "
            f"and in {n_other} of {len(ink)} labels. Nothing was written."
        )
    return difference
