"""A digit drawn with mouse, finger or stylus on a pad of 200-512 px."""

from collections.abc import Mapping
from typing import TypeAlias

import cv2
import numpy as np

from inkdigits.records import Box
from inkdigits.train.pictures.shapes import Bytes, Drawing, Floats, Traits, compress_jpeg, draw_digit, draw_log_uniform

PAD_PX = (200, 512)
"""Sides of the pad."""
SIZE = (0.12, 0.9)
"""Height of the digit as a share of the pad's."""
PEN_PX = (1.0, 40.0)
PEN_SHARE = (0.01, 0.18)
"""Width of the pen as a share of the digit's height; a fatter one fills the loops of an 8."""
TURN_DEG = 15

Rgb: TypeAlias = tuple[int, int, int]

COLOURS: Mapping[str, tuple[Rgb, Rgb | None]] = {
    "black on white": ((0, 0, 0), (255, 255, 255)),
    "white on black": ((255, 255, 255), (0, 0, 0)),
    "dark grey on cream": ((58, 56, 54), (250, 243, 224)),
    "red on white": ((214, 32, 38), (255, 255, 255)),
    "blue on white": ((24, 62, 190), (255, 255, 255)),
    "green on white": ((22, 130, 60), (255, 255, 255)),
    "pencil grey on white": ((128, 128, 130), (255, 255, 255)),
    "chalk on green": ((236, 238, 230), (38, 78, 62)),
    "yellow on navy": ((250, 214, 70), (20, 28, 66)),
    "light on dark grey": ((212, 212, 216), (40, 42, 46)),
    "black on clear": ((0, 0, 0), None),
    "red on clear": ((214, 32, 38), None),
}
"""Name -> ink and paper; no paper is what a canvas saves whose background nobody painted."""
_WEIGHTS = np.array([5, 5, 2, 2, 2, 2, 2, 1, 1, 1, 1.5, 1.5])
"""Black on white and white on black are what most pads show."""

_EDGE_SHARE = 0.15
"""Share of the digits that lie within 2 px of the pad's edge."""


def draw_pad(rng: np.random.Generator, digit: Bytes) -> Drawing:
    """Draw one digit somewhere on a pad.

    Args:
        rng: Source of all choices.
        digit: (28, 28) uint8, ink bright on black.

    Returns:
        The pad, as a picture (H, W), (H, W, 3) RGB or (H, W, 4) RGBA.
    """
    height, width = _choose_sides(rng)
    height_px = height * draw_log_uniform(rng, *SIZE)
    pen_low, pen_high = PEN_SHARE[0] * height_px, PEN_SHARE[1] * height_px
    pen_px = draw_log_uniform(rng, max(PEN_PX[0], pen_low), min(PEN_PX[1], pen_high))
    turn_deg = rng.uniform(-TURN_DEG, TURN_DEG)
    shape = draw_digit(rng, digit, height_px=height_px, max_width_px=0.95 * width, pen_px=pen_px, turn_deg=turn_deg)
    edge = str(rng.choice(["soft", "hard"], p=[0.75, 0.25]))
    mask = shape.mask if edge == "soft" else (shape.mask > 0.5).astype(np.float32)
    (top, left), place = _choose_corner(rng, mask.shape, (height, width))
    box = Box(left, top, left + mask.shape[1], top + mask.shape[0])
    ink = np.zeros((height, width), np.float32)
    ink[box.y0 : box.y1, box.x0 : box.x1] = mask
    colours = str(rng.choice(list(COLOURS), p=_WEIGHTS / _WEIGHTS.sum()))
    image, damage = _damage(rng, _colour(rng, ink, *COLOURS[colours]))
    traits: Traits = {
        "colours": colours,
        "polarity": _polarity(*COLOURS[colours]),
        "channels": {2: "grey", 3: "RGB", 4: "RGBA"}[2 if image.ndim == 2 else image.shape[2]],
        "size": shape.mask.shape[0] / height,
        "pen_px": shape.pen_px,
        "style": shape.style,
        "edge": edge,
        "place": place,
        "damage": damage,
        "turn_deg": turn_deg,
    }
    return Drawing(image, box, traits)


def _choose_sides(rng: np.random.Generator) -> tuple[int, int]:
    """Return height and width of a pad; half of the pads are square."""
    height, width = rng.integers(PAD_PX[0], PAD_PX[1], size=2, endpoint=True)
    return int(height), int(height if rng.random() < 0.5 else width)


def _choose_corner(
    rng: np.random.Generator, size: tuple[int, ...], sides: tuple[int, int]
) -> tuple[tuple[int, int], str]:
    """Return (top, left) of a mask anywhere on a pad, sometimes against an edge of it; and which of the two."""
    room = np.subtract(sides, size)
    corner = rng.integers(0, room, endpoint=True)
    near_edge = rng.random() < _EDGE_SHARE
    if near_edge:
        axis, gap = int(rng.integers(2)), int(rng.integers(0, 3))
        corner[axis] = min(gap, room[axis]) if rng.random() < 0.5 else max(room[axis] - gap, 0)
    return (int(corner[0]), int(corner[1])), "at an edge" if near_edge else "anywhere"


def _colour(rng: np.random.Generator, ink: Floats, pen: Rgb, paper: Rgb | None) -> Bytes:
    """Return the pad as a picture: RGBA on clear paper, else RGB, or grey or opaque RGBA sometimes."""
    if paper is None:
        # A canvas stores clear pixels as black, whatever the pen.
        colour = np.where(ink[..., None] > 0, np.array(pen, np.uint8), np.uint8(0))
        return np.dstack([colour, np.rint(ink * 255).astype(np.uint8)])
    blend = np.array(paper, np.float32) + ink[..., None] * np.subtract(pen, paper).astype(np.float32)
    image = np.rint(blend).astype(np.uint8)
    form = rng.choice(["RGB", "grey", "RGBA"], p=[0.6, 0.2, 0.2])
    if form == "grey":
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return image if form == "RGB" else np.dstack([image, np.full(ink.shape, 255, np.uint8)])


def _polarity(pen: Rgb, paper: Rgb | None) -> str:
    if paper is None:
        return "on clear"
    return "dark on light" if sum(pen) < sum(paper) else "light on dark"


def _damage(rng: np.random.Generator, image: Bytes) -> tuple[Bytes, str]:
    """Return the picture as it arrives: mostly as drawn, else after JPEG, noise or a small palette."""
    if image.ndim == 3 and image.shape[2] == 4:
        return image, "none"
    damage = str(rng.choice(["none", "jpeg", "noise", "palette"], p=[0.55, 0.25, 0.1, 0.1]))
    if damage == "jpeg":
        return compress_jpeg(image, quality=int(rng.integers(25, 95))), damage
    if damage == "noise":
        noise = rng.normal(0, rng.uniform(2, 12), image.shape)
        return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8), damage
    if damage == "palette":
        step = 255 / int(rng.integers(3, 16))
        return np.rint(np.rint(image / step) * step).astype(np.uint8), damage
    return image, damage
