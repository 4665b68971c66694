"""Corrupted digits are the same bytes everywhere, changed as their kind says, and still there."""

from pathlib import Path

import numpy as np
import pytest

from inkdigits.corruptions import AFFINE, DIGESTS, SUITE, corrupt, digest, light, marks, warps
from inkdigits.corruptions.chance import ONE, Bytes, Chance
from inkdigits.datasets import load_dataset

KINDS = (*SUITE, AFFINE)


def draw_sevens(n: int) -> Bytes:
    """Plain sevens: a bar and a stem, 3 px wide."""
    images = np.zeros((n, 28, 28), dtype=np.uint8)
    images[:, 4:7, 6:21] = 255
    images[:, 7:24, 15:18] = 255
    return images


SEVENS = draw_sevens(40)


def test_there_are_fifteen_kinds_and_the_affine():
    """Each with its digest."""
    assert len(SUITE) == 15
    assert AFFINE not in SUITE
    assert set(DIGESTS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_mnist_becomes_the_bytes_that_are_frozen(kind: str, data_dir: Path):
    """Whoever changes a strength, a seed or a rounding changes every figure that was ever measured."""
    images = load_dataset("mnist", split="test", root=data_dir).images
    assert digest(corrupt(images, kind)) == DIGESTS[kind]


FROZEN_SEVENS = {
    "shot noise": "0da95452ced43118",
    "impulse noise": "4c3c16f48a8db846",
    "glass blur": "aca50ad421f8812b",
    "motion blur": "bcef7d34240f7a76",
    "shear": "18052f7b10d06b04",
    "scale": "2f2ece9c208c6316",
    "rotate": "32dbf0d40b92d5dc",
    "brightness": "457d9a5a674953e7",
    "translate": "e2b5d5eb534834d0",
    "stripe": "3d0d3129f7c82697",
    "fog": "fce68cc082d8c9ae",
    "spatter": "ca130c0362b42dbd",
    "dotted line": "9549b706fd66d31a",
    "zigzag": "5690aa5cbe79fdfb",
    "canny edges": "26dc4409c259536f",
    "affine": "77793f664451f540",
}
"""Kind -> first 16 hex digits of the sha256 of what becomes of `SEVENS`."""


@pytest.mark.parametrize("kind", KINDS)
def test_made_digits_become_the_bytes_that_are_frozen(kind: str):
    """The same check for machines without MNIST."""
    assert digest(corrupt(SEVENS, kind))[:16] == FROZEN_SEVENS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_changes_every_digit_and_loses_none(kind: str):
    """Shape and type stay; the input is left alone; some ink and some paper remain in each."""
    before = SEVENS.copy()
    changed = corrupt(SEVENS, kind)
    np.testing.assert_array_equal(SEVENS, before)
    assert (changed.shape, changed.dtype) == (SEVENS.shape, np.uint8)
    assert (changed != SEVENS).any(axis=(1, 2)).all()
    assert (changed.max(axis=(1, 2)) - changed.min(axis=(1, 2)) > 60).all()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "canny edges"])
def test_equal_digits_are_changed_differently(kind: str):
    """Chance is drawn for each digit, and anew in each block."""
    many = corrupt(draw_sevens(1040), kind)
    assert len({image.tobytes() for image in many}) > 40
    assert (many[:40] != many[1000:]).any()


def test_a_block_does_not_depend_on_what_follows():
    """The first thousand digits of a longer set are changed like those of a set of a thousand."""
    many = draw_sevens(1500)
    np.testing.assert_array_equal(corrupt(many, "rotate")[:1000], corrupt(many[:1000], "rotate"))


def test_nothing_becomes_nothing():
    """A set without images is no error."""
    assert corrupt(SEVENS[:0], "fog").shape == (0, 28, 28)


@pytest.mark.parametrize("images", [SEVENS.astype(np.float32), SEVENS[:, :20], SEVENS[0]])
def test_other_images_are_refused(images: Bytes):
    """Ink as float32 would be cut down to nothing without a word."""
    with pytest.raises(ValueError, match="must be uint8"):
        corrupt(images, "fog")


class TestChance:
    """Where the numbers come from."""

    def test_numbers_are_those_of_the_raw_bits(self):
        """Both ends are drawn, in order, from the upper halves of PCG64's words."""
        raw = np.random.PCG64(np.random.SeedSequence((1, 2))).random_raw(600) >> np.uint64(32)
        drawn = Chance(1, 2).integers(-1, 4, 20, 30)
        np.testing.assert_array_equal(drawn.ravel(), [-1 + (int(word) * 6 >> 32) for word in raw])
        assert set(drawn.ravel().tolist()) == {-1, 0, 1, 2, 3, 4}

    def test_signed_numbers_keep_their_distance_from_zero(self):
        """Half of them on each side."""
        drawn = Chance(3).signed(0.5, 0.75, 4000) / ONE
        assert np.abs(drawn).min() >= 0.5
        assert np.abs(drawn).max() <= 0.75
        assert 0.45 < (drawn > 0).mean() < 0.55


class TestWarps:
    """Geometry."""

    def test_a_whole_pixel_shift_moves_every_pixel(self):
        """To the right and down, with paper behind."""
        shift = np.array([[3 * ONE] * 40, [2 * ONE] * 40])
        moved = warps._move(SEVENS, warps._still(40), shift)
        np.testing.assert_array_equal(moved[:, 2:, 3:], SEVENS[:, :-2, :-3])
        assert not moved[:, :2].any()
        assert not moved[:, :, :3].any()

    def test_a_quarter_turn_is_numpys(self):
        """No pixel is lost or blurred by it."""
        turned = warps._move(SEVENS, warps._rotation(np.full(40, 90 * ONE)))
        np.testing.assert_array_equal(turned, np.rot90(SEVENS, axes=(1, 2)))

    def test_half_a_pixel_is_the_mean_of_two(self):
        """Bilinear, rounded to the nearest."""
        shift = np.array([[ONE // 2] * 40, [0] * 40])
        expected = (SEVENS[:, :, 1:].astype(int) + SEVENS[:, :, :-1] + 1) // 2
        np.testing.assert_array_equal(warps._move(SEVENS, warps._still(40), shift)[:, :, 1:], expected)

    def test_scale_shrinks_both_sides_about_the_centre(self):
        """By 0.6 to 0.8."""
        small = corrupt(SEVENS, "scale") > 60
        heights = small.any(axis=2).sum(axis=1)
        assert heights.min() >= 20 * 0.6 - 2
        assert heights.max() <= 20 * 0.8 + 2

    def test_shear_leaves_rows_where_they_are(self):
        """Only along its row does ink move."""
        rows = corrupt(SEVENS, "shear").any(axis=2)
        np.testing.assert_array_equal(rows, SEVENS.any(axis=2))

    def test_blurs_keep_the_ink(self):
        """They spread it, within what leaves the patch."""
        for kind in ("motion blur", "glass blur"):
            share = corrupt(SEVENS, kind).sum(axis=(1, 2), dtype=int) / SEVENS.sum(axis=(1, 2), dtype=int)
            assert share.mean() == pytest.approx(1, abs=0.05)

    def test_smoothing_is_a_binomial_blur(self):
        """One point becomes 1 2 1, 2 4 2, 1 2 1 sixteenths."""
        point = np.zeros((1, 28, 28), dtype=np.uint8)
        point[0, 5, 5] = 160
        np.testing.assert_array_equal(warps.smooth(point)[0, 4:7, 4:7], [[10, 20, 10], [20, 40, 20], [10, 20, 10]])


class TestLight:
    """Brightness and noise."""

    def test_shot_noise_is_poisson(self):
        """Over full ink and over paper, mean and variance of the photons are what was asked for."""
        for value, mean in ((0, light.SHOT_DARK), (102, 0.4 * light.SHOT_PHOTONS + light.SHOT_DARK)):
            flat = np.full((200, 28, 28), value, dtype=np.uint8)
            photons = light.shot_noise(flat, Chance(1)) / 51
            assert photons.mean() == pytest.approx(mean, rel=0.1)
            assert value or photons.var() == pytest.approx(mean, rel=0.1)  # bright pixels are cut off at full ink

    def test_impulse_noise_sticks_its_share_of_pixels(self):
        """Half to ink, half to paper; the others keep their value."""
        grey = np.full((100, 28, 28), 99, dtype=np.uint8)
        noisy = light.impulse_noise(grey, Chance(1))
        for value in (0, 255):
            assert (noisy == value).mean() == pytest.approx(light.IMPULSE_SHARE / 2, rel=0.05)
        assert set(np.unique(noisy)) == {0, 99, 255}

    def test_a_stripe_is_a_negative(self):
        """Turned once more where it was turned, the digit is back."""
        striped = corrupt(SEVENS, "stripe")
        turned = striped == 255 - SEVENS
        columns = turned.all(axis=1)
        np.testing.assert_array_equal(np.where(columns[:, None], 255 - striped, striped), SEVENS)
        assert set(columns.sum(axis=1)) <= set(range(light.STRIPE_PX[0], light.STRIPE_PX[1] + 1))

    def test_clouds_are_smooth_and_reach_from_none_to_full(self):
        """Neighbours differ by far less than the whole."""
        clouds = light.clouds(20, Chance(1)) / ONE
        assert clouds.min(axis=(1, 2)).tolist() == [0] * 20
        assert clouds.max(axis=(1, 2)).tolist() == [1] * 20
        assert np.abs(np.diff(clouds, axis=2)).mean() < 0.1


class TestMarks:
    """What is written over a digit, and its outline."""

    @pytest.mark.parametrize("kind", ["spatter", "dotted line", "zigzag"])
    def test_writing_over_takes_no_ink_away(self, kind: str):
        """It only adds."""
        assert (corrupt(SEVENS, kind) >= SEVENS).all()

    @pytest.mark.parametrize("kind", ["dotted line", "zigzag"])
    def test_lines_go_from_edge_to_edge(self, kind: str):
        """From left to right, or from top to bottom, and both occur."""
        paper = corrupt(np.zeros_like(SEVENS), kind) > 0
        level = paper[:, :, :2].any(axis=(1, 2)) & paper[:, :, -2:].any(axis=(1, 2))
        upright = paper[:, :2].any(axis=(1, 2)) & paper[:, -2:].any(axis=(1, 2))
        assert (level | upright).all()
        assert 0 < level.sum() < len(SEVENS)

    def test_a_dot_is_round_and_has_its_size(self):
        """Its ink is that of a disc of its radius."""
        paper = np.zeros((1, 28, 28), dtype=np.uint8)
        for radius in (1.0, 1.8, 3.0):
            at = np.full((1, 1), 13 * ONE + ONE // 3)
            dot = marks._draw_dots(paper, at, at, np.full((1, 1), int(radius * ONE)))
            assert dot.sum() / 255 == pytest.approx(np.pi * radius**2, rel=0.1)
            np.testing.assert_array_equal(dot, dot.transpose(0, 2, 1))

    def test_edges_are_the_outline_and_nothing_else(self):
        """A block leaves a closed line, one pixel wide, about its border."""
        block = np.zeros((1, 28, 28), dtype=np.uint8)
        block[:, 8:20, 8:20] = 255
        (edges,) = corrupt(block, "canny edges") == 255
        assert not edges[10:18, 10:18].any()
        assert not edges[:6].any()
        for lines in (edges[12:16], edges[:, 12:16].T):
            assert lines.sum(axis=1).tolist() == [2] * 4
