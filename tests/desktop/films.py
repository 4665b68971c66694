"""Films of paper with numbers on it, as a camera in a hand would take them."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from tests.papers import SHEET, on_table, photograph, plain
from tests.strokes import draw, paint

FPS = 5
"""Slow, so that a busy machine still reads most frames."""

N_DIFFERENT = 4
"""A hand shakes so long, then again in the same way."""

PEN = (35, 40, 70)


def sheet(number: str, high_px: int = 110) -> np.ndarray:
    """Write a number in the middle of a sheet: (H, W, 3) uint8 RGB. Empty: a blank one."""
    paper = plain() if number else on_table()
    step = round(0.85 * high_px)
    left, top = (SHEET[1] - step * len(number)) // 2, (SHEET[0] - high_px) // 2
    for at, digit in enumerate(number):
        ink = draw(int(digit), high_px=high_px, pen_px=9, at=(left + step * at, top), shape=SHEET)
        paper = paint(ink, PEN, paper)
    return paper


def film(path: Path, scenes: Sequence[tuple[str, int]], fps: float = FPS) -> str:
    """Write a film, and return its path.

    Args:
        path: of the film, ending with ".avi".
        scenes: numbers on paper, each with how many frames it is held before the camera; it shakes a little.
        fps: how fast it is: where no frame is read, it may be faster.
    """
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, SHEET[::-1])
    for number, n_frames in scenes:
        paper = sheet(number)
        shaken = [photograph(np.roll(paper, (n, 2 * n), (0, 1)), n) for n in range(N_DIFFERENT)]
        for n in range(n_frames):
            writer.write(shaken[n % N_DIFFERENT][..., ::-1])
    writer.release()
    return str(path)
