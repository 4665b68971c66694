"""A digit written on paper and photographed with a phone: sheet, camera, light."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import Box
from inkdigits.train.pictures.shapes import (
    Bytes,
    Drawing,
    Floats,
    Shape,
    Traits,
    compress_jpeg,
    draw_digit,
    draw_log_uniform,
)

PHOTO_PX = (480, 1600)
"""Sides of the photo: the shorter is at most three quarters of the limit of the longer."""
SIZE = (0.06, 0.6)
"""Height of the digit as a share of the photo's."""
TURN_DEG = 8
"""Turn of the whole sheet, and again of the digit on it."""

Rgb: TypeAlias = tuple[int, int, int]
Point: TypeAlias = npt.NDArray[np.float64]
"""(x, y) in pixels."""

PAPERS: Mapping[str, Rgb] = {
    "white": (248, 248, 246),
    "cream": (244, 236, 214),
    "recycled": (222, 216, 204),
    "bluish": (232, 238, 246),
    "yellow note": (248, 232, 130),
}
PAPER_WEIGHTS = (0.5, 0.2, 0.12, 0.12, 0.06)

_TABLES: tuple[Rgb, ...] = ((92, 60, 38), (140, 100, 66), (46, 44, 46), (70, 74, 82), (28, 22, 20))


@dataclass(frozen=True, slots=True)
class Pen:
    """What a pen leaves on paper."""

    colour: Rgb
    width_share: tuple[float, float]
    """Width as a share of the digit's height."""
    cover: tuple[float, float]
    """Share of the paper that a full stroke covers."""
    tooth: float
    """How much of the ink the grain of the paper keeps away, 0-1."""


PENS: Mapping[str, Pen] = {
    "blue pen": Pen((28, 52, 150), (0.03, 0.09), (0.75, 0.95), 0.25),
    "black pen": Pen((38, 38, 44), (0.03, 0.09), (0.75, 0.95), 0.25),
    "red pen": Pen((196, 36, 44), (0.03, 0.09), (0.75, 0.95), 0.25),
    "green pen": Pen((24, 112, 70), (0.03, 0.09), (0.75, 0.95), 0.25),
    "pencil": Pen((92, 92, 98), (0.03, 0.09), (0.5, 0.85), 0.5),
    "black felt tip": Pen((24, 24, 28), (0.07, 0.18), (0.92, 1.0), 0.05),
    "blue felt tip": Pen((20, 48, 168), (0.07, 0.18), (0.9, 1.0), 0.05),
    "red felt tip": Pen((206, 28, 36), (0.07, 0.18), (0.9, 1.0), 0.05),
}

RULES: Mapping[str, Rgb] = {"blue": (120, 150, 205), "grey": (160, 160, 165), "red": (214, 120, 124)}
_MARGIN_RED = (216, 96, 104)
_RULE_LAYOUTS = ("none", "lines", "squares")
_RULE_LAYOUT_WEIGHTS = (0.4, 0.36, 0.24)

SPARE = 0.2
"""Sheet beyond the photo on every side, as a share of the longer side: a turn of 8 degrees bares at most 0.15."""
_LIGHT_STEP = 8
"""Light varies slowly: it is worked out on every eighth pixel."""
_GRAIN_PX = 256
"""Noise repeats after this many pixels; fresh noise for each pixel would take longer than all the rest."""


def draw_photo(rng: np.random.Generator, digit: Bytes, *, photo_px: tuple[int, int] = PHOTO_PX) -> Drawing:
    """Write one digit on a sheet and photograph it.

    Args:
        rng: Source of all choices.
        digit: (28, 28) uint8, ink bright on black.
        photo_px: Least and greatest side of the photo.

    Returns:
        The photo, as a picture (H, W, 3) RGB.
    """
    sides = choose_sides(rng, photo_px)
    pen_name = str(rng.choice(list(PENS)))
    height_px = sides[0] * draw_log_uniform(rng, *SIZE)
    shape = draw_digit(
        rng,
        digit,
        height_px=height_px,
        max_width_px=0.7 * sides[1],
        pen_px=max(1.0, height_px * draw_log_uniform(rng, *PENS[pen_name].width_share)),
        turn_deg=rng.uniform(-TURN_DEG, TURN_DEG),
    )
    return photograph_shape(rng, shape, pen_name, sides)


def photograph_shape(rng: np.random.Generator, shape: Shape, pen_name: str, sides: tuple[int, int]) -> Drawing:
    """Write a shape on a sheet with one of the `PENS`, and photograph it: height and width of the photo are `sides`."""
    sheet, place, sheet_traits = _draw_sheet(rng, shape.mask, PENS[pen_name], sides)
    photo, (box,), camera = photograph_sheet(rng, sheet, [place], sides, shape.pen_px)
    measures: Traits = {"size": shape.mask.shape[0] / sides[0], "pen_px": shape.pen_px, "style": shape.style}
    traits: Traits = {"pen": pen_name, **measures, **sheet_traits, **camera}
    return Drawing(photo, box, traits)


def photograph_sheet(
    rng: np.random.Generator,
    sheet: Bytes,
    places: Sequence[Box],
    sides: tuple[int, int],
    pen_px: float,
    turn_deg: float = TURN_DEG,
) -> tuple[Bytes, list[Box], Traits]:
    """Photograph the middle of a sheet (H, W, 3), which is larger than the photo by `SPARE` on every side.

    Args:
        rng: source of all choices.
        sheet: the paper with all that stands on it.
        places: boxes on the sheet.
        sides: height and width of the photo.
        pen_px: width of the pen: blur stays below what drowns it.
        turn_deg: the sheet is turned by up to so much.

    Returns:
        The photo (H, W, 3) uint8 RGB, where the boxes come to lie on it, and what camera and light did.
    """
    seen, boxes = _project(rng, sheet, places, sides, turn_deg)
    photo, blur = _blur(rng, seen, pen_px)
    light, light_traits = _light(rng, sides)
    noise = rng.uniform(1, 8)
    exposed = cv2.multiply(photo, light, dtype=cv2.CV_32F)
    noisy = np.asarray(cv2.add(exposed, _grain(rng, sides, noise), dtype=cv2.CV_8U), dtype=np.uint8)
    quality = int(rng.integers(40, 96))
    camera: Traits = {**light_traits, "blur": blur, "noise": noise, "jpeg_quality": quality}
    return compress_jpeg(noisy, quality), boxes, camera


def choose_sides(rng: np.random.Generator, photo_px: tuple[int, int] = PHOTO_PX) -> tuple[int, int]:
    """Return height and width of a photo, upright or across, in one of the usual formats."""
    short = draw_log_uniform(rng, photo_px[0], 0.75 * photo_px[1])
    long = min(short * float(rng.choice([1, 4 / 3, 3 / 2, 16 / 9])), photo_px[1])
    height, width = (long, short) if rng.random() < 0.6 else (short, long)
    return int(height), int(width)


# The sheet -----------------------------------------------------------------


def _draw_sheet(rng: np.random.Generator, mask: Floats, pen: Pen, sides: tuple[int, int]) -> tuple[Bytes, Box, Traits]:
    """Return a flat sheet, larger than the photo by `SPARE`, with its rules, the digit, perhaps a table's edge.

    And where on the sheet the digit lies.
    """
    spare = round(SPARE * max(sides))
    paper = str(rng.choice(list(PAPERS), p=PAPER_WEIGHTS))
    sheet = np.full((sides[0] + 2 * spare, sides[1] + 2 * spare, 3), PAPERS[paper], np.uint8)
    top, left = (spare + start for start in _choose_corner(rng, mask.shape, sides))
    rules = _draw_rules(rng, sheet, top, left, mask.shape[0])
    place = Box(left, top, left + mask.shape[1], top + mask.shape[0])
    write(rng, sheet[place.y0 : place.y1, place.x0 : place.x1], mask, pen)
    table = _lay_on_table(rng, sheet, (top, left), mask.shape, spare)
    return sheet, place, {"paper": paper, **rules, "table": table}


def _choose_corner(rng: np.random.Generator, size: tuple[int, ...], sides: tuple[int, int]) -> tuple[int, int]:
    """Return (top, left) such that the digit stays in the photo after `_project`."""
    cos, sin = math.cos(math.radians(TURN_DEG)), math.sin(math.radians(TURN_DEG))
    corner = []
    for side, along, across in zip(sides, size, size[::-1], strict=True):
        reach = 0.52 * (along * cos + across * sin) + 0.04 * side
        centre = rng.uniform(reach, side - reach) if 2 * reach < side else side / 2
        corner.append(int(centre - along / 2))
    return corner[0], corner[1]


def _draw_rules(rng: np.random.Generator, sheet: Bytes, top: int, left: int, height_px: int) -> Traits:
    """Print rules that suit the digit's height: it stands on one, or one crosses it."""
    layout = str(rng.choice(_RULE_LAYOUTS, p=_RULE_LAYOUT_WEIGHTS))
    if layout == "none":
        return {"rules": "none", "stands": "free"}
    spacing = height_px * (rng.uniform(0.9, 2.2) if layout == "lines" else 1 / rng.uniform(0.7, 2.2))
    stands = str(rng.choice(["on a rule", "across a rule"], p=[0.65, 0.35]))
    drop = rng.uniform(-0.06, 0.06) if stands == "on a rule" else rng.uniform(-0.75, -0.15)
    colour = _print_colour(rng, sheet, RULES[str(rng.choice(list(RULES), p=[0.5, 0.3, 0.2]))])
    width_px = max(1, round(spacing * rng.uniform(0.008, 0.03)))
    for y in np.arange((top + height_px * (1 + drop)) % spacing, sheet.shape[0], spacing):
        cv2.line(sheet, (0, int(y)), (sheet.shape[1], int(y)), colour, width_px, cv2.LINE_AA)
    if layout == "squares":
        for x in np.arange((left + rng.uniform(-0.5, 0.2) * spacing) % spacing, sheet.shape[1], spacing):
            cv2.line(sheet, (int(x), 0), (int(x), sheet.shape[0]), colour, width_px, cv2.LINE_AA)
    if rng.random() < 0.35:
        x = left - int(height_px * rng.uniform(0.15, 1.5))
        cv2.line(sheet, (x, 0), (x, sheet.shape[0]), _print_colour(rng, sheet, _MARGIN_RED), width_px, cv2.LINE_AA)
    return {"rules": layout, "stands": stands}


def _print_colour(rng: np.random.Generator, sheet: Bytes, colour: Rgb) -> tuple[float, ...]:
    """Return the colour of a print on this paper, faint or strong."""
    return tuple((sheet[0, 0] + rng.uniform(0.35, 1.0) * (np.array(colour) - sheet[0, 0])).tolist())


def write(rng: np.random.Generator, paper: Bytes, mask: Floats, pen: Pen) -> None:
    """Ink a part of the paper, (h, w, 3), in place: it filters the light of what lies below, unevenly."""
    height, width = mask.shape
    grain = _clouds(rng, (height, width), cell_px=max(1.0, 0.012 * height))
    pressure = _clouds(rng, (height, width), cell_px=0.3 * height)
    cover = mask * rng.uniform(*pen.cover) * (1 - pen.tooth * grain) * (1 - 0.25 * pressure)
    paper[:] = np.rint(paper * (1 - cover[..., None] * (1 - np.array(pen.colour, np.float32) / 255)))


def _lay_on_table(
    rng: np.random.Generator, sheet: Bytes, corner: tuple[int, int], size: tuple[int, ...], spare: int
) -> str:
    """End the sheet in place near one side of the photo, sometimes, and show the dark table there."""
    if rng.random() > 0.2:
        return "none"
    axis, far = int(rng.integers(2)), bool(rng.integers(2))
    view = sheet if axis == 1 else sheet.transpose(1, 0, 2)
    room = sheet.shape[axis] - corner[axis] - size[axis] if far else corner[axis]
    view = view[:, ::-1] if far else view
    depth = int(min(spare + rng.uniform(0.0, 0.15) * (sheet.shape[axis] - 2 * spare), room - 0.15 * size[0]))
    wood = _clouds(rng, (view.shape[0], depth), cell_px=max(2.0, 0.02 * depth), stretch=12)
    colour = np.array(_TABLES[int(rng.integers(len(_TABLES)))], np.float32)
    view[:, :depth] = colour * (0.8 + 0.4 * wood[..., None])
    return "at a side"


# The camera and the light --------------------------------------------------


def _project(
    rng: np.random.Generator, sheet: Bytes, places: Sequence[Box], sides: tuple[int, int], turn_deg: float
) -> tuple[Bytes, list[Box]]:
    """Return the photo's part of the sheet, turned and seen a little from the side; and where places come to lie."""
    height, width = sides
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    spare = np.array([sheet.shape[1] - width, sheet.shape[0] - height], np.float32) / 2
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-turn_deg, turn_deg), 1)
    seen = corners @ turn[:, :2].T + turn[:, 2] + rng.uniform(-0.03, 0.03, (4, 2)) * min(sides)
    view = cv2.getPerspectiveTransform(corners + spare, seen.astype(np.float32))
    photo = cv2.warpPerspective(sheet, view, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(photo, dtype=np.uint8), [_seen_at(place, np.asarray(view)) for place in places]


def _seen_at(place: Box, view: npt.NDArray[np.float64]) -> Box:
    """Return the box around a place after a perspective view (3, 3)."""
    outline = [[place.x0, place.y0], [place.x1, place.y0], [place.x1, place.y1], [place.x0, place.y1]]
    shown = cv2.perspectiveTransform(np.array([outline], np.float32), view)[0]
    (x0, y0), (x1, y1) = np.rint(shown.min(0)).astype(int).tolist(), np.rint(shown.max(0)).astype(int).tolist()
    return Box(x0, y0, x1, y1)


def _blur(rng: np.random.Generator, photo: Bytes, pen_px: float) -> tuple[Bytes, str]:
    """Return the photo out of focus or shaken, by less than what drowns the pen's stroke."""
    blur = str(rng.choice(["sharp", "defocus", "motion"], p=[0.4, 0.4, 0.2]))
    if blur == "motion":
        length = min(pen_px * rng.uniform(0.5, 1.2), 14.0)
        reach = math.ceil(length / 2)
        kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
        angle = rng.uniform(0, math.pi)
        dx, dy = round(length / 2 * math.cos(angle)), round(length / 2 * math.sin(angle))
        cv2.line(kernel, (reach - dx, reach - dy), (reach + dx, reach + dy), 1.0)
        return np.asarray(cv2.filter2D(photo, -1, kernel / kernel.sum()), dtype=np.uint8), blur
    sigma = 0.5 if blur == "sharp" else max(0.6, min(pen_px * rng.uniform(0.12, 0.4), 5.0))
    return np.asarray(cv2.GaussianBlur(photo, (0, 0), sigma), dtype=np.uint8), blur


def _light(rng: np.random.Generator, sides: tuple[int, int]) -> tuple[Floats, Traits]:
    """Return the light on each pixel, (H, W, 3) float32 about 0-1: lamp, lens, colour cast and shadows."""
    coarse = (sides[0] // _LIGHT_STEP + 1, sides[1] // _LIGHT_STEP + 1)
    y, x = np.meshgrid(np.linspace(-1, 1, coarse[0]), np.linspace(-1, 1, coarse[1]), indexing="ij")
    angle, falloff = rng.uniform(0, 2 * math.pi), rng.uniform(0, 0.6)
    ramp = np.clip((x * math.cos(angle) + y * math.sin(angle)) / 2**1.5 + 0.5, 0, 1)
    lamp = (1 - falloff * ramp ** rng.uniform(0.7, 2)) * (1 - rng.uniform(0, 0.15) * (x**2 + y**2))
    curl = 1 + 0.06 * (_clouds(rng, coarse, cell_px=max(coarse) / 4) - 0.5)
    fibre = 1 + 0.02 * (_clouds(rng, coarse, cell_px=2) - 0.5)
    dark, shadow = _shadow(rng, coarse)
    warm = rng.uniform(-1, 1)
    cast = np.array([1 + 0.05 * warm, 1, 1 - 0.12 * warm]) * rng.uniform(0.75, 1.05)
    light = (lamp * curl * fibre)[..., None] * cast * (1 - dark[..., None] * np.array([1.0, 0.97, 0.9]))
    full = cv2.resize(light.astype(np.float32), (sides[1], sides[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, dtype=np.float32), {"falloff": falloff, "shadow": shadow}


def _shadow(rng: np.random.Generator, sides: tuple[int, int]) -> tuple[Floats, str]:
    """Return how much light (H, W), 0-1, the phone or a hand takes away, reaching in from outside."""
    shadow = str(rng.choice(["none", "phone", "hand"], p=[0.45, 0.3, 0.25]))
    dark = np.zeros(sides, np.uint8)
    if shadow == "none":
        return dark.astype(np.float32), shadow
    span = max(sides)
    angle = rng.uniform(0, 360)
    root, palm = (_away(np.array(sides[::-1]) / 2, angle, span * share) for share in (1.5, rng.uniform(0.1, 0.55)))
    if shadow == "phone":
        box = (((root + palm) / 2).tolist(), (float(np.linalg.norm(root - palm)), span * rng.uniform(0.25, 0.6)), angle)
        cv2.fillConvexPoly(dark, np.rint(cv2.boxPoints(box)).astype(np.int32), 255, cv2.LINE_AA)
    else:
        _draw_limb(dark, root, palm, width_px=0.24 * span)
        for spread in np.linspace(-35, 35, 4) + rng.uniform(-8, 8, 4):
            _draw_limb(dark, palm, _away(palm, angle + 180 + spread, span * rng.uniform(0.18, 0.32)), 0.07 * span)
    # At least 1.5 coarse pixels, or the edge would show them as steps.
    soft = cv2.GaussianBlur(dark.astype(np.float32), (0, 0), max(1.5, span * draw_log_uniform(rng, 0.008, 0.06)))
    return np.asarray(soft / 255 * rng.uniform(0.2, 0.55), dtype=np.float32), shadow


def _away(start: Point, angle_deg: float, distance_px: float) -> Point:
    """Return the point at a distance, in a direction counted clockwise from the right."""
    angle = math.radians(angle_deg)
    return start + distance_px * np.array([math.cos(angle), math.sin(angle)])


def _draw_limb(dark: Bytes, start: Point, end: Point, width_px: float) -> None:
    """Draw a thick line with round ends, in place."""
    a, b = np.rint([start, end]).astype(int).tolist()
    cv2.line(dark, a, b, 255, max(1, round(width_px)), cv2.LINE_AA)


def _grain(rng: np.random.Generator, sides: tuple[int, int], sigma: float) -> Floats:
    """Return sensor noise (H, W, 3) of `sigma` grey levels, smoothed a little as phones do."""
    tile = rng.standard_normal((_GRAIN_PX, _GRAIN_PX, 3), dtype=np.float32)
    tile += rng.standard_normal((_GRAIN_PX, _GRAIN_PX, 1), dtype=np.float32)
    tile = np.asarray(cv2.GaussianBlur(tile, (0, 0), rng.uniform(0.4, 0.9)), dtype=np.float32)
    tile *= sigma / tile.std()
    n_down, n_right = (side // _GRAIN_PX + 1 for side in sides)
    return np.asarray(cv2.repeat(tile, n_down, n_right)[: sides[0], : sides[1]], dtype=np.float32)


def _clouds(rng: np.random.Generator, sides: tuple[int, int], *, cell_px: float, stretch: float = 1) -> Floats:
    """Return smooth noise (H, W) in [0, 1] with spots of `cell_px`, drawn out along y by `stretch`."""
    cells = [math.ceil(sides[0] / (cell_px * stretch)) + 1, math.ceil(sides[1] / cell_px) + 1]
    field = cv2.resize(rng.random(cells, dtype=np.float32), sides[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(field, 0, 1)
