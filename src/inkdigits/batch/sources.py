"""Folders, patterns and lists -> the files of a pile, in order; and how to tell that one has changed."""

import os
from collections.abc import Collection, Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path
from typing import NamedTuple, TypeAlias

from inkdigits.errors import SourceNotFoundError, UsageError

SUFFIXES = frozenset([".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".pdf", ".heic", ".heif"])
"""Of the files that are read in a folder; a file that is named is read whatever it is called."""

LIST = "@"
"""What begins the name of a list: a text file with a source a line."""

Stamp: TypeAlias = tuple[int, int]
"""Bytes of a file, and when it was last written, in nanoseconds since 1970."""


class Page(NamedTuple):
    """A page to read."""

    source: str
    number: int
    """From 1."""


def to_stamp(source: str) -> Stamp | None:
    """Return what changes when a file does; None where it cannot be looked at."""
    try:
        facts = os.stat(source)
    except (OSError, ValueError):  # ValueError: a zero byte in the name
        return None
    return facts.st_size, facts.st_mtime_ns


def find_sources(names: Iterable[str], without: Collection[Path] = ()) -> list[str]:
    """Return the files to read, each once, in the order in which they were named.

    Args:
        names: a file; a folder, of which all pictures and PDF files are read, those in folders inside it too, by name;
            a pattern such as "scans/*.png"; or "@FILE", a list of all these, a line each.
        without: files that are left out where a folder or a pattern brings them: what the run itself writes.

    Raises:
        UsageError: nothing to read, an empty name, or a list that cannot be read.
        SourceNotFoundError: a pattern that fits nothing.
    """
    own = {os.path.abspath(path) for path in without}
    sources = list(dict.fromkeys(source for name in names for source in _expand(name, own, ())))
    if not sources:
        raise UsageError("There is nothing to read: the folders hold no pictures and no PDF files.")
    return sources


def _expand(name: str, own: set[str], lists: tuple[str, ...]) -> Iterator[str]:
    """Yield the files that a name stands for; `lists` are those that led to it."""
    if not name:
        raise UsageError("One of the sources has no name: an empty variable of the shell?")
    if name.startswith(LIST) and not os.path.exists(name):
        if name in lists:
            raise UsageError(f"The list {name[len(LIST) :]} names itself.")
        yield from (source for line in _lines(Path(name[len(LIST) :])) for source in _expand(line, own, (*lists, name)))
    elif os.path.isdir(name):
        files = (path for path in Path(name).rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        yield from (source for source in sorted(map(str, files)) if os.path.abspath(source) not in own)
    elif has_magic(name) and not os.path.exists(name):
        found = sorted(glob(name, recursive=True))
        if not found:
            raise SourceNotFoundError(f"No file fits the pattern {name!r}: check it.")
        named = (each for each in found if os.path.abspath(each) not in own)
        yield from (source for each in named for source in _expand(each, own, lists))
    else:
        yield name


def _lines(path: Path) -> list[str]:
    """Return the lines of a list that are not blank. Names of files may be in any encoding."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"The list {path} cannot be read: {error.strerror or error}.") from error
    if "\0" in text:
        raise UsageError(f"The list {path} is no UTF-8 text: save it as UTF-8.")
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]
