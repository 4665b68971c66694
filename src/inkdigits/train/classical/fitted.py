"""What a fitted method is: how it scores labels, as scikit-learn does it and as a graph does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.train.prepare import Bytes

Rows: TypeAlias = npt.NDArray[np.float32]
"""(N, 784) float32 in [0, 1]: the ink of patches, row by row."""

Labels: TypeAlias = npt.NDArray[np.int64]
"""(N,) 0-9."""

Weights: TypeAlias = dict[str, npt.NDArray[Any]]
"""What the nodes of a graph refer to, by name; floats become float32."""

DOUBT = 0.01
"""Added to each share of votes, so that a label without any still has a logarithm. Of 0.1 to 0.001 the one with the
lowest calibration error on MNIST's validation digits: 0.5 % for k-nearest neighbours, 0.4 % for the forest."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A method that has learned."""

    score: Callable[[Rows], npt.NDArray[Any]]
    """Ink (N, 784) -> scores (N, 10), by scikit-learn."""
    nodes: str
    """The same in ONNX's text form, from `ink` to `scores`."""
    weights: Weights
    n_macs: int
    """Multiply-accumulates for one patch; comparisons are none."""

    @property
    def n_parameters(self) -> int:
        """How many numbers it keeps of what it has seen."""
        return sum(array.size for array in self.weights.values())


def to_rows(patches: Bytes) -> Rows:
    """Return patches (N, 28, 28) uint8 as ink (N, 784) float32 in [0, 1]."""
    return patches.reshape(len(patches), -1).astype(np.float32) / np.float32(255)
