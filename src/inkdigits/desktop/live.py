"""Keeps what is shown up with what there is to read. An older answer never replaces a newer one."""

from collections.abc import Callable
from typing import Generic, TypeVar

from inkdigits.desktop.newest import Newest, Outcome

Job = TypeVar("Job")
Answer = TypeVar("Answer")

After = Callable[[int, Callable[[], None]], object]
"""Calls a function after so many milliseconds, in the thread of the window."""

ASK_MS = 4
"""While an outcome is awaited, it is looked for so often; else nothing runs."""


class Live(Generic[Job, Answer]):
    """Every change raises a version; an outcome is that of a version."""

    def __init__(
        self, work: Callable[[Job], Answer], after: After, on_outcome: Callable[[Outcome[Answer]], None]
    ) -> None:
        """Let `work` be done beside the window, and `on_outcome` be told in the window what came of it."""
        self.newest = Newest(work)
        self._after, self._on_outcome = after, on_outcome
        self._version = self._asked = self._shown = 0
        self._is_waiting = False

    @property
    def is_asked(self) -> bool:
        """Whether the newest version was asked about, or needs not be."""
        return self._asked == self._version

    @property
    def is_settled(self) -> bool:
        """Whether the outcome of the newest version is there."""
        return self._shown == self._version

    def change(self) -> None:
        """There is something else to read, or something else that reads it."""
        self._version += 1

    def ask(self, job: Job) -> None:
        """Have the newest version read."""
        self._asked = self._version
        self.newest.ask(self._version, job)
        if not self._is_waiting:
            self._wait()

    def settle(self) -> None:
        """Take the newest version for shown: the answer is known without asking, and older ones count no more."""
        self._asked = self._shown = self._version

    def close(self) -> None:
        """End the thread."""
        self.newest.close()

    def _wait(self) -> None:
        self._is_waiting = True
        self._after(ASK_MS, self._collect)

    def _collect(self) -> None:
        self._is_waiting = False
        outcome = self.newest.collect()
        if not self.newest.is_settled:
            self._wait()
        if outcome and outcome.version > self._shown:
            self._shown = outcome.version
            self._on_outcome(outcome)
