"""The picture of a reading's stages, side by side: for people who want to see why a digit was read as it was."""

from collections.abc import Sequence
from itertools import islice
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from inkdigits.outputs import to_percent
from inkdigits.records import PATCH_PX, Box, Digit, Glyph, Patch, Stages

Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[int, int]

PATCH_SCALE = 9
"""Side of one pixel of the patch, in pixels of the drawing: large enough to count them."""

PANEL_PX = PATCH_PX * PATCH_SCALE
GAP_PX = 24
TITLE_PX = 34
CAPTION_PX = 30
HEADING_PX = 44
BAR_PX = 150
"""Length of a bar that stands for a probability of 1."""

MAX_ROWS = 24
"""A page may have a thousand digits, and each row of the drawing takes 2 MB."""

PAPER: Colour = (250, 250, 247)
FRAME: Colour = (214, 214, 208)
EMPTY: Colour = (240, 240, 236)
TEXT: Colour = (34, 34, 38)
FAINT: Colour = (120, 120, 124)
GRID: Colour = (62, 62, 70)
BAR: Colour = (176, 182, 192)
BEST: Colour = (0, 104, 180)
"""Stands out from `BAR` in brightness too, for people who see no colours."""
BOX: Colour = (228, 60, 30)

TITLES = ("picture", "grey", "ink found", "glyph", f"patch {PATCH_PX}x{PATCH_PX}", "probabilities", "reading")


def to_stages_picture(stages: Stages) -> Image.Image:
    """Draw what each step of a reading made.

    Args:
        stages: what `Reader.stages` returns.

    Returns:
        An RGB picture: the picture with the digit's box, its grey, the ink found in it, and for each digit, up to
        `MAX_ROWS` of them, its glyph, the patch that the network gets, ten probabilities and the label.
    """
    n_rows = min(max(1, len(stages.digits)), MAX_ROWS)
    height = HEADING_PX + n_rows * (TITLE_PX + PANEL_PX + CAPTION_PX) + GAP_PX
    sheet = Image.new("RGB", (GAP_PX + len(TITLES) * (PANEL_PX + GAP_PX), height), PAPER)
    reading = stages.reading
    heading = f"{reading.source}   {reading.width} x {reading.height} px   read by {reading.model}"
    _write(sheet, (GAP_PX, 14), f"{heading} ({reading.model_digest}), inkdigits {reading.version}", FAINT, 15)
    _draw_picture(sheet, stages)
    steps = zip(stages.glyphs, stages.patches, stages.digits, strict=True)
    for row, (glyph, patch, digit) in enumerate(islice(steps, MAX_ROWS)):
        _draw_digit(sheet, row, glyph, patch, digit)
    if len(stages.digits) > MAX_ROWS:
        _write(
            sheet, (GAP_PX, sheet.height - GAP_PX), f"The first {MAX_ROWS} of {len(stages.digits)} digits.", FAINT, 15
        )
    if not stages.digits:
        _draw_blank(sheet)
    return sheet


def _draw_picture(sheet: Image.Image, stages: Stages) -> None:
    """Fill the first three columns: what was sent, and what was seen in it."""
    image, ink = stages.image, stages.ink
    shown = _fit(_to_picture(image.colour))
    _draw_boxes(shown, [digit.box for digit in stages.digits], shown.width / image.width)
    _draw_panel(sheet, 0, 0, shown, "as people see it")
    _draw_panel(sheet, 1, 0, _fit(_to_picture(image.grey)), f"{image.grey.shape[1]} x {image.grey.shape[0]} px")
    is_page = bool(stages.digits) and not ink.any()
    share = "of a page, line by line" if is_page else f"{(ink > 0).mean():.1%} of the pixels".replace("%", " %")
    _draw_panel(sheet, 2, 0, _fit(_to_picture(ink)), share)


def _draw_digit(sheet: Image.Image, row: int, glyph: Glyph, patch: Patch, digit: Digit) -> None:
    _draw_panel(sheet, 3, row, _fit(_to_picture(glyph.ink)), f"{glyph.box.width} x {glyph.box.height} px")
    _draw_panel(sheet, 4, row, _enlarge(patch), "what the network gets")
    _draw_panel(sheet, 5, row, _to_bars(digit.probabilities), "calibrated")
    _draw_panel(sheet, 6, row, _to_verdict(digit), f"digit score {digit.digit_score:.2f}")


def _draw_blank(sheet: Image.Image) -> None:
    for column in (3, 4, 5):
        _draw_panel(sheet, column, 0, Image.new("RGB", (PANEL_PX, PANEL_PX), EMPTY), "")
    _draw_panel(sheet, 6, 0, _to_words("", "blank", FAINT), "no digit in it")


def _draw_panel(sheet: Image.Image, column: int, row: int, picture: Image.Image, caption: str) -> None:
    """Put a picture into the middle of its panel, between title and caption."""
    left = GAP_PX + column * (PANEL_PX + GAP_PX)
    top = HEADING_PX + row * (TITLE_PX + PANEL_PX + CAPTION_PX) + TITLE_PX
    ImageDraw.Draw(sheet).rectangle((left - 1, top - 1, left + PANEL_PX, top + PANEL_PX), EMPTY, FRAME)
    sheet.paste(picture, (left + (PANEL_PX - picture.width) // 2, top + (PANEL_PX - picture.height) // 2))
    _write(sheet, (left, top - 27), TITLES[column], TEXT, 18)
    _write(sheet, (left, top + PANEL_PX + 7), caption, FAINT, 14)


def _to_picture(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.float32]) -> Image.Image:
    """Turn (H, W) or (H, W, 3), uint8 or float32 in [0, 1], into an RGB picture: ink bright, as the network has it."""
    levels = pixels if pixels.dtype == np.uint8 else np.round(pixels * 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(levels)).convert("RGB")


def _fit(picture: Image.Image) -> Image.Image:
    """Resize a picture so that its longer side fills the panel; small ones keep their pixels visible."""
    scale = PANEL_PX / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS)


def _enlarge(patch: Patch) -> Image.Image:
    """Draw a patch with a line between its pixels."""
    picture = _to_picture(patch).resize((PANEL_PX, PANEL_PX), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(picture)
    for at in range(PATCH_SCALE, PANEL_PX, PATCH_SCALE):
        draw.line((at, 0, at, PANEL_PX), GRID)
        draw.line((0, at, PANEL_PX, at), GRID)
    return picture


def _draw_boxes(picture: Image.Image, boxes: Sequence[Box], scale: float) -> None:
    draw = ImageDraw.Draw(picture)
    for box in boxes:
        x0, y0, x1, y1 = (round(side * scale) for side in box.to_list())
        draw.rectangle((max(x0 - 3, 0), max(y0 - 3, 0), x1 + 2, y1 + 2), outline=BOX, width=3)


def _to_bars(probabilities: Sequence[float]) -> Image.Image:
    """Draw ten bars, one a label, with their numbers."""
    picture = Image.new("RGB", (PANEL_PX, PANEL_PX), PAPER)
    draw = ImageDraw.Draw(picture)
    pitch = PANEL_PX / len(probabilities)
    for label, probability in enumerate(probabilities):
        top, colour = round(label * pitch), BEST if probability == max(probabilities) else BAR
        draw.rectangle((26, top + 5, 26 + round(BAR_PX * probability), round(top + pitch) - 5), colour)
        _write(picture, (9, top + 4), str(label), TEXT, 15)
        _write(picture, (PANEL_PX - 8, top + 5), to_percent(probability), TEXT, 13, anchor="ra")
    return picture


def _to_verdict(digit: Digit) -> Image.Image:
    if digit.label is None:
        return _to_words(digit.text, "rejected", BOX)
    return _to_words(digit.text, to_percent(digit.confidence), BEST)


def _to_words(large: str, small: str, colour: Colour) -> Image.Image:
    picture = Image.new("RGB", (PANEL_PX, PANEL_PX), PAPER)
    middle = PANEL_PX // 2
    _write(picture, (middle, middle - 20), large, colour, 150, anchor="mm")
    _write(picture, (middle, PANEL_PX - 40 if large else middle), small, colour, 26, anchor="mm")
    return picture


def _write(picture: Image.Image, at: Point, text: str, colour: Colour, size_px: int, anchor: str = "la") -> None:
    """Write in the font that comes with Pillow, so that the drawing is the same on every machine."""
    font = ImageFont.load_default(size_px)
    ImageDraw.Draw(picture).text(at, text, colour, font, anchor=anchor)
