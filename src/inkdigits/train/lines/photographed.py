"""Lines written on paper and photographed, as the steps of reading hand them to the network."""

import os
import signal
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import chain
from multiprocessing import get_context

import cv2
import numpy as np

from inkdigits.images import load_image
from inkdigits.ink import find_line_ink
from inkdigits.train.lines.compose import Written, write_line
from inkdigits.train.lines.library import HEIGHT_PX, Library
from inkdigits.train.lines.paged import holds, photograph_page
from inkdigits.train.lines.spoil import ROOM_PX
from inkdigits.train.pictures.photos import PENS, choose_sides, photograph_shape
from inkdigits.train.pictures.shapes import Shape, draw_log_uniform

PHOTO_PX = (280, 750)
"""Sides of the photos: half as long as those that people send, which saves three quarters of the time."""

SIZE = (0.06, 0.35)
"""Height of the digits, as a share of the photo's; less where the line would be wider than `MAX_WIDTH` of it."""

MAX_WIDTH = 0.85

SLACK = 0.1
"""Of the line's height, so much may be missing at its ends: soft edges."""

A_PAGE = 3
"""Each photo of so many shows a page, with about ten lines."""


def photograph_lines(
    numbers: range, library: Library, seed: int, watch: Callable[[int], object] = lambda _: None
) -> list[Written]:
    """Photograph random lines, one on a sheet or many on a page, and return those that reading finds, as it finds them.

    Args:
        numbers: of the photos; the same one is the same photo.
        library: what the lines are composed of.
        seed: of all random choices.
        watch: called with how many are done.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(partial(_photograph_numbered, library, seed), numbers)
        return list(chain.from_iterable(_watched(found, watch)))


def photograph_ahead(start: int, n: int, library: Library, seed: int) -> Generator[list[Written]]:
    """Yield nothing at first, then the lines of the next `n` photos from number `start` on, again and again.

    A process of its own makes the next ones while those that were yielded are learned from.
    """
    if not n:
        while True:
            yield []
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(library, seed))
    ahead: Iterator[list[Written]] = iter(())
    try:
        while True:
            ready, ahead = ahead, pool.map(_photograph_ordered, range(start, start + n))
            start += n
            yield list(chain.from_iterable(ready))
    finally:
        pool.shutdown(cancel_futures=True)


_ordered: Callable[[int], list[Written]]
"""Photographs by number, in a process that does nothing else."""


def _begin(library: Library, seed: int) -> None:
    global _ordered
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the training, which ends this process
    cv2.setNumThreads(1)
    _ordered = partial(_photograph_numbered, library, seed)


def _photograph_ordered(number: int) -> list[Written]:
    return _ordered(number)


def _photograph_numbered(library: Library, seed: int, number: int) -> list[Written]:
    rng = np.random.default_rng((seed, number))
    if number % A_PAGE == 0:
        return photograph_page(rng, library)
    line = _photograph(rng, library)
    return [] if line is None else [line]


def _watched(found: Iterator[list[Written]], watch: Callable[[int], object]) -> Iterator[list[Written]]:
    for n_done, lines in enumerate(found, start=1):
        watch(n_done)
        yield lines


def _photograph(rng: np.random.Generator, library: Library) -> Written | None:
    """Photograph one line; None where it is not found, or not all of it."""
    line = write_line(rng, library)
    mask = line.ink[ROOM_PX:-ROOM_PX, ROOM_PX:-ROOM_PX]
    sides = choose_sides(rng, PHOTO_PX)
    scale = sides[0] * draw_log_uniform(rng, *SIZE) / HEIGHT_PX
    scale = min(scale, MAX_WIDTH * sides[1] / mask.shape[1], 0.8 * sides[0] / mask.shape[0])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    mask = np.clip(cv2.resize(mask, None, fx=scale, fy=scale, interpolation=method), 0, 1)
    shape = Shape(np.asarray(mask, dtype=np.float32), max(1.0, 0.07 * HEIGHT_PX * scale), "number")
    drawing = photograph_shape(rng, shape, str(rng.choice(list(PENS))), sides)
    found = find_line_ink(load_image(drawing.image))
    if not found.ink.any() or not holds(found.part, drawing.box, SLACK * HEIGHT_PX * scale):
        return None
    return Written(found.ink, line.tokens)
