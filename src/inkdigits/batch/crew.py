"""The processes that read: each has one page at a time, and one that dies or takes too long is replaced."""

import json
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Self

from inkdigits.batch import worker
from inkdigits.batch.journal import Entry
from inkdigits.batch.sources import Page, to_stamp
from inkdigits.errors import CorruptSourceError, InkdigitsError, PageTimeoutError, SourceError, WorkerError
from inkdigits.outputs import to_fields
from inkdigits.reader import Layout
from inkdigits.records import Failure
from inkdigits.settings import Settings

N_TRIES = 3
"""A page with which its process dies so often is reported as one that cannot be read; a process that dies so often
while it starts will never start."""

START_S = 300.0
"""A process that is not ready by then is stuck: it takes a few seconds, on a busy machine perhaps a minute."""

TICK_S = 0.2
"""How often the time is looked at. No tick counts for more than two: while the computer sleeps, or the run is halted
by Ctrl-Z, no page is read, and none is late."""

KILL_S = 5.0
"""A process that was killed may take so long to go, where a drive keeps it; then it is left behind."""

Choose = Callable[[str | None], Page | None]
"""The source that a process has open -> the page that it reads next; None when there is none."""

_SPAWN = multiprocessing.get_context("spawn")
"""The runtime's threads do not survive a fork."""


class Crew:
    """Several processes; they start when there is something to do, and end with the `with` block, whatever they do."""

    def __init__(self, n: int, settings: Settings, layout: Layout) -> None:
        self._hands = [_Hand(settings, layout) for _ in range(n)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._hands:
            hand.stop()

    def read(self, choose: Choose) -> Iterator[Entry]:
        """Yield each page as soon as it is done, until there is none left to choose.

        Raises:
            WorkerError: a process does not start.
            InkdigitsError: what a process cannot start for.
        """
        while True:
            for hand in self._hands:
                if hand.page is None and (page := choose(hand.source)):
                    hand.give(page)
            busy = [hand for hand in self._hands if hand.page]
            if not busy:
                return
            yield from _wait_for(busy)


def _wait_for(busy: Sequence["_Hand"]) -> Iterator[Entry]:
    """Listen for a tick at most, and yield what was read or given up in it."""
    before_s = time.monotonic()
    heard = wait([hand.pipe for hand in busy], TICK_S)
    passed_s = min(time.monotonic() - before_s, 2 * TICK_S)
    for hand in busy:
        entry = hand.listen() if hand.pipe in heard else hand.grow_older(passed_s)
        if entry:
            yield entry


class _Hand:
    """One process after the other, and the page that it reads."""

    pipe: Connection

    def __init__(self, settings: Settings, layout: Layout) -> None:
        self._settings, self._layout = settings, layout
        self._process: SpawnProcess | None = None
        self._is_ready = False
        self._n_failed_starts = self._n_deaths = 0
        self._left_s = 0.0
        self.page: Page | None = None
        self.source: str | None = None
        """What the process has open."""

    def give(self, page: Page) -> None:
        """Let it read a page."""
        self._n_deaths = 0
        self.page, self.source = page, page.source
        self._begin()

    def listen(self) -> Entry | None:
        """Take what the process says; None when its page is not done by that."""
        try:
            message = self.pipe.recv()
        except (EOFError, OSError):  # it is gone; OSError: in the middle of a word
            return self._bury()
        if isinstance(message, InkdigitsError):
            raise message
        if message == worker.READY:
            self._is_ready, self._n_failed_starts, self._left_s = True, 0, self._settings.page_timeout_s
            return None
        self.page = None
        entry: Entry = message
        return entry

    def grow_older(self, passed_s: float) -> Entry | None:
        """Let time pass; a page for which none is left is given up."""
        self._left_s -= passed_s
        if self._left_s > 0:
            return None
        if not self._is_ready:
            raise WorkerError(f"A process that reads was not ready after {START_S:.0f} s: is the machine overloaded?")
        words = f"took longer than {self._settings.page_timeout_s:g} s: raise --page-timeout, or leave it out."
        return self._give_up(PageTimeoutError, words)

    def stop(self) -> None:
        """End the process in the middle of what it does."""
        if self._process:
            self._process.kill()
            self._process.join(KILL_S)
            self.pipe.close()
            self._process = None

    def _begin(self) -> None:
        """Send the page to the process; start one if there is none."""
        if self._process is None:
            self._start()
        self._left_s = self._settings.page_timeout_s if self._is_ready else START_S
        with suppress(OSError):  # it has died while idle, which `listen` will learn
            self.pipe.send(self.page)

    def _start(self) -> None:
        self._is_ready = False
        self.pipe, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=worker.serve, args=(theirs, self._settings, self._layout), daemon=True)
        try:
            with _deaf():  # a new process hears no Ctrl-C from its first moment on
                process.start()
        except OSError as error:
            raise WorkerError(f"No process can be started ({error.strerror or error}): try fewer --workers.") from error
        finally:
            theirs.close()
        self._process = process

    def _bury(self) -> Entry | None:
        """Replace a process that died, or give up its page."""
        self.stop()
        if self._is_ready:
            self._n_deaths += 1
        else:
            self._n_failed_starts += 1
        if self._n_failed_starts == N_TRIES:
            raise WorkerError(
                "The processes that read die while they start: is there memory for --workers so many? A script that "
                "calls read_pile does so below  if __name__ == '__main__':"
            )
        if self._n_deaths == N_TRIES:
            return self._give_up(CorruptSourceError, "ends the process that reads it: save it anew.")
        self._begin()
        return None

    def _give_up(self, error: type[SourceError], why: str) -> Entry:
        """Report the page as one that cannot be read, and end its process."""
        assert self.page is not None
        page = self.page
        self.stop()
        self.page = None
        failure = Failure(*page, error.code, f"Page {page.number} of {page.source} {why}")
        return Entry(*page, 1, to_stamp(page.source), json.dumps(to_fields(failure)))


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
