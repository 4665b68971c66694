"""Read the forms that digits come in: IDX, NPZ, Kaggle CSV and folders by class.

Each reader returns arrays that are right, or raises DataFormatError with the file and the place in it. Nothing is
guessed: a file that is one byte too short or too long is refused.
"""

import math
import struct
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.datasets.content import format_error, is_hidden, open_content, open_npz, open_raw
from inkdigits.errors import DataFormatError, SourceError
from inkdigits.images import load_image
from inkdigits.records import N_LABELS, PATCH_PX

Pixels: TypeAlias = npt.NDArray[np.uint8]
"""(N, H, W) uint8, 0 paper, 255 ink; of one image (H, W)."""

Labels: TypeAlias = npt.NDArray[np.uint8]
"""(N,) uint8 in 0-9."""

CLASS_NAMES = tuple(str(label) for label in range(N_LABELS))
"""Folder names that are labels."""

IDX_UBYTE = 8
"""IDX's code for unsigned bytes (LeCun, Cortes, Burges: the MNIST page, "the IDX file format")."""

PIXEL_COLUMNS = tuple(f"pixel{i}" for i in range(PATCH_PX * PATCH_PX))
"""Header of Kaggle's digit-recognizer test.csv; train.csv has `label` before them."""

CSV_BLOCK_BYTES = 4 << 20
"""About 2,000 lines of a Kaggle file are parsed at a time."""

WRITER_COLUMN = 2
"""Column of QMNIST's provenance table that holds the writer (Yadav and Bottou 2019)."""


def read_idx_images(path: Path) -> Pixels:
    """Read an IDX file of images, plain or gzipped.

    Returns:
        (N, H, W) uint8.

    Raises:
        DataNotFoundError: there is no such file.
        DataFormatError: wrong magic number, empty, damaged, too short or too long; names the byte.
    """
    return _read_idx(path, n_dimensions=3)


def read_idx_labels(path: Path) -> Labels:
    """Read an IDX file of labels, plain or gzipped.

    Returns:
        (N,) uint8 in 0-9.

    Raises:
        DataNotFoundError: there is no such file.
        DataFormatError: wrong magic number, empty, damaged, too short or too long, or a label over 9; names the byte.
    """
    labels = _read_idx(path, n_dimensions=1)
    for index in _wrong_labels(labels):
        raise format_error(path, f"byte {8 + index}", f"label {labels[index]}; labels go from 0 to 9")
    return labels


def read_npz(path: Path) -> tuple[Pixels, Labels | None]:
    """Read an archive with the members `x` and `y`.

    An archive with `kind` in place of `y` holds pictures that are not digits; its labels are None.

    Returns:
        Images (N, H, W) uint8 and labels (N,) uint8 in 0-9, or None.

    Raises:
        DataNotFoundError: there is no such file.
        DataFormatError: not a zip, damaged, a missing member, or one of the wrong dtype, shape or value.
    """
    with open_npz(path) as members:
        images = members.read("x")
        unlabelled = "kind" in members.names and "y" not in members.names
        labels = None if unlabelled else members.read("y")
    if images.dtype != np.uint8 or images.ndim != 3 or not images.size:
        raise format_error(path, "member x", f"{images.dtype} {images.shape}, expected uint8 (N, H, W)")
    if labels is not None:
        _check_npz_labels(path, labels, len(images))
    return images, labels


def read_writers(path: Path, split: str, n_images: int) -> npt.NDArray[np.int64]:
    """Read who wrote each MNIST image from QMNIST's provenance table.

    Args:
        path: an archive with the members `train` and `test`, each (N, 8) integers.
        split: the member to read.
        n_images: how many rows there must be.

    Returns:
        (N,) int64, one number a person.

    Raises:
        DataFormatError: damaged, or not a row for each image.
    """
    with open_npz(path) as members:
        table = members.read(split)
    if table.dtype.kind not in "iu" or table.ndim != 2 or table.shape[1] <= WRITER_COLUMN or len(table) != n_images:
        raise format_error(path, f"member {split}", f"{table.dtype} {table.shape}, expected integers ({n_images}, 8)")
    return table[:, WRITER_COLUMN].astype(np.int64)


def read_csv(path: Path) -> tuple[Pixels, Labels | None]:
    """Read Kaggle's digit-recognizer form: a header, then an image a line, values separated by commas.

    Returns:
        Images (N, 28, 28) uint8 and labels (N,) uint8 in 0-9; in the test form None for labels.

    Raises:
        DataNotFoundError: there is no such file.
        DataFormatError: another header, or a line that is not 784 values 0-255 (behind a label 0-9); names the line.
    """
    with open_raw(path) as stream:
        n_columns = _read_csv_header(path, stream.readline(CSV_BLOCK_BYTES))
        blocks, n_lines = [], 1
        while lines := stream.readlines(CSV_BLOCK_BYTES):
            blocks.append(_parse_csv_lines(path, lines, n_lines + 1, n_columns))
            n_lines += len(lines)
    if not blocks:
        raise format_error(path, "line 2", "the file ends after its header")
    rows = np.concatenate(blocks)
    images = np.ascontiguousarray(rows[:, -len(PIXEL_COLUMNS) :]).reshape(-1, PATCH_PX, PATCH_PX)
    if n_columns == len(PIXEL_COLUMNS):
        return images, None
    labels = rows[:, 0].copy()
    for index in _wrong_labels(labels):
        raise format_error(path, f"line {2 + index}", f"label {labels[index]}; labels go from 0 to 9")
    return images, labels


def read_folder(folder: Path) -> tuple[list[Pixels], Labels]:
    """Read pictures that lie in folders named 0 to 9; hidden files are left out.

    Dark ink on light paper is turned round, see `to_ink_bright`.

    Returns:
        Images, each (H, W) uint8, sorted by folder and file name; labels (N,) uint8 in 0-9.

    Raises:
        DataFormatError: a folder that is no label, a file that is no picture, or no picture at all.
    """
    images, labels = [], []
    for class_folder in sorted(path for path in folder.iterdir() if path.is_dir() and not is_hidden(path)):
        if class_folder.name not in CLASS_NAMES:
            raise format_error(folder, f"folder {class_folder.name}", "not a label; folders are named 0 to 9")
        for path in sorted(path for path in class_folder.iterdir() if not is_hidden(path)):
            images.append(_read_picture(path))
            labels.append(int(class_folder.name))
    if not images:
        raise format_error(folder, "folders 0 to 9", "no picture in any of them")
    return images, np.array(labels, dtype=np.uint8)


def to_ink_bright(grey: Pixels) -> Pixels:
    """Turn dark ink on light paper into bright ink on black; leave the other polarity alone.

    The border of a picture of one digit is nearly all paper. So where the border is lighter than the picture as a
    whole, the ink is dark.

    Args:
        grey: (H, W) uint8, 0 black, 255 white.

    Returns:
        (H, W) uint8, ink brighter than paper.
    """
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    return 255 - grey if border.mean() > grey.mean() else grey


def _read_picture(path: Path) -> Pixels:
    try:
        return to_ink_bright(load_image(path).grey)
    except SourceError as fault:
        raise DataFormatError(f"a picture in a data set cannot be read: {fault}") from fault


def _read_idx(path: Path, n_dimensions: int) -> npt.NDArray[np.uint8]:
    header_bytes = 4 + 4 * n_dimensions
    magic = bytes((0, 0, IDX_UBYTE, n_dimensions))
    with open_content(path) as content:
        header = content.read(header_bytes)
        if header[:4] != magic:
            raise format_error(path, "byte 0", f"magic number {header[:4].hex()}, expected {magic.hex()}")
        if len(header) < header_bytes:
            raise format_error(path, f"byte {len(header)}", f"the file ends inside its header of {header_bytes} bytes")
        shape = struct.unpack(f">{n_dimensions}I", header[4:])
        n_bytes = math.prod(shape)
        body = content.read(n_bytes + 1)  # one more, to see whether the file ends where it should
    if not n_bytes:
        raise format_error(path, "byte 4", f"the header promises {shape}, which is nothing")
    if len(body) < n_bytes:
        where, missing = f"byte {header_bytes + len(body)}", n_bytes - len(body)
        raise format_error(path, where, f"the file ends here, {missing} bytes short of the {shape} in its header")
    if len(body) > n_bytes:
        raise format_error(path, f"byte {header_bytes + n_bytes}", f"the file goes on past the {shape} in its header")
    return np.frombuffer(body, dtype=np.uint8).reshape(shape)


def _check_npz_labels(path: Path, labels: npt.NDArray[np.uint8], n_images: int) -> None:
    if labels.dtype != np.uint8 or labels.shape != (n_images,):
        raise format_error(path, "member y", f"{labels.dtype} {labels.shape}, expected uint8 ({n_images},)")
    for index in _wrong_labels(labels):
        raise format_error(path, f"member y, index {index}", f"label {labels[index]}; labels go from 0 to 9")


def _wrong_labels(labels: Labels) -> list[int]:
    """Index of the first label over 9, as a list of one; empty when there is none."""
    return [int(index) for index in np.flatnonzero(labels >= N_LABELS)[:1]]


def _read_csv_header(path: Path, header: bytes) -> int:
    """Return the number of columns that the header promises."""
    found = header.removeprefix(b"\xef\xbb\xbf").strip().decode("latin-1").split(",")
    for expected in (PIXEL_COLUMNS, ("label", *PIXEL_COLUMNS)):
        if tuple(found) == expected:
            return len(expected)
    start = ",".join(found[:3])[:40]
    raise format_error(path, "line 1", f"the header begins {start!r}, expected [label,]pixel0,...,pixel783")


def _parse_csv_lines(path: Path, lines: list[bytes], first_line: int, n_columns: int) -> npt.NDArray[np.uint8]:
    """Parse lines into (N, n_columns) uint8."""
    for number, line in enumerate(lines, first_line):
        if (n_values := line.count(b",") + 1) != n_columns:
            raise format_error(path, f"line {number}", f"{n_values} values, expected {n_columns}")
    _check_last_value(path, lines[-1], first_line + len(lines) - 1)
    try:
        return np.loadtxt(lines, dtype=np.uint8, delimiter=",", comments=None, ndmin=2)
    except ValueError as fault:
        raise _value_error(path, lines, first_line) from fault


def _check_last_value(path: Path, line: bytes, number: int) -> None:
    """Refuse a file that may end in the middle of a value: no line end, and one more digit would still fit in 255."""
    value = line.rpartition(b",")[2]
    if not value.endswith(b"\n") and value.isdigit() and 0 < int(value) <= 25:
        raise format_error(path, f"line {number}", "the file ends without a line end, perhaps inside its last value")


def _value_error(path: Path, lines: list[bytes], first_line: int) -> DataFormatError:
    """Find the value that the parser refused; called only after it did, since this is slow."""
    for number, line in enumerate(lines, first_line):
        for column, value in enumerate(line.strip().split(b","), 1):
            if not value.isdigit() or int(value) > 255:
                text = value[:20].decode("latin-1")
                return format_error(path, f"line {number}, column {column}", f"{text!r}, expected 0-255")
    return format_error(path, f"lines {first_line}-{first_line + len(lines) - 1}", "not values 0-255")
