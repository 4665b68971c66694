"""A path, bytes, a PIL image or an array -> its pages, each an image."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, TypeAlias

import numpy as np
import PIL.Image

from inkdigits.errors import CorruptSourceError, SourceError, SourceNotFoundError, SourceTooLargeError, UsageError
from inkdigits.images.pdf import is_pdf, open_pdf
from inkdigits.images.pillow import find_frames, has_picture, read_file, read_picture
from inkdigits.rasters import MAX_MEGAPIXELS, MAX_PAGES, Pixels, Raster, check_size, from_array, to_image
from inkdigits.records import Image

Source: TypeAlias = str | os.PathLike[str] | bytes | PIL.Image.Image | Pixels
"""What `load_image` takes."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a source, decoded one at a time, when they are asked for."""

    n: int
    """How many: at least one."""
    _read: Callable[[int], Raster]

    def load(self, number: int) -> Image:
        """Decode a page; see `load_image` for what comes back, and what may be wrong with it.

        Args:
            number: counted from 1.

        Raises:
            CorruptSourceError: there are fewer pages; besides what `load_image` raises.
        """
        if not 1 <= number <= self.n:
            raise CorruptSourceError(f"There is no page {number}: the file has {self.n}.")
        return replace(to_image(self._read(number - 1)), page=number)


def load_image(source: Source, *, max_megapixels: float = MAX_MEGAPIXELS) -> Image:
    """Read a picture from wherever it is; of several frames or pages, the first.

    Args:
        source: a path; the bytes of a file; a PIL image; or an array (H, W) grey, (H, W, 3) RGB
            or (H, W, 4) RGBA of bool, uint8, uint16, or floats in [0, 1]; 0 is black. Not changed.
        max_megapixels: refuse larger pictures, in millions of pixels, before they are decoded.

    Returns:
        The picture as people see it, read-only. Above 12 megapixels it comes reduced. Where it is
        transparent it shows a paper that the ink stands out from. `grey` is the luma of ITU-R BT.601,
        so a yellow pen is faint in it: look for coloured pens in `colour`, which for a picture
        without colour is a view of `grey` that takes no memory.

    Raises:
        UsageError: a source of another type, or an array of another shape, type or range.
        SourceNotFoundError: there is no such file.
        UnsupportedFormatError: not a picture, in a format that is not read, or a PDF with a password.
        CorruptSourceError: a picture, but empty, truncated or damaged.
        SourceTooLargeError: over the limit, or made so that its decoder would need much more than its pixels say.
        SourceError: smaller than 8 x 8 pixels, or a path that cannot be opened.
    """
    with open_pages(source, max_megapixels=max_megapixels) as pages:
        return pages.load(1)


@contextmanager
def open_pages(source: Source, *, max_megapixels: float = MAX_MEGAPIXELS, name: str = "<bytes>") -> Iterator[Pages]:
    """Open a source of one or many pages: those of a PDF, and the frames of a TIFF; of an animation, the first frame.

    Arguments and errors are those of `load_image`; what is wrong with one page shows when it is loaded. `name` is what
    bytes are called, in records and messages.
    """
    if not max_megapixels > 0:
        raise UsageError(f"max_megapixels is {max_megapixels}: it has to be above 0.")
    max_px = max_megapixels * 1e6
    if isinstance(source, np.ndarray):
        raster = from_array(source)
        check_size(*raster.sent, max_px, raster.name)
        yield Pages(1, lambda _: raster)
    elif isinstance(source, PIL.Image.Image):
        yield Pages(1, lambda _: read_picture(source, max_px))
    elif isinstance(source, bytes | bytearray | memoryview):
        with _open_file(io.BytesIO(source), name, max_px) as pages:
            yield pages
    elif isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        with _open_path(path) as file, _open_file(file, path, max_px) as pages:
            yield pages
    else:
        raise UsageError(f"A {type(source).__name__} is not a picture: give a path, bytes, a PIL image or an array.")


@contextmanager
def _open_file(file: IO[bytes], name: str, max_px: float) -> Iterator[Pages]:
    if is_pdf(file) and not has_picture(file):
        with open_pdf(file, name, max_px) as pdf:
            yield Pages(_check_number(pdf.n, name), pdf.read)
    else:
        places = find_frames(file, name)
        yield Pages(_check_number(len(places), name), lambda number: read_file(file, name, max_px, places[number]))


def _check_number(n_pages: int, name: str) -> int:
    if n_pages > MAX_PAGES:
        raise SourceTooLargeError(f"{name} says that it has more than {MAX_PAGES:,} pages: split it.")
    return n_pages


def _open_path(path: str) -> IO[bytes]:
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise SourceError(f"{path} is a folder or a device: give a picture file.")
        return open(path, "rb")
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a zero byte in the path
        raise SourceNotFoundError(f"There is no file {path!r}: check the path.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror}.") from error
