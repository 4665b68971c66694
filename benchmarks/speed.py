"""Measure how fast the shipped reader is.

    python -m benchmarks.speed

prints digits classified a second with one and with two threads, the median time of reading one drawn 300x300 canvas
inside a process, and the median wall time of `inkdigits read FILE` from a cold start. Medians of many runs: a busy
machine makes single figures worthless.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.reader import open_reader
from inkdigits.settings import load_settings

N_DIGITS = 4096
N_REPEATS = 9
N_READS = 200
N_STARTS = 9


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default")
    model = parser.parse_args().model
    for threads in (1, 2):
        print(f"classify, {threads} thread(s)   {digits_per_second(model, threads):10,.0f} digits/s")
    print(f"read a 300x300 canvas    {1000 * read_seconds(model):10.2f} ms")
    print(f"inkdigits read, cold     {1000 * cold_start_seconds(model):10.0f} ms")


def digits_per_second(model: str, threads: int) -> float:
    """Return how many random patches `Reader.classify` answers in a second."""
    reader = open_reader(load_settings({"model": model, "threads": threads}))
    patches = np.random.default_rng(0).integers(0, 256, (N_DIGITS, 28, 28), dtype=np.uint8)
    return N_DIGITS / _median_seconds(lambda: reader.classify(patches), N_REPEATS)


def read_seconds(model: str) -> float:
    """Return how long one reading of a drawn canvas takes."""
    reader = open_reader(load_settings({"model": model}))
    canvas = draw_canvas()
    return _median_seconds(lambda: reader.read(canvas), N_READS)


def cold_start_seconds(model: str) -> float:
    """Return how long a new process takes to read one file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "canvas.png"
        cv2.imwrite(str(path), draw_canvas())
        command = [sys.executable, "-m", "inkdigits", "read", "--model", model, str(path)]
        return _median_seconds(lambda: subprocess.run(command, check=True, capture_output=True), N_STARTS)


def draw_canvas() -> npt.NDArray[np.uint8]:
    """Return a 300x300 RGB canvas with a 7 on it."""
    canvas = np.full((300, 300, 3), 255, dtype=np.uint8)
    strokes = np.array([[90, 80], [200, 80], [140, 240]], dtype=np.int32)
    cv2.polylines(canvas, [strokes], False, (20, 20, 20), 14, cv2.LINE_AA)
    return canvas


def _median_seconds(call: Callable[[], object], n: int) -> float:
    """Return the median wall time of `n` calls, after one that does not count."""
    call()
    seconds = []
    for _ in range(n):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
