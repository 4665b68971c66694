"""Pages of PDF files -> rasters, by PDFium. The only home of pypdfium2."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import numpy as np

from inkdigits.errors import CorruptSourceError, SourceError, SourceTooLargeError, UnsupportedFormatError
from inkdigits.rasters import MAX_MEGAPIXELS, MIN_SIDE_PX, WHOLE_MEGAPIXELS, Pixels, Raster

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

DPI = 200
"""Resolution at which a page is drawn: a digit 4 mm high has 31 pixels then. Larger pages have fewer dots an inch."""

POINTS_PER_INCH = 72
"""Lengths in a PDF are points."""

HEAD_BYTES = 1024
"""A PDF says that it is one somewhere in its first so many bytes (ISO 32000-1, appendix H.3)."""

N_HELD = 32
"""So many pages are drawn before a PDF is opened anew: PDFium keeps what it has read of a file, and a large one has
more than memory can hold. To open one takes a few milliseconds."""

_PDFIUM = threading.Lock()
"""PDFium is made for one thread."""


def is_pdf(file: IO[bytes]) -> bool:
    """Whether a file says that it is a PDF."""
    file.seek(0)
    return b"%PDF-" in file.read(HEAD_BYTES)


@contextmanager
def open_pdf(file: IO[bytes], name: str, max_px: float) -> Iterator["PdfPages"]:
    """Open a PDF.

    Args:
        file: what it is in.
        name: what messages call it.
        max_px: a page is drawn with at most so many pixels.

    Raises:
        UnsupportedFormatError: it is protected by a password.
        CorruptSourceError: it is damaged, or has no pages.
    """
    pages = PdfPages(file, name, max_px)
    try:
        if not pages.n:
            raise CorruptSourceError(f"{name} is a PDF without pages: send it again.")
        yield pages
    finally:
        pages.close()


class PdfPages:
    """The pages of an open PDF, drawn one at a time."""

    def __init__(self, file: IO[bytes], name: str, max_px: float) -> None:
        self._file, self._name, self._max_px = file, name, max_px
        self._document = _open(file, name)
        self._n_read = 0
        with _PDFIUM:
            self.n = len(self._document)

    def close(self) -> None:
        """Forget what was read; the file stays open."""
        with _PDFIUM:
            self._document.close()

    def read(self, number: int) -> Raster:
        """Draw a page, counted from 0, as on white paper.

        Raises:
            CorruptSourceError: the page is damaged.
            SourceError: the page has no size.
            SourceTooLargeError: it has far more points than any paper.
        """
        if self._n_read and self._n_read % N_HELD == 0:
            self.close()
            self._document = _open(self._file, self._name)
        self._n_read += 1
        return _draw(self._document, number, f"Page {number + 1} of {self._name}", self._max_px)


def _open(file: IO[bytes], name: str) -> "PdfDocument":
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
    return document


def _draw(document: "PdfDocument", number: int, name: str, max_px: float) -> Raster:
    """Draw a page; `name` is what messages call it."""
    import pypdfium2

    try:
        with _PDFIUM:
            page = document[number]
            width, height = page.get_size()
            scale = _scale(width, height, max_px, name)
            pixels = np.array(page.render(scale=scale, rev_byteorder=True).to_numpy()[..., :3])
            page.close()
    except pypdfium2.PdfiumError as error:
        raise CorruptSourceError(f"{name} is damaged: send it again.") from error

    def read(rows: slice, columns: slice) -> Pixels:
        return pixels[rows, columns]

    sides = (pixels.shape[0], pixels.shape[1])
    return Raster(name, sides, read, is_byte=True, has_alpha=False, sent=sides[::-1])


def _scale(width: float, height: float, max_px: float, name: str) -> float:
    """Return how many pixels a point becomes, of a page so many points wide and high."""
    most = max(max_px / 1e6, MAX_MEGAPIXELS)  # a lower limit makes pages smaller, and forbids none
    if not width * height <= most * 1e6:  # infinity and what is no number as well
        raise SourceTooLargeError(
            f"{name} is {width:.0f} x {height:.0f} points, and the limit is {most:g} million of them: "
            f"print it to a smaller page, or raise max_megapixels."
        )
    scale: float = min(DPI / POINTS_PER_INCH, (min(WHOLE_MEGAPIXELS * 1e6, max_px) / max(width * height, 1)) ** 0.5)
    if min(width, height) * scale < MIN_SIDE_PX:
        raise SourceError(f"{name} is {width:.0f} x {height:.0f} points: too small to read.")
    return scale
