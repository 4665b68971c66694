"""Stored pixels of any depth, transparency and turn -> Image, one tile at a time.

No second copy of the picture ever stands in memory at full size. OpenCV weighs and
shrinks a tile some ten times faster than Pillow or numpy do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.errors import CorruptSourceError, SourceError, SourceTooLargeError, UsageError
from inkdigits.records import Image

Pixels: TypeAlias = npt.NDArray[Any]
"""(H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA."""

WHOLE_MEGAPIXELS = 12.0
"""Larger pictures are halved, by their decoder or tile by tile, until they are no larger."""

MAX_MEGAPIXELS = 64.0
"""Larger pictures are refused: at Pillow's 4 bytes a pixel this is what fits under 400 MB beside the libraries."""

MAX_PAGES = 65_536
"""A file that says it has more is refused: a few megabytes may claim millions, each of which would become a row. A TIFF
counts its pages in 16 bits."""

MIN_SIDE_PX = 8
"""In fewer pixels nobody reads a digit."""

UPRIGHT = 1
"""EXIF orientation of a picture that is stored as people see it."""

STORED_VIEW = {
    UPRIGHT: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
"""EXIF orientation -> (transpose, flip rows, flip columns): from the picture as seen to the picture as stored."""

_TILE_PX = 512
"""Side of a tile: a power of two, so that every reduction divides it, and 1 MB as RGBA."""

_MOSTLY = 0.5
"""Share of opaque pixels above which a picture may have brought its own paper; below, strokes stand alone."""

_FEW = 16
"""Most pictures with colour show it in one pixel of so many both ways."""

_MANY_TONES = 20.0
"""Standard deviation, in grey levels, of a picture with ink and paper. The strokes of one pen have 0, also where they
fill their box, as a "1" does."""

_BRIGHT = 127.0
"""Mean grey level above which strokes stand out better from black."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A decoded picture that hands out tiles of itself."""

    name: str
    """What messages call it."""
    shape: tuple[int, int]
    """Rows and columns as stored; fewer than were sent when the decoder reduced."""
    read: Callable[[slice, slice], Pixels]
    """Rows, columns -> that tile, of any dtype; 0 is black."""
    is_byte: bool
    """Tiles are uint8."""
    has_alpha: bool
    """Tiles are RGBA, alpha not multiplied in."""
    sent: tuple[int, int]
    """Width and height as sent, after the EXIF turn."""
    turn: int = UPRIGHT
    """EXIF orientation of what is stored, 1-8."""

    def windows(self) -> Iterator[tuple[slice, slice]]:
        """Cover the picture with rows and columns of tiles."""
        height, width = self.shape
        for y in range(0, height, _TILE_PX):
            for x in range(0, width, _TILE_PX):
                yield slice(y, min(y + _TILE_PX, height)), slice(x, min(x + _TILE_PX, width))

    def tiles(self) -> Iterator[Pixels]:
        """Read every tile once."""
        return (self.read(*window) for window in self.windows())


def check_size(width: int, height: int, max_px: float, name: str) -> None:
    """Refuse a picture that is too small or too large, before it is decoded.

    Raises:
        SourceError: smaller than `MIN_SIDE_PX` a side.
        SourceTooLargeError: more than `max_px` pixels.
    """
    if min(width, height) < MIN_SIDE_PX:
        raise SourceError(f"{name} has {width} x {height} pixels: a digit needs {MIN_SIDE_PX} x {MIN_SIDE_PX}.")
    if width * height > max_px:
        raise SourceTooLargeError(
            f"{name} has {width} x {height} pixels, {width * height / 1e6:.1f} megapixels; "
            f"the limit is {max_px / 1e6:g}: make it smaller, or raise max_megapixels."
        )


def from_array(array: Pixels) -> Raster:
    """Take the pixels of an array as they are.

    Raises:
        UsageError: another shape than (H, W), (H, W, 3) or (H, W, 4); another dtype than bool, uint8,
            uint16 or floating; or floats that leave [0, 1].
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise UsageError(f"An array of shape {array.shape} is not a picture: give (H, W), (H, W, 3) or (H, W, 4).")
    if array.dtype.kind == "f":
        if not (array.min(initial=0) >= -1e-3 and array.max(initial=0) <= 1.001):  # NaN fails, rounding passes
            raise UsageError("An array of floats has to lie in [0, 1]: divide it by 255, or convert it to uint8.")
    elif array.dtype.type not in (np.bool_, np.uint8, np.uint16):  # in either byte order
        raise UsageError(f"An array of {array.dtype} has no known white: convert it with .astype(numpy.uint8).")
    pixels = array * np.uint8(255) if array.dtype == np.bool_ else array
    height, width = array.shape[:2]

    def read(rows: slice, columns: slice) -> Pixels:
        return pixels[rows, columns]

    return Raster("<array>", (height, width), read, pixels.dtype == np.uint8, array.shape[2:] == (4,), (width, height))


def reduction(width: int, height: int) -> int:
    """Return the power of two that brings a picture down to `WHOLE_MEGAPIXELS`; JPEG decoders take no other steps."""
    factor = 1
    while width * height > WHOLE_MEGAPIXELS * 1e6 * factor**2:
        factor *= 2
    return factor


def to_image(raster: Raster) -> Image:
    """Make the pixels 8 bits, opaque, reduced and turned.

    Returns:
        The picture, read-only; without colour, `colour` is a view of `grey` that takes no memory.

    Raises:
        CorruptSourceError: pixels that are not finite numbers.
    """
    raster = _on_paper(_to_bytes(raster))
    factor = reduction(*raster.sent) // round(max(raster.sent) / max(raster.shape))
    height, width = (-(-side // factor) for side in raster.shape)
    grey = np.empty((height, width) if raster.turn <= 4 else (width, height), np.uint8)
    colour = np.empty((*grey.shape, 3), np.uint8)  # takes no memory until it is written to
    has_colour = False
    for rows, columns in raster.windows():
        tile = _shrink(raster.read(rows, columns), factor)
        luma = tile if tile.ndim == 2 else cv2.cvtColor(tile, cv2.COLOR_RGB2GRAY)
        top, left = rows.start // factor, columns.start // factor
        window = slice(top, top + luma.shape[0]), slice(left, left + luma.shape[1])
        _as_stored(grey, raster.turn)[window] = luma
        if tile.ndim == 3:
            _as_stored(colour, raster.turn)[window] = tile
            has_colour = has_colour or _is_coloured(tile[::_FEW, ::_FEW]) or _is_coloured(tile)
    if not has_colour:
        colour = np.broadcast_to(grey[..., None], colour.shape)
    grey.flags.writeable = colour.flags.writeable = False
    return Image(grey, colour, *raster.sent, source=raster.name)


def _is_coloured(tile: Pixels) -> bool:
    """Say whether the channels of a tile, (H, W, 3), differ anywhere."""
    red, *others = cv2.split(np.ascontiguousarray(tile))
    return any(cv2.norm(red, other, cv2.NORM_INF) > 0 for other in others)


def _as_stored(seen: Pixels, turn: int) -> Pixels:
    """View the picture as people see it the way its file stores it; to write there is to turn."""
    transpose, flip_rows, flip_columns = STORED_VIEW[turn]
    view = seen.swapaxes(0, 1) if transpose else seen
    return view[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


def _shrink(tile: Pixels, factor: int) -> Pixels:
    """Average squares of `factor` x `factor` pixels; at the far edges the last pixels count more often."""
    if factor == 1:
        return tile
    below, beside = (-side % factor for side in tile.shape[:2])
    tile = cv2.copyMakeBorder(tile, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    small: Pixels = cv2.resize(tile, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    return small


def _to_bytes(raster: Raster) -> Raster:
    """Bring other numbers to uint8, 0 black, 255 white."""
    if raster.is_byte:
        return raster
    black, white = _levels(raster)

    def read(rows: slice, columns: slice) -> Pixels:
        tile: Pixels = (raster.read(rows, columns).astype(np.float32) - black) * np.float32(255 / (white - black))
        return tile.round().clip(0, 255).astype(np.uint8)

    return replace(raster, read=read, is_byte=True)


def _levels(raster: Raster) -> tuple[float, float]:
    """Find what is black and what is white in other numbers than uint8.

    Integers: white is all ones, in as many bits as the brightest pixel needs. So the 12 bits of a
    camera fill the range, and yet the noise of a blank page is not stretched into ink, as it would
    be between the darkest and the brightest pixel. Floats: white is 1; or 255; or the brightest pixel.
    """
    tiles = [(tile.dtype.kind, tile.min(), tile.max()) for tile in raster.tiles()]
    kinds, lows, highs = zip(*tiles, strict=True)
    black = min(0.0, float(np.min(lows)))
    span = float(np.max(highs)) - black
    if not np.isfinite(span):
        raise CorruptSourceError(f"{raster.name} holds pixels that are not finite numbers: save it as an 8-bit PNG.")
    if "f" in kinds:
        return black, black + (1 if span < 1.01 else max(span, 255))
    return black, black + 2 ** max(8, int(span).bit_length()) - 1


def _on_paper(raster: Raster) -> Raster:
    """Show paper where the picture is transparent."""
    if not raster.has_alpha:
        return raster
    paper = _paper(raster)

    def read(rows: slice, columns: slice) -> Pixels:
        """Read a tile, with paper where nothing covers it."""
        tile = raster.read(rows, columns)
        alpha, colour = cv2.extractChannel(tile, 3), cv2.cvtColor(tile, cv2.COLOR_RGBA2RGB)
        if alpha.min() == 255:
            return colour
        shows = cv2.cvtColor(255 - alpha, cv2.COLOR_GRAY2RGB)
        return cv2.add(cv2.multiply(colour, 255 - shows, scale=1 / 255), cv2.convertScaleAbs(shows, alpha=paper / 255))

    return replace(raster, read=read, has_alpha=False)


def _paper(raster: Raster) -> int:
    """Choose the grey level, 0-255, that shows where a picture is transparent.

    Strokes alone get white paper, or black when they are bright themselves. A picture that brought
    its own paper, and is transparent only around it, gets its median, which is that paper.
    """
    n_px, tones = 0, np.zeros(256)
    for tile in raster.tiles():
        alpha: Pixels = cv2.extractChannel(tile, 3)
        opaque = (alpha >= max(1, alpha.max() // 2)).view(np.uint8)  # half: without shadows, with faint pens
        tones += cv2.calcHist([cv2.cvtColor(tile, cv2.COLOR_RGBA2GRAY)], [0], opaque, [256], [0, 256]).ravel()
        n_px += opaque.size
    levels, n_opaque = np.arange(256), max(float(tones.sum()), 1.0)
    mean = tones @ levels / n_opaque
    variance = tones @ (levels - mean) ** 2 / n_opaque
    if n_opaque > _MOSTLY * n_px and variance > _MANY_TONES**2:
        return int(np.searchsorted(tones.cumsum(), n_opaque / 2))
    return 0 if mean > _BRIGHT else 255
