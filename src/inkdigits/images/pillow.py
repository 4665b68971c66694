"""Picture files and PIL images -> rasters, by Pillow, one whitelisted plug-in at a time.

OpenCV has a home here for the sake of one format: it opens a large WebP in 3 bytes a pixel where Pillow's decoder
takes 15. HEIC is decoded where the optional reader is installed.
"""

import importlib
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import IO

import cv2
import numpy as np
import PIL.Image
import PIL.ImageFile

from inkdigits.errors import (
    CorruptSourceError,
    InkdigitsError,
    SourceTooLargeError,
    UnsupportedFormatError,
)
from inkdigits.images.tiff import FrameFile, find_places
from inkdigits.rasters import MAX_MEGAPIXELS, STORED_VIEW, UPRIGHT, Pixels, Raster, check_size, reduction

_DECODER_BYTES_PER_PX = 4.9
"""What a decoder may take for each pixel of the limit: Pillow's 4, and room for the file of a compressed TIFF."""

_FILE_BYTES_PER_PX = 16
"""What a file may hold for each pixel of the limit: twice what 16-bit RGBA needs."""

_MAX_SCANS = 32
"""Of a progressive JPEG at the limit. Encoders write about 10; one costs 60 ms there, and as little as 95 bytes."""

_ORIENTATION = 0x0112
"""EXIF: how the camera was held."""

_BITS, _STRIP_OFFSETS, _TILE_OFFSETS = 258, 273, 324
"""TIFF: the bits of each channel; where the strips, or the tiles, begin, which are decoded one at a time."""

_FORMATS = "Formats read: PNG, JPEG, WebP, BMP, TIFF, GIF, PDF. Save the picture as PNG or JPEG."

_HEAD_BYTES = 16
"""So much of a file tells its format."""

_HEIF_MODULE = "pillow_heif"
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
"""What phones write behind "ftyp" in their pictures."""

_PLUGINS = {
    "Png": (b"\x89PNG\r\n\x1a\n",),
    "Jpeg": (b"\xff\xd8\xff",),
    "WebP": (b"RIFF",),
    "Bmp": (b"BM",),
    "Tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "Gif": (b"GIF87a", b"GIF89a"),
}
"""Pillow's plug-ins that may be used, no others -> how their files begin."""

_REDUCED_COLOUR = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}

_PILLOW = threading.Lock()
"""To silence Pillow's warnings is not thread-safe. Besides, two large pictures are then never decoded at once."""


def read_picture(picture: PIL.Image.Image, max_px: float) -> Raster:
    """Take the pixels of a PIL image.

    Raises:
        SourceError: too small, or not whole.
        SourceTooLargeError: over the limit.
    """
    check_size(*picture.size, max_px, "<image>")
    with _pillow("<image>"):
        picture.load()
        turn = _orientation(picture)
        if picture.mode == "La":
            picture = picture.convert("LA")  # the only way out of that mode
        return _to_raster(picture, "<image>", picture.size if turn <= 4 else picture.size[::-1], turn)


def has_picture(file: IO[bytes]) -> bool:
    """Whether a file begins as one of the pictures that are read."""
    file.seek(0)
    return file.read(_HEAD_BYTES).startswith(tuple(head for heads in _PLUGINS.values() for head in heads))


def find_frames(file: IO[bytes], name: str) -> tuple[int, ...]:
    """Return the places of a file's frames that are its pages: of a TIFF all but thumbnails; of all others the first.

    Raises:
        UnsupportedFormatError: not a picture, or in a format that is not read.
        CorruptSourceError: empty, or a TIFF without a frame.
    """
    file.seek(0)
    if _plugin(file.read(_HEAD_BYTES), name) != "Tiff":
        return (0,)
    with _pillow(name):
        places = find_places(file)
        if not places:
            raise ValueError("it has no frame")
        return places


def read_file(file: IO[bytes], name: str, max_px: float, place: int = 0) -> Raster:
    """Decode the frame of a picture file that lies at a place, as `find_frames` returns them; at 0, the first.

    Raises:
        UnsupportedFormatError: not a picture, or in a format that is not read.
        CorruptSourceError: a picture, but empty, truncated or damaged.
        SourceTooLargeError: over the limit, or made so that its decoder would need much more than its pixels say.
        SourceError: smaller than 8 x 8 pixels.
    """
    file.seek(0)
    plugin = _plugin(file.read(_HEAD_BYTES), name)
    n_bytes = file.seek(0, os.SEEK_END)
    allowed_px = max(max_px, MAX_MEGAPIXELS * 1e6)  # a lower limit is not meant to forbid kinds of file
    if n_bytes > _FILE_BYTES_PER_PX * allowed_px:
        raise SourceTooLargeError(f"{name} has {n_bytes / 1e6:.0f} MB, more than any picture needs: save it as PNG.")
    with _pillow(name):
        if plugin == "Png":
            _check_png(file)
        begun = FrameFile(file, place) if place else file
        begun.seek(0)
        picture = _open(plugin, begun)
        check_size(*picture.size, max_px, name)
        _check_cost(picture, file, allowed_px, name)
        return _decode(picture, file, name)


def _open(plugin: str, file: IO[bytes] | FrameFile) -> PIL.ImageFile.ImageFile:
    """Open a file with one of Pillow's plug-ins, alone: importing all of them takes 100 ms."""
    module = importlib.import_module(_HEIF_MODULE if plugin == "Heif" else f"PIL.{plugin}ImagePlugin")
    picture: PIL.ImageFile.ImageFile = getattr(module, f"{plugin}ImageFile")(file)
    return picture


def _plugin(head: bytes, name: str) -> str:
    """Tell the format by how the file begins; its name may lie."""
    if not head:
        raise CorruptSourceError(f"{name} is empty: send the picture again.")
    for plugin, beginnings in _PLUGINS.items():
        if head.startswith(beginnings) and (plugin != "WebP" or head[8:12] == b"WEBP"):
            return plugin
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        if find_spec(_HEIF_MODULE):
            return "Heif"
        raise UnsupportedFormatError(f"{name} is a HEIC picture. To read those:  pip install 'inkdigits[heic]'")
    kind = "an AVIF picture or a film" if head[4:8] == b"ftyp" else "not a picture in a format we know"
    raise UnsupportedFormatError(f"{name} is {kind}. {_FORMATS}")


def _decode(picture: PIL.ImageFile.ImageFile, file: IO[bytes], name: str) -> Raster:
    """Decode at the size wanted where the decoder can do that, in full elsewhere."""
    width, height = picture.size
    factor = reduction(width, height)
    if picture.format == "PNG":
        picture.load()  # its EXIF may stand behind the pixels
    turn = _orientation(picture)
    sent = (height, width) if turn > 4 and picture.format != "TIFF" else (width, height)  # a TIFF's is turned already
    if factor > 1 and _is_plain_webp(picture):
        return _decode_webp(file, name, sent, turn)
    if turn != UPRIGHT:  # forget it, or Pillow turns a TIFF while loading, into a second full copy
        picture.getexif().pop(_ORIENTATION)
    picture.draft(None, (width // factor, height // factor))  # reduces a JPEG; does nothing to the others
    boxes = [tile.extents or (0, 0, 0, 0) for tile in picture.tile]
    if picture.format == "TIFF" and sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) < width * height:
        raise ValueError("parts are missing")  # which Pillow would show black
    picture.load()
    return _to_raster(picture, name, sent, turn)


def _decode_webp(file: IO[bytes], name: str, sent: tuple[int, int], turn: int) -> Raster:
    file.seek(0)
    flag = _REDUCED_COLOUR[min(reduction(*sent), max(_REDUCED_COLOUR))] | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(file.read(), np.uint8), flag)
    if pixels is None:
        raise ValueError("OpenCV cannot decode it")

    def read(rows: slice, columns: slice) -> Pixels:
        return pixels[rows, columns, ::-1]  # OpenCV's order is BGR

    return Raster(name, (pixels.shape[0], pixels.shape[1]), read, is_byte=True, has_alpha=False, sent=sent, turn=turn)


def _to_raster(picture: PIL.Image.Image, name: str, sent: tuple[int, int], turn: int) -> Raster:
    """Hand out a loaded picture in grey, RGB or RGBA, or as the wider numbers that it holds."""
    is_byte = picture.mode not in ("I", "F") and not picture.mode.startswith("I;16")
    has_alpha = is_byte and picture.has_transparency_data
    mode = "RGBA" if has_alpha else "L" if picture.mode in ("1", "L") else "RGB" if is_byte else picture.mode

    def read(rows: slice, columns: slice) -> Pixels:
        tile = picture.crop((columns.start, rows.start, columns.stop, rows.stop))
        return np.asarray(tile if tile.mode == mode else tile.convert(mode))

    width, height = picture.im.size
    return Raster(name, (height, width), read, is_byte, has_alpha, sent, turn)


def _orientation(picture: PIL.Image.Image) -> int:
    """Return how the picture is stored, 1-8 as in EXIF; upright when nothing sensible is said."""
    try:
        turn = picture.getexif().get(_ORIENTATION)
    except Exception:  # of any class; the pixels may be whole where the metadata is damaged
        return UPRIGHT
    return turn if turn in STORED_VIEW else UPRIGHT


@contextmanager
def _pillow(name: str) -> Iterator[None]:
    """Turn whatever a decoder does about damaged bytes into our errors, without a warning."""
    try:
        with _PILLOW, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InkdigitsError:
        raise
    except (MemoryError, PIL.Image.DecompressionBombError) as error:
        raise SourceTooLargeError(f"{name} is too large to decode: make it smaller.") from error
    except Exception as error:  # decoders raise nearly every class there is
        words = " ".join(str(error).split())  # some have several lines
        raise CorruptSourceError(f"{name} is a damaged picture ({words}): send it again.") from error


def _check_cost(picture: PIL.ImageFile.ImageFile, file: IO[bytes], allowed_px: float, name: str) -> None:
    """Refuse the few files whose decoder needs much more memory or time than their pixels say."""
    needed, allowed = _decoder_bytes(picture, file), _DECODER_BYTES_PER_PX * allowed_px
    if needed > allowed:
        raise SourceTooLargeError(
            f"{name} would take {needed / 1e6:.0f} MB to decode, and the limit is {allowed / 1e6:.0f} MB: "
            f"save this {picture.format} as a plain PNG or JPEG, or make it smaller."
        )
    if "progressive" in picture.info:
        file.seek(0)
        n_scans = file.read().count(b"\xff\xda")
        if n_scans * picture.width * picture.height > _MAX_SCANS * allowed_px:
            raise SourceTooLargeError(f"{name} is a JPEG of {n_scans} scans, which take too long: save it as PNG.")


def _decoder_bytes(picture: PIL.ImageFile.ImageFile, file: IO[bytes]) -> float:
    """Estimate the memory that decoding takes, in bytes; the factors were measured at 64 megapixels."""
    n_px, factor = picture.width * picture.height, reduction(*picture.size)
    if picture.format == "WEBP":
        file.seek(0)
        is_lossy = b"VP8 " in file.read(1 << 16)
        return n_px * (15.5 if factor == 1 or not _is_plain_webp(picture) else 3.2 if is_lossy else 7.5)
    if "progressive" in picture.info:  # libjpeg keeps the coefficients of all components, 2 bytes each
        areas: list[int] = [h * v for _, h, v, _ in getattr(picture, "layer", ())]
        return n_px * (2 * sum(areas) / max(areas) + 4 / factor**2)
    if picture.format == "TIFF" and picture.info.get("compression") != "raw":  # libtiff maps the file
        tags = getattr(picture, "tag_v2", {})
        n_strips = len(tags.get(_STRIP_OFFSETS) or tags.get(_TILE_OFFSETS) or "1")
        strip_bytes: float = n_px * sum(tags.get(_BITS, (1,))) / 8 / n_strips
        return 4 * n_px + strip_bytes + file.seek(0, os.SEEK_END)
    return (8 if picture.format == "HEIF" else 4) * n_px


def _is_plain_webp(picture: PIL.Image.Image) -> bool:
    """Whether OpenCV may open it: it drops alpha when it reduces, and makes a canvas for every frame."""
    return picture.format == "WEBP" and picture.mode == "RGB" and getattr(picture, "n_frames", 1) == 1


def _check_png(file: IO[bytes]) -> None:
    """Compare every chunk's checksum; Pillow skips those of the pixels, and so reads damaged ones."""
    file.seek(len(_PLUGINS["Png"][0]))
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", file.read(8).ljust(8, b"\xff"))
        crc = zlib.crc32(kind)
        while length and (piece := file.read(min(length, 1 << 20))):
            length -= len(piece)
            crc = zlib.crc32(piece, crc)
        if file.read(4) != crc.to_bytes(4, "big"):
            raise ValueError("truncated, or a wrong checksum")
