"""Readings -> text, JSON, JSON Lines or CSV: one writer a format, and files that are written whole or not at all."""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, TextIO, TypeAlias

from inkdigits.errors import UsageError
from inkdigits.records import REJECTED, Digit, Line, Reading

Format: TypeAlias = Literal["text", "json", "jsonl", "csv"]
"""What readings can be written as."""

CSV_COLUMNS = ("source", "page", "text", "confidence", "width", "height", "model", "model_digest", "version")
"""The columns of a CSV, named like the fields of a reading."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run as a formula by spreadsheets (OWASP, "CSV injection")."""


class Writer(Protocol):
    """Writes readings as they come."""

    def __call__(self, readings: Iterable[Reading], out: TextIO, *, many: bool) -> None:
        """Write to `out`; `many` says whether more than one source was asked for, however many could be read."""
        ...


def write_text(readings: Iterable[Reading], out: TextIO, *, many: bool) -> None:
    """Write each line of a picture on a line of its own, behind the picture's name where there are many.

    A rejected digit is a "?", a blank picture an empty line. A terminal is also told how sure each line is.
    """
    for reading in readings:
        page = f", page {reading.page}" if reading.page > 1 else ""
        name = f"{reading.source}{page}: " if many else ""
        for text, remark in [(line.text, _remark(line)) for line in reading.lines] or [("", "blank")]:
            words = f"{text}  ({remark})".strip() if out.isatty() else text
            print(name + words, file=out, flush=True)


def write_json(readings: Iterable[Reading], out: TextIO, *, many: bool) -> None:
    """Write one object; an array of them where there are many sources or pages."""
    objects = [to_fields(reading) for reading in readings]
    for document in [objects] if many or len(objects) > 1 else objects:
        print(json.dumps(document, indent=2), file=out)


def write_jsonl(readings: Iterable[Reading], out: TextIO, *, many: bool) -> None:
    """Write one object a line."""
    del many
    for reading in readings:
        print(json.dumps(to_fields(reading)), file=out, flush=True)


def write_csv(readings: Iterable[Reading], out: TextIO, *, many: bool) -> None:
    """Write a header, then one row a reading; of a blank picture, text and confidence are empty.

    The text keeps its leading zeros; import the column as text, or a spreadsheet drops them.
    """
    del many
    # All text in quotes: else a lone carriage return in a name would end its row, and "007" look like a number.
    rows = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(CSV_COLUMNS)
    for reading in readings:
        rows.writerow(_harmless(getattr(reading, name)) for name in CSV_COLUMNS)
        out.flush()


WRITERS: dict[Format, Writer] = {"text": write_text, "json": write_json, "jsonl": write_jsonl, "csv": write_csv}


def get_writer(name: str) -> Writer:
    """Return the writer of a format.

    Raises:
        UsageError: no such format; the message lists them.
    """
    for format_name, writer in WRITERS.items():
        if name == format_name:
            return writer
    raise UsageError(f"There is no format {name!r}. There are: {', '.join(WRITERS)}.")


def to_fields(reading: Reading) -> dict[str, Any]:
    """Return the JSON object of a reading: the same on the command line, in files and over HTTP."""
    return {
        "source": reading.source,
        "page": reading.page,
        "text": reading.text,
        "confidence": reading.confidence,
        "width": reading.width,
        "height": reading.height,
        "model": reading.model,
        "model_digest": reading.model_digest,
        "version": reading.version,
        "lines": [_line_fields(line) for line in reading.lines],
    }


def to_percent(share: float) -> str:
    """Return a share in [0, 1] as people read it, such as "99.12 %"."""
    return f"{100 * share:.2f} %"


@contextmanager
def open_output(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file that is written whole or not at all; see `open_whole`."""
    with (
        open_whole(path) as stream,
        # A file name that is not UTF-8 is spelt out, rather than the end of everything.
        io.TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", newline="\n") as out,
    ):
        yield out


@contextmanager
def open_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its place only when all of it is written; after an error everything is as before.

    Raises:
        UsageError: it cannot be written.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    in_place = target.exists() and not target.is_file()  # nothing may take the place of /dev/null
    part = target if in_place else target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            yield stream
        if not in_place:
            part.replace(target)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        if not in_place:
            with suppress(OSError):  # a read-only file system refuses even what is not there
                part.unlink(missing_ok=True)


def _remark(line: Line) -> str:
    return "rejected" if REJECTED in line.text else to_percent(line.confidence)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def _line_fields(line: Line) -> dict[str, Any]:
    return {
        "text": line.text,
        "formatted": line.formatted,
        "confidence": line.confidence,
        "box": line.box.to_list(),
        "alternatives": [{"text": other.text, "probability": other.probability} for other in line.alternatives],
        "digits": [_digit_fields(digit) for digit in line.digits],
    }


def _digit_fields(digit: Digit) -> dict[str, Any]:
    return {
        "label": digit.label,
        "confidence": digit.confidence,
        "digit_score": digit.digit_score,
        "box": digit.box.to_list(),
        "probabilities": list(digit.probabilities),
    }
