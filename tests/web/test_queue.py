"""Work waits in a queue that has an end, and the event loop never waits with it."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from inkdigits.errors import BusyError
from inkdigits.web import app as web_app
from inkdigits.web.queue import WorkQueue
from tests.bars import read
from tests.web.conftest import Serve


def test_work_gives_back_what_it_makes_or_raises():
    """As if it were called here."""

    async def run() -> None:
        queue = WorkQueue(1, 1)
        assert await queue.run(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await queue.run(divmod, 7, 0)
        assert queue.n == 0
        queue.close()

    asyncio.run(run())


def test_the_queue_has_an_end():
    """What comes when it is full is turned away at once; when there is room again, it is taken."""

    async def run() -> None:
        queue, gate = WorkQueue(1, 1), threading.Event()
        tasks = [asyncio.create_task(queue.run(gate.wait, 60)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await queue.run(len, [])
        gate.set()
        assert await asyncio.gather(*tasks) == [True, True]
        assert await queue.run(gate.wait)
        queue.close()

    asyncio.run(run())


def test_who_gives_up_takes_his_place_with_him():
    """What has begun goes on and keeps its place; what has not never begins."""

    async def run() -> None:
        queue, gate, began = WorkQueue(1, 1), threading.Event(), []
        running = asyncio.create_task(queue.run(gate.wait, 60))
        waiting = asyncio.create_task(queue.run(began.append, 1))
        await asyncio.sleep(0)
        running.cancel()
        waiting.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert queue.n == 1
        gate.set()
        assert await queue.run(len, began) == 0
        queue.close()

    asyncio.run(run())


def test_a_full_server_says_when_to_come_again(serve: Serve, monkeypatch: pytest.MonkeyPatch):
    """503 with Retry-After, while others are read; health is answered all the while."""
    gate, began = threading.Event(), threading.Semaphore(0)
    true_read = web_app.read_file

    def wait_and_read(*arguments: object) -> object:
        began.release()
        assert gate.wait(60)
        return true_read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(web_app, "read_file", wait_and_read)
    client = serve(read_threads=2, max_waiting=0)
    with ThreadPoolExecutor() as pool:
        reading = [pool.submit(read, client) for _ in range(2)]
        for _ in range(2):
            assert began.acquire(timeout=60)
        refused = read(client)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
        assert refused.headers["retry-after"] == "1"
        assert client.get("/healthz").status_code == 200
        gate.set()
        assert [each.result().json()["text"] for each in reading] == ["1", "1"]
    assert read(client).status_code == 200


def test_what_takes_too_long_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch):
    """503 with the remedy; the server lives on."""
    gate = threading.Event()
    monkeypatch.setattr(web_app, "read_file", lambda *_: gate.wait(60))
    client: TestClient = serve(timeout_s=0.05)
    answer = read(client)
    gate.set()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "request-timeout")
    assert answer.headers["retry-after"] == "1"
    assert client.get("/healthz").status_code == 200
