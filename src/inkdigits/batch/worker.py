"""The process that reads: it opens its reader once, and then takes one page after the other."""

import ctypes
import json
import multiprocessing
import os
import threading
from contextlib import ExitStack, suppress
from dataclasses import replace
from multiprocessing.connection import Connection

import cv2

from inkdigits.batch.journal import Entry
from inkdigits.batch.sources import Page, Stamp, to_stamp
from inkdigits.errors import InkdigitsError, SourceError, WorkerError
from inkdigits.images import Pages
from inkdigits.outputs import to_fields
from inkdigits.reader import Layout, Reader, open_reader
from inkdigits.records import Failure, Result
from inkdigits.settings import Settings

READY = "ready"
"""What the process says first, if it can read; else the error that keeps it from that."""


KEPT_BYTES = 2**25
"""Freed blocks up to this size are used again, as glibc does of itself once it has seen one so large. Given back to the
system, and asked for anew, they cost a tenth of the time of a page."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Their numbers in <malloc.h>."""


def serve(pipe: Connection, settings: Settings, layout: Layout) -> None:
    """Live the whole life of a process that reads.

    Args:
        pipe: brings one `Page` after the other, and takes an `Entry` for each.
        settings: how to read.
        layout: what the pictures show.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)  # there are as many processes as cores
    _keep_memory()
    try:
        reader = open_reader(settings)
        reader.check(layout)
    except InkdigitsError as error:
        pipe.send(error)
        return
    except Exception as error:
        pipe.send(WorkerError(f"A process that reads cannot start ({type(error).__name__}: {error})."))
        return
    desk = Desk(reader, layout)
    with suppress(EOFError, OSError):  # the parent is gone
        pipe.send(READY)
        while True:
            pipe.send(desk.read(pipe.recv()))


class Desk:
    """A reader, and the source that it has open: pages of a source mostly come one after the other."""

    def __init__(self, reader: Reader, layout: Layout) -> None:
        self._reader, self._layout = reader, layout
        self._opened = ExitStack()
        self._source: str | None = None
        self._pages: Pages
        self._stamp: Stamp | None = None

    def read(self, page: Page) -> Entry:
        """Read a page: return what was read, or why nothing was, and how many pages its source has."""
        result = self._read(*page)
        n_pages = self._pages.n if self._source else 1
        return Entry(*page, n_pages, self._stamp, json.dumps(to_fields(result)))

    def _read(self, source: str, number: int) -> Result:
        try:
            if source != self._source:
                self._open(source)
            return replace(self._reader.stages(self._pages.load(number), self._layout).reading, source=source)
        except SourceError as error:
            return Failure(source, number, error.code, str(error))
        except Exception as error:  # ours to repair; but no page may keep the others from being read
            words = f"{type(error).__name__}: {' '.join(str(error).split())}"
            return Failure(source, number, InkdigitsError.code, f"Page {number} of {source} could not be read: {words}")

    def _open(self, source: str) -> None:
        """Close what was open, and open another source."""
        self._source = None
        self._opened.close()
        self._stamp = to_stamp(source)  # first: what is changed while it is read is read again
        self._pages = self._opened.enter_context(self._reader.open_pages(source))
        self._source = source


def _keep_memory() -> None:
    """Let freed memory be used again, where the C library is one that can be told so."""
    with suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, KEPT_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, 2 * KEPT_BYTES)


def _end_with_parent() -> None:
    """End at once when the parent is gone, however it went: nobody would take what is read."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
