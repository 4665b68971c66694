"""Glyphs become patches by the shipped graph, or are refused; the rule itself is tested in tests/train."""

import numpy as np
import pytest

from inkdigits.normalize import to_patch, to_patches


def a_one(height: int = 40) -> np.ndarray:
    """An upright bar."""
    return np.ones((height, height // 5), dtype=np.float32)


def test_a_glyph_becomes_a_patch() -> None:
    """20 px high, 4 px wide, around the centre of 28x28, float32 in [0, 1]."""
    patch = to_patch(a_one())
    assert (patch.shape, patch.dtype) == ((28, 28), np.float32)
    assert np.flatnonzero(patch.any(1)).size == 20
    assert np.flatnonzero(patch.any(0)).size == 4
    assert (patch.min(), patch.max()) == (0, 1)


def test_patches_come_in_order_each_as_if_alone() -> None:
    """Whatever their sizes; none gives none."""
    inks = [a_one(20), a_one(300).T, np.zeros((3, 3), np.float32)]
    patches = to_patches(inks)
    assert (patches.shape, patches.dtype) == ((3, 28, 28), np.float32)
    for patch, ink in zip(patches, inks, strict=True):
        assert np.array_equal(patch, to_patch(ink))
    assert not patches[2].any()
    assert to_patches([]).shape == (0, 28, 28)


def test_a_patch_is_the_callers_own() -> None:
    """Writing into one changes no other."""
    patch = to_patch(a_one())
    patch[:] = 0
    assert to_patch(a_one()).any()


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.uint8, bool])
def test_other_types_within_the_range_are_taken(dtype: type) -> None:
    """They hold the same ink."""
    assert np.array_equal(to_patch(a_one().astype(dtype)), to_patch(a_one()))


def test_views_are_taken() -> None:
    """Turned, cut and skipping ones, as steps before this one hand them on."""
    ink = np.zeros((80, 90), np.float32)
    ink[10:60:, 20:40] = 1
    for view in (ink.T, ink[::2, ::3], ink[::-1], np.asfortranarray(ink)):
        assert np.array_equal(to_patch(view), to_patch(view.copy(order="C")))


@pytest.mark.parametrize("shape", [(28,), (1, 28, 28), (0, 5), (5, 0), ()])
def test_what_is_not_an_ink_is_refused(shape: tuple[int, ...]) -> None:
    """With the shape that it has."""
    with pytest.raises(ValueError, match=r"ink must be \(H, W\)"):
        to_patch(np.zeros(shape, np.float32))


@pytest.mark.parametrize("value", [255.0, 1.001, -0.001, np.nan, np.inf])
def test_values_outside_the_range_are_refused(value: float) -> None:
    """Pixels that nobody divided by 255, above all."""
    ink = a_one()
    ink[3, 3] = value
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        to_patch(ink)
