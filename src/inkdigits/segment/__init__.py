"""Ink -> glyphs: which ink belongs to which digit.

glyph.py     the one digit of a picture
lattice.py   a line of digits: all the ways to part it
cuts.py      where touching digits may be parted
"""

from inkdigits.segment.glyph import find_glyph
from inkdigits.segment.lattice import find_lattice

__all__ = ["find_glyph", "find_lattice"]
