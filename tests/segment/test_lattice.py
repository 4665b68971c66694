"""A line is taken apart without losing ink, and every digit is among the candidates."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkdigits.records import Box, Ink
from inkdigits.segment import find_lattice
from inkdigits.segment.cuts import MAX_PENS, find_cuts
from inkdigits.segment.lattice import MAX_COMPONENTS, _sides, line_height

Array = npt.NDArray[Any]


def line_of(*parts: tuple[str, int, int]) -> Ink:
    """Ink (80, 240): rings ("0"), bars ("1") and points (".") at columns, each with its top row."""
    field = np.zeros((80, 240), np.uint8)
    for kind, x, top in parts:
        if kind == "0":
            cv2.ellipse(field, (x + 14, top + 22), (12, 20), 0, 0, 360, 255, 4, cv2.LINE_AA)
        elif kind == "1":
            cv2.line(field, (x, top), (x, top + 44), 255, 5, cv2.LINE_AA)
        else:
            cv2.circle(field, (x, top), 3, 255, -1, cv2.LINE_AA)
    return field.astype(np.float32) / np.float32(255)


def spans(ink: Ink) -> list[tuple[int, int]]:
    """Left and right of each candidate."""
    return [(each.glyph.box.x0, each.glyph.box.x1) for each in find_lattice(ink).candidates]


def has(found: list[tuple[int, int]], left: int, right: int) -> bool:
    """Whether a candidate lies there, give or take the pen."""
    return any(abs(x0 - left) <= 4 and abs(x1 - right) <= 4 for x0, x1 in found)


def test_digits_apart_are_candidates() -> None:
    """Each by itself, and neighbours together where they are near."""
    found = spans(line_of(("0", 10, 15), ("1", 60, 15), ("0", 80, 15)))
    assert has(found, 10, 38)
    assert has(found, 57, 63)
    assert has(found, 80, 108)
    assert not has(found, 10, 108)


def test_touching_digits_are_candidates() -> None:
    """Two rings that touch are parted where they do, and stay one candidate as well."""
    found = spans(line_of(("0", 20, 15), ("0", 45, 15)))
    assert has(found, 20, 47)
    assert has(found, 46, 73)
    assert has(found, 20, 73)


def test_a_point_is_a_mark() -> None:
    """At the foot of the line, between two digits; one at its head is none."""
    low, high = (find_lattice(line_of(("0", 10, 15), (".", 50, row), ("0", 60, 15))) for row in (56, 20))
    assert [mark for mark in low.marks if mark] == ["."]
    assert not any(high.marks)
    assert len(low.weights) == len(low.marks) == len(low.cuts) + 1 == len(low.gaps) + 1


def test_a_comma_is_longer_than_a_point() -> None:
    """It hangs below the line."""
    ink = line_of(("0", 10, 15), ("0", 70, 15))
    ink[52:64, 52:56] = 1
    assert [mark for mark in find_lattice(ink).marks if mark] == [","]


def test_paper_and_specks_have_no_pieces() -> None:
    """Nor does a speck make a piece beside digits."""
    assert find_lattice(np.zeros((80, 240), np.float32)).candidates == ()
    ink = line_of(("0", 10, 15))
    ink[5:7, 100:102] = 1
    assert find_lattice(ink).weights == find_lattice(line_of(("0", 10, 15))).weights


def test_the_height_of_a_line_is_that_of_its_digits() -> None:
    """Specks, and a long stroke among many digits, do not decide it."""
    stats = np.array([[0, 0, 20, 40, 300]] * 5 + [[0, 0, 3, 3, 9]] * 9 + [[0, 0, 5, 90, 400]], dtype=np.int32)
    assert line_height(stats) == 40


@settings(max_examples=60, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(8, 40), st.integers(8, 90)), elements=st.floats(0, 1, width=32)))
def test_candidates_never_invent_ink(ink: Array) -> None:
    """Each pixel of a glyph is that of the line, or blank; the box lies inside."""
    for candidate in find_lattice(ink).candidates:
        box = candidate.glyph.box
        window = ink[box.y0 : box.y1, box.x0 : box.x1]
        assert window.shape == candidate.glyph.ink.shape
        assert ((candidate.glyph.ink == window) | (candidate.glyph.ink == 0)).all()


def test_noise_is_not_taken_apart_without_end() -> None:
    """Of thousands of specks the largest are looked at; a strip a pixel wide is none the worse."""
    salt = (np.random.default_rng(0).random((300, 900)) < 0.05).astype(np.float32)
    assert len(find_lattice(salt).weights) <= 2 * MAX_COMPONENTS
    for shape in ((4000, 1), (1, 4000), (4000, 8)):
        assert find_lattice(np.ones(shape, np.float32)).height_px > 0


def test_taking_apart_loses_no_ink() -> None:
    """The pieces of touching digits together are all their ink, each pixel once."""
    ink = line_of(("0", 20, 15), ("0", 45, 15), ("1", 75, 15), ("0", 78, 15))
    lattice = find_lattice(ink)
    assert sum(lattice.weights) * lattice.height_px**2 == np.float32(ink.sum()) or np.isclose(
        sum(lattice.weights) * lattice.height_px**2, ink.sum(), rtol=0.01
    )
    cuts = find_cuts(ink[:, 18:110], 44.0)
    pieces = _sides(ink[:, 18:110], cuts)
    assert (np.diff(pieces, axis=1) >= 0).all()
    assert set(np.unique(pieces).tolist()) == set(range(len(cuts) + 1))


def test_cuts_cross_little_ink_and_bend_around_strokes() -> None:
    """Between two leaning bars a path leans with them and crosses nothing; through a block there is none."""
    field = np.zeros((60, 60), np.uint8)
    for x in (12, 24):
        cv2.line(field, (x + 8, 2), (x, 57), 255, 5, cv2.LINE_AA)
    ink = field.astype(np.float32) / np.float32(255)
    cuts = find_cuts(ink, 60.0)
    assert all(len(cut.columns) == 60 for cut in cuts)
    best = min((cut for cut in cuts if 16 < cut.columns.mean() < 28), key=lambda cut: cut.ink)
    assert best.ink < 0.02
    assert best.columns[0] > best.columns[-1]
    assert find_cuts(np.ones((40, 40), np.float32), 40.0 * MAX_PENS) == []


def test_boxes_are_in_pixels_of_the_line() -> None:
    """Half open."""
    (candidate,) = find_lattice(line_of(("1", 100, 20))).candidates
    box = candidate.glyph.box
    assert Box(96, 16, 105, 68).x0 <= box.x0 <= 98
    assert 102 <= box.x1 <= 105


def test_rules_along_the_edge_are_no_pieces() -> None:
    """Flat ink at the upper or lower edge belongs to the form, or to the next line; a dash in the middle is a mark."""
    ink = line_of(("0", 20, 15), ("0", 90, 15))
    plain = find_lattice(ink)
    ink[77:80, 5:200] = 1
    ink[0:3, 5:60] = 1
    assert find_lattice(ink).weights == plain.weights
    ink[36:41, 140:170] = 1
    assert find_lattice(ink).marks[-1] == "-"
