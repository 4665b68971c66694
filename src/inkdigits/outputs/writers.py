"""Readings -> text, JSON, JSON Lines, CSV or a spreadsheet: one writer a format.

Where a pile is read, failures stand among the readings.
"""

import csv
import json
import textwrap
from collections.abc import Iterable
from itertools import chain
from typing import Any, Literal, Protocol, TextIO, TypeAlias

from inkdigits.errors import UsageError
from inkdigits.outputs.fields import to_fields, to_percent
from inkdigits.outputs.tables import COLUMNS, to_row
from inkdigits.outputs.xlsx import write_xlsx
from inkdigits.records import REJECTED, Failure, Line, Result

Format: TypeAlias = Literal["text", "json", "jsonl", "csv", "xlsx"]
"""What readings can be written as."""

BINARY = ("xlsx",)
"""Formats that are no text: they are written to a file, never to a terminal."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins so, perhaps behind empty lines, is run as a formula by spreadsheets (OWASP, "CSV injection"); the
last four are the wide forms of the first. What was read never does: only names of files and messages do."""


class Writer(Protocol):
    """Writes readings as they come."""

    def __call__(self, results: Iterable[Result], out: Any, *, many: bool) -> None:
        """Write to `out`, a text stream, or a binary one for the `BINARY`.

        `many` says whether more than one source was asked for, however many could be read.
        """
        ...


def write_text(results: Iterable[Result], out: TextIO, *, many: bool) -> None:
    """Write each line of a picture on a line of its own, behind the picture's name where there are many.

    A rejected digit is a "?", a blank picture an empty line; points and commas stand where they were written. A
    terminal is also told how sure each line is.
    """
    for result in results:
        page = f", page {result.page}" if result.page > 1 else ""
        name = f"{' '.join(result.source.splitlines())}{page}: " if many else ""
        for text, remark in _lines_of(result):
            words = f"{text}  ({remark})".strip() if out.isatty() or isinstance(result, Failure) else text
            print(name + words, file=out, flush=True)


def write_json(results: Iterable[Result], out: TextIO, *, many: bool) -> None:
    """Write one object; an array of them where there are many sources or pages."""
    objects = (json.dumps(to_fields(result), indent=2) for result in results)
    first, second = next(objects, None), next(objects, None)
    if not many and second is None:
        print(*([] if first is None else [first]), file=out, end="" if first is None else "\n")
        return
    known = [each for each in (first, second) if each is not None]
    print("[", file=out, end="")
    for number, text in enumerate(chain(known, objects)):
        print("," * (number > 0), textwrap.indent(text, "  "), sep="\n", file=out, end="")
    print("\n]" if known else "]", file=out)


def write_jsonl(results: Iterable[Result], out: TextIO, *, many: bool) -> None:
    """Write one object a line."""
    del many
    for result in results:
        print(json.dumps(to_fields(result)), file=out, flush=True)


def write_csv(results: Iterable[Result], out: TextIO, *, many: bool) -> None:
    """Write a header, then one row a reading; of a blank picture, text and confidence are empty.

    The text keeps its leading zeros; import the column as text, or a spreadsheet drops them.
    """
    del many
    # All text in quotes: else a lone carriage return in a name would end its row, and "007" look like a number.
    rows = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(COLUMNS)
    for result in results:
        rows.writerow(map(_harmless, to_row(result)))
        out.flush()


WRITERS: dict[Format, Writer] = {
    "text": write_text,
    "json": write_json,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "xlsx": write_xlsx,
}


def get_writer(name: str) -> Writer:
    """Return the writer of a format.

    Raises:
        UsageError: no such format; the message lists them.
    """
    for format_name, writer in WRITERS.items():
        if name == format_name:
            return writer
    raise UsageError(f"There is no format {name!r}. There are: {', '.join(WRITERS)}.")


def _lines_of(result: Result) -> list[tuple[str, str]]:
    """Return text and remark of each line; of a failure and of a blank picture there is one without text."""
    if isinstance(result, Failure):
        return [("", result.message)]
    return [(line.formatted, _remark(line)) for line in result.lines] or [("", "blank")]


def _remark(line: Line) -> str:
    return "rejected" if REJECTED in line.text else to_percent(line.confidence)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip("\n").startswith(_FORMULA_STARTS) else cell
