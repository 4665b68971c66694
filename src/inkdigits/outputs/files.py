"""Files that are written whole or not at all."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from inkdigits.errors import UsageError


@contextmanager
def open_output(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file that is written whole or not at all; see `open_whole`."""
    with (
        open_whole(path) as stream,
        # A file name that is not UTF-8 is spelt out, rather than the end of everything.
        io.TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", newline="\n") as out,
    ):
        yield out


@contextmanager
def open_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its place only when all of it is written; after an error everything is as before.

    Raises:
        UsageError: it cannot be written.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    in_place = target.exists() and not target.is_file()  # nothing may take the place of /dev/null
    part = target if in_place else target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            yield stream
        if not in_place:
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())  # the name must not be there before the content
            part.replace(target)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        if not in_place:
            with suppress(OSError):  # a read-only file system refuses even what is not there
                part.unlink(missing_ok=True)
