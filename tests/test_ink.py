"""Ink is found whatever the paper, the pen and the light; rules, shadows and tables are not ink."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.images import load_image
from inkdigits.ink import WORK_PX, to_ink
from inkdigits.ink.rules import find_rules
from tests.strokes import draw, paint

Array = npt.NDArray[Any]


def ink_of(picture: Array) -> Array:
    """The ink of an array as `load_image` sees it."""
    return to_ink(load_image(picture))


def shaded(height: int, width: int, seed: int = 0) -> Array:
    """Paper under light that falls to 45 % from left to right, with grain: (H, W, 3) uint8."""
    light = np.linspace(1, 0.45, width)[None, :, None] * np.array([236, 232, 222])
    grain = np.random.default_rng(seed).normal(0, 2, (height, width, 1))
    return np.clip(light + grain, 0, 255).astype(np.uint8)


def overlap(ink: Array, coverage: Array) -> float:
    """Intersection over union of the ink found and the ink drawn."""
    found, drawn = ink > 0.4, coverage > 127
    return float((found & drawn).sum() / (found | drawn).sum())


class TestFlat:
    """Pads, screenshots and cut-out digits."""

    @pytest.mark.parametrize("paper", [(255, 255, 255), (0, 0, 0), (24, 28, 64), (250, 240, 220), (120, 120, 120)])
    @pytest.mark.parametrize("pen", [(220, 30, 30), (30, 60, 200), (20, 130, 60), (250, 220, 90)])
    def test_any_pen_on_any_ground(self, paper: tuple[int, int, int], pen: tuple[int, int, int]) -> None:
        """What differs from the ground in any channel is ink; dark or light makes no difference."""
        coverage = draw(5)
        assert overlap(ink_of(paint(coverage, pen, paper)), coverage) > 0.9

    def test_a_picture_and_its_negative_have_the_same_ink(self) -> None:
        """Polarity is never assumed."""
        picture = paint(draw(3))
        assert np.array_equal(ink_of(picture), ink_of(255 - picture))

    @pytest.mark.parametrize("level", [0, 127, 255])
    def test_one_colour_has_no_ink(self, level: int) -> None:
        """Nor has one with the noise of a JPEG."""
        assert not ink_of(np.full((90, 120), level, np.uint8)).any()

    def test_a_line_from_edge_to_edge_is_a_rule(self) -> None:
        """The line of a form goes, the digit on it stays."""
        coverage = draw(4, high_px=110)
        picture = paint(coverage)
        picture[150:153] = (90, 120, 220)
        ink = ink_of(picture)
        assert not ink[150:153, :40].any()
        assert overlap(ink, coverage) > 0.85

    def test_a_one_as_high_as_the_pad_is_no_rule(self) -> None:
        """It stops short of the edges."""
        coverage = draw(1, high_px=180)
        assert overlap(ink_of(paint(coverage)), coverage) > 0.9


class TestPhoto:
    """Paper under uneven light."""

    @pytest.mark.parametrize("pen", [(25, 25, 30), (30, 50, 170), (190, 40, 40), (120, 120, 124)])
    def test_light_divides_out(self, pen: tuple[int, int, int]) -> None:
        """A fixed threshold would make half the paper ink."""
        coverage = draw(2, high_px=200, pen_px=10, shape=(480, 640))
        assert overlap(ink_of(paint(coverage, pen, shaded(480, 640))), coverage) > 0.7

    def test_a_soft_shadow_is_no_ink(self) -> None:
        """However dark: its edge is not that of a stroke."""
        coverage = draw(6, high_px=150, pen_px=9, at=(380, 60), shape=(480, 640))
        shadow = cv2.GaussianBlur(cv2.circle(np.zeros((480, 640)), (150, 330), 90, 0.5, -1), (0, 0), 25)
        picture = (paint(coverage, paper=shaded(480, 640)) * (1 - shadow[..., None])).astype(np.uint8)
        ink = ink_of(picture)
        assert not (ink[250:400, 60:240] > 0.4).any()
        assert overlap(ink, coverage) > 0.7

    def test_the_edge_of_a_table_is_no_ink(self) -> None:
        """It runs along the picture's own edge."""
        coverage = draw(9, high_px=150, pen_px=9, shape=(480, 640))
        picture = paint(coverage, paper=shaded(480, 640))
        picture[:, :40] = (40, 28, 20)
        ink = ink_of(picture)
        assert not (ink[:, :38] > 0.4).any()
        assert overlap(ink, coverage) > 0.7

    def test_ruled_paper_is_cleaned_and_the_digit_is_whole(self) -> None:
        """Also where a rule crosses it."""
        coverage = draw(8, high_px=160, pen_px=9, shape=(480, 640))
        paper = shaded(480, 640)
        for y in range(40, 480, 70):
            cv2.line(paper, (0, y), (639, y + 20), (120, 150, 210), 3, cv2.LINE_AA)
        ink = ink_of(paint(coverage, paper=paper))
        assert (ink[:, :120] > 0.4).mean() < 0.002
        assert overlap(ink, coverage) > 0.65

    def test_large_pictures_are_reduced(self) -> None:
        """To the size that ink is looked for on."""
        coverage = draw(7, high_px=600, pen_px=40, shape=(1500, 2000))
        assert ink_of(paint(coverage, paper=shaded(1500, 2000))).shape == (round(1500 * WORK_PX / 2000), WORK_PX)


class TestAll:
    """What holds for any picture."""

    @settings(max_examples=60, deadline=None)
    @given(
        st.integers(8, 90), st.integers(8, 200), st.sampled_from([0, 3, 30, 255]), st.booleans(), st.integers(0, 10**6)
    )
    def test_noise_of_any_shape_gives_ink_in_range(
        self, height: int, width: int, spread: int, is_coloured: bool, seed: int
    ) -> None:
        """Without a warning, which would be an error here."""
        shape = (height, width, 3) if is_coloured else (height, width)
        noise = np.random.default_rng(seed).integers(0, spread + 1, shape)
        ink = ink_of(np.clip(200 - noise, 0, 255).astype(np.uint8))
        assert ink.shape == (height, width)
        assert ink.dtype == np.float32
        assert ink.min() >= 0
        assert ink.max() <= 1

    @pytest.mark.parametrize("shape", [(8, 8), (8, 2000), (2000, 8), (65, 8)])
    def test_odd_shapes_are_looked_at(self, shape: tuple[int, int]) -> None:
        """A ramp of light, which is never flat."""
        ramp = np.linspace(0, 255, shape[0] * shape[1]).reshape(shape).astype(np.uint8)
        assert np.isfinite(ink_of(ramp)).all()


class TestRules:
    """Rules are long, straight and thin."""

    @pytest.mark.parametrize("tilt_px", [-60, 0, 45])
    def test_rules_are_found_at_any_tilt(self, tilt_px: int) -> None:
        """Up to ten degrees, level or upright."""
        mask = np.zeros((400, 500), np.uint8)
        for y in (100, 200, 300):
            cv2.line(mask, (0, y), (499, y + tilt_px), 1, 3)
        for found, drawn in (
            (find_rules(mask > 0), mask),
            (find_rules(np.ascontiguousarray(mask.T) > 0), mask.T),
        ):
            assert (found & (drawn > 0)).sum() > 0.9 * drawn.sum()

    def test_strokes_that_cross_stay(self) -> None:
        """Where the ink is thicker than the rule."""
        mask = np.zeros((400, 500), np.uint8)
        cv2.line(mask, (0, 200), (499, 200), 1, 3)
        stroke = cv2.line(np.zeros_like(mask), (250, 120), (262, 280), 1, 8)
        kept = (mask | stroke).astype(bool) & ~find_rules((mask | stroke) > 0)
        assert (kept & (stroke > 0)).sum() > 0.97 * stroke.sum()

    def test_digits_are_no_rules(self) -> None:
        """Nor is an empty mask."""
        assert not find_rules(draw(7, high_px=150) > 127).any()
        assert not find_rules(np.zeros((50, 60), bool)).any()
