"""Patches of many requests -> few network calls.

Nobody waits for company: a request that comes alone is served at once, and those that come meanwhile go together in
the next call.
"""

import asyncio
from collections import defaultdict, deque
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.classifier import Classifier
from inkdigits.errors import BusyError
from inkdigits.records import Patches
from inkdigits.web.queue import WorkQueue

Scores: TypeAlias = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Probabilities (N, 10) and digit scores (N,)."""

MAX_PATCHES = 256
"""Of a request, and, but for the last one's, of a call: more in a call are no faster."""


class _Job(NamedTuple):
    patches: Patches
    done: asyncio.Future[Scores]


class Batcher:
    """Classifies for many at once. Belongs to one event loop."""

    def __init__(self, max_waiting: int) -> None:
        self._queue = WorkQueue(1, max_waiting)
        self._room = max_waiting + 1
        self._waiting: defaultdict[Classifier, deque[_Job]] = defaultdict(deque)
        self._workers: dict[Classifier, asyncio.Task[None]] = {}
        self.n_calls = 0
        """Calls of networks so far."""
        self.n_patches = 0
        """Patches in them."""

    async def classify(self, classifier: Classifier, patches: Patches) -> Scores:
        """Say what each patch shows; see `Classifier.classify`.

        Args:
            classifier: the network.
            patches: (N, 28, 28) float32 in [0, 1].

        Raises:
            BusyError: too many requests wait already.
        """
        if sum(map(len, self._waiting.values())) >= self._room:
            raise BusyError("The server has more to do than it takes on: send the request again in a second.")
        job = _Job(patches, asyncio.get_running_loop().create_future())
        self._waiting[classifier].append(job)
        if classifier not in self._workers:
            self._workers[classifier] = asyncio.create_task(self._work(classifier))
        return await job.done

    def close(self) -> None:
        """Drop what waits."""
        for worker in self._workers.values():
            worker.cancel()
        self._queue.close()

    async def _work(self, classifier: Classifier) -> None:
        """Serve all who wait for a network, until nobody does."""
        try:
            while jobs := _take(self._waiting[classifier]):
                await self._serve(classifier, jobs)
        finally:
            del self._workers[classifier], self._waiting[classifier]

    async def _serve(self, classifier: Classifier, jobs: list[_Job]) -> None:
        patches = np.concatenate([job.patches for job in jobs])
        self.n_calls, self.n_patches = self.n_calls + 1, self.n_patches + len(patches)
        try:
            probabilities, scores = await self._queue.run(classifier.classify, patches)
        except Exception as error:  # of whatever class: who asked is told
            for job in jobs:
                if not job.done.done():
                    job.done.set_exception(error)
            return
        end = 0
        for job in jobs:
            at = slice(end, end := end + len(job.patches))
            if not job.done.done():
                job.done.set_result((probabilities[at], scores[at]))


def _take(waiting: deque[_Job]) -> list[_Job]:
    """Take the first jobs off the queue, up to as many patches as one call takes; forget those nobody waits for."""
    jobs: list[_Job] = []
    n = 0
    while waiting and n < MAX_PATCHES:
        job = waiting.popleft()
        if not job.done.done():
            jobs.append(job)
            n += len(job.patches)
    return jobs
