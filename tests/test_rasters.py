"""Tiles of any depth, transparency and turn become one image."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkdigits import rasters
from inkdigits.errors import UsageError
from inkdigits.rasters import from_array, to_image
from inkdigits.records import Image

Array = npt.NDArray[Any]

SIDES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=8, max_side=40)


def strokes(ink: tuple[int, int, int], alpha: int = 255, side_px: int = 40) -> Array:
    """A "1" of one colour on nothing: (side, side, 4) uint8; the colour under the transparent pixels is black."""
    rgba = np.zeros((side_px, side_px, 4), np.uint8)
    rgba[8:32, 18:22] = (*ink, alpha)
    return rgba


def contrast(image: Image) -> int:
    """Levels between the ink of `strokes` and its paper, in the channel that shows most."""
    colour = image.colour.astype(int)
    return int(abs(colour[20, 20] - colour[2, 2]).max())


@given(hnp.arrays(np.uint8, SIDES))
def test_grey_bytes_arrive_as_they_are(pixels: Array) -> None:
    """A grey uint8 array passes unchanged, and its colour is a view of it."""
    image = to_image(from_array(pixels))
    assert np.array_equal(image.grey, pixels)
    assert np.array_equal(image.colour, np.repeat(pixels[..., None], 3, axis=2))
    assert np.shares_memory(image.grey, image.colour)


@given(hnp.arrays(np.uint8, SIDES.map(lambda sides: (*sides, 3))))
def test_colours_arrive_as_they_are_and_grey_is_their_luma(pixels: Array) -> None:
    """RGB passes unchanged; grey is within a level of 0.299 R + 0.587 G + 0.114 B."""
    image = to_image(from_array(pixels))
    assert np.array_equal(image.colour, pixels)
    assert np.abs(image.grey - pixels @ np.array([0.299, 0.587, 0.114])).max() <= 1


def test_red_green_and_blue_alike_are_no_colour() -> None:
    """RGB that holds grey only takes the memory of grey only."""
    image = to_image(from_array(np.full((20, 30, 3), 77, np.uint8)))
    assert image.colour.strides[2] == 0
    assert (image.colour == 77).all()


@pytest.mark.parametrize("place", [0, -1])
def test_one_coloured_pixel_in_any_tile_is_colour(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether there is colour is decided over all tiles, the first and the last."""
    monkeypatch.setattr(rasters, "_TILE_PX", 8)
    pixels = np.full((20, 30, 3), 77, np.uint8)
    pixels[place, place] = 255, 0, 0
    assert np.array_equal(to_image(from_array(pixels)).colour, pixels)


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_the_image_is_frozen_and_the_array_is_not_touched(channels: tuple[int, ...]) -> None:
    """Frozen out; and what is written to the array later does not reach the image."""
    pixels = np.full((10, 12, *channels), 200, np.uint8)
    image = to_image(from_array(pixels))
    assert pixels.flags.writeable
    for array in (image.grey, image.colour):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
    before = image.colour.copy()
    pixels[:] = 0
    assert np.array_equal(image.colour, before)


@pytest.mark.parametrize("view", [np.s_[::-1], np.s_[:, ::-1], np.s_[::2, ::3], np.s_[5:40, 7:31]])
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_views_read_like_their_copies(view: Any, channels: tuple[int, ...]) -> None:
    """Arrays need not be contiguous."""
    pixels = np.random.default_rng(1).integers(0, 256, (60, 50, *channels), np.uint8)
    expected, got = (to_image(from_array(array)) for array in (pixels[view].copy(), pixels[view]))
    assert np.array_equal(got.colour, expected.colour)
    assert np.array_equal(to_image(from_array(pixels.swapaxes(0, 1))).grey, to_image(from_array(pixels)).grey.T)


@pytest.mark.parametrize(
    ("dtype", "black", "middle", "white"),
    [
        (np.bool_, 0, 1, 1),
        (np.uint16, 0, 2048, 4095),  # a camera's 12 bits
        (np.uint16, 0, 32768, 65535),
        (np.uint16, 0, 128, 255),
        (">u2", 0, 32768, 65535),
        (np.float16, 0, 0.5, 1),
        (np.float32, 0, 0.5, 1.0004),  # rounding is forgiven
        (np.float64, -0.0004, 0.5, 1),
    ],
)
def test_wider_numbers_fill_the_range(dtype: Any, black: float, middle: float, white: float) -> None:
    """Black, middle and white of every dtype become 0, 128 and 255, in grey, colour and alpha."""
    pixels = np.full((9, 9), middle).astype(dtype)
    pixels[0], pixels[-1] = black, white
    expected = [0, 255 if dtype == np.bool_ else 128, 255]
    assert np.abs(to_image(from_array(pixels)).grey[[0, 4, 8], 0] - np.array(expected)).max() <= 1
    opaque = np.dstack([pixels] * 3 + [np.full_like(pixels, white)])
    assert np.abs(to_image(from_array(opaque)).colour[[0, 4, 8], 0, 1] - np.array(expected)).max() <= 1


def test_the_noise_of_a_blank_page_is_not_stretched() -> None:
    """A 16-bit page of paper alone stays flat: white follows the bits in use, not the darkest and brightest pixel."""
    page = np.random.default_rng(1).integers(60000, 60400, (50, 50)).astype(np.uint16)
    assert np.ptp(to_image(from_array(page)).grey) <= 2


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(9, np.uint8),
        np.zeros((9, 9, 2), np.uint8),
        np.zeros((3, 9, 9), np.uint8),
        np.zeros((9, 9, 3, 1), np.uint8),
        np.zeros((9, 9), np.int64),
        np.zeros((9, 9), object),
        np.zeros((9, 9), complex),
        np.full((9, 9), 255.0),
        np.full((9, 9), -1.0),
        np.full((9, 9), np.nan),
        np.full((9, 9), np.inf),
    ],
)
def test_arrays_that_are_no_pictures_are_refused_with_a_remedy(array: Array) -> None:
    """Another shape, dtype or range is a UsageError that says what to give instead."""
    with pytest.raises(UsageError, match=r"give \(H, W\)|divide it by 255|\.astype\(numpy\.uint8\)"):
        from_array(array)


@pytest.mark.parametrize("ink", [(255, 0, 0), (0, 0, 0), (255, 255, 255), (255, 255, 0), (0, 200, 0), (128, 128, 128)])
@pytest.mark.parametrize("alpha", [255, 100])
@pytest.mark.parametrize("crop", [np.s_[:, :], np.s_[8:32, 17:22]], ids=["page", "tight"])
def test_ink_on_transparent_stands_out_from_its_paper(ink: tuple[int, int, int], alpha: int, crop: Any) -> None:
    """Fault 6: a pen of any colour on transparent paper is seen, also when it fills its box."""
    rgba = strokes(ink, alpha)[crop]
    image = to_image(from_array(rgba))
    seen = image.grey[rgba[..., 3] > 0].astype(int)
    paper = image.grey[rgba[..., 3] == 0].astype(int)
    assert abs(seen.mean() - paper.mean()) > 0.45 * alpha
    assert set(paper.tolist()) <= {0, 255}


def test_most_pens_get_white_paper_and_bright_ones_black() -> None:
    """Paper is white unless the ink itself is bright."""
    assert to_image(from_array(strokes((255, 0, 0)))).grey[0, 0] == 255
    assert to_image(from_array(strokes((255, 255, 255)))).grey[0, 0] == 0


def test_a_soft_shadow_does_not_make_bright_ink_dark() -> None:
    """White strokes with a wide, faint, black shadow still get black paper."""
    rgba = strokes((255, 255, 255))
    rgba[4:36, 8:32, 3] = np.maximum(rgba[4:36, 8:32, 3], 60)
    assert to_image(from_array(rgba)).grey[0, 0] == 0


def test_a_picture_with_cut_corners_gets_its_own_paper_there() -> None:
    """The corners of a photo or a window do not look like ink."""
    rgba = np.full((60, 60, 4), 235, np.uint8)
    rgba[10:50, 25:35, :3] = 30
    rgba[..., 3] = 255
    rgba[:6, :6, 3] = rgba[-6:, -6:, 3] = 0
    grey = to_image(from_array(rgba)).grey
    assert grey[0, 0] == grey[-1, -1] == 235


def test_nothing_at_all_is_a_blank_page() -> None:
    """A fully transparent picture is white, whatever colour hides in it."""
    rgba = np.random.default_rng(1).integers(0, 256, (20, 20, 4), np.uint8)
    rgba[..., 3] = 0
    assert (to_image(from_array(rgba)).colour == 255).all()


def test_half_transparent_ink_is_blended() -> None:
    """Alpha weighs ink against paper; an opaque picture is not changed at all."""
    assert abs(int(to_image(from_array(strokes((0, 0, 0), 128))).grey[20, 20]) - 127) <= 1
    opaque = np.random.default_rng(1).integers(0, 256, (20, 20, 4), np.uint8)
    opaque[..., 3] = 255
    assert np.array_equal(to_image(from_array(opaque)).colour, opaque[..., :3])


@pytest.mark.parametrize("shape", [(64, 96), (61, 97), (64, 96, 3), (61, 97, 3)])
def test_large_pictures_are_averaged_down_by_one_factor(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit each pixel is the mean of a 4 x 4 square, across the seams of tiles too; sizes stay as sent."""
    monkeypatch.setattr(rasters, "WHOLE_MEGAPIXELS", 0.0005)
    monkeypatch.setattr(rasters, "_TILE_PX", 16)
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    image = to_image(from_array(pixels))
    assert (image.width, image.height) == (shape[1], shape[0])
    assert image.grey.shape == (-(-shape[0] // 4), -(-shape[1] // 4))
    whole = pixels[:60, :96].reshape(15, 4, 24, 4, -1).mean((1, 3))
    assert np.abs((image.colour if len(shape) == 3 else image.grey[..., None])[:15, :24] - whole).max() <= 1


@given(st.integers(1, 20000), st.integers(1, 20000))
def test_reduction_is_the_least_power_of_two_that_fits(width: int, height: int) -> None:
    """What is left has at most 12 megapixels, and twice the sides would have more."""
    factor = rasters.reduction(width, height)
    assert factor.bit_count() == 1
    assert width * height <= 12e6 * factor**2
    assert factor == 1 or width * height > 12e6 * (factor / 2) ** 2
