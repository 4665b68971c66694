"""What pens, paper, cameras and cleaning do to a line."""

import cv2
import numpy as np

from inkdigits.records import Ink
from inkdigits.train.lines.library import HEIGHT_PX, Library

ROOM_PX = HEIGHT_PX
"""Paper around a composed line."""

LEAN, WIDE, TWIST = 0.1, 0.1, 0.022
"""How much a photographed line is varied, standard deviations: columns to the right a row down, the logarithm of its
width, and displacements as a share of its height."""

FAINT = 0.2
"""Ink below this is paper, as `ink.writing` has it."""


def spoil_line(rng: np.random.Generator, ink: Ink, library: Library, *, is_clean: bool = False) -> Ink:
    """Change the pen, fade it, lay things beside the line, unless that is to stay clean; and cut off what is faint."""
    if rng.random() < 0.4:
        ink = _change_pen(rng, ink)
    for share, spoil in ((0.2, _fade), (0.12, _cut_rule), (0.12, _add_rules), (0.2, _add_specks), (0.05, _add_side)):
        if not is_clean and rng.random() < share:
            spoil(rng, ink)
    if not is_clean and rng.random() < 0.12:
        _add_neighbours(rng, ink, library)
    blurred = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 2.2 if rng.random() < 0.3 else 1.2))
    strong = blurred[blurred > FAINT]
    if rng.random() < 0.5 and strong.size:  # full ink is where the pen pressed most
        blurred = np.minimum(blurred / max(0.3, float(np.percentile(strong, 70))), 1)
    return np.where(blurred < FAINT, np.float32(0), np.minimum(blurred, np.float32(1)))


def vary_line(rng: np.random.Generator, ink: Ink) -> Ink:
    """Return a line that was photographed as if it had been written a little otherwise: it is shown more than once."""
    height, width = ink.shape
    lean, wide = rng.normal(0, LEAN), float(np.exp(rng.normal(0, WIDE)))
    coarse = rng.normal(0, TWIST * height, (2, 4, max(4, 4 * width // height))).astype(np.float32)
    size = (round(wide * width), height)
    down, across = (cv2.resize(each, size, interpolation=cv2.INTER_CUBIC) for each in coarse)
    rows, columns = (
        np.arange(height, dtype=np.float32)[:, None],
        np.arange(size[0], dtype=np.float32) / np.float32(wide),
    )
    across += columns + np.float32(lean) * (rows - height / 2)
    varied = np.asarray(cv2.remap(ink, across, down + rows, cv2.INTER_LINEAR), dtype=np.float32)
    return _change_pen(rng, varied) if rng.random() < 0.4 else varied


def _change_pen(rng: np.random.Generator, ink: Ink) -> Ink:
    """Make all strokes wider, or narrower where that does not break them."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    wide = rng.random() < 0.6
    changed = cv2.dilate(ink, kernel) if wide else cv2.erode(ink, kernel)
    share = np.float32(rng.uniform(0, 1) if wide else rng.uniform(0, 0.6))
    return np.asarray((1 - share) * ink + share * changed, dtype=np.float32)


def _fade(rng: np.random.Generator, ink: Ink) -> None:
    """Let a pen press unevenly, in place."""
    cells = rng.random((3, max(3, ink.shape[1] // 30)), dtype=np.float32)
    pressure = cv2.resize(cells, ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
    ink *= 1 - np.float32(rng.uniform(0.1, 0.7)) * pressure


def _cut_rule(rng: np.random.Generator, ink: Ink) -> None:
    """Take out a printed rule with the ink on it, in place: all along, or but here and there."""
    width = int(rng.integers(1, 4))
    y = int(rng.integers(ROOM_PX - 2, ink.shape[0] - ROOM_PX + 2))
    columns = np.s_[:] if rng.random() < 0.4 else rng.random(ink.shape[1] // 8 + 1).repeat(8)[: ink.shape[1]] < 0.6
    ink[y : y + width, columns] *= np.float32(rng.uniform(0, 0.5))


def _add_rules(rng: np.random.Generator, ink: Ink) -> None:
    """Leave pieces of rules, lying and standing, in place."""
    height, width = ink.shape
    for _ in range(int(rng.integers(1, 5))):
        level = float(rng.uniform(0.3, 1))
        pen = int(rng.integers(1, 4))
        if rng.random() < 0.6:
            x, y = int(rng.integers(width)), int(rng.integers(4, height - 4))
            long = int(rng.uniform(0.1, 0.6 if rng.random() < 0.7 else 3) * width)
            if rng.random() < 0.2:  # a dotted one
                dots = slice(x, x + long, int(rng.integers(4, 12)))
                ink[y : y + pen, dots] = np.maximum(ink[y : y + pen, dots], np.float32(level))
            else:
                cv2.line(ink, (x, y), (x + long, y + int(rng.integers(-2, 3))), level, pen)
        else:
            x = int(rng.integers(width))
            cv2.line(ink, (x, 0), (x + int(rng.integers(-4, 5)), height), level, pen)


def _add_specks(rng: np.random.Generator, ink: Ink) -> None:
    """Leave specks, in place."""
    height, width = ink.shape
    for _ in range(int(rng.integers(1, 8))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(ink, centre, int(rng.integers(0, 3)), float(rng.uniform(0.3, 1)), -1, cv2.LINE_AA)


def _add_side(rng: np.random.Generator, ink: Ink) -> None:
    """Show the dark table, or a hand, at the left or the right end, in place."""
    height, width = ink.shape
    depth = int(rng.integers(4, ROOM_PX - 4))
    slip = int(rng.integers(-8, 9))
    x = 0 if rng.random() < 0.5 else width
    towards = depth if x == 0 else -depth
    corners = [(x, 0), (x + towards, 0), (x + towards + slip, height), (x, height)]
    cv2.fillConvexPoly(ink, np.array(corners, dtype=np.int32), float(rng.uniform(0.5, 1)), cv2.LINE_AA)


def _add_neighbours(rng: np.random.Generator, ink: Ink, library: Library) -> None:
    """Show the feet of the line above, or the heads of that below, in place."""
    height, width = ink.shape
    above = rng.random() < 0.5
    for _ in range(int(rng.integers(1, 4))):
        shape = library.shapes[int(rng.integers(len(library.shapes)))].astype(np.float32) / np.float32(255)
        reach = int(rng.integers(5, round(0.8 * ROOM_PX)))
        part = shape[-reach:] if above else shape[:reach]
        x = int(rng.integers(0, max(1, width - part.shape[1])))
        window = ink[: part.shape[0]] if above else ink[height - part.shape[0] :]
        window = window[:, x : x + part.shape[1]]
        np.maximum(window, part[:, : window.shape[1]], out=window)
