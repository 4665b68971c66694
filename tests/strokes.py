"""Handwritten digits of our own: points of a pen, drawn at any size with any pen. The golden pictures of the tests."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

Stroke: TypeAlias = Sequence[tuple[float, float]]
"""Points (x, y) from pen down to pen up; a digit is 1 high, y down. A curve runs through them."""

SCHOOL: dict[int, list[Stroke]] = {
    0: [[(.33, .01), (.13, .09), (.02, .32), (.02, .66), (.14, .93), (.32, 1), (.51, .92), (.62, .66), (.61, .31),
         (.5, .08), (.33, .01), (.24, .03)]],
    1: [[(.2, 0), (.19, .35), (.18, .7), (.17, 1)]],
    2: [[(.04, .22), (.1, .07), (.28, 0), (.47, .06), (.55, .22), (.48, .43), (.3, .66), (.1, .88), (.02, .97)],
        [(.02, .97), (.2, .97), (.62, .98)]],
    3: [[(.05, .12), (.24, .01), (.45, .06), (.52, .22), (.42, .39), (.22, .46), (.44, .51), (.58, .68), (.52, .89),
         (.3, 1), (.08, .95), (0, .85)]],
    4: [[(.24, 0), (.14, .26), (.02, .55), (0, .6)], [(0, .6), (.3, .59), (.66, .57)], [(.5, .3), (.49, .65), (.47, 1)]],
    5: [[(.14, .02), (.11, .22), (.07, .44)], [(.07, .44), (.24, .37), (.45, .42), (.57, .6), (.54, .84), (.35, .99),
         (.12, .97), (0, .86)], [(.14, .02), (.35, .02), (.57, 0)]],
    6: [[(.45, 0), (.26, .16), (.09, .42), (.02, .7), (.1, .93), (.3, 1), (.5, .93), (.56, .75), (.46, .58), (.27, .55),
         (.1, .64), (.04, .76)]],
    7: [[(.02, .04), (.3, .05), (.6, .02)], [(.6, .02), (.46, .3), (.33, .64), (.24, 1)]],
    8: [[(.5, .14), (.33, .01), (.13, .08), (.1, .27), (.27, .45), (.48, .62), (.53, .84), (.34, .99), (.12, .93),
         (.06, .74), (.2, .55), (.42, .4), (.53, .22), (.5, .14)]],
    9: [[(.52, .17), (.4, .03), (.2, .03), (.05, .18), (.06, .38), (.2, .49), (.39, .44), (.5, .28), (.53, .15)],
        [(.53, .15), (.5, .45), (.46, .75), (.42, 1)]],
}
"""Round and upright, as school teaches it."""

HASTY: dict[int, list[Stroke]] = {
    0: [[(.5, .08), (.36, .0), (.18, .15), (.04, .45), (.03, .8), (.16, .99), (.36, .9), (.54, .6), (.61, .28), (.52, .07),
         (.4, .03)]],
    1: [[(.34, 0), (.26, .33), (.15, .68), (.06, 1)]],
    2: [[(.1, .2), (.22, .04), (.44, 0), (.58, .13), (.52, .36), (.34, .62), (.12, .87), (.03, .95), (.1, .86), (.22, .86),
         (.38, .96), (.62, .93)]],
    3: [[(.16, .08), (.4, 0), (.56, .1), (.5, .28), (.3, .42), (.46, .47), (.52, .64), (.4, .86), (.18, .99), (0, .93)]],
    4: [[(.22, .02), (.14, .3), (.06, .55), (.22, .58), (.44, .54), (.62, .48)],
        [(.56, .05), (.46, .4), (.36, .72), (.3, 1)]],
    5: [[(.7, 0), (.5, .02), (.28, .05)], [(.28, .05), (.22, .22), (.16, .4)], [(.16, .4), (.36, .38), (.5, .5), (.48, .72), (.34, .92), (.14, .99),
         (0, .93)]],
    6: [[(.52, 0), (.34, .2), (.16, .5), (.07, .8), (.16, .98), (.34, .95), (.48, .78), (.5, .62), (.38, .56), (.22, .66),
         (.12, .84)]],
    7: [[(.06, .06), (.34, .05), (.66, .0)], [(.66, 0), (.48, .32), (.32, .66), (.2, 1)], [(.2, .5), (.4, .48), (.6, .45)]],
    8: [[(.6, .12), (.46, 0), (.28, .06), (.24, .24), (.36, .42), (.44, .62), (.4, .86), (.2, 1), (.05, .9), (.08, .7),
         (.28, .5), (.5, .34), (.62, .18), (.6, .1)]],
    9: [[(.6, .16), (.48, .02), (.3, .06), (.15, .25), (.16, .42), (.3, .48), (.46, .38), (.58, .2), (.62, .08)],
        [(.62, .08), (.5, .42), (.38, .74), (.3, 1)]],
}
"""Slanted and quick; the 7 is crossed."""

CONTINENTAL = SCHOOL | {
    1: [[(0, .3), (.16, .17), (.3, 0)], [(.3, 0), (.29, .4), (.27, 1)]],
    4: [[(.5, 0), (.3, .3), (.02, .66)], [(.02, .66), (.34, .67), (.68, .66)], [(.48, .4), (.48, .7), (.47, 1)]],
    7: [[(0, .06), (.3, .05), (.58, .01)], [(.58, .01), (.42, .4), (.24, 1)], [(.14, .53), (.36, .51), (.56, .48)]],
    9: [[(.5, .17), (.38, .02), (.18, .04), (.04, .22), (.1, .44), (.26, .5), (.42, .4), (.51, .2)],
        [(.51, .2), (.53, .5), (.48, .82), (.3, 1), (.08, .93)]],
}
"""The 1 with its upstroke, the 7 crossed, the 4 closed, the 9 with a tail."""

STYLES = {"school": SCHOOL, "hasty": HASTY, "continental": CONTINENTAL}

LABELS = range(10)


def curve(points: Stroke, pieces: int = 8) -> Array:
    """Run a Catmull-Rom curve through the points: (M, 2) float64."""
    knots = np.array([points[0], *points, points[-1]], np.float64)
    t = np.linspace(0, 1, pieces, endpoint=False)[:, None]
    parts = [
        b + (c - a) * t / 2 + (2 * a - 5 * b + 4 * c - d) * t**2 / 2 + (3 * b - a - 3 * c + d) * t**3 / 2
        for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False)
    ]
    return np.concatenate([*parts, knots[-1:]])


def draw(
    label: int,
    *,
    style: str = "school",
    high_px: float = 120,
    pen_px: int = 8,
    at: tuple[float, float] | None = None,
    shape: tuple[int, int] = (200, 200),
) -> Array:
    """Draw one digit: (H, W) uint8, 255 where the pen was, else 0.

    Args:
        label: 0-9.
        style: one of `STYLES`.
        high_px: its height, measured along the middle of the pen.
        pen_px: width of the pen.
        at: its left top corner (x, y), with the pen; None: in the middle.
        shape: rows and columns of the picture.
    """
    strokes = [curve(points) * high_px for points in STYLES[style][label]]
    every = np.concatenate(strokes)
    low, high = every.min(0), every.max(0)
    corner = (np.array(shape[::-1]) - (high - low)) / 2 if at is None else np.array(at) + pen_px / 2
    canvas = np.zeros(shape, np.uint8)
    for stroke in strokes:
        points = np.round((stroke - low + corner) * 16).astype(np.int32)
        cv2.polylines(canvas, [points], False, 255, pen_px, cv2.LINE_AA, shift=4)
    return canvas


def paint(coverage: Array, pen: Sequence[int] = (20, 20, 20), paper: Sequence[int] | Array = (255, 255, 255)) -> Array:
    """Put a pen of a colour on paper: (H, W, 3) uint8 RGB. The paper may be a picture, (H, W, 3)."""
    share = coverage[..., None] / 255
    return np.round(share * np.array(pen) + (1 - share) * np.asarray(paper)).astype(np.uint8)
