"""Sheets of paper as a camera sees them, to write the golden digits on."""

from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

SHEET = (480, 640)
"""Rows and columns of a photo in these tests."""


def plain(shape: tuple[int, int] = SHEET) -> Array:
    """A sheet before the light falls on it: (H, W, 3) uint8."""
    return np.full((*shape, 3), (248, 244, 234), np.uint8)


def ruled(shape: tuple[int, int] = SHEET) -> Array:
    """Blue rules, a little tilted."""
    sheet = plain(shape)
    for y in range(-20, shape[0], 60):
        cv2.line(sheet, (0, y), (shape[1] - 1, y + 20), (120, 150, 210), 2, cv2.LINE_AA)
    return sheet


def squared(shape: tuple[int, int] = SHEET) -> Array:
    """Squares of 40 px."""
    sheet = plain(shape)
    for at in range(16, max(shape), 40):
        cv2.line(sheet, (0, at), (shape[1] - 1, at), (120, 140, 190), 2)
        cv2.line(sheet, (at, 0), (at, shape[0] - 1), (120, 140, 190), 2)
    return sheet


def on_table(shape: tuple[int, int] = SHEET) -> Array:
    """A dark table shows beside the sheet."""
    corners = [(0, 0), (shape[1] // 9, 0), (shape[1] // 12, shape[0]), (0, shape[0])]
    return cv2.fillPoly(plain(shape), [np.array(corners)], (50, 38, 30))


SHEETS = {each.__name__: each for each in (plain, ruled, squared, on_table)}


def photograph(sheet: Array, seed: int = 0) -> Array:
    """Light that falls to 45 % from left to right, and the camera's grain: (H, W, 3) uint8."""
    light = np.linspace(0.95, 0.43, sheet.shape[1])[None, :, None]
    grain = np.random.default_rng(seed).normal(0, 2, (*sheet.shape[:2], 1))
    return np.clip(sheet * light + grain, 0, 255).astype(np.uint8)


def lean_over(photo: Array) -> Array:
    """Somebody's shadow on the right lower half: there it has 55 % of the light, behind a soft edge."""
    height, width = photo.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    depth = (0.7 * columns / width + 0.5 * rows / height - 0.65) / 0.04
    return (photo * (1 - 0.45 / (1 + np.exp(-depth[..., None])))).astype(np.uint8)
