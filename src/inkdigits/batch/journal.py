"""What a pile's run has read so far, in a file beside its output: one line a page, only ever added to.

The first line says how the run reads, each other one what a page says and which file that was: one that has changed
since is read again. A line that was half written when the process was killed is dropped; its page is
read again. Pages come in the order in which they were done: where each stands is remembered, not what it says.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from inkdigits.batch.sources import Stamp, to_stamp
from inkdigits.errors import UsageError
from inkdigits.outputs import from_fields
from inkdigits.records import Failure, Result


class Entry(NamedTuple):
    """What became of a page."""

    source: str
    number: int
    """From 1."""
    n_pages: int
    """How many its source has."""
    stamp: Stamp | None
    """Of the file that was read."""
    line: str
    """The JSON object of its result, in one line."""


@dataclass(slots=True)
class _Read:
    """What is known of a source."""

    stamp: Stamp | None
    n_pages: int = 1
    places: dict[int, int] = field(default_factory=dict)
    """Number of a page -> where in the journal it stands."""


class Journal:
    """The pages that are done. `open_journal` opens it; close it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sources: dict[str, _Read] = {}

    def add(self, entry: Entry) -> None:
        """Note a page."""
        place = self._file.seek(0, os.SEEK_END)
        facts = f'"n_pages": {entry.n_pages}, "stamp": {json.dumps(entry.stamp)}'
        self._file.write(f'{{{facts}, "result": {entry.line}}}\n'.encode())
        self._file.flush()
        self._remember(entry, place)

    def has(self, source: str, page: int) -> bool:
        """Whether a page is done."""
        return source in self._sources and page in self._sources[source].places

    def n_pages(self, source: str) -> int | None:
        """How many pages a source has; None as long as nobody has opened it."""
        return self._sources[source].n_pages if source in self._sources else None

    def forget_if_changed(self, source: str) -> bool:
        """Forget what was read of a file that is another one now; return whether it is.

        One that is gone counts as read: who takes away what is done does not want to lose it.
        """
        stamp = to_stamp(source)
        is_changed = source in self._sources and stamp not in (None, self._sources[source].stamp)
        if is_changed:
            del self._sources[source]
        return is_changed

    def results(self, sources: Sequence[str]) -> Iterator[Result]:
        """Yield every page, in the order of the sources."""
        for source in sources:
            places = self._sources[source].places if source in self._sources else {}
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
                read = _parse_line(line)
            except (ValueError, KeyError, TypeError):
                self._file.truncate(place)
                return
            entry, result = read
            if isinstance(result, Failure):  # which is tried again: a drive may be back
                continue
            if self._sources.get(entry.source, entry).stamp != entry.stamp:
                del self._sources[entry.source]  # it has changed meanwhile, and was read again
            self._remember(entry, place)

    def _remember(self, entry: Entry, place: int) -> None:
        read = self._sources.setdefault(entry.source, _Read(entry.stamp))
        read.places[entry.number] = place
        read.n_pages = max(entry.n_pages, read.n_pages)  # a source that will not open tells of one


def _parse_line(line: bytes) -> tuple[Entry, Result]:
    """Return what a line says.

    Raises:
        ValueError, KeyError, TypeError: it is not whole, or nothing of ours.
    """
    if not line.endswith(b"\n"):
        raise ValueError("The line does not end.")
    fields = json.loads(line)
    result = from_fields(fields["result"])
    stamp = fields["stamp"] and tuple(fields["stamp"])
    return Entry(result.source, result.page, fields["n_pages"], stamp, ""), result


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
