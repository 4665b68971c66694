"""The frames of a TIFF, found without decoding anything: each directory says where the next one lies (TIFF 6.0).

Pillow reaches a frame by way of all those before it. Here each is found once, and then opened as if it were the first.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any, NamedTuple

from inkdigits.rasters import MAX_PAGES

_SUBFILE_TYPE = 254
"""The tag whose bit 0 says that the frame is a smaller copy of another."""

_SHORT = 3
"""The type of a value of two bytes; here, the others have four."""


class _Form(NamedTuple):
    """How a file writes its numbers, in the letters of `struct`."""

    order: str
    place: str
    """Of the place of a directory."""
    place_at: int
    """Where the header has that of the first one."""
    length: str
    """Of the number of entries that a directory has."""
    entry: str
    """A tag, its type, the number of its values, and the first bytes of them, or where they lie."""


_FORMS = {
    head: _Form(order, *rest)
    for order, heads in (("<", (b"II*\0", b"II+\0")), (">", (b"MM\0*", b"MM\0+")))
    for head, rest in zip(heads, (("I", 4, "H", "HHI4s"), ("Q", 8, "Q", "HHQ8s")), strict=True)
}
"""How a file begins -> its form; with a "+" it may be larger than 4 GB."""


def find_places(file: IO[bytes]) -> tuple[int, ...]:
    """Return where the frames of a TIFF lie that are its pages: all but thumbnails, or all if there is nothing else.

    One that is cut off is among them, and the last: what is wrong with it shows when it is read. The search ends with
    one more than may be read.
    """
    frames = dict(islice(_walk(file), MAX_PAGES + 1))
    return tuple(place for place, is_thumbnail in frames.items() if not is_thumbnail) or tuple(frames)


def _walk(file: IO[bytes]) -> Iterator[tuple[int, bool]]:
    """Yield the place of each frame, and whether it is a thumbnail."""
    form = _form_of(file)
    place, seen = _read(file, form.order + form.place, form.place_at)[0], set[int]()
    while place and place not in seen:  # a chain that bites its tail ends there
        seen.add(place)
        try:
            (n_entries,) = _read(file, form.order + form.length, place)
            size = struct.calcsize(form.order + form.entry)
            entries = _read(file, f"{min(n_entries, 1 << 16) * size}s", file.tell())[0]
            following = _read(file, form.order + form.place, file.tell())[0]
        except (struct.error, OSError, OverflowError):
            yield place, False
            return
        yield place, any(_says_thumbnail(form, *each) for each in struct.iter_unpack(form.order + form.entry, entries))
        place = following


def _says_thumbnail(form: _Form, tag: int, kind: int, _n: int, value: bytes) -> bool:
    return tag == _SUBFILE_TYPE and bool(
        struct.unpack_from(form.order + ("H" if kind == _SHORT else "I"), value)[0] & 1
    )


def _form_of(file: IO[bytes]) -> _Form:
    file.seek(0)
    return _FORMS[file.read(4)]


def _read(file: IO[bytes], form: str, place: int) -> tuple[Any, ...]:
    file.seek(place)
    return struct.unpack(form, file.read(struct.calcsize(form)))


class FrameFile:
    """A TIFF that begins with another of its frames: a file in which the header alone is different."""

    def __init__(self, file: IO[bytes], place: int) -> None:
        """Let `file` begin with the frame at `place`; see `find_places`."""
        form = _form_of(file)
        file.seek(0)
        self._head = file.read(form.place_at) + struct.pack(form.order + form.place, place)
        self._file = file

    def read(self, n_bytes: int = -1) -> bytes:
        """Read on."""
        place = self._file.tell()
        data = self._file.read(n_bytes)
        return self._head[place:][: len(data)] + data[max(0, len(self._head) - place) :]

    def __getattr__(self, name: str) -> Any:
        """Be like the file in everything else."""
        return getattr(self._file, name)
