"""Lines on filled-in pages come to the training as reading finds them."""

from typing import Any

import numpy as np
import pytest

from inkdigits.records import Box
from inkdigits.segment import to_strip
from inkdigits.train.lines import paged
from inkdigits.train.lines.compose import Written, write_line
from inkdigits.train.lines.library import Library
from inkdigits.train.lines.paged import _holds_only, photograph_page


class TestPages:
    """Lines on pages that are filled in."""

    @pytest.fixture(autouse=True)
    def _plain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lines are written as large as is easy to find, and each page has boxes."""
        monkeypatch.setattr(paged, "NUMBER_PX", (40, 50))
        monkeypatch.setattr(paged, "CELL_PX", (50, 51))
        monkeypatch.setattr(paged, "CELLS", 1.0)

    def test_lines_are_found_as_they_were_written(self, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
        """Most of them, and the row of boxes; the same for the same seed."""
        written: list[tuple[int, ...]] = []

        def note(*given: Any) -> Written:
            line = write_line(*given)
            written.append(line.tokens)
            return line

        monkeypatch.setattr(paged, "write_line", note)
        lines = photograph_page(np.random.default_rng(3), library)
        assert len(lines) >= 6
        texts = [line.tokens for line in lines]
        in_boxes = [tokens for tokens in texts if tokens not in written]
        assert len(in_boxes) == 1
        assert 3 <= len(in_boxes[0]) <= 10
        assert all(to_strip(line.ink) is not None for line in lines)
        again = photograph_page(np.random.default_rng(3), library)
        assert all(np.array_equal(one.ink, other.ink) for one, other in zip(lines, again, strict=True))

    def test_what_holds_more_than_a_line_is_left_out(self) -> None:
        """Or less: its tokens would be wrong."""
        place, other = Box(20, 20, 80, 40), Box(90, 10, 120, 50)
        assert _holds_only(Box(16, 16, 84, 44), place, [other])
        assert _holds_only(Box(22, 22, 84, 44), place, [other])
        assert not _holds_only(Box(26, 16, 84, 44), place, [other])
        assert not _holds_only(Box(16, 16, 94, 44), place, [other])
