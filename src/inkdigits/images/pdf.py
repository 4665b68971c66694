"""Pages of PDF files -> rasters, by PDFium. The only home of pypdfium2."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import numpy as np

from inkdigits.errors import CorruptSourceError, SourceError, UnsupportedFormatError
from inkdigits.rasters import MIN_SIDE_PX, WHOLE_MEGAPIXELS, Pixels, Raster

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

DPI = 200
"""Resolution at which a page is drawn: a digit 4 mm high has 31 pixels then. Larger pages have fewer dots an inch."""

POINTS_PER_INCH = 72
"""Lengths in a PDF are points."""

HEAD_BYTES = 1024
"""A PDF says that it is one somewhere in its first so many bytes (ISO 32000-1, appendix H.3)."""

_PDFIUM = threading.Lock()
"""PDFium is made for one thread."""


def is_pdf(file: IO[bytes]) -> bool:
    """Whether a file says that it is a PDF."""
    file.seek(0)
    return b"%PDF-" in file.read(HEAD_BYTES)


@contextmanager
def open_pdf(file: IO[bytes], name: str) -> Iterator["PdfDocument"]:
    """Open a PDF.

    Raises:
        UnsupportedFormatError: it is protected by a password.
        CorruptSourceError: it is damaged, or has no pages.
    """
    import pypdfium2  # 50 ms, and most pictures are none
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    file.seek(0)
    try:
        with _PDFIUM:
            document = pypdfium2.PdfDocument(file)
            document.init_forms()  # else what was typed into a form is not drawn
    except pypdfium2.PdfiumError as error:
        if error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise UnsupportedFormatError(f"{name} is a PDF with a password: save it without one.") from error
        raise CorruptSourceError(f"{name} is a damaged PDF: send it again.") from error
    try:
        if not n_pages_of(document):
            raise CorruptSourceError(f"{name} is a PDF without pages: send it again.")
        yield document
    finally:
        with _PDFIUM:
            document.close()


def n_pages_of(document: "PdfDocument") -> int:
    """Return how many pages a PDF has."""
    with _PDFIUM:
        return len(document)


def read_page(document: "PdfDocument", number: int, name: str, max_px: float) -> Raster:
    """Draw a page, as on white paper.

    Args:
        document: from `open_pdf`.
        number: counted from 0.
        name: what messages call the file.
        max_px: the page is drawn with at most so many pixels.

    Raises:
        CorruptSourceError: the page is damaged.
        SourceError: the page has no size.
    """
    import pypdfium2

    try:
        with _PDFIUM:
            page = document[number]
            width, height = page.get_size()
            scale = min(DPI / POINTS_PER_INCH, (min(WHOLE_MEGAPIXELS * 1e6, max_px) / max(width * height, 1)) ** 0.5)
            if min(width, height) * scale < MIN_SIDE_PX:
                raise SourceError(
                    f"Page {number + 1} of {name} is {width:.0f} x {height:.0f} points: too small to read."
                )
            pixels = np.array(page.render(scale=scale, rev_byteorder=True).to_numpy()[..., :3])
    except pypdfium2.PdfiumError as error:
        raise CorruptSourceError(f"Page {number + 1} of {name} is damaged: send it again.") from error

    def read(rows: slice, columns: slice) -> Pixels:
        return pixels[rows, columns]

    sides = (pixels.shape[0], pixels.shape[1])
    return Raster(name, sides, read, is_byte=True, has_alpha=False, sent=sides[::-1])
