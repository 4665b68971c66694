"""One glyph: the digit with all its parts, and nothing else."""

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkdigits.records import Box
from inkdigits.segment import find_glyph

Array = npt.NDArray[Any]


def field(*blocks: tuple[int, int, int, int]) -> Array:
    """Ink (100, 120) with full blocks (x0, y0, x1, y1)."""
    ink = np.zeros((100, 120), np.float32)
    for x0, y0, x1, y1 in blocks:
        ink[y0:y1, x0:x1] = 1
    return ink


def test_paper_has_no_glyph() -> None:
    """Nor has faint ink."""
    assert find_glyph(field()) == ()
    assert find_glyph(field((40, 20, 50, 80)) * np.float32(0.3)) == ()


def test_a_speck_is_no_glyph() -> None:
    """A digit takes at least a thirtieth of the picture."""
    assert find_glyph(field((40, 20, 42, 22))) == ()


def test_the_box_is_tight() -> None:
    """Half open, in pixels of the ink."""
    (glyph,) = find_glyph(field((40, 20, 50, 80)))
    assert glyph.box == Box(40, 20, 50, 80)
    assert glyph.ink.shape == (60, 10)


def test_the_hat_of_a_five_belongs_to_it() -> None:
    """It lies near, and is no speck."""
    (glyph,) = find_glyph(field((40, 30, 50, 80), (52, 22, 66, 28)))
    assert glyph.box == Box(40, 22, 66, 80)


def test_specks_and_far_ink_are_left_out() -> None:
    """The component with most ink is the digit."""
    (glyph,) = find_glyph(field((40, 20, 50, 80), (53, 40, 54, 41), (100, 10, 108, 40)))
    assert glyph.box == Box(40, 20, 50, 80)


def test_other_ink_in_the_box_is_cut_away() -> None:
    """A neighbour that reaches over the digit is not read with it."""
    ink = field((20, 10, 24, 90), (20, 86, 60, 90))
    ink[50, 50] = 1
    (glyph,) = find_glyph(ink)
    assert glyph.ink[40, 30] == 0


def test_soft_edges_belong_to_the_glyph() -> None:
    """One pixel of faint ink around it."""
    ink = field((40, 20, 50, 80))
    ink[20:80, 50] = 0.2
    (glyph,) = find_glyph(ink)
    assert glyph.box == Box(40, 20, 51, 80)


@settings(max_examples=80, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(8, 40), st.integers(8, 40)), elements=st.floats(0, 1, width=32)))
def test_segmentation_never_invents_ink(ink: Array) -> None:
    """Each pixel of the glyph is that of the picture, or blank; the box lies inside."""
    for glyph in find_glyph(ink):
        box = glyph.box
        window = ink[box.y0 : box.y1, box.x0 : box.x1]
        assert window.shape == glyph.ink.shape
        assert ((glyph.ink == window) | (glyph.ink == 0)).all()
