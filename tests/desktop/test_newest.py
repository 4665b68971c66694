"""One job at a time, beside the window; of those that wait only the newest."""

import threading

from inkdigits.desktop.newest import Newest
from tests.desktop.screen import until


class Slow:
    """Work that ends when it may."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.may_end = threading.Semaphore(0)

    def __call__(self, job: int) -> int:
        """Do a job."""
        self.begun.append(job)
        assert self.may_end.acquire(timeout=30)
        return 10 * job


def test_of_what_waits_only_the_newest_is_done():
    """A hundred are asked for while the first is at hand: two are done."""
    work = Slow()
    newest = Newest(work)
    newest.ask(0, 0)
    until(lambda: work.begun == [0])
    for version in range(1, 101):
        newest.ask(version, version)
    assert not newest.is_settled
    work.may_end.release(2)
    until(lambda: work.begun == [0, 100] and newest.n_done == 2)
    assert newest.collect() == (100, 1000, None)
    assert newest.collect() is None
    assert newest.is_settled
    newest.close()


def test_an_error_is_an_outcome():
    """And the next job is done all the same."""
    newest = Newest(lambda job: 1 // job)
    newest.ask(1, 0)
    until(lambda: newest.n_done == 1)
    outcome = newest.collect()
    assert outcome
    assert isinstance(outcome.error, ZeroDivisionError)
    newest.ask(2, 1)
    until(lambda: newest.n_done == 2)
    assert newest.collect() == (2, 1, None)
    newest.close()


def test_closing_ends_the_thread():
    """Also while a job waits; that at hand is finished."""
    work, before = Slow(), threading.enumerate()
    newest = Newest(work)
    newest.ask(1, 1)
    until(lambda: work.begun == [1])
    newest.ask(2, 2)
    work.may_end.release(2)
    newest.close()
    assert set(threading.enumerate()) <= set(before)
