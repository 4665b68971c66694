"""The picture of the stages shows what each step made, to the pixel."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inkdigits import load_reader
from inkdigits.records import Stages
from inkdigits.stages import (
    BAR,
    BAR_PX,
    BEST,
    BOX,
    EMPTY,
    GAP_PX,
    HEADING_PX,
    PANEL_PX,
    PAPER,
    PATCH_SCALE,
    TITLE_PX,
    to_stages_picture,
)


def draw(width: int = 90, height: int = 60, bar_px: int = 6) -> npt.NDArray[np.uint8]:
    """Return a white picture with an upright bar, which the toy network reads as a low digit."""
    picture = np.full((height, width, 3), 255, dtype=np.uint8)
    picture[height // 4 : 3 * height // 4, width // 3 : width // 3 + bar_px] = (0, 0, 90)
    return picture


@pytest.fixture
def stages(tiny_model: Path) -> Stages:
    """The stages of a bar."""
    return load_reader(tiny_model).stages(draw())


def panel(stages: Stages, column: int, row: int = 0) -> npt.NDArray[np.uint8]:
    """Return the pixels of one panel, (PANEL_PX, PANEL_PX, 3)."""
    sheet = np.asarray(to_stages_picture(stages))
    row_px = (sheet.shape[0] - HEADING_PX - GAP_PX) // max(1, len(stages.digits))
    left, top = GAP_PX + column * (PANEL_PX + GAP_PX), HEADING_PX + row * row_px + TITLE_PX
    return sheet[top : top + PANEL_PX, left : left + PANEL_PX]


def is_colour(pixels: npt.NDArray[np.uint8], colour: tuple[int, int, int]) -> npt.NDArray[np.bool_]:
    """Say which pixels have exactly this colour."""
    return (pixels == colour).all(axis=-1)


def shows_patch(pixels: npt.NDArray[np.uint8], patch: npt.NDArray[np.float32]) -> bool:
    """Say whether a panel is this patch, each pixel a square; the lines between them are left out."""
    levels = np.kron(np.round(patch * 255), np.ones((PATCH_SCALE, PATCH_SCALE)))
    inside = np.arange(PANEL_PX) % PATCH_SCALE > 0
    return bool((pixels == levels[..., None])[inside][:, inside].all())


def test_the_patch_is_pixel_equal_to_what_the_network_gets(stages: Stages):
    """Each enlarged pixel has the patch's own level, all over."""
    assert shows_patch(panel(stages, 4), stages.patches[0])
    assert not shows_patch(panel(stages, 4), 1 - stages.patches[0])


def test_the_box_surrounds_the_digit(stages: Stages):
    """The frame lies just outside the digit's box, in the picture as people see it."""
    frame = np.argwhere(is_colour(panel(stages, 0), BOX))
    (top, left), (bottom, right) = frame.min(axis=0), frame.max(axis=0)
    scale, box = PANEL_PX / 90, stages.digits[0].box
    margin = (PANEL_PX - round(60 * scale)) // 2
    wanted = (box.x0 * scale, box.y0 * scale + margin, box.x1 * scale, box.y1 * scale + margin)
    assert (left, top, right, bottom) == pytest.approx(wanted, abs=4)


def test_ink_is_bright_where_the_pen_was(stages: Stages):
    """The third panel shows the bar, and only it, bright on black."""
    height_px = PANEL_PX * 60 // 90
    margin = (PANEL_PX - height_px) // 2
    y, x = np.nonzero(panel(stages, 2)[margin : margin + height_px, :, 0])
    assert (x.min(), y.min(), x.max() + 1, y.max() + 1) == pytest.approx(
        [side * PANEL_PX / 90 for side in (30, 15, 36, 45)], abs=4
    )


def test_bars_are_as_long_as_the_probabilities(stages: Stages):
    """The best stands out; a certain one would be as long as a bar can be."""
    probabilities = stages.digits[0].probabilities
    shown = panel(stages, 5)
    assert is_colour(shown, BEST).sum(axis=1).max() == round(max(probabilities) * BAR_PX) + 1
    assert is_colour(shown, BAR).sum(axis=1).max() == round(sorted(probabilities)[-2] * BAR_PX) + 1


def test_a_label_is_blue_and_a_rejected_digit_red(tiny_model: Path, stages: Stages):
    """The last panel says what came out."""
    block = load_reader(tiny_model).stages(draw(bar_px=30))
    assert block.digits[0].label is None
    for read, colour, other in ((stages, BEST, BOX), (block, BOX, BEST)):
        assert is_colour(panel(read, 6), colour).sum() > 500
        assert not is_colour(panel(read, 6), other).any()


def test_a_blank_picture_has_empty_panels(tiny_model: Path):
    """Nothing is drawn for a digit that is not there."""
    blank = load_reader(tiny_model).stages(np.full((60, 90), 255, dtype=np.uint8))
    for column in (3, 4, 5):
        assert is_colour(panel(blank, column), EMPTY).all()
    assert not is_colour(panel(blank, 0), BOX).any()


@pytest.mark.parametrize("shape", [(8, 8), (28, 28), (40, 2000), (2000, 40), (1500, 1200)])
def test_pictures_of_every_shape_fit(shape: tuple[int, int], tiny_model: Path):
    """The sheet has one size, whatever came in."""
    height, width = shape
    reader = load_reader(tiny_model)
    sheet = to_stages_picture(reader.stages(draw(width, height, max(1, width // 10))))
    assert sheet.size == to_stages_picture(reader.stages(draw())).size


def several(stages: Stages, n: int) -> Stages:
    """Return the stages of a picture with so many digits, every second one the other way round."""
    patches = np.concatenate([stages.patches, 1 - stages.patches] * n)[:n]
    return replace(stages, glyphs=stages.glyphs * n, make_patches=lambda: patches, digits=stages.digits * n)


def test_a_page_of_many_digits_shows_the_first(stages: Stages, monkeypatch: pytest.MonkeyPatch):
    """Whatever somebody sends, the drawing has an end."""
    monkeypatch.setattr("inkdigits.stages.MAX_ROWS", 2)
    sheets = [to_stages_picture(several(stages, n)) for n in (2, 500)]
    assert sheets[0].size == sheets[1].size
    foot = [np.asarray(sheet)[-GAP_PX:] for sheet in sheets]
    assert is_colour(foot[0], PAPER).all()
    assert not is_colour(foot[1], PAPER).all()


def test_each_digit_has_a_row(stages: Stages):
    """Pictures of several digits show them below each other."""
    two = several(stages, 2)
    assert shows_patch(panel(two, 4, row=0), two.patches[0])
    assert shows_patch(panel(two, 4, row=1), two.patches[1])
