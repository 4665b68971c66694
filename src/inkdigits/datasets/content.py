"""What a file holds, once unpacked: gzip and zip opened with the errors that name the place, and sha256 digests."""

import gzip
import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inkdigits.errors import DataFormatError, DataNotFoundError

PIECE_BYTES = 1 << 20
"""Files are read in pieces of this size, so that a header that lies cannot claim more memory than the file fills."""

GZIP_MAGIC = b"\x1f\x8b"

ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error)
"""What zipfile raises on a damaged archive, found by inverting each byte of one in turn."""


class Content:
    """The unpacked bytes of an open file, in order."""

    def __init__(self, path: Path, stream: io.BufferedIOBase) -> None:
        self.path = path
        self.offset = 0
        """How many unpacked bytes have been read."""
        self._stream = stream

    def read(self, n_bytes: int) -> bytearray:
        """Read up to `n_bytes`; fewer only at the end of the file.

        Raises:
            DataFormatError: the gzip stream is damaged or cut short.
        """
        body = bytearray()
        while len(body) < n_bytes and (piece := self._read_piece(min(PIECE_BYTES, n_bytes - len(body)))):
            body += piece
        return body

    def _read_piece(self, n_bytes: int) -> bytes:
        try:
            piece = self._stream.read1(n_bytes)  # not read(): that one drops what came before the damage
        except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
            where = f"byte {self.offset} of its unpacked content"
            raise format_error(self.path, where, f"the gzip stream is damaged: {fault}") from fault
        self.offset += len(piece)
        return piece


def open_raw(path: Path) -> io.BufferedReader:
    """Open a file as it lies there.

    Raises:
        DataNotFoundError: there is no such file, or it cannot be opened.
    """
    try:
        return path.open("rb")
    except OSError as fault:
        raise DataNotFoundError(f"{path} cannot be opened: {fault.strerror}") from fault


@contextmanager
def open_content(path: Path) -> Iterator[Content]:
    """Open a file, unpacking it when its first two bytes say gzip (a browser unpacks and keeps the name .gz).

    Raises:
        DataNotFoundError: there is no such file, or it cannot be opened.
    """
    with open_raw(path) as raw:
        packed = raw.peek(2)[:2] == GZIP_MAGIC
        yield Content(path, gzip.GzipFile(fileobj=raw) if packed else raw)


@contextmanager
def open_npz(path: Path) -> Iterator["Members"]:
    """Open an NPZ archive.

    Raises:
        DataNotFoundError: there is no such file, or it cannot be opened.
        DataFormatError: it is not a zip archive, or is cut short.
    """
    with open_raw(path) as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except ZIP_DAMAGE as fault:
            where = f"byte {path.stat().st_size}"
            raise format_error(path, where, f"the file ends here, cut short or no zip archive: {fault}") from fault
        with archive:
            yield Members(path, archive)


class Members:
    """The arrays of an open NPZ archive."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self._infos = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        self.names = tuple(self._infos)
        """Names in the archive's order, without .npy."""

    def read(self, name: str) -> npt.NDArray[Any]:
        """Read one array, C-contiguous; pickled objects are refused.

        Raises:
            DataFormatError: there is no such member, or it is damaged; names the byte where it starts.
        """
        stream = io.BytesIO(self.unpack(name))
        try:
            array = np.lib.format.read_array(stream, allow_pickle=False)
        except (ValueError, EOFError, MemoryError) as fault:  # MemoryError: a shape that no file could fill
            raise self._damage(name, str(fault)) from fault
        if stream.read(1):
            raise self._damage(name, f"bytes left over behind {array.dtype} {array.shape}")
        return np.ascontiguousarray(array)

    def unpack(self, name: str) -> bytes:
        """Return the bytes of a member's .npy file.

        Raises:
            DataFormatError: there is no such member, or it is damaged; names the byte where it starts.
        """
        if name not in self._infos:
            raise format_error(self.path, "byte 0", f"no member {name!r}; the archive holds {', '.join(self.names)}")
        try:
            return self._archive.read(self._infos[name])
        except ZIP_DAMAGE as fault:
            raise self._damage(name, str(fault)) from fault

    def _damage(self, name: str, what: str) -> DataFormatError:
        return format_error(self.path, f"member {name}, from byte {self._infos[name].header_offset}", what)


def content_digest(path: Path) -> str:
    """Take the sha256 of what a file holds, whatever packs it; hex.

    Of a .gz that is `zcat FILE | sha256sum`; of an .npz `unzip -p FILE | sha256sum`; of a folder the digest over its
    files' digests and relative names, sorted, a line each as sha256sum prints them; of any other file its own sha256.

    Raises:
        DataFormatError: the packing is damaged.
        DataNotFoundError: there is no such file.
    """
    digest = hashlib.sha256()
    for piece in _digested(path):
        digest.update(piece)
    return digest.hexdigest()


def _digested(path: Path) -> Iterator[bytes | bytearray]:
    if path.is_dir():
        for file in sorted(file for file in path.rglob("*") if file.is_file() and not is_hidden(file)):
            yield f"{content_digest(file)}  {file.relative_to(path).as_posix()}\n".encode()
    elif path.suffix == ".npz":
        with open_npz(path) as members:
            yield from map(members.unpack, members.names)
    else:
        with open_content(path) as content:
            while piece := content.read(PIECE_BYTES):
                yield piece


def is_hidden(path: Path) -> bool:
    """Tell whether a file is one that desktops leave behind: .DS_Store, ._name, Thumbs.db."""
    return path.name.startswith(".") or path.name == "Thumbs.db"


def format_error(path: Path, where: str, what: str) -> DataFormatError:
    """Make the error for a damaged file: its path, the place in it, and what is wrong there."""
    return DataFormatError(f"{path}: {where}: {what}")
