"""Fetch MNIST from its public mirrors, so that a cut line costs nothing and wrong bytes never arrive."""

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from inkdigits.datasets.content import content_digest
from inkdigits.errors import DataError, FetchError, UsageError

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all, and the file's name; done may fall back when a download starts anew."""

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
"""Where MNIST's files lie unchanged, tried in this order; the site of its authors asks not to be used for this."""

TIMEOUT_S = 20.0
"""How long a mirror may say nothing."""

N_TRIES = 5
"""How often one mirror may cut the line before the next is tried."""

PIECE_BYTES = 1 << 16
"""A step of the progress bar: a 150th of the largest file."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A published file and how to know it."""

    name: str
    n_bytes: int
    """Length of the file as published."""
    md5: str
    """Of the file as published, as its publishers give it: against accidents, not against attackers."""
    content_sha256: str
    """Of the unpacked content, so that a copy packed anew, or not at all, counts as well."""


REMOTE_SETS = {
    "mnist": (
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            9_912_422,
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            28_881,
            "d53e105ee54ea40749a09fcbcd1e9432",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "9fb629c4189551a2d022fa330f9573f3",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            "ec29112dd5afa0611ce80d1b7f02629c",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    )
}
"""The sets that can be fetched, by name."""


def fetch(
    name: str,
    root: Path,
    mirrors: Sequence[str] = MIRRORS,
    progress: Progress | None = None,
    timeout_s: float = TIMEOUT_S,
) -> tuple[Path, ...]:
    """Bring a data set's files into `root`/`name`; those that are there and right are left alone.

    Each file grows as NAME.part, goes on from where an earlier download stopped, is checked, and only then takes its
    name. Proxies are taken from the environment (http_proxy, https_proxy, no_proxy).

    Args:
        name: "mnist".
        root: the data folder; made when missing.
        mirrors: addresses of folders, tried in order.
        progress: called as bytes arrive.
        timeout_s: how long a mirror may say nothing, in seconds.

    Returns:
        The files, in the order of `REMOTE_SETS`.

    Raises:
        UsageError: a set that cannot be fetched.
        FetchError: no mirror gave the right bytes, with each one's reason, or the folder cannot be written.
    """
    if name not in REMOTE_SETS:
        raise UsageError(f"{name!r} cannot be fetched, only {', '.join(REMOTE_SETS)}")
    folder = root / name
    report = progress or _say_nothing
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_fetch_file(file, folder, mirrors, report, timeout_s) for file in REMOTE_SETS[name])
    except OSError as fault:
        raise FetchError(f"cannot use {folder}: {fault}. Free some space or name another data folder.") from fault


class _MirrorError(Exception):
    """What one mirror did wrong; the next one is tried."""


def _say_nothing(done_bytes: int, total_bytes: int, file: str) -> None:
    del done_bytes, total_bytes, file


def _fetch_file(file: RemoteFile, folder: Path, mirrors: Sequence[str], report: Progress, timeout_s: float) -> Path:
    target = folder / file.name
    for present in (target, target.with_suffix("")):
        if _is_right(present, file):
            report(file.n_bytes, file.n_bytes, file.name)
            return present
    part = folder / f"{file.name}.part"
    faults = []
    for mirror in mirrors:
        url = f"{mirror.rstrip('/')}/{file.name}"
        try:
            _download(url, file, part, report, timeout_s)
        except _MirrorError as fault:
            faults.append(f"  {url}: {fault}")
        else:
            return part.replace(target)
    raise FetchError("\n".join([f"could not fetch {file.name}:", *faults, _remedy(folder)]))


def _remedy(folder: Path) -> str:
    names = ", ".join(file.name for file in REMOTE_SETS[folder.name])
    return (
        "Run the command again to go on from what has arrived. Without a network, copy these files from elsewhere into "
        f"{folder}: {names}. Behind a proxy, set https_proxy."
    )


def _is_right(path: Path, file: RemoteFile) -> bool:
    if not path.exists():
        return False
    try:
        return _md5(path) == file.md5 or content_digest(path) == file.content_sha256
    except DataError:  # damaged: fetch it anew
        return False


def _download(url: str, file: RemoteFile, part: Path, report: Progress, timeout_s: float) -> None:
    """Complete `part` from one mirror and check it; a part with wrong bytes is thrown away."""
    inherited = _size(part) > 0
    for _ in range(N_TRIES):
        _append_rest(url, file, part, report, timeout_s)
        if _size(part) < file.n_bytes:
            continue  # the line was cut: ask for the rest
        found = _md5(part)
        if found == file.md5:
            return
        part.unlink()
        if not inherited:
            raise _MirrorError(f"sent wrong bytes (md5 {found}, expected {file.md5})")
        inherited = False  # the fault may lie in what was there before: once more from the start
    raise _MirrorError(f"cut the line {N_TRIES} times, at last after {_size(part):,} of {file.n_bytes:,} bytes")


def _append_rest(url: str, file: RemoteFile, part: Path, report: Progress, timeout_s: float) -> None:
    """Ask for what `part` still lacks.

    Raises:
        _MirrorError: the mirror failed before it sent anything new.
    """
    start = _size(part)
    if start >= file.n_bytes:
        return
    try:
        with closing(_open(url, start, timeout_s)) as answer, part.open(_mode(answer, start, file)) as out:
            for piece in _pieces(answer, file.n_bytes + 1 - out.tell()):  # one byte more shows a file that is too long
                out.write(piece)
                report(out.tell(), file.n_bytes, file.name)
    except _MirrorError:
        if _size(part) <= start:
            raise


def _open(url: str, start: int, timeout_s: float) -> http.client.HTTPResponse:
    headers = {"User-Agent": "inkdigits"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        request = urllib.request.Request(url, headers=headers)
        answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=timeout_s)
    except urllib.error.HTTPError as fault:
        fault.close()
        if fault.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and start:
            return _open(url, 0, timeout_s)  # its file ends before ours does, so they differ: take it whole
        raise _MirrorError(f"HTTP {fault.code} {fault.reason}") from fault
    except urllib.error.URLError as fault:
        raise _MirrorError(str(fault.reason)) from fault
    except (OSError, http.client.HTTPException, ValueError) as fault:  # ValueError: not an address
        raise _MirrorError(str(fault) or type(fault).__name__) from fault
    return answer


def _mode(answer: http.client.HTTPResponse, start: int, file: RemoteFile) -> Literal["ab", "wb"]:
    """Append what continues our bytes; begin anew where the server ignores ranges and sends the whole file.

    Raises:
        _MirrorError: the server says that its file has another length, as the login page of a network does.
    """
    content_range = answer.headers.get("Content-Range", "")
    goes_on = answer.status == http.client.PARTIAL_CONTENT and content_range.startswith(f"bytes {start}-")
    length = content_range.rpartition("/")[2] if goes_on else answer.headers.get("Content-Length", "")
    if length.isdigit() and int(length) != file.n_bytes:
        raise _MirrorError(f"has a file of {int(length):,} bytes, expected {file.n_bytes:,}")
    return "ab" if goes_on else "wb"


def _pieces(answer: http.client.HTTPResponse, limit: int) -> Iterator[bytes]:
    while limit > 0:
        try:
            piece = answer.read(min(PIECE_BYTES, limit))
        except (OSError, http.client.HTTPException) as fault:
            raise _MirrorError(str(fault) or type(fault).__name__) from fault
        if not piece:
            return
        limit -= len(piece)
        yield piece


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()
