"""Works beside the window: one thing at a time, and of what waits only the newest."""

import threading
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class Outcome(NamedTuple, Generic[Answer]):
    """What became of a job."""

    version: int
    """Of what was asked about."""
    answer: Answer | None
    error: Exception | None
    """In place of an answer."""


class Newest(Generic[Job, Answer]):
    """Hands jobs to a thread. A newer job takes the place of one that waits, a newer outcome that of an older one."""

    def __init__(self, work: Callable[[Job], Answer]) -> None:
        """Start the thread, which does `work`."""
        self._work = work
        self._changed = threading.Condition()
        self._waiting: tuple[int, Job] | None = None
        self._outcome: Outcome[Answer] | None = None
        self._is_busy = False
        self._is_closed = False
        self.n_done = 0
        """How many jobs were done."""
        self._thread = threading.Thread(target=self._run, name="inkdigits reader", daemon=True)
        self._thread.start()

    def ask(self, version: int, job: Job) -> None:
        """Do a job as soon as the one at hand is done, unless a newer one comes before; versions only grow."""
        with self._changed:
            self._waiting = version, job
            self._changed.notify_all()

    def collect(self) -> Outcome[Answer] | None:
        """Take the newest outcome that was not taken yet, if there is one. Never waits."""
        with self._changed:
            outcome, self._outcome = self._outcome, None
            return outcome

    @property
    def is_settled(self) -> bool:
        """Whether everything is done and collected."""
        with self._changed:
            return self._waiting is None and self._outcome is None and not self._is_busy

    def close(self) -> None:
        """Give up what waits, and end the thread once its job is done."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            version, job = taken
            try:
                outcome = Outcome(version, self._work(job), None)
            except Exception as error:  # the window shows it, or raises it again: a thread has nobody to tell
                outcome = Outcome(version, None, error)
            with self._changed:
                self._outcome = outcome
                self._is_busy = False
                self.n_done += 1

    def _take(self) -> tuple[int, Job] | None:
        """Wait for a job; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._is_closed)
            taken, self._waiting = self._waiting, None
            self._is_busy = taken is not None
            return None if self._is_closed else taken
