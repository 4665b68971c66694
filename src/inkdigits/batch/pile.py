"""A pile of sources -> one file: pages are read by several processes, noted in a journal, and written in order.

A process that has a source open goes on with its pages; one that has nothing to do helps with them.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inkdigits import __version__
from inkdigits.batch.crew import Crew
from inkdigits.batch.journal import Journal, journal_path, open_journal
from inkdigits.batch.sources import Page
from inkdigits.outputs import BINARY, Format, get_writer, open_output, open_whole
from inkdigits.outputs.tables import is_doubtful
from inkdigits.reader import Layout, open_reader
from inkdigits.records import Failure, Result
from inkdigits.settings import Settings

Watch = Callable[[int, int], object]
"""Called with how many pages are done, and how many are known so far."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to do with a pile."""

    sources: tuple[str, ...]
    out: Path
    output_format: Format
    layout: Layout = "auto"
    n_workers: int = 1


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a pile."""

    n_pages: int
    n_failed: int
    n_doubtful: int
    """Pages that a person should look at; those that failed among them."""
    n_changed: int
    """Sources that were read again, since they have changed after an earlier part of the run."""


def read_pile(task: Task, settings: Settings, *, resume: bool = False, watch: Watch = lambda *_: None) -> Summary:
    """Read every page of every source into one file.

    The file is written when all pages are read. Until then they stand in a journal beside it, from which a run that was
    stopped in any way goes on; what comes out is the same. Sources that have changed meanwhile are read again.

    Args:
        task: what to read, and where to.
        settings: how.
        resume: go on with the run whose journal lies there; without one, begin.
        watch: called after each page.

    Raises:
        UsageError: a journal is there and `resume` is off, or it was begun otherwise; or a file cannot be written.
        ModelError: the network cannot be used.
        WorkerError: the processes that read cannot be started.
    """
    reader = open_reader(settings)  # what is wrong with it is better said before the first process starts
    reader.check(task.layout)
    facts = {"version": __version__, "model": reader.model_digest, "layout": task.layout}
    if task.layout != "digit":
        facts["line_model"] = reader.line_model_digest
    rules = {name: getattr(settings, name) for name in ("accept_error", "expect_digits", "max_megapixels")}
    journal = open_journal(task.out, facts | rules, resume=resume)
    try:
        run = _Run(task, journal, watch)
        with Crew(task.n_workers, settings, task.layout) as crew:
            run.read_all(crew)
        summary = _write(task, journal, run.n_changed)
    finally:
        journal.close()
    journal_path(task.out).unlink()
    return summary


def _write(task: Task, journal: Journal, n_changed: int) -> Summary:
    """Write the output, and count what is in it."""
    counts: Counter[str] = Counter()

    def counted() -> Iterator[Result]:
        for result in journal.results(task.sources):
            counts["pages"] += 1
            counts["doubtful"] += is_doubtful(result)
            counts["failed"] += isinstance(result, Failure)
            yield result

    opened = open_whole(task.out) if task.output_format in BINARY else open_output(task.out)
    with opened as out:
        get_writer(task.output_format)(counted(), out, many=True)
    return Summary(counts["pages"], counts["failed"], counts["doubtful"], n_changed)


class _Run:
    """Pages on their way from the sources to the journal."""

    def __init__(self, task: Task, journal: Journal, watch: Watch) -> None:
        self._journal = journal
        self._watch = watch
        self._sources = iter(task.sources)
        self._waiting: dict[str, deque[int]] = {}
        """Pages that nobody reads yet, of the few sources that were begun."""
        self._n_done, self._n_known = 0, len(task.sources)
        self.n_changed = 0

    def read_all(self, crew: Crew) -> None:
        """Read until nothing is left to read; each page is noted as soon as it is done."""
        for entry in crew.read(self._choose):
            self._journal.add(entry)
            self._finish(entry.source, entry.number)

    def _choose(self, opened: str | None) -> Page | None:
        """Return the page that comes next: of the source that is open already, of one that was begun, of a new one."""
        source = opened if opened in self._waiting else next(iter(self._waiting), None) or self._next_source()
        if source is None:
            return None
        number = self._waiting[source].popleft()
        if not self._waiting[source]:
            del self._waiting[source]
        return Page(source, number)

    def _next_source(self) -> str | None:
        """Go on to a source that has something to read: not all of it is in the journal."""
        for source in self._sources:
            self.n_changed += self._journal.forget_if_changed(source)
            if self._journal.has(source, 1):
                self._finish(source, 1)
            else:
                self._waiting[source] = deque([1])
            if source in self._waiting:
                return source
        return None

    def _finish(self, source: str, number: int) -> None:
        """Count a page that is in the journal; with the first of a source, its others come to light."""
        self._n_done += 1
        if number == 1:
            others = range(2, (self._journal.n_pages(source) or 1) + 1)
            missing = deque(other for other in others if not self._journal.has(source, other))
            self._n_known += len(others)
            self._n_done += len(others) - len(missing)
            if missing:
                self._waiting[source] = missing
        self._watch(self._n_done, self._n_known)
