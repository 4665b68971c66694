"""What the window shows -> a picture file."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.outputs import open_whole

SUFFIX = ".png"


def save_png(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    """Write a picture, (H, W) grey or (H, W, 3) RGB, as a PNG file, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    _, data = cv2.imencode(SUFFIX, pixels if pixels.ndim == 2 else pixels[..., ::-1])  # OpenCV's order is BGR
    with open_whole(path) as file:
        file.write(data.tobytes())
