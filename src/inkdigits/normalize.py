"""Glyph -> patch (28, 28), by running normalize.onnx: the only definition, for training, reading and the browser.

What the graph does (`train/normalizer.py` builds it): the longer side of the ink's bounding box becomes 20 px, aspect
kept; faint lines are lifted to full ink; the centre of mass lands on the centre of a 28x28 field
(LeCun et al. 1998, section III-A).
"""

from collections.abc import Sequence
from functools import cache

import numpy as np

from inkdigits.graphs import NORMALIZER, Graph, open_graph
from inkdigits.records import PATCH_PX, Ink, Patch, Patches


def to_patch(ink: Ink) -> Patch:
    """Fit one glyph into the network's input, the way MNIST was made.

    Args:
        ink: (H, W) float32 in [0, 1]; 0 paper, 1 ink; H, W >= 1.

    Returns:
        (28, 28) float32 in [0, 1]. All zero when the glyph holds no ink above 0.05: that is noise.

    Raises:
        ValueError: `ink` is not 2-D, is empty, or leaves [0, 1].
    """
    if ink.ndim != 2 or ink.size == 0:
        raise ValueError(f"ink must be (H, W) with H, W >= 1, not {ink.shape}")
    if not (ink.min() >= 0 and ink.max() <= 1):  # written so that NaN fails too
        raise ValueError("ink must lie in [0, 1]: 0 paper, 1 ink")
    patch: Patch = _graph().run("ink", np.ascontiguousarray(ink, dtype=np.float32))[0][0, 0]
    return patch


def to_patches(inks: Sequence[Ink]) -> Patches:
    """Fit each glyph into a patch: N inks of any size -> (N, 28, 28) float32 in [0, 1]."""
    patches = np.zeros((len(inks), PATCH_PX, PATCH_PX), dtype=np.float32)
    for patch, ink in zip(patches, inks, strict=True):
        patch[:] = to_patch(ink)
    return patches


@cache
def _graph() -> Graph:
    return open_graph(NORMALIZER)
