"""A pile of sources -> one file: pages are read by several processes, noted in a journal, and written in order."""

import json
import multiprocessing
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from inkdigits import __version__
from inkdigits.batch import worker
from inkdigits.batch.journal import Journal, journal_path, open_journal
from inkdigits.errors import CorruptSourceError
from inkdigits.outputs import BINARY, Format, get_writer, open_output, open_whole, to_fields
from inkdigits.outputs.tables import is_doubtful
from inkdigits.reader import Layout, open_reader
from inkdigits.records import Failure, Result
from inkdigits.settings import Settings

N_AHEAD = 2
"""Pages that wait for each process, so that none is ever idle; more would only take memory."""

N_TRIES = 3
"""A page with which the reading process dies so often is reported as one that cannot be read."""

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


class _Page(NamedTuple):
    source: str
    number: int


def read_pile(task: Task, settings: Settings, *, resume: bool = False, watch: Watch = lambda *_: None) -> Summary:
    """Read every page of every source into one file.

    The file is written when all pages are read. Until then they stand in a journal beside it, from which a run that was
    stopped in any way goes on; what comes out is the same.

    Args:
        task: what to read, and where to.
        settings: how.
        resume: go on with the run whose journal lies there; without one, begin.
        watch: called after each page.

    Raises:
        UsageError: a journal is there and `resume` is off, or it was begun otherwise; or a file cannot be written.
        ModelError: the network cannot be used.
    """
    reader = open_reader(settings)  # what is wrong with it is better said before the first process starts
    reader.check(task.layout)
    facts = {"version": __version__, "model": reader.model_digest, "layout": task.layout}
    if task.layout != "digit":
        facts["line_model"] = reader.line_model_digest
    rules = {name: getattr(settings, name) for name in ("accept_error", "expect_digits", "max_megapixels")}
    journal = open_journal(task.out, facts | rules, resume=resume)
    try:
        _Run(task, settings, journal, watch).read_all()
        summary = _write(task, journal)
    finally:
        journal.close()
    journal_path(task.out).unlink()
    return summary


def _write(task: Task, journal: Journal) -> Summary:
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
    return Summary(counts["pages"], counts["failed"], counts["doubtful"])


class _Run:
    """Pages on their way from the sources to the journal."""

    def __init__(self, task: Task, settings: Settings, journal: Journal, watch: Watch) -> None:
        self._task = task
        self._settings = settings
        self._journal = journal
        self._watch = watch
        self._later: deque[_Page] = deque()
        """Pages of sources of which the first is read."""
        self._suspects: deque[_Page] = deque()
        """Pages that were being read when a process died: they are read one at a time, to find the one that kills."""
        self._n_deaths: Counter[_Page] = Counter()
        self._reading: dict[Future[tuple[int, str]], _Page] = {}
        self._n_done = self._n_known = 0

    def read_all(self) -> None:
        """Read until nothing is left to read."""
        pages = self._first_pages(self._task.sources)
        while True:
            executor = self._open_executor()
            try:
                self._read_with(executor, pages)
                executor.shutdown()
                return
            except BrokenProcessPool:
                executor.shutdown()
            except BaseException:  # Ctrl-C above all: nobody wants to wait for what is being read
                _stop_at_once(executor)
                raise
            if len(self._reading) == 1:  # it was read alone: nothing else can have been the reason
                self._n_deaths.update(self._reading.values())
            self._suspects.extend(self._reading.values())
            self._reading.clear()

    def _open_executor(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # the runtime's threads do not survive a fork
        arguments = (self._settings, self._task.layout)
        return ProcessPoolExecutor(self._task.n_workers, context, worker.begin, arguments)

    def _first_pages(self, sources: Sequence[str]) -> Iterator[_Page]:
        """Yield the first page of each source; those that the journal has are done, and lead to the others."""
        self._n_known += len(sources)
        for source in sources:
            if self._journal.has(source, 1):
                self._finish(source, 1)
            else:
                yield _Page(source, 1)

    def _finish(self, source: str, number: int) -> None:
        """Count a page that is in the journal; with the first of a source, its others come to light."""
        self._n_done += 1
        n_pages = self._journal.n_pages(source) or 1
        if number == 1 and n_pages > 1:
            self._n_known += n_pages - 1
            for other in range(2, n_pages + 1):
                if self._journal.has(source, other):
                    self._n_done += 1
                else:
                    self._later.append(_Page(source, other))
        self._watch(self._n_done, self._n_known)

    def _read_with(self, executor: ProcessPoolExecutor, pages: Iterator[_Page]) -> None:
        """Keep the processes busy; a page is noted as soon as it is read.

        Raises:
            BrokenProcessPool: one of them died.
        """
        while True:
            self._hand_out(executor, pages)
            if not self._reading:
                return
            done, _ = wait(self._reading, return_when=FIRST_COMPLETED)
            for future in done:
                n_pages, line = future.result()  # raises before the page is forgotten
                page = self._reading.pop(future)
                self._journal.add(*page, n_pages, line)
                self._finish(*page)

    def _hand_out(self, executor: ProcessPoolExecutor, pages: Iterator[_Page]) -> None:
        """Give the processes something to do: suspects alone, one at a time; later pages of a source before others."""
        limit = 1 if self._suspects else N_AHEAD * self._task.n_workers
        while len(self._reading) < limit:
            if not (self._suspects or self._later):
                page = next(pages, None)  # on its way to the next source it may find later pages of those before
                if page is None and not self._later:
                    return
                page = page or self._later.popleft()
            else:
                page = (self._suspects or self._later).popleft()
            if self._n_deaths[page] >= N_TRIES:
                self._give_up(page)
                continue
            try:
                with _deaf():  # a new process hears no Ctrl-C from its first moment on
                    self._reading[executor.submit(worker.read_page, *page)] = page
            except BrokenProcessPool:
                self._suspects.append(page)
                raise

    def _give_up(self, page: _Page) -> None:
        """Note a page with which the reading process dies whenever it is read."""
        words = f"Page {page.number} of {page.source} ends the process that reads it: save it anew."
        failure = Failure(*page, CorruptSourceError.code, words)
        self._journal.add(*page, 1, json.dumps(to_fields(failure)))
        self._finish(*page)


def _stop_at_once(executor: ProcessPoolExecutor) -> None:
    """End the processes in the middle of what they do."""
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()


@contextmanager
def _deaf() -> Iterator[None]:
    """Ignore Ctrl-C, where this is the main thread; one that comes meanwhile is lost, and people press it again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
