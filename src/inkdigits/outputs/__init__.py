"""Readings -> what people and programs take away: text, JSON, CSV, spreadsheets.

writers.py  one writer a format
fields.py   a reading as plain values, and back
tables.py   one row a page
xlsx.py     spreadsheets
picture.py  a reading drawn over its picture: imported by who draws, since fonts take time
files.py    files that are written whole or not at all
"""

from inkdigits.outputs.fields import from_fields, to_fields, to_percent
from inkdigits.outputs.files import open_output, open_whole
from inkdigits.outputs.writers import BINARY, WRITERS, Format, Writer, get_writer, write_csv

__all__ = [
    "BINARY",
    "WRITERS",
    "Format",
    "Writer",
    "from_fields",
    "get_writer",
    "open_output",
    "open_whole",
    "to_fields",
    "to_percent",
    "write_csv",
]
