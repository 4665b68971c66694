"""The normaliser's graph is the one that ships, and its rule is the one by which MNIST was made."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkdigits.datasets import load_dataset
from inkdigits.graphs import NORMALISATION_KEY, NORMALISATION_VERSION, NORMALIZER
from inkdigits.normalize import to_patch, to_patches
from inkdigits.train.normalizer import build_normalizer, save_normalizer

Ink = npt.NDArray[np.float32]

GLYPHS = arrays(np.float32, st.tuples(st.integers(4, 20), st.integers(4, 20)), elements=st.sampled_from([0, 0, 0.5, 1]))
"""Small and rough; those with a single pixel, or none, included."""


def frame(ink: Ink, top: int, right: int, bottom: int, left: int) -> Ink:
    """Paper around a glyph."""
    return np.pad(ink, ((top, bottom), (left, right)))


def enlarge(ink: Ink, times: int) -> Ink:
    """Each pixel as a square of `times` pixels a side."""
    return np.kron(ink, np.ones((times, times), np.float32))


def box_of(patch: Ink, above: float = 0.5) -> tuple[int, int, int, int]:
    """First and last row, first and last column with ink."""
    rows, columns = np.flatnonzero((patch > above).any(1)), np.flatnonzero((patch > above).any(0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def centre_of(patch: Ink) -> tuple[float, float]:
    """Row and column of the centre of mass."""
    at = np.arange(28)
    return float(patch.sum(1) @ at / patch.sum()), float(patch.sum(0) @ at / patch.sum())


def a_seven(height: int, width: int, pen: int) -> Ink:
    """A bar along the top and one down the right side: a glyph whose mass is off its middle."""
    ink = np.zeros((height, width), dtype=np.float32)
    ink[:pen] = 1
    ink[:, -pen:] = 1
    return ink


class TestFile:
    """What ships."""

    def test_the_shipped_graph_is_the_one_that_is_built(self) -> None:
        """To the byte: whoever changes the rule writes the file anew, and sees the version beside it."""
        assert build_normalizer().SerializeToString(deterministic=True) == NORMALIZER.read_bytes()

    def test_the_graph_carries_its_version(self) -> None:
        """Opset 20, one input, one output."""
        model = onnx.load(NORMALIZER)
        assert {each.key: each.value for each in model.metadata_props} == {
            NORMALISATION_KEY: str(NORMALISATION_VERSION)
        }
        assert [(each.domain, each.version) for each in model.opset_import] == [("", 20)]
        assert [value.name for value in (*model.graph.input, *model.graph.output)] == ["ink", "patch"]

    def test_saving_writes_the_graph(self, tmp_path: Path) -> None:
        """The same bytes."""
        save_normalizer(tmp_path / "normalize.onnx")
        assert (tmp_path / "normalize.onnx").read_bytes() == NORMALIZER.read_bytes()


class TestMnist:
    """The rule is MNIST's own."""

    def test_mnist_digits_come_back_as_they_are(self, data_dir: Path) -> None:
        """999 in 1,000 of the test digits, cut out and placed anew, are within 0.05 of themselves at every pixel."""
        images = load_dataset("mnist", split="test", root=data_dir).images.astype(np.float32) / 255
        off = np.abs(to_patches(list(images)) - images).max((1, 2))
        assert (off <= 0.05).mean() >= 0.999
        assert (off <= 0.01).mean() >= 0.93

    def test_mnist_digits_come_back_from_anywhere(self, data_dir: Path) -> None:
        """Also from the corner of a large picture, at four times their size, if a little softer."""
        images = load_dataset("mnist", split="test", root=data_dir).images[:100].astype(np.float32) / 255
        large = to_patches([frame(enlarge(image, 4), 300, 0, 5, 200) for image in images])
        assert np.abs(large - images).mean((1, 2)).max() < 0.05


class TestRule:
    """What the docstring says."""

    @pytest.mark.parametrize(("height", "width"), [(200, 100), (100, 200), (37, 90), (8, 5), (20, 20), (300, 299)])
    def test_the_longer_side_becomes_20_px_and_the_aspect_stays(self, height: int, width: int) -> None:
        """Enlarged or reduced, to within a pixel."""
        top, bottom, left, right = box_of(to_patch(frame(np.ones((height, width), np.float32), 9, 3, 20, 7)))
        scale = 20 / max(height, width)
        assert bottom - top + 1 == round(height * scale)
        assert right - left + 1 == round(width * scale)

    @given(GLYPHS)
    def test_the_centre_of_mass_lands_on_pixel_14(self, glyph: Ink) -> None:
        """Within half a pixel on both axes, unless the glyph would leave the field."""
        patch = to_patch(glyph)
        if not patch.any():
            return
        top, bottom, left, right = box_of(patch, above=0)
        for centre, first, last in zip(centre_of(patch), (top, left), (bottom, right), strict=True):
            at_the_edge = first == 0 or last == 27
            assert abs(centre - 14) <= 0.5 + 1e-3 or at_the_edge

    def test_mass_counts_and_not_the_box(self) -> None:
        """A seven's ink lies up and to the right: its box goes down and to the left."""
        top, bottom, left, right = box_of(to_patch(a_seven(100, 60, 10)))
        assert top + bottom > 28
        assert left + right < 28

    @pytest.mark.parametrize("pen", [1, 2, 5, 15])
    def test_faint_lines_are_lifted(self, pen: int) -> None:
        """A pen of one pixel in a glyph of 200 still gives full ink, as a broad one does."""
        assert to_patch(a_seven(200, 120, pen)).max() > 0.85

    @pytest.mark.parametrize("strength", [0.1, 0.3, 0.6])
    def test_pale_ink_is_lifted(self, strength: float) -> None:
        """A pencil gives the patch that a pen gives, nearly."""
        pale, full = (to_patch(a_seven(60, 40, 6) * np.float32(each)) for each in (strength, 1))
        assert np.abs(pale - full).max() < 0.11

    def test_full_ink_is_never_lowered(self) -> None:
        """Nor does anything leave [0, 1]."""
        patch = to_patch(np.ones((40, 30), np.float32))
        assert patch.max() == 1
        assert set(np.unique(patch)) == {0, 1}

    @pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (28, 28), (300, 200)])
    @pytest.mark.parametrize("level", [0.0, 0.04])
    def test_paper_gives_nothing(self, shape: tuple[int, int], level: float) -> None:
        """All zero, also when it is not quite white: noise is not lifted to ink."""
        assert not to_patch(np.full(shape, level, np.float32)).any()

    @pytest.mark.parametrize(
        ("shape", "height", "width"), [((1, 1), 20, 20), ((1, 500), 1, 20), ((500, 1), 20, 1), ((2000, 3000), 13, 20)]
    )
    def test_any_size_will_do(self, shape: tuple[int, int], height: int, width: int) -> None:
        """From one pixel to six million, down to a line that is one pixel thick."""
        top, bottom, left, right = box_of(to_patch(np.ones(shape, np.float32)))
        assert (bottom - top + 1, right - left + 1) == (height, width)

    def test_a_large_picture_with_a_small_glyph_is_read(self) -> None:
        """Only the glyph's own box counts."""
        ink = np.zeros((2000, 3000), np.float32)
        ink[1500:1530, 100:120] = a_seven(30, 20, 4)
        assert np.array_equal(to_patch(ink), to_patch(a_seven(30, 20, 4)))


class TestProperties:
    """Where and how large somebody writes makes no difference."""

    @given(GLYPHS, st.lists(st.integers(0, 40), min_size=4, max_size=4))
    def test_shifting_the_ink_leaves_the_patch_alone(self, glyph: Ink, margins: list[int]) -> None:
        """To the bit."""
        top, right, bottom, left = margins
        assert np.array_equal(to_patch(frame(glyph, top, right, bottom, left)), to_patch(glyph))

    @given(GLYPHS, st.integers(2, 4))
    def test_enlarging_the_ink_leaves_the_patch_nearly_alone(self, glyph: Ink, times: int) -> None:
        """Drawn two to four times as large, it gives the same patch; a tie may round either way."""
        patch, large = to_patch(enlarge(glyph, 8)), to_patch(enlarge(glyph, 8 * times))
        moved = [np.roll(large, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        assert min(float(np.abs(patch - each).max()) for each in moved) < 0.05

    @given(GLYPHS)
    def test_a_patch_is_ink(self, glyph: Ink) -> None:
        """28x28 float32 in [0, 1], blank only when the glyph is."""
        patch = to_patch(glyph)
        assert patch.shape == (28, 28)
        assert patch.dtype == np.float32
        assert patch.min() >= 0
        assert patch.max() <= 1
        assert patch.any() == (glyph > 0.05).any()
