"""A reading drawn over its picture: each digit in a box, with its label; doubt is shown by more than colour."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TypeAlias

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from inkdigits.outputs.tables import DOUBTFUL
from inkdigits.records import Box, Digit, Image, Reading

Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]

SURE: Colour = (0, 104, 180)
DOUBT: Colour = (206, 66, 0)
"""Told apart by people who see no red or green as well; and dashed, with a question mark behind the label."""

HALO: Colour = (255, 255, 255)

TEXT_SHARE, TEXT_PX, LEAST_TEXT_PX = 0.5, (12, 64), 8
"""Height of a label as a share of its digit's, and its limits in pixels; down to the least below another digit."""

MIN_SIDE_PX = 640
"""A smaller picture is enlarged, so that labels can be read."""


JPEG_QUALITY = 95
"""Of pictures that are kept: strokes one pixel wide come back as they were, in a third of what PNG takes of a photo."""


def to_jpeg(image: Image) -> bytes:
    """Return a picture as people see it, as a file: its pixels, and nothing else of what was sent."""
    file = BytesIO()
    picture = PIL.Image.fromarray(np.ascontiguousarray(image.colour))
    picture.save(file, "jpeg", quality=JPEG_QUALITY, subsampling=0)
    return file.getvalue()


def to_annotated_picture(image: Image, reading: Reading) -> PIL.Image.Image:
    """Draw what was read over a picture.

    Args:
        image: the page that was read.
        reading: what was read.

    Returns:
        RGB, as wide as `image.colour`, or a whole number of times as wide where that is small; with a white strip on
        top where labels would not fit.
    """
    height, width = image.colour.shape[:2]
    times = max(1, -(-MIN_SIDE_PX // max(height, width)))
    seen = PIL.Image.fromarray(np.ascontiguousarray(image.colour)).resize((width * times, height * times))
    scale = seen.width / image.width
    digits = [digit for line in reading.lines for digit in line.digits]
    sizes = _text_sizes([digit.box for digit in digits], scale)
    room = max([0, *(round(1.5 * px - scale * digit.box.y0) for digit, px in zip(digits, sizes, strict=True))])
    sheet = PIL.Image.new("RGB", (seen.width, seen.height + room), HALO)
    sheet.paste(seen, (0, room))
    pencil = PIL.ImageDraw.Draw(sheet)
    for digit, text_px in zip(digits, sizes, strict=True):
        _draw_digit(pencil, digit, text_px, scale, room)
    return sheet


def _text_sizes(boxes: Sequence[Box], scale: float) -> list[float]:
    """Return how high the label of each digit is: no higher than the room below the digits above it."""
    x0, y0, x1, y1 = np.array([box.to_list() for box in boxes], dtype=np.float64).reshape(-1, 4).T
    wanted = np.clip(TEXT_SHARE * scale * (y1 - y0), *TEXT_PX)
    is_above = (x0[:, None] < x1) & (x1[:, None] > x0) & (y0[:, None] > y0)
    room = np.where(is_above, scale * (y0[:, None] - y1), np.inf).min(axis=1, initial=np.inf)
    return [float(px) for px in np.maximum(np.minimum(wanted, room), LEAST_TEXT_PX)]


def _draw_digit(pencil: PIL.ImageDraw.ImageDraw, digit: Digit, text_px: float, scale: float, top: int) -> None:
    """Draw the box of a digit, and its label above it; the picture begins `top` pixels down."""
    is_sure = digit.label is not None and digit.confidence >= DOUBTFUL
    colour, label = (SURE, digit.text) if is_sure else (DOUBT, digit.text if digit.label is None else f"{digit.text}?")
    thick = max(1, round(scale * digit.box.height / 40))
    for start, end in _sides(digit.box, scale) if is_sure else _dashes(digit.box, scale):
        pencil.line([(start[0], start[1] + top), (end[0], end[1] + top)], fill=colour, width=thick)
    place = (scale * (digit.box.x0 + digit.box.x1) / 2, scale * digit.box.y0 + top - thick)
    font = PIL.ImageFont.load_default(text_px)
    pencil.text(place, label, colour, font, "mb", stroke_width=max(1, thick), stroke_fill=HALO)


def _sides(box: Box, scale: float) -> Iterator[tuple[Point, Point]]:
    """Yield the four sides of a box."""
    corners = [(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)]
    scaled = [(scale * x, scale * y) for x, y in corners]
    yield from zip(scaled, scaled[1:] + scaled[:1], strict=True)


def _dashes(box: Box, scale: float) -> Iterator[tuple[Point, Point]]:
    """Yield the sides of a box in dashes, about seven on the longer ones."""
    dash = max(3.0, scale * max(box.width, box.height) / 13)
    for (x0, y0), (x1, y1) in _sides(box, scale):
        n = max(1, round(max(abs(x1 - x0), abs(y1 - y0)) / dash))
        at = [(x0 + (x1 - x0) * step / n, y0 + (y1 - y0) * step / n) for step in range(n + 1)]
        yield from zip(at[::2], at[1::2], strict=False)
