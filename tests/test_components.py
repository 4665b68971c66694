"""What is usual among components."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.components import find_median

WEIGHED = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 9)), min_size=1).filter(
    lambda pairs: any(weight for _, weight in pairs)
)


@given(pairs=WEIGHED)
def test_the_median_is_that_of_numpy(pairs: list[tuple[int, int]]) -> None:
    """Also where several values are alike, or weigh nothing."""
    values, weights = (np.array(each, dtype=np.float64) for each in zip(*pairs, strict=True))
    expected = np.quantile(values, 0.5, weights=weights, method="inverted_cdf")
    assert find_median(values, weights) == pytest.approx(expected)
