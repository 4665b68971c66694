"""Random whole numbers that are the same on every machine and with every version of numpy.

numpy promises that of the raw bits of its PCG64, and not of the distributions that it makes of them. So there are only
whole numbers here, scaled from raw bits, and everything that follows from them is computed in whole numbers too.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = npt.NDArray[np.uint8]
"""(N, 28, 28) uint8: 0 paper, 255 ink."""

Ints: TypeAlias = npt.NDArray[np.int64]

ONE = 1 << 16
"""Fixed point: 1.0, be it of a pixel or of a share."""


class Chance:
    """A stream of random numbers from a seed."""

    def __init__(self, *seed: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(seed))

    def integers(self, low: int, high: int, *shape: int) -> Ints:
        """Draw whole numbers from `low` to `high`, both included; `high - low` below 2**31."""
        raw = self._bits.random_raw(int(np.prod(shape))).reshape(shape) >> np.uint64(32)
        return low + (raw * np.uint64(high - low + 1) >> np.uint64(32)).astype(np.int64)

    def uniform(self, low: float, high: float, *shape: int) -> Ints:
        """Draw from the range in steps of 1/65536, as fixed point."""
        return self.integers(fixed(low), fixed(high), *shape)

    def signed(self, low: float, high: float, *shape: int) -> Ints:
        """Draw a size from the range and a sign, as fixed point."""
        return self.uniform(low, high, *shape) * (2 * self.integers(0, 1, *shape) - 1)


def fixed(number: float) -> int:
    """Return the nearest fixed-point number."""
    return round(number * ONE)


def to_bytes(values: Ints) -> Bytes:
    """Cut off what lies outside 0 to 255."""
    return np.clip(values, 0, 255).astype(np.uint8)
