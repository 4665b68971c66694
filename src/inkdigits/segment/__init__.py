"""Ink -> glyphs: which ink belongs to which digit.

glyph.py  the one digit of a picture
strip.py  a line of digits, level and of one height, as a network reads it
spans.py  the ink of that line, shared out among the digits that were read
cuts.py   where touching digits are parted
missed.py the ink as high as a digit that none of them has
"""

from inkdigits.segment.glyph import find_glyph
from inkdigits.segment.missed import find_missed
from inkdigits.segment.spans import find_marks, part_at
from inkdigits.segment.strip import Strip, to_strip

__all__ = ["Strip", "find_glyph", "find_marks", "find_missed", "part_at", "to_strip"]
