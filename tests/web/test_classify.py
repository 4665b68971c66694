"""Patches and inks over HTTP, and how those of many requests share network calls."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from starlette.testclient import TestClient

from inkdigits.classifier import Classifier, load_classifier
from inkdigits.errors import BusyError, UsageError
from inkdigits.normalize import to_patch
from inkdigits.settings import Settings
from inkdigits.web import app
from inkdigits.web.batching import MAX_PATCHES, Batcher
from inkdigits.web.reading import IN_MEMORY_BYTES


def patch(level: int) -> list[list[int]]:
    """Return a patch that is evenly grey: the toy network weighs it."""
    return [[level] * 28 for _ in range(28)]


def test_patches_are_classified(client: TestClient, settings: Settings):
    """As the network itself does it, with the name of the network."""
    answer = client.post("/api/v1/classify", json={"patches": [patch(10), patch(255)]}).json()
    probabilities, scores = load_classifier(Path(settings.model)).classify(np.array([patch(10), patch(255)], np.uint8))
    assert np.allclose(answer["probabilities"], probabilities)
    assert np.allclose(answer["digit_scores"], scores)
    assert answer["model"] == "toy"
    assert len(answer["model_digest"]) == 16


def test_an_ink_is_normalised_here(client: TestClient, settings: Settings):
    """By the one normaliser."""
    ink = np.zeros((40, 30), np.float32)
    ink[5:35, 10:16] = 1
    answer = client.post("/api/v1/classify", json={"ink": ink.tolist()}).json()
    expected = load_classifier(Path(settings.model)).classify(to_patch(ink)[None])[0]
    assert np.allclose(answer["probabilities"], expected)


def test_another_network_can_be_named(client: TestClient):
    """By a name, as for reading."""
    answer = client.post("/api/v1/classify", json={"patches": [patch(0)], "model": "tiny"}).json()
    assert answer["model"] == "tiny"
    missing = client.post("/api/v1/classify", json={"patches": [patch(0)], "model": "none"})
    assert missing.json()["error"]["code"] == "model-not-found"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"patches": [patch(1)], "ink": [[0.5]]},
        {"patches": []},
        {"patches": [patch(1)] * (MAX_PATCHES + 1)},
        {"patches": [[[1] * 28] * 27]},
        {"patches": [[[]]]},
        {"patches": [[[1] * 28] * 27 + [[1]]]},
        {"patches": [patch(256)]},
        {"patches": [patch(-1)]},
        {"patches": "x"},
        {"ink": []},
        {"ink": [[]]},
        {"ink": [[0.1, 0.2], [0.1]]},
        {"ink": [[1.5]]},
        {"ink": [[0.5]], "colour": 1},
    ],
)
def test_what_is_no_such_request_is_usage(client: TestClient, body: dict[str, Any]):
    """Whatever is wrong with it."""
    answer = client.post("/api/v1/classify", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "usage")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"ink": [[NaN]]}', b"[" * 100_000])
def test_what_is_no_json_is_usage(client: TestClient, content: bytes):
    """Damaged, empty, or built to be unbearable."""
    assert client.post("/api/v1/classify", content=content).status_code == 400


class Slow:
    """A network whose first call waits until it may go on."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.may_go_on = threading.Event()
        self.has_begun = threading.Event()

    def classify(self, patches: npt.NDArray[np.float32]) -> tuple[Any, Any]:
        """Answer with the number in the corner of each patch; fail on a negative one."""
        self.sizes.append(len(patches))
        self.has_begun.set()
        assert self.may_go_on.wait(60)
        if (patches < 0).any():
            raise ValueError("negative")
        return patches[:, 0, :10], patches[:, 0, 0]


def numbered(n: int) -> npt.NDArray[np.float32]:
    """Return one patch that carries a number."""
    return np.full((1, 28, 28), n, np.float32)


async def ask(batcher: Batcher, slow: Any, numbers: list[int]) -> list[asyncio.Task[Any]]:
    """Ask once, wait until that call has begun, and ask for the others meanwhile."""
    tasks = [asyncio.create_task(batcher.classify(slow, numbered(numbers[0])))]
    await asyncio.to_thread(slow.has_begun.wait, 60)
    tasks += [asyncio.create_task(batcher.classify(slow, numbered(n))) for n in numbers[1:]]
    await asyncio.sleep(0)
    return tasks


class TestBatcher:
    """Requests that come while the network is busy go together in its next call."""

    def test_those_who_wait_share_a_call(self) -> None:
        """And each gets its own answer."""

        async def run() -> None:
            slow, batcher = Slow(), Batcher(100)
            tasks = await ask(batcher, slow, [7, 1, 2, 3])
            slow.may_go_on.set()
            answers = await asyncio.gather(*tasks)
            assert [float(scores[0]) for _, scores in answers] == [7, 1, 2, 3]
            assert slow.sizes == [1, 3]
            assert (batcher.n_calls, batcher.n_patches) == (2, 4)
            batcher.close()

        asyncio.run(run())

    def test_a_call_takes_no_more_than_it_may(self) -> None:
        """What is more goes in the next one."""

        async def run() -> None:
            slow, batcher = Slow(), Batcher(1000)
            tasks = await ask(batcher, slow, list(range(MAX_PATCHES + 3)))
            slow.may_go_on.set()
            await asyncio.gather(*tasks)
            assert slow.sizes == [1, MAX_PATCHES, 2]
            batcher.close()

        asyncio.run(run())

    def test_one_that_nobody_waits_for_is_dropped(self) -> None:
        """The others are served."""

        async def run() -> None:
            slow, batcher = Slow(), Batcher(100)
            tasks = await ask(batcher, slow, [1, 2, 3])
            tasks[1].cancel()
            await asyncio.sleep(0)
            slow.may_go_on.set()
            assert float((await tasks[2])[1][0]) == 3
            assert slow.sizes == [1, 1]
            batcher.close()

        asyncio.run(run())

    def test_too_many_are_turned_away(self) -> None:
        """At once."""

        async def run() -> None:
            slow, batcher = Slow(), Batcher(1)
            tasks = await ask(batcher, slow, [1, 2, 3])
            with pytest.raises(BusyError):
                await batcher.classify(slow, numbered(4))
            slow.may_go_on.set()
            await asyncio.gather(*tasks)
            batcher.close()

        asyncio.run(run())

    def test_a_failure_reaches_all_of_its_call_and_no_other(self) -> None:
        """The next call is served."""

        async def run() -> None:
            slow, batcher = Slow(), Batcher(100)
            tasks = await ask(batcher, slow, [1, -2, 3])
            slow.may_go_on.set()
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            assert [isinstance(answer, ValueError) for answer in answers] == [False, True, True]
            assert float((await batcher.classify(slow, numbered(4)))[1][0]) == 4
            batcher.close()

        asyncio.run(run())

    def test_the_real_network_answers_the_same_together_and_alone(self, settings: Settings) -> None:
        """Company changes nothing."""

        async def run() -> None:
            classifier: Classifier = load_classifier(Path(settings.model))
            batcher = Batcher(100)
            patches = [np.full((1, 28, 28), n / 40, np.float32) for n in range(8)]
            answers = await asyncio.gather(*(batcher.classify(classifier, each) for each in patches))
            for each, (probabilities, _) in zip(patches, answers, strict=True):
                assert np.allclose(probabilities, classifier.classify(each)[0])
            batcher.close()

        asyncio.run(run())


def test_a_long_request_waits_on_the_disk(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    """Or a hundred of them would fill the memory before the first is looked at."""
    seen: list[bool] = []

    def parse(file: Any) -> Any:
        seen.append(file._rolled)
        raise UsageError("enough")

    monkeypatch.setattr(app, "parse_patches", parse)
    for n_bytes in (IN_MEMORY_BYTES, IN_MEMORY_BYTES + 1):
        assert client.post("/api/v1/classify", content=b" " * n_bytes).status_code == 400
    assert seen == [False, True]
