"""Lines come level and of one height into the strip, and columns lead back."""

import cv2
import numpy as np
import pytest

from inkdigits.records import STRIP_PX, Ink
from inkdigits.segment import to_strip
from inkdigits.segment.strip import DIGIT_PX, MARGIN_PX, MAX_WIDTH_PX


def bars(*places: tuple[int, int], size: tuple[int, int] = (20, 60), shape: tuple[int, int] = (200, 600)) -> Ink:
    """Ink with bars (w, h) whose upper left corners lie at (x, y)."""
    ink = np.zeros(shape, dtype=np.float32)
    for x, y in places:
        ink[y : y + size[1], x : x + size[0]] = 1
    return ink


@pytest.mark.parametrize("scale", [0.5, 1, 3])
def test_digits_come_to_one_height(scale: float) -> None:
    """However large they were written; in the middle, with a margin on both sides."""
    ink = cv2.resize(bars((100, 70), (160, 70), (220, 70)), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    strip = to_strip(np.asarray(ink, dtype=np.float32))
    assert strip is not None
    rows, columns = np.flatnonzero(strip.ink.max(1) > 0.5), np.flatnonzero(strip.ink.max(0) > 0.5)
    assert strip.ink.shape[0] == STRIP_PX
    assert abs(len(rows) - DIGIT_PX) <= 1
    assert abs((rows[0] + rows[-1]) / 2 - (STRIP_PX - 1) / 2) <= 1
    assert abs(columns[0] - MARGIN_PX) <= 1
    assert abs(strip.ink.shape[1] - 1 - columns[-1] - MARGIN_PX) <= 1


def test_a_sloping_line_is_levelled() -> None:
    """All its digits stand in the same rows."""
    strip = to_strip(bars(*((60 + 60 * step, 60 + 6 * step) for step in range(8))))
    assert strip is not None
    tops = [np.flatnonzero(column > 0.5)[0] for column in strip.ink.T if (column > 0.5).any()]
    assert np.ptp(tops) <= 2


def test_columns_lead_back_to_the_ink() -> None:
    """The middle of a digit in the strip is its middle in the line; a network's column is two of the strip's."""
    strip = to_strip(bars((100, 70), (160, 70), (400, 70)))
    assert strip is not None
    inked = np.flatnonzero(strip.ink.max(0) > 0.5)
    (back,) = strip.to_line([(inked[-1] - 3) / 2])
    assert abs(back - 410) <= 3
    assert strip.digit_px == pytest.approx(60, abs=1)


def test_dots_bars_and_dirt_do_not_decide_the_height() -> None:
    """Nor does a table's edge as high as the picture."""
    ink = bars((100, 70), (160, 70), (220, 70))
    ink[124:130, 130:136] = ink[10:14, 10:14] = 1
    ink[:, 590:594] = 1
    strip = to_strip(ink)
    assert strip is not None
    assert strip.digit_px == pytest.approx(60, abs=2)


def test_a_line_without_end_is_reduced() -> None:
    """Digits get smaller, and none is lost."""
    strip = to_strip(bars(*((60 * step, 70) for step in range(200)), shape=(200, 12000)))
    assert strip is not None
    assert strip.ink.shape[1] <= MAX_WIDTH_PX
    assert (np.diff((strip.ink.max(0) > 0.3).astype(int)) == 1).sum() == 200


def test_a_blank_line_gives_no_strip() -> None:
    """Nor does ink that is too faint to be any."""
    assert to_strip(np.zeros((40, 90), dtype=np.float32)) is None
    assert to_strip(np.full((40, 90), 0.1, dtype=np.float32)) is None


def test_a_pixel_is_no_line() -> None:
    """Nor is it enlarged until it is one."""
    ink = np.zeros((1000, 1000), dtype=np.float32)
    ink[500, 500] = 1
    assert to_strip(ink) is None
