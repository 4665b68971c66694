"""What is shown is never older than what was shown before, and in the end it is the newest."""

import random
import time
from collections.abc import Callable

from inkdigits.desktop.live import Live
from inkdigits.desktop.newest import Outcome
from tests.desktop.screen import until


class Loop:
    """Calls back like the window's: later, one after the other."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def after(self, ms: int, call: Callable[[], None]) -> None:
        """Remember a call."""
        assert ms > 0
        self.calls.append(call)

    def turn(self) -> None:
        """Make the calls that wait."""
        calls, self.calls = self.calls, []
        for call in calls:
            call()
        time.sleep(0.001)


def test_an_older_answer_never_replaces_a_newer_one():
    """Two thousand changes and questions, answered at random speed."""
    chance, loop, shown = random.Random(0), Loop(), [0]
    now = 0

    def work(job: int) -> int:
        time.sleep(chance.random() / 1000)
        return job

    def show(outcome: Outcome[int]) -> None:
        assert outcome.answer == outcome.version > shown[-1]
        shown.append(outcome.version)

    live = Live(work, loop.after, show)
    for _ in range(2000):
        live.change()
        now += 1
        step = chance.random()
        if step < 0.5:
            live.ask(now)
        elif step < 0.6:
            live.settle()
            shown.append(now)
        elif step < 0.7:
            loop.turn()
    live.change()
    live.ask(now + 1)
    until(lambda: live.is_settled, loop.turn)
    assert shown[-1] == now + 1
    assert len(shown) > 100
    live.close()


def test_nothing_runs_when_all_is_shown():
    """The last call asks for no other."""
    loop, shown = Loop(), []
    live = Live(str, loop.after, shown.append)
    live.change()
    assert (live.is_asked, live.is_settled) == (False, False)
    live.ask(7)
    live.change()
    live.ask(8)
    until(lambda: not loop.calls, loop.turn)
    assert shown[-1] == (2, "8", None)
    assert live.is_settled
    live.close()


def test_what_is_known_without_asking_is_newer_than_what_is_being_read():
    """The pad was cleared: the answer of what stood there comes too late."""
    loop, shown = Loop(), []
    live = Live(str, loop.after, shown.append)
    live.change()
    live.ask(7)
    live.change()
    live.settle()
    until(lambda: not loop.calls, loop.turn)
    assert (shown, live.is_asked, live.is_settled) == ([], True, True)
    live.close()
