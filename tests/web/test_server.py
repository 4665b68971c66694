"""A real server in a process of its own: it says where it is, serves, and loses nothing that it called kept."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx2 as httpx
import pytest

from inkdigits.errors import SettingsError, StoreError, UsageError
from inkdigits.settings import Settings
from inkdigits.web import server
from tests.bars import ONE, THREE

READ = "/api/v1/read?layout=digit"


class Running:
    """A server that has said where it is."""

    def __init__(self, process: subprocess.Popen[str], said: list[str], log: Path) -> None:
        self.process = process
        self.said = said
        self.log = log
        self.address = said[0].rpartition(" ")[2].rstrip("/")


Start = Callable[..., Any]


@pytest.fixture
def start(tiny_model: Path, tmp_path: Path) -> Start:
    """Starts `inkdigits serve` on a free port, with further arguments, and ends it when the block is left."""

    @contextmanager
    def run(*arguments: str, n_lines: int = 1) -> Iterator[Running]:
        store = f"sqlite:///{tmp_path}/results.sqlite"
        command = [sys.executable, "-m", "inkdigits", "serve", "--port", "0", "--store", store, *arguments]
        environment = {**os.environ, "INKDIGITS_MODEL": str(tiny_model)}
        log = tmp_path / "log"
        with log.open("w") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
        assert process.stdout
        try:
            yield Running(process, [_line(process.stdout, log) for _ in range(n_lines)], log)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    return run


def _line(stream: IO[str], log: Path) -> str:
    line = stream.readline().strip()
    assert line, log.read_text()
    return line


def test_what_was_called_kept_outlives_a_kill(start: Start):
    """SIGKILL right after the answer, again and again: every result that has an id is there after the next start."""
    ids: list[str] = []
    for picture in (ONE, THREE, ONE):
        with start() as running:
            for _ in range(3):
                answer = httpx.post(running.address + READ + "&keep=true&keep_picture=true", files={"file": picture})
                ids.append(answer.headers["inkdigits-result"])
            running.process.kill()
            running.process.wait()
    with start() as running:
        kept = httpx.get(running.address + "/api/v1/results?limit=100").json()["results"]
        assert [each["id"] for each in kept] == ids[::-1]
        assert all(httpx.get(f"{running.address}/api/v1/results/{each}/picture").status_code == 200 for each in ids)


def test_it_says_where_it_is_and_serves_the_page(start: Start):
    """On this machine alone, without a token; and its log is lines of JSON."""
    with start() as running:
        assert re.fullmatch(r"inkdigits is at http://127\.0\.0\.1:\d+/", running.said[0])
        page = httpx.get(running.address + "/")
        assert page.headers["content-type"].startswith("text/html")
        assert "server" not in page.headers
        assert httpx.post(running.address + READ, files={"file": THREE}).json()["text"] == "3"
        while len(lines := running.log.read_text().splitlines()) < 2:
            time.sleep(0.01)
        assert [json.loads(line)["route"] for line in lines] == ["other", "/api/v1/read"]


def test_on_every_address_it_makes_a_token(start: Start):
    """And prints it; without it nothing is read."""
    with start("--host", "0.0.0.0", n_lines=2) as running:
        token = running.said[1].rpartition(" ")[2]
        assert len(token) >= 32
        assert httpx.post(running.address + READ, files={"file": ONE}).status_code == 401
        headers = {"authorization": f"Bearer {token}"}
        assert httpx.post(running.address + READ, files={"file": ONE}, headers=headers).json()["text"] == "1"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_it_stops_when_told_to(start: Start, stop: signal.Signals, code: int):
    """Quietly, with the code that shells expect."""
    with start() as running:
        assert httpx.get(running.address + "/healthz").status_code == 200
        running.process.send_signal(stop)
        assert running.process.wait(60) == code
        assert "Traceback" not in running.log.read_text()


def test_a_port_that_is_taken_is_wrong_use():
    """The message names the options."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(port=taken.getsockname()[1])
        with pytest.raises(UsageError, match="--host, --port"):
            server.serve(settings, print)


def test_answers_are_sent_at_once():
    """Or each would wait 40 ms for the other side to acknowledge its head."""
    with server._bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_store_that_cannot_be_used_is_said_before_anything_is_served(tmp_path: Path, tiny_model: Path):
    """It is no surprise at the first result."""
    (tmp_path / "file").touch()
    for store, error in ((f"sqlite:///{tmp_path}/file/x", StoreError), ("mongodb://x", SettingsError)):
        with pytest.raises(error):
            server.serve(Settings(model=str(tiny_model), port=0, store=store), print)


@pytest.mark.parametrize(
    ("changes", "needs_token"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "192.0.2.1"}, True),
        ({"host": "0.0.0.0", "public": True}, False),
        ({"token": "mine"}, True),
        ({"host": "0.0.0.0", "token": "mine"}, True),
        ({"token": "mine", "public": True}, False),
    ],
)
def test_a_token_is_asked_for_everywhere_but_at_home(changes: dict[str, Any], needs_token: bool):
    """Unless everybody may come in; one that is set is taken, others differ each time."""
    first, made = server._with_token(Settings(**changes))
    second, _ = server._with_token(Settings(**changes))
    assert bool(first.token) is needs_token
    assert made is (needs_token and "token" not in changes)
    assert (first.token != second.token) is made


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("0.0.0.0", "http://localhost:80/"),
        ("::", "http://localhost:80/"),
        ("::1", "http://[::1]:80/"),
    ],
)
def test_the_address_is_one_that_can_be_opened(host: str, address: str):
    """Of all addresses at once, this machine's own."""
    assert server._address(host, 80) == address
