"""Things are drawings of many strokes, never twice alike."""

import cv2
import numpy as np

from inkdigits.train.things import LENGTH, _length, draw_thing


def test_they_fill_the_field_and_repeat() -> None:
    """(64, 64) uint8, nothing cut off; the same seed draws the same, another something else."""
    for seed in range(60):
        field = draw_thing(np.random.default_rng(seed))
        assert field.shape == (64, 64)
        assert field.dtype == np.uint8
        frame = np.concatenate([field[0], field[-1], field[:, 0], field[:, -1]])
        assert not frame.any()
        _, _, width, height = cv2.boundingRect((field > 127).view(np.uint8))
        assert max(width, height) >= 48
        assert np.array_equal(field, draw_thing(np.random.default_rng(seed)))
        assert not np.array_equal(field, draw_thing(np.random.default_rng(seed + 1000)))


def test_all_hangs_together() -> None:
    """Every stroke begins on an earlier one."""
    for seed in range(60):
        n, _ = cv2.connectedComponents((draw_thing(np.random.default_rng(seed)) > 0).view(np.uint8))
        assert n == 2


def test_the_pen_goes_further_than_for_any_digit() -> None:
    """A round 8 of two circles takes its height three times and more."""
    eight = [np.column_stack([np.cos(t), np.sin(t) + y]) for t in [np.linspace(0, 2 * np.pi, 99)] for y in (0, 2)]
    assert _length(eight) / 4 < 3.2 < LENGTH[0]
