"""inkdigits reads handwritten digits, says how sure it is, and says so when it sees no digit."""

from inkdigits.__about__ import __version__
from inkdigits.errors import InkdigitsError
from inkdigits.reader import Reader, load_reader
from inkdigits.records import Alternative, Box, Digit, Line, Reading

__all__ = [
    "Alternative",
    "Box",
    "Digit",
    "InkdigitsError",
    "Line",
    "Reader",
    "Reading",
    "__version__",
    "load_reader",
]
