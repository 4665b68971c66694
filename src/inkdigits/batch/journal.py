"""What a pile's run has read so far, in a file beside its output: one line a page, only ever added to.

The first line says how the run reads. A line that was half written when the process was killed is dropped; its page is
read again. Pages come in the order in which they were done: where each stands is remembered, not what it says.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from inkdigits.errors import UsageError
from inkdigits.outputs import from_fields
from inkdigits.records import Failure, Result


class Journal:
    """The pages that are done. `open_journal` opens it; close it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, dict[int, int]] = {}
        self._n_pages: dict[str, int] = {}

    def add(self, source: str, page: int, n_pages: int, line: str) -> None:
        """Note a page.

        Args:
            source: where it comes from.
            page: its number, from 1.
            n_pages: how many its source has.
            line: the JSON object of its result, in one line.
        """
        place = self._file.seek(0, os.SEEK_END)
        self._file.write(f'{{"n_pages": {n_pages}, "result": {line}}}\n'.encode())
        self._file.flush()
        self._remember(source, page, n_pages, place)

    def has(self, source: str, page: int) -> bool:
        """Whether a page is done."""
        return page in self._places.get(source, {})

    def n_pages(self, source: str) -> int | None:
        """How many pages a source has; None as long as nobody has opened it."""
        return self._n_pages.get(source)

    def results(self, sources: Sequence[str]) -> Iterator[Result]:
        """Yield every page, in the order of the sources."""
        for source in sources:
            places = self._places.get(source, {})
            for page in sorted(places):
                self._file.seek(places[page])
                yield from_fields(json.loads(self._file.readline())["result"])

    def close(self) -> None:
        """Close the file; it stays."""
        self._file.close()

    def load(self) -> None:
        """Learn what is done from the lines after the first; cut off what was not written whole."""
        while True:
            place = self._file.tell()
            line = self._file.readline()
            try:
                entry = json.loads(line) if line.endswith(b"\n") else None
                result = from_fields(entry["result"]) if entry else None
            except (ValueError, KeyError, TypeError):
                result = None
            if entry is None or result is None:
                self._file.truncate(place)
                return
            if not isinstance(result, Failure):  # which is tried again: a drive may be back
                self._remember(result.source, result.page, entry["n_pages"], place)

    def _remember(self, source: str, page: int, n_pages: int, place: int) -> None:
        self._places.setdefault(source, {})[page] = place
        self._n_pages[source] = max(n_pages, self._n_pages.get(source, 1))  # a source that will not open tells of one


def journal_path(out: Path) -> Path:
    """Return where the journal of a run lies that writes `out`."""
    return out.with_name(out.name + ".journal")


def open_journal(out: Path, facts: Mapping[str, Any], *, resume: bool) -> Journal:
    """Open the journal of a run.

    Args:
        out: what the run writes.
        facts: how it reads; a run goes on only in the same way.
        resume: go on with a journal if there is one.

    Raises:
        UsageError: there is one already and `resume` is off; it was begun in another way; or it cannot be written.
    """
    path = journal_path(out)
    try:
        if path.exists() and not resume:
            raise UsageError(f"{path} is there from a run that did not end. Go on with --resume, or delete it.")
        file = path.open("r+b" if path.exists() else "x+b")
        _lock(file, path)
        begun = file.readline()
        if not begun.endswith(b"\n"):  # killed before it had begun
            file.truncate(0)
            file.seek(0)
            file.write(_header(facts))
            file.flush()
        elif begun != _header(facts):
            file.close()
            raise UsageError(f"{path} was begun with other options or another network. Use the same, or delete it.")
        journal = Journal(file)
        journal.load()
        return journal
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error


def _lock(file: BinaryIO, path: Path) -> None:
    """Keep a second run from the same journal, where the system can.

    Raises:
        UsageError: another run has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows, which lets no second process delete or replace an open file
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise UsageError(f"Another run is writing {path}. Wait for it, or name another file with --out.") from error


def _header(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(facts), sort_keys=True).encode() + b"\n"
