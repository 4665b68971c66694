"""Folders, patterns and lists -> the files of a pile, in order."""

from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path

from inkdigits.errors import SourceNotFoundError, UsageError

SUFFIXES = frozenset([".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".pdf", ".heic", ".heif"])
"""Of the files that are read in a folder; a file that is named is read whatever it is called."""

LIST = "@"
"""What begins the name of a list: a text file with a source a line."""


def find_sources(names: Iterable[str]) -> list[str]:
    """Return the files to read, each once, in the order in which they were named.

    Args:
        names: a file; a folder, of which all pictures and PDF files are read, those in folders inside it too, by name;
            a pattern such as "scans/*.png"; or "@FILE", a list of all these, a line each.

    Raises:
        UsageError: nothing to read, or a list that cannot be read.
        SourceNotFoundError: a pattern that fits nothing.
    """
    sources = list(dict.fromkeys(source for name in names for source in _expand(name)))
    if not sources:
        raise UsageError("There is nothing to read: the folders hold no pictures and no PDF files.")
    return sources


def _expand(name: str) -> Iterator[str]:
    if name.startswith(LIST) and not Path(name).exists():
        yield from (source for line in _lines(Path(name[len(LIST) :])) for source in _expand(line))
    elif Path(name).is_dir():
        files = (path for path in Path(name).rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        yield from sorted(map(str, files))
    elif has_magic(name) and not Path(name).exists():
        found = sorted(glob(name, recursive=True))
        if not found:
            raise SourceNotFoundError(f"No file fits the pattern {name!r}: check it.")
        yield from (source for each in found for source in _expand(each))
    else:
        yield name


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The list {path} cannot be read: {error}.") from error
    return [line.strip() for line in lines if line.strip()]
