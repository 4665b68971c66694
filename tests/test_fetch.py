"""Fetching: a cut line costs nothing, wrong bytes never arrive, and failures say what to do."""

import contextlib
import gzip
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from inkdigits.datasets import MIRRORS, download, fetch
from inkdigits.datasets.download import N_TRIES, RemoteFile
from inkdigits.errors import FetchError, UsageError

CONTENT = np.random.default_rng(0).bytes(300_000)
"""Four pieces and a half, so that a cut falls between pieces as well as inside one."""

PACKED = gzip.compress(CONTENT, mtime=0)

FILE = RemoteFile("digits.gz", len(PACKED), hashlib.md5(PACKED).hexdigest(), hashlib.sha256(CONTENT).hexdigest())

HALF = len(PACKED) // 2


@dataclass
class Mirror:
    """A server on this machine that behaves as each request's turn in `behaviour` says, the last for all that follow.

    good: ranges and all; whole: ignores ranges; cut: stops half way; stall: stops half way and keeps the line open;
    hang: never answers; wrong: right length, other bytes; login: a short page; endless: no length, goes on and on;
    unsatisfiable: 416 to any range; gone: 404.
    """

    behaviour: list[str]
    url: str = ""
    ranges: list[str | None] = field(default_factory=list)
    """The Range header of each request."""
    released: threading.Event = field(default_factory=threading.Event)

    def next_behaviour(self) -> str:
        """Return what to do now."""
        return self.behaviour.pop(0) if len(self.behaviour) > 1 else self.behaviour[0]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Serve one request."""
        wanted = handler.headers["Range"]
        self.ranges.append(wanted)
        getattr(self, f"_{self.next_behaviour()}")(handler, int(wanted[6:-1]) if wanted else 0)

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes, start: int = 0, length: int | None = None) -> None:
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(PACKED) - 1}/{len(PACKED)}")
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)
        handler.wfile.flush()

    def _good(self, handler: BaseHTTPRequestHandler, start: int) -> None:
        self._send(handler, PACKED[start:], start)

    def _whole(self, handler: BaseHTTPRequestHandler, _start: int) -> None:
        self._send(handler, PACKED)

    def _cut(self, handler: BaseHTTPRequestHandler, start: int) -> None:
        rest = len(PACKED) - start
        self._send(handler, PACKED[start : start + rest // 2], start, length=rest)

    def _stall(self, handler: BaseHTTPRequestHandler, start: int) -> None:
        self._cut(handler, start)
        self.released.wait(10)

    def _hang(self, _handler: BaseHTTPRequestHandler, _start: int) -> None:
        self.released.wait(10)

    def _wrong(self, handler: BaseHTTPRequestHandler, start: int) -> None:
        self._send(handler, bytes(len(PACKED) - start), start)

    def _login(self, handler: BaseHTTPRequestHandler, _start: int) -> None:
        self._send(handler, b"<html>Please log in</html>")

    def _endless(self, handler: BaseHTTPRequestHandler, _start: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not self.released.is_set():
            handler.wfile.write(PACKED)

    def _unsatisfiable(self, handler: BaseHTTPRequestHandler, start: int) -> None:
        if start:
            handler.send_error(416)
        else:
            self._send(handler, PACKED)

    def _gone(self, handler: BaseHTTPRequestHandler, _start: int) -> None:
        handler.send_error(404)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Mirror]]:
    """Start mirrors; the set "mnist" is one small file meanwhile."""
    monkeypatch.setattr(download, "REMOTE_SETS", {"mnist": (FILE,)})
    monkeypatch.setenv("no_proxy", "*")
    servers: list[tuple[Mirror, ThreadingHTTPServer, threading.Thread]] = []

    def start(*behaviour: str) -> Mirror:
        mirror = Mirror(list(behaviour))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(ConnectionError):  # the client has heard enough
                    mirror.answer(self)

            def log_message(self, *_args: object) -> None:
                """Stay silent."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((mirror, server, thread))
        mirror.url = f"http://127.0.0.1:{server.server_port}/mnist/"
        return mirror

    yield start
    for mirror, server, thread in servers:
        mirror.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


Serve = Callable[..., Mirror]


def try_fetch(root: Path, *mirrors: Mirror, timeout_s: float = 5.0) -> Path:
    """Fetch the one small file."""
    (path,) = fetch("mnist", root, [mirror.url for mirror in mirrors], timeout_s=timeout_s)
    return path


def part_of(root: Path) -> Path:
    """Where an unfinished file lies."""
    (root / "mnist").mkdir(exist_ok=True)
    return root / "mnist" / "digits.gz.part"


def test_a_good_mirror_brings_the_file_and_tells_how_far_it_is(serve: Serve, tmp_path: Path) -> None:
    """The file takes its name only when it is whole; progress rises to the end."""
    heard: list[tuple[int, int, str]] = []
    (path,) = fetch("mnist", tmp_path, [serve("good").url], lambda *report: heard.append(report))
    assert path == tmp_path / "mnist" / "digits.gz"
    assert path.read_bytes() == PACKED
    assert [item.name for item in path.parent.iterdir()] == ["digits.gz"]
    done = [report[0] for report in heard]
    assert len(done) > 3
    assert done == sorted(done)
    assert heard[-1] == (len(PACKED), len(PACKED), "digits.gz")


@pytest.mark.parametrize("repack", [lambda: PACKED, lambda: gzip.compress(CONTENT, 1)], ids=["published", "repacked"])
def test_a_file_that_is_there_and_right_is_left_alone(
    serve: Serve, tmp_path: Path, repack: Callable[[], bytes]
) -> None:
    """Also a copy that was gzipped anew: its content counts."""
    mirror = serve("good")
    path = part_of(tmp_path).with_name("digits.gz")
    path.write_bytes(repack())
    before = path.stat().st_mtime_ns
    assert try_fetch(tmp_path, mirror) == path
    assert (mirror.ranges, path.stat().st_mtime_ns) == ([], before)


def test_an_unpacked_file_counts_as_well(serve: Serve, tmp_path: Path) -> None:
    """Readers take it too, so nothing need be fetched."""
    mirror = serve("good")
    path = part_of(tmp_path).with_name("digits")
    path.write_bytes(CONTENT)
    assert try_fetch(tmp_path, mirror) == path
    assert mirror.ranges == []


@pytest.mark.parametrize("damaged", [PACKED[:-9], b"", b"something else"])
def test_a_file_that_is_there_and_wrong_is_fetched_again(serve: Serve, tmp_path: Path, damaged: bytes) -> None:
    """Truncated, empty, or other."""
    part_of(tmp_path).with_name("digits.gz").write_bytes(damaged)
    assert try_fetch(tmp_path, serve("good")).read_bytes() == PACKED


@pytest.mark.parametrize("failure", ["cut", "stall"])
def test_a_cut_line_is_taken_up_where_it_broke(serve: Serve, tmp_path: Path, failure: str) -> None:
    """Closed half way or silent half way: the rest is asked for, and only the rest."""
    mirror = serve(failure, "good")
    assert try_fetch(tmp_path, mirror, timeout_s=1.0).read_bytes() == PACKED
    assert mirror.ranges[0] is None
    assert mirror.ranges[1] is not None
    assert int(mirror.ranges[1].strip("bytes=-")) >= HALF - download.PIECE_BYTES


def test_a_later_call_goes_on_from_what_an_earlier_one_left(serve: Serve, tmp_path: Path) -> None:
    """An interrupted program loses nothing."""
    part_of(tmp_path).write_bytes(PACKED[:1000])
    mirror = serve("good")
    assert try_fetch(tmp_path, mirror).read_bytes() == PACKED
    assert mirror.ranges == ["bytes=1000-"]


def test_a_part_that_is_whole_needs_no_request(serve: Serve, tmp_path: Path) -> None:
    """The program was stopped between the last byte and the rename."""
    part_of(tmp_path).write_bytes(PACKED)
    mirror = serve("good")
    assert try_fetch(tmp_path, mirror).read_bytes() == PACKED
    assert mirror.ranges == []


@pytest.mark.parametrize(
    ("behaviour", "ranges"), [("whole", ["bytes=1000-"]), ("unsatisfiable", ["bytes=1000-", None])]
)
def test_a_server_without_ranges_sends_the_whole_file(
    serve: Serve, tmp_path: Path, behaviour: str, ranges: list[str | None]
) -> None:
    """Bytes that came before are dropped, not doubled; only a refusal costs a second request."""
    part_of(tmp_path).write_bytes(PACKED[:1000])
    mirror = serve(behaviour)
    assert try_fetch(tmp_path, mirror).read_bytes() == PACKED
    assert mirror.ranges == ranges


@pytest.mark.parametrize("left", [b"other bytes", bytes(len(PACKED)), bytes(len(PACKED) + 5)])
def test_a_wrong_part_does_not_spoil_the_download(serve: Serve, tmp_path: Path, left: bytes) -> None:
    """What an earlier call left may be wrong; the mirror is then asked for the whole file and not blamed."""
    part_of(tmp_path).write_bytes(left)
    assert try_fetch(tmp_path, serve("good")).read_bytes() == PACKED


def test_a_wrong_part_excuses_a_mirror_only_once(serve: Serve, tmp_path: Path) -> None:
    """A mirror that sends wrong bytes from the start as well is given up."""
    part_of(tmp_path).write_bytes(PACKED[:1000])
    mirror = serve("wrong")
    with pytest.raises(FetchError, match="sent wrong bytes"):
        try_fetch(tmp_path, mirror)
    assert mirror.ranges == ["bytes=1000-", None]


@pytest.mark.parametrize("first", ["gone", "wrong", "login", "endless", "cut", "hang"])
def test_the_next_mirror_is_tried(serve: Serve, tmp_path: Path, first: str) -> None:
    """Whatever the first one does."""
    path = try_fetch(tmp_path, serve(first), serve("good"), timeout_s=1.0)
    assert path.read_bytes() == PACKED


def test_the_error_names_each_mirror_its_reason_and_the_remedy(serve: Serve, tmp_path: Path) -> None:
    """Nothing takes the file's name, and wrong bytes are not kept."""
    reasons = {
        "gone": "HTTP 404 Not Found",
        "wrong": "sent wrong bytes (md5 ",
        "login": f"has a file of 26 bytes, expected {len(PACKED):,}",
        "endless": "sent wrong bytes (md5 ",
        "hang": "timed out",
        "cut": f"cut the line {N_TRIES} times, at last after ",
    }
    mirrors = {name: serve(name) for name in reasons}
    with pytest.raises(FetchError) as caught:
        try_fetch(tmp_path, *mirrors.values(), timeout_s=1.0)
    message = str(caught.value)
    assert message.startswith("could not fetch digits.gz:\n")
    for name, reason in reasons.items():
        assert f"  {mirrors[name].url}digits.gz: {reason}" in message
    assert f"copy these files from elsewhere into {tmp_path / 'mnist'}: digits.gz" in message
    assert not (tmp_path / "mnist" / "digits.gz").exists()


def test_wrong_bytes_are_thrown_away(serve: Serve, tmp_path: Path) -> None:
    """Or the next call would build on them."""
    with pytest.raises(FetchError, match="wrong bytes"):
        try_fetch(tmp_path, serve("wrong"))
    assert list((tmp_path / "mnist").iterdir()) == []


def test_offline_is_told_at_once_and_keeps_what_came(serve: Serve, tmp_path: Path) -> None:
    """A closed port, as without a network."""
    del serve
    part_of(tmp_path).write_bytes(PACKED[:1000])
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with pytest.raises(FetchError, match=r"refused[\s\S]*Run the command again to go on"):
        fetch("mnist", tmp_path, [url])
    assert part_of(tmp_path).read_bytes() == PACKED[:1000]


def test_what_is_no_address_is_told_like_any_failure(serve: Serve, tmp_path: Path) -> None:
    """A mirror that a person mistyped."""
    del serve
    with pytest.raises(FetchError, match="unknown url type"):
        fetch("mnist", tmp_path, ["mirror"])


def test_a_folder_that_cannot_be_made_is_told(serve: Serve, tmp_path: Path) -> None:
    """Here a file stands in its place."""
    (tmp_path / "data").write_text("")
    with pytest.raises(FetchError, match="cannot use"):
        try_fetch(tmp_path / "data", serve("good"))


def test_only_known_sets_are_fetched(tmp_path: Path) -> None:
    """Another name is wrong use."""
    with pytest.raises(UsageError, match="'cifar' cannot be fetched, only mnist"):
        fetch("cifar", tmp_path)


def test_mnist_is_four_files_from_two_mirrors() -> None:
    """Each has the length and digests that its publishers give."""
    assert len(MIRRORS) == 2
    assert all(mirror.startswith("https://") for mirror in MIRRORS)
    files = download.REMOTE_SETS["mnist"]
    assert sum(file.n_bytes for file in files) == 11_594_722
    assert all(len(file.md5) == 32 and len(file.content_sha256) == 64 for file in files)


def test_the_mnist_at_hand_is_right(data_dir: Path) -> None:
    """Nothing is fetched for it, though one of its files was gzipped anew."""
    assert len(fetch("mnist", data_dir, mirrors=[])) == 4
