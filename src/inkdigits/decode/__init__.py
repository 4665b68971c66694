"""What a network says of glyphs -> digits and lines, with doubtful ones rejected. Pure: numbers in, records out.

digits.py    one glyph, one digit; how sure it has to be
spelling.py  a line of which nobody knows yet where its digits begin and end
boxes.py     a row of boxes, one for each digit
missed.py    what was left out of it, put in
opinions.py  what another network says of its digits, weighed in
looks.py     several looks at it, weighed together
calibration.py  how sure its digits are, by what validation measured
"""

from inkdigits.decode.boxes import spell_boxes, stand_in_boxes
from inkdigits.decode.calibration import calibrate
from inkdigits.decode.digits import (
    Thresholds,
    alternatives,
    choose_thresholds,
    threshold_for_error,
    to_digit,
    to_line,
    to_number,
)
from inkdigits.decode.looks import weigh_looks
from inkdigits.decode.missed import add_missed, to_missed
from inkdigits.decode.opinions import PARTED, WHOLE, find_doubtful, weigh_labels
from inkdigits.decode.spelling import N_ALTERNATIVES, Part, Spelling, spell

__all__ = [
    "N_ALTERNATIVES",
    "PARTED",
    "WHOLE",
    "Part",
    "Spelling",
    "Thresholds",
    "add_missed",
    "alternatives",
    "calibrate",
    "choose_thresholds",
    "find_doubtful",
    "spell",
    "spell_boxes",
    "stand_in_boxes",
    "threshold_for_error",
    "to_digit",
    "to_line",
    "to_missed",
    "to_number",
    "weigh_labels",
    "weigh_looks",
]
