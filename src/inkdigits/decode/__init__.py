"""What a network says of glyphs -> digits and lines, with doubtful ones rejected. Pure: numbers in, records out.

digits.py   one glyph, one digit; how sure it has to be
parting.py  a line of which nobody knows yet where its digits begin and end
"""

from inkdigits.decode.digits import (
    Thresholds,
    alternatives,
    choose_thresholds,
    threshold_for_error,
    to_digit,
    to_line,
    to_number,
)
from inkdigits.decode.parting import N_ALTERNATIVES, Part, Parting, part_line

__all__ = [
    "N_ALTERNATIVES",
    "Part",
    "Parting",
    "Thresholds",
    "alternatives",
    "choose_thresholds",
    "part_line",
    "threshold_for_error",
    "to_digit",
    "to_line",
    "to_number",
]
