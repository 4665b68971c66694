"""Each digit gets its own ink, whole, and no other."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkdigits.records import Ink
from inkdigits.segment import find_marks, part_at
from inkdigits.segment.cuts import cut_between


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


def test_digits_apart_keep_their_ink() -> None:
    """All of it: the glyphs add up to the line."""
    ink = line_of(("0", 10, 15), ("1", 60, 15), ("0", 80, 15))
    glyphs = part_at(ink, [24, 60, 94], 44)
    assert [abs(glyph.box.x0 - left) <= 2 for glyph, left in zip(glyphs, (10, 57, 80), strict=True)] == [True] * 3
    assert sum(float(glyph.ink.sum()) for glyph in glyphs) >= 0.99 * float(ink.sum())


def test_touching_digits_are_cut_between_them() -> None:
    """Two rings that share their sides: each gets about half."""
    ink = line_of(("0", 10, 15), ("0", 34, 15))
    left, right = part_at(ink, [24, 48], 44)
    assert abs(left.box.x1 - 36) <= 7
    assert abs(right.box.x0 - 36) <= 7
    assert abs(float(left.ink.sum()) - float(right.ink.sum())) < 0.2 * float(ink.sum())


def test_a_hat_apart_belongs_to_its_digit() -> None:
    """A stroke beside it as well, but neither a point nor a far one."""
    ink = line_of(("1", 40, 15), (".", 60, 58), ("1", 150, 15))
    ink[8:12, 36:56] = 1
    first, second = part_at(ink, [40, 150], 44)
    assert first.box.y0 <= 8
    assert first.box.x1 <= 58
    assert second.box.x0 >= 140


def test_dirt_above_and_below_belongs_to_no_digit() -> None:
    """However exactly it lies in its column."""
    ink = np.pad(line_of(("1", 40, 15)), ((0, 200), (0, 0)))
    ink[150:154, 38:42] = ink[250:270, 38:42] = 1
    (glyph,) = part_at(ink, [40], 44)
    assert glyph.box.y1 <= 64


def test_what_is_left_of_an_underline_belongs_to_no_digit() -> None:
    """Nor does a digit stand in it, wide and near as it is."""
    ink = line_of(("0", 40, 10), ("1", 90, 10))
    before = part_at(ink, [54, 90], 44)
    ink[62:66, 20:120] = 1
    assert [glyph.box for glyph in part_at(ink, [54, 90], 44)] == [glyph.box for glyph in before]


def test_no_digit_stands_in_the_box_around_it() -> None:
    """The box covers its column, and has more ink in all."""
    ink = line_of(("1", 60, 20))
    before = part_at(ink, [60], 44)
    cv2.rectangle(ink, (20, 4), (100, 75), 1.0, 4)
    ink[4:76, 90:] = 0  # in part
    assert [glyph.box for glyph in part_at(ink, [60], 44)] == [glyph.box for glyph in before]


def test_points_between_digits_are_marks() -> None:
    """At the foot, and a comma where they are high; a speck at the top is none, nor is one behind the last digit."""
    ink = line_of(("1", 40, 15), (".", 70, 58), ("1", 110, 15), (".", 140, 20), ("1", 170, 15), (".", 200, 58))
    glyphs = part_at(ink, [40, 110, 170], 44)
    assert find_marks(ink, glyphs, 44) == ("", ".", "")
    ink[51:63, 139:143] = 1
    assert find_marks(ink, glyphs, 44) == ("", ".", ",")


def test_a_column_without_ink_is_a_thin_box() -> None:
    """On a blank line, and where another digit has taken the ink."""
    (only,) = part_at(np.zeros((40, 90), dtype=np.float32), [33.3], 30)
    assert (only.box.to_list(), only.ink.sum()) == ([33, 0, 34, 40], 0)
    assert len(part_at(line_of(("1", 40, 15)), [40, 40.2], 44)) == 2


@settings(max_examples=60)
@given(
    arrays(np.float32, st.tuples(st.integers(1, 40), st.integers(1, 60)), elements=st.sampled_from([0, 0.2, 0.5, 1])),
    st.lists(st.floats(-5, 70), min_size=1, max_size=6).map(sorted),
)
def test_any_ink_is_shared_out(ink: Ink, columns: list[float]) -> None:
    """One glyph a column, inside the picture, and no ink twice."""
    glyphs = part_at(ink, columns, 20)
    assert len(glyphs) == len(columns)
    total = np.zeros_like(ink)
    for glyph in glyphs:
        box = glyph.box
        assert 0 <= box.x0 < box.x1 <= ink.shape[1]
        assert 0 <= box.y0 < box.y1 <= ink.shape[0]
        total[box.y0 : box.y1, box.x0 : box.x1] += np.where(glyph.ink >= 0.35, glyph.ink, 0)
    assert (total <= ink + 1e-6).all()


def test_a_cut_bends_around_ink() -> None:
    """A slash of paper between two slanted blocks is found, and no ink is crossed."""
    ink = np.ones((40, 60), dtype=np.float32)
    for row in range(40):
        ink[row, 40 - row // 2 : 44 - row // 2] = 0
    columns = cut_between(ink, 10, 50)
    assert columns.shape == (40,)
    assert ink[np.arange(40), np.round(columns).astype(int)].sum() <= 1
