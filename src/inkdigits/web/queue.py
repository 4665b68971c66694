"""Threads for what takes long, and a limit to how much may wait for them. The event loop itself never waits."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from inkdigits.errors import BusyError

Answer = TypeVar("Answer")


class WorkQueue:
    """A few threads, and room for so many calls to wait for one."""

    def __init__(self, n_threads: int, max_waiting: int) -> None:
        self._pool = ThreadPoolExecutor(n_threads, thread_name_prefix="inkdigits")
        self._room = n_threads + max_waiting
        self._n = 0
        self._lock = threading.Lock()

    @property
    def n(self) -> int:
        """Calls that wait or run."""
        return self._n

    async def run(self, call: Callable[..., Answer], *arguments: Any) -> Answer:
        """Call something in a thread.

        Who gives up waiting takes a call that has not begun out of the queue. One that runs cannot be stopped: it keeps
        its place until it ends.

        Raises:
            BusyError: too many wait already; besides what the call raises.
        """
        with self._lock:
            if self._n >= self._room:
                raise BusyError("The server has more to do than it takes on: send the request again in a second.")
            self._n += 1
        future = self._pool.submit(call, *arguments)
        future.add_done_callback(self._forget)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Wait for what runs, and drop what waits."""
        self._pool.shutdown(cancel_futures=True)

    def _forget(self, _: Future[Any]) -> None:
        with self._lock:
            self._n -= 1
