"""Arrays of pixels -> images in the page, alone or in galleries; galleries also become figures."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal, TypeAlias

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.patches import Rectangle
from PIL import Image

from inkdigits.report.drawings import FAINT, GREEN, GRID, INK, ORANGE, Drawing, drawing
from inkdigits.report.markup import Html, element

Mark: TypeAlias = Literal["right", "wrong"]

MARKS: dict[Mark, str] = {"right": "✓", "wrong": "✗"}
"""Told apart without colour."""

MAP_COLOURS = "viridis"
"""Reads the same in grey and to every kind of colour vision."""

_FRAMES: dict[Mark | None, tuple[str, float]] = {"right": (GREEN, 1.6), "wrong": (ORANGE, 1.6), None: (GRID, 0.6)}
"""Colour and width of what is drawn around a tile."""

Bytes: TypeAlias = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One small image of a gallery."""

    pixels: Bytes
    """(H, W) uint8 of ink, 0 paper; or (H, W, 3 | 4) uint8 in colours."""
    caption: str
    alt: str
    mark: Mark | None = None
    detail: str = ""
    """A second line, smaller."""


def to_image(pixels: Bytes, alt: str, class_: str = "ink") -> Html:
    """Return an image of its own pixels: ink (H, W), which follows light and dark, or colours (H, W, 3 | 4)."""
    height, width = pixels.shape[:2]
    return element(
        "img",
        src=f"data:image/png;base64,{base64.b64encode(_to_png(pixels)).decode()}",
        alt=alt,
        class_=class_ if pixels.ndim == 2 else "colours",
        width=str(width),
        height=str(height),
    )


def gallery(tiles: Sequence[Tile], class_: str = "") -> Html:
    """Return a gallery that takes as many columns as the screen has room for."""
    return element("ul", *(_to_item(tile) for tile in tiles), class_=f"gallery {class_}".strip())


def gallery_drawing(name: str, tiles: Sequence[Tile], alt: str, columns: int = 10, tile_in: float = 0.75) -> Drawing:
    """Draw a gallery as a figure, for its files; `tile_in` is a tile's width in inches."""
    n_rows, n_lines = (
        ceil(len(tiles) / columns),
        max(_caption(tile).count("\n") + bool(_caption(tile)) for tile in tiles),
    )
    pitch = 1 + 0.15 * n_lines
    with drawing(tile_in * columns, tile_in * pitch * n_rows, framed=False) as (figure, axes):
        for place, tile in enumerate(tiles):
            left, top = place % columns + 0.05, place // columns * pitch + 0.05
            shown: dict[str, Any] = {"cmap": "gray_r", "vmin": 0, "vmax": 255} if tile.pixels.ndim == 2 else {}
            axes.imshow(tile.pixels, extent=(left, left + 0.9, top + 0.9, top), interpolation="nearest", **shown)
            colour, width = _FRAMES[tile.mark]
            axes.add_patch(Rectangle((left, top), 0.9, 0.9, fill=False, edgecolor=colour, linewidth=width))
            axes.text(left + 0.45, top + 0.93, _caption(tile), ha="center", va="top", fontsize=6, color=INK)
        axes.set(xlim=(0, columns), ylim=(n_rows * pitch, 0))
    return Drawing(name, figure, alt)


def to_bytes(ink: npt.NDArray[np.floating[Any]]) -> Bytes:
    """Return ink in [0, 1] as levels 0-255."""
    return np.asarray(np.round(np.clip(ink, 0, 1) * 255), dtype=np.uint8)


def to_colours(values: npt.NDArray[np.floating[Any]], low: float, high: float) -> Bytes:
    """Return values of any shape as colours, with a last axis of 3: `low` dark blue, `high` yellow."""
    share = np.clip((values - low) / max(high - low, 1e-12), 0, 1)
    return np.asarray(matplotlib.colormaps[MAP_COLOURS](share, bytes=True), dtype=np.uint8)[..., :3]


def montage(maps: npt.NDArray[np.float32], columns: int) -> Bytes:
    """Set (N, H, W) maps side by side, one pixel of nothing between them; all share one scale of colours.

    Returns:
        (rows, columns, 4) uint8 RGBA.
    """
    n, height, width = maps.shape
    n_rows = ceil(n / columns)
    sheet = np.zeros((n_rows * (height + 1) - 1, columns * (width + 1) - 1, 4), dtype=np.uint8)
    for place, colours in enumerate(to_colours(maps, float(maps.min()), float(maps.max()))):
        top, left = place // columns * (height + 1), place % columns * (width + 1)
        sheet[top : top + height, left : left + width, :3] = colours
        sheet[top : top + height, left : left + width, 3] = 255
    return sheet


def montage_drawing(name: str, sheet: Bytes, title: str, alt: str) -> Drawing:
    """Draw one sheet of maps as a figure, for its files."""
    height, width = sheet.shape[:2]
    with drawing(6, max(1.2, 6 * height / width + 0.3), framed=False) as (figure, axes):
        axes.set_position((0, 0, 1, 0.9))
        axes.imshow(sheet, interpolation="nearest")
        axes.set_title(title, fontsize=8, color=FAINT)
    return Drawing(name, figure, alt)


def _caption(tile: Tile) -> str:
    """Return the words below a tile of a figure, in one line or two."""
    mark = f"{MARKS[tile.mark]} " if tile.mark else ""
    return "\n".join(line for line in (mark + tile.caption, tile.detail) if line)


def _to_item(tile: Tile) -> Html:
    mark = element("b", MARKS[tile.mark], title=tile.mark) if tile.mark else Html()
    words = element("span", mark, " " if tile.mark else "", tile.caption)
    detail = element("small", tile.detail) if tile.detail else Html()
    return element("li", to_image(tile.pixels, tile.alt), words, detail, class_=tile.mark)


def _to_png(pixels: Bytes) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "png", optimize=True)
    return file.getvalue()
