"""Strangers, which are no digits, and whether a network refuses them. For measuring only: no network learns from them.

    sets.py       letters and signs, noise, blank paper, digits of other scripts: named, and the same every time
    refusal.py    how many of each a network refuses, and how well its digit score tells them from digits

`letters.npz` holds the letters and signs of three handwriting fonts, as `benchmarks/letters.py` rendered them; none of
them is among those that networks learn from.
"""

from inkdigits.strangers.refusal import Refusal, RefusalRow, measure_refusal
from inkdigits.strangers.sets import SCRIPTS, StrangerSet, load_strangers

__all__ = ["SCRIPTS", "Refusal", "RefusalRow", "StrangerSet", "load_strangers", "measure_refusal"]
