"""The process that reads: it opens its reader once, and then takes one page after the other."""

import json
import multiprocessing
import os
import threading
from dataclasses import replace

from inkdigits.errors import InkdigitsError, SourceError
from inkdigits.outputs import to_fields
from inkdigits.reader import Layout, Reader, open_reader
from inkdigits.records import Failure, Result
from inkdigits.settings import Settings

_reader: Reader | None = None
_layout: Layout = "auto"


def begin(settings: Settings, layout: Layout) -> None:
    """Make this process ready to read."""
    global _reader, _layout
    _reader, _layout = open_reader(settings), layout
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def read_page(source: str, number: int) -> tuple[int, str]:
    """Read a page.

    Args:
        source: a path.
        number: of the page, from 1.

    Returns:
        How many pages the source has, and the JSON object of what was read, or of why nothing was, in one line.
    """
    n_pages, result = _read(source, number)
    return n_pages, json.dumps(to_fields(result))


def _read(source: str, number: int) -> tuple[int, Result]:
    assert _reader is not None  # `begin` comes first
    n_pages = 1
    try:
        with _reader.open_pages(source) as pages:
            n_pages = pages.n
            reading = _reader.stages(pages.load(number), _layout).reading
    except SourceError as error:
        return n_pages, Failure(source, number, error.code, str(error))
    except Exception as error:  # ours to repair; but no page may keep the others from being read
        words = f"Page {number} of {source} could not be read: {type(error).__name__}: {' '.join(str(error).split())}"
        return n_pages, Failure(source, number, InkdigitsError.code, words)
    return n_pages, replace(reading, source=source)


def _end_with(parent: "multiprocessing.process.BaseProcess") -> None:
    """End at once when the parent is gone, however it went: nobody would take what is read."""
    parent.join()
    os._exit(1)
