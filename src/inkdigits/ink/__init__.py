"""Image -> ink: what a pen left on the paper, whatever the paper, the pen and the light.

flat.py     a pad, a screenshot, a cut-out digit: ink is what differs from the ground
photo.py    a photo that shows one digit: the ground is estimated from the picture
writing.py  a photo or scan of one line of digits
rules.py    printed lines, removed from all of them
"""

from inkdigits.ink.flat import flat_ink
from inkdigits.ink.photo import photo_ink
from inkdigits.ink.sizes import WORK_PX, reduce_to
from inkdigits.ink.writing import writing_ink
from inkdigits.records import Image, Ink

__all__ = ["WORK_PX", "to_ink"]


def to_ink(image: Image, *, is_line: bool = False) -> Ink:
    """Find the ink in a picture.

    Args:
        image: any picture.
        is_line: whether it shows a line of digits; else it shows one.

    Returns:
        (H, W) float32 in [0, 1]: 0 paper, 1 ink as strong as the picture's main stroke; all 0 for a blank picture.
        Larger pictures come back with their longer side at `WORK_PX`; photos of lines with their height at 80.
    """
    is_grey = image.colour.strides[2] == 0  # then it is a view of `grey`
    pixels = reduce_to(image.grey if is_grey else image.colour, WORK_PX)
    ink = flat_ink(pixels)
    if ink is not None:
        return ink
    return writing_ink(pixels) if is_line else photo_ink(pixels)
