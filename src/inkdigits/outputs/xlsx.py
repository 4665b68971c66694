"""Readings -> a spreadsheet. The only home of xlsxwriter."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO

from inkdigits.outputs.tables import COLUMNS, is_doubtful, to_row
from inkdigits.records import Result

MAX_ROWS = 1_048_576
"""Of a sheet, its header among them; what is more goes on the next one."""

MAX_CHARACTERS = 32_767
"""Of a cell."""

CHECK = "check"

_PLAIN: dict[str, Any] = {"num_format": "@"}
_PERCENT: dict[str, Any] = {"num_format": "0.00%"}
_MARKED: dict[str, Any] = {"bg_color": "#FFE9B8"}

_WIDTHS = {"source": 40, "text": 18, "formatted": 18, "confidence": 12, "model_digest": 18, "error": 60}
"""Of columns, in characters; others have 9."""

_SAFE = {
    "constant_memory": True,  # row by row, however many there are
    "strings_to_formulas": False,  # a file may be called =1+1.png
    "strings_to_numbers": False,  # and 007 is no 7
    "strings_to_urls": False,
}


def write_xlsx(results: Iterable[Result], out: BinaryIO, *, many: bool) -> None:
    """Write a workbook with one row a page.

    Numbers that were read are text, so that leading zeros stay; no cell is run as a formula. What should be looked at
    is coloured, and has "check" in the last column.
    """
    del many
    import xlsxwriter  # 40 ms, and few want a spreadsheet

    whole = BytesIO()  # a zip file that cannot be ended would complain of it once more
    with xlsxwriter.Workbook(whole, _SAFE) as book:
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})  # the same readings are the same bytes
        looks = [book.add_format(look) for look in (_PLAIN, _PERCENT, _PLAIN | _MARKED, _PERCENT | _MARKED)]
        sheet = _add_sheet(book, 1)
        for number, result in enumerate(results):
            page, at = divmod(number, MAX_ROWS - 1)
            if page and not at:
                sheet = _add_sheet(book, page + 1)
            _write_row(sheet, at + 1, result, looks)
    out.write(whole.getbuffer())


def _add_sheet(book: Any, number: int) -> Any:
    """Begin a sheet, its header frozen."""
    sheet = book.add_worksheet("readings" if number == 1 else f"readings {number}")
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for column, name in enumerate((*COLUMNS, CHECK)):
        sheet.set_column(column, column, _WIDTHS.get(name, 9))
        sheet.write_string(0, column, name, bold)
    return sheet


def _write_row(sheet: Any, row: int, result: Result, looks: Sequence[Any]) -> None:
    """Write a page; `looks` are plain, per cent, and the same two for what is doubtful."""
    plain, percent = looks[2:] if is_doubtful(result) else looks[:2]
    cells = [*to_row(result), CHECK if is_doubtful(result) else None]
    for column, (name, cell) in enumerate(zip((*COLUMNS, CHECK), cells, strict=True)):
        if isinstance(cell, str):
            unicode = cell.encode("utf-8", "backslashreplace").decode()  # a file's name may be none
            sheet.write_string(row, column, unicode[:MAX_CHARACTERS], plain)
        elif cell is None:
            sheet.write_blank(row, column, None, plain)
        else:
            sheet.write_number(row, column, cell, percent if name == "confidence" else plain)
