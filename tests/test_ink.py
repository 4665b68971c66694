"""Ink is found whatever the paper, the pen and the light; rules, shadows and tables are not ink."""

import itertools
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.images import load_image
from inkdigits.ink import GROUNDS, WORK_PX, find_line_ink, find_page_ink, rules, to_ink
from inkdigits.ink.flat import flat_ink, is_uneven
from inkdigits.ink.rules import MAX_TILT_DEG, find_rows, find_rules
from inkdigits.ink.sizes import percentile
from inkdigits.ink.writing import writing_ink
from inkdigits.records import Box
from inkdigits.segment import find_glyph
from tests.papers import SHEET, SHEETS, lean_over, photograph, plain, ruled, squared
from tests.strokes import draw, paint

Array = npt.NDArray[Any]


def ink_of(picture: Array) -> Array:
    """The ink of an array as `load_image` sees it."""
    return to_ink(load_image(picture))


def overlap(ink: Array, coverage: Array) -> float:
    """Intersection over union of the ink found and the ink drawn."""
    found, drawn = ink > 0.4, coverage > 127
    return float((found & drawn).sum() / (found | drawn).sum())


class TestFlat:
    """Pads, screenshots and cut-out digits."""

    @pytest.mark.parametrize("paper", [(255, 255, 255), (0, 0, 0), (24, 28, 64), (250, 240, 220), (120, 120, 120)])
    @pytest.mark.parametrize("pen", [(220, 30, 30), (30, 60, 200), (20, 130, 60), (250, 220, 90)])
    def test_any_pen_on_any_ground(self, paper: tuple[int, int, int], pen: tuple[int, int, int]) -> None:
        """What differs from the ground in any channel is ink; dark or light makes no difference."""
        coverage = draw(5)
        assert overlap(ink_of(paint(coverage, pen, paper)), coverage) > 0.9

    def test_a_picture_and_its_negative_have_the_same_ink(self) -> None:
        """Polarity is never assumed."""
        picture = paint(draw(3))
        assert np.array_equal(ink_of(picture), ink_of(255 - picture))

    @pytest.mark.parametrize("level", [0, 127, 255])
    def test_one_colour_has_no_ink(self, level: int) -> None:
        """Nor has one with the noise of a JPEG."""
        assert not ink_of(np.full((90, 120), level, np.uint8)).any()

    def test_a_line_from_edge_to_edge_is_a_rule(self) -> None:
        """The line of a form goes, the digit on it stays."""
        coverage = draw(4, high_px=110)
        picture = paint(coverage)
        picture[150:153] = (90, 120, 220)
        ink = ink_of(picture)
        assert not ink[150:153, :40].any()
        assert overlap(ink, coverage) > 0.85

    def test_a_one_as_high_as_the_pad_is_no_rule(self) -> None:
        """It stops short of the edges."""
        coverage = draw(1, high_px=180)
        assert overlap(ink_of(paint(coverage)), coverage) > 0.9


class TestPhoto:
    """Paper under uneven light."""

    @pytest.mark.parametrize("pen", [(25, 25, 30), (30, 50, 170), (190, 40, 40), (120, 120, 124)])
    def test_light_divides_out(self, pen: tuple[int, int, int]) -> None:
        """A fixed threshold would make half the paper ink."""
        coverage = draw(2, high_px=200, pen_px=10, shape=SHEET)
        assert overlap(ink_of(photograph(paint(coverage, pen, plain()))), coverage) > 0.7

    def test_a_soft_shadow_is_no_ink(self) -> None:
        """However dark: its edge is not that of a stroke."""
        coverage = draw(6, high_px=150, pen_px=9, at=(380, 60), shape=SHEET)
        shadow = cv2.GaussianBlur(cv2.circle(np.zeros(SHEET), (150, 330), 90, 0.5, -1), (0, 0), 25)
        picture = (photograph(paint(coverage, paper=plain())) * (1 - shadow[..., None])).astype(np.uint8)
        ink = ink_of(picture)
        assert not (ink[250:400, 60:240] > 0.4).any()
        assert overlap(ink, coverage) > 0.7

    @pytest.mark.parametrize(("grain", "softness_px"), [(0, 18), (3, 18), (6, 30)])
    def test_a_shadow_in_the_middle_of_a_blank_sheet_is_no_ink(self, grain: float, softness_px: float) -> None:
        """Too gentle a slope where the paper is smooth; where it is grainy, too little above the grain."""
        shadow = cv2.GaussianBlur(cv2.circle(np.zeros(SHEET), (320, 240), 110, 0.5, -1), (0, 0), softness_px)
        sheet = 0.8 * plain() * (1 - shadow[..., None])
        for seed in range(4):
            noise = np.random.default_rng(seed).normal(0, grain, (*SHEET, 1))
            assert not find_glyph(ink_of(np.clip(sheet + noise, 0, 255).astype(np.uint8)))

    def test_the_edge_of_a_table_is_no_ink(self) -> None:
        """It runs along the picture's own edge."""
        coverage = draw(9, high_px=150, pen_px=9, shape=SHEET)
        picture = photograph(paint(coverage, paper=plain()))
        picture[:, :40] = (40, 28, 20)
        ink = ink_of(picture)
        assert not (ink[:, :38] > 0.4).any()
        assert overlap(ink, coverage) > 0.7

    def test_ruled_paper_is_cleaned_and_the_digit_is_whole(self) -> None:
        """Also where a rule crosses it."""
        coverage = draw(8, high_px=160, pen_px=9, shape=SHEET)
        ink = ink_of(photograph(paint(coverage, paper=ruled())))
        assert (ink[:, :120] > 0.4).mean() < 0.002
        assert overlap(ink, coverage) > 0.65

    def test_large_pictures_are_reduced(self) -> None:
        """To the size that ink is looked for on."""
        coverage = draw(7, high_px=600, pen_px=40, shape=(1500, 2000))
        assert ink_of(photograph(paint(coverage, paper=plain((1500, 2000))))).shape == (
            round(1500 * WORK_PX / 2000),
            WORK_PX,
        )

    def test_chalk_on_a_board_is_ink(self) -> None:
        """Polarity is looked for in photos too, coloured or grey."""
        coverage = draw(5, high_px=200, pen_px=12, shape=SHEET)
        photo = 255 - photograph(paint(coverage, paper=plain()))
        assert overlap(ink_of(photo), coverage) > 0.7
        assert overlap(ink_of(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)), coverage) > 0.7

    @pytest.mark.parametrize("make", [ruled, squared])
    def test_a_digit_in_the_middle_hides_no_rule(self, make: Callable[[], Array]) -> None:
        """It breaks a rule in two, neither long enough alone; with one such rule left, the digit hangs on it."""
        coverage = draw(0, style="hasty", high_px=170, pen_px=9, shape=SHEET)
        ink = ink_of(photograph(paint(coverage, (30, 40, 110), make())))
        x, y, width, height = cv2.boundingRect(coverage)
        assert (ink[y : y + height, : x - 20] > 0.4).mean() < 0.02
        assert (ink[y : y + height, x + width + 20 :] > 0.4).mean() < 0.02

    @pytest.mark.parametrize("levels", [(0, 255), (100, 200), (200, 240)])
    @pytest.mark.parametrize("shape", [(200, 200), (480, 640), (1200, 1600)])
    def test_light_alone_is_no_ink(self, shape: tuple[int, int], levels: tuple[int, int]) -> None:
        """A ramp from side to side: the closing fills its dark end, which is neither sharp nor off the edge."""
        ramp = np.linspace(*levels, shape[1])[None, :].repeat(shape[0], 0).astype(np.uint8)
        assert not ink_of(ramp).any()

    @pytest.mark.parametrize("name", SHEETS)
    def test_a_shadow_on_a_digit_divides_out(self, name: str) -> None:
        """Its edge crosses the digit, and the digit stays whole on any sheet."""
        coverage = draw(3, high_px=200, pen_px=12, shape=SHEET)
        ink = ink_of(lean_over(photograph(paint(coverage, (30, 40, 110), SHEETS[name]()))))
        assert (ink[coverage > 200] > 0.4).mean() > 0.9


class TestAll:
    """What holds for any picture."""

    @settings(max_examples=60, deadline=None)
    @given(
        st.integers(8, 90), st.integers(8, 200), st.sampled_from([0, 3, 30, 255]), st.booleans(), st.integers(0, 10**6)
    )
    def test_noise_of_any_shape_gives_ink_in_range(
        self, height: int, width: int, spread: int, is_coloured: bool, seed: int
    ) -> None:
        """Without a warning, which would be an error here."""
        shape = (height, width, 3) if is_coloured else (height, width)
        noise = np.random.default_rng(seed).integers(0, spread + 1, shape)
        ink = ink_of(np.clip(200 - noise, 0, 255).astype(np.uint8))
        assert ink.shape == (height, width)
        assert ink.dtype == np.float32
        assert ink.min() >= 0
        assert ink.max() <= 1

    @pytest.mark.parametrize("shape", [(8, 8), (8, 2000), (2000, 8), (65, 8)])
    def test_odd_shapes_are_looked_at(self, shape: tuple[int, int]) -> None:
        """A ramp of light, which is never flat."""
        ramp = np.linspace(0, 255, shape[0] * shape[1]).reshape(shape).astype(np.uint8)
        assert np.isfinite(ink_of(ramp)).all()

    @pytest.mark.parametrize("shape", [(8, 2000), (2000, 8), (9, 70), (8, 65), (66, 12)])
    def test_a_strip_has_fewer_cells_than_asked_for(self, shape: tuple[int, int]) -> None:
        """The median of an empty cell would warn, which is an error here."""
        dots = (np.random.default_rng(1).random(shape) < 0.02).astype(np.uint8) * 255
        assert ink_of(dots).max() <= 1

    def test_what_a_few_pixels_tell_all_of_them_tell(self) -> None:
        """Photos are known at little cost; what may be flat is looked at as a whole."""
        drawn = paint(draw(4))
        for picture in (drawn, cv2.resize(drawn, None, fx=3, fy=3), 255 - drawn, np.full_like(drawn, 200)):
            assert flat_ink(picture) is not None
            assert not is_uneven(picture)
        for seed in range(6):
            photo = photograph(paint(draw(4), paper=plain((200, 200))), seed=seed)
            assert is_uneven(photo)
            assert flat_ink(photo) is None

    def test_the_picture_is_left_alone(self) -> None:
        """Grey and colour, flat and photo."""
        for picture in (paint(draw(4)), photograph(paint(draw(4), paper=plain((200, 200))))):
            image = load_image(picture)
            before = image.grey.copy(), image.colour.copy()
            to_ink(image)
            assert all(map(np.array_equal, before, (image.grey, image.colour)))


class TestRules:
    """Rules are long, straight and thin."""

    @pytest.mark.parametrize("tilt_px", [-60, 0, 45])
    def test_rules_are_found_at_any_tilt(self, tilt_px: int) -> None:
        """Up to ten degrees, level or upright."""
        mask = np.zeros((400, 500), np.uint8)
        for y in (100, 200, 300):
            cv2.line(mask, (0, y), (499, y + tilt_px), 1, 3)
        for found, drawn in (
            (find_rules(mask > 0), mask),
            (find_rules(np.ascontiguousarray(mask.T) > 0), mask.T),
        ):
            assert (found & (drawn > 0)).sum() > 0.9 * drawn.sum()

    def test_strokes_that_cross_stay(self) -> None:
        """Where the ink is thicker than the rule."""
        mask = np.zeros((400, 500), np.uint8)
        cv2.line(mask, (0, 200), (499, 200), 1, 3)
        stroke = cv2.line(np.zeros_like(mask), (250, 120), (262, 280), 1, 8)
        kept = (mask | stroke).astype(bool) & ~find_rules((mask | stroke) > 0)
        assert (kept & (stroke > 0)).sum() > 0.97 * stroke.sum()

    def test_level_rules_a_pixel_thick_are_found_whole(self) -> None:
        """Scans and screenshots are level, so level is among the slopes tried: sheared, such a line falls in pieces."""
        mask = np.zeros((768, 1024), bool)
        for columns in ((15, 16), (46, 47), (77,), (107, 108), (138, 139), (169,), (292,), (507,), (722,), (845,)):
            mask[:, columns] = True
        mask[16::31] = True
        mask[17::31] = True
        assert not (mask & ~find_rules(mask, "pad"))[:, [77, 169, 292, 507, 722, 845]].all(0).any()

    def test_a_lone_rule_broken_far_apart_is_no_rule(self) -> None:
        """Without others around, the bar of a 7 and the foot of its neighbour are not one line."""
        mask = np.zeros((400, 500), bool)
        mask[100:103, 20:170] = mask[100:103, 320:480] = True
        assert not find_rules(mask).any()
        mask[[200, 201, 250, 251, 300, 301]] = True
        assert find_rules(mask)[101, 20:170].mean() > 0.9

    def test_thick_strokes_pocked_by_grain_are_no_rules(self) -> None:
        """Grain makes holes in them, and what is left in between looks thin."""
        rng = np.random.default_rng(0)
        stroke = draw(2, high_px=165, pen_px=16, shape=(185, 130)) > 127
        pocked = stroke & (rng.random(stroke.shape) > 0.3)
        assert find_rules(pocked).sum() < 0.1 * pocked.sum()

    @pytest.mark.parametrize("where", ["photo", "photo of a line", "line"])
    def test_what_is_given_up_early_is_no_rule(self, where: rules.Where, monkeypatch: pytest.MonkeyPatch) -> None:
        """Pieces that could not be joined to a rule if they lay in one row are not joined at all."""
        rng = np.random.default_rng(5)
        masks = [np.zeros((120, 300), np.uint8) for _ in range(40)]
        for mask in masks:
            for x, row, width in rng.integers((-30, 0, 20), (280, 2, 120), (rng.integers(1, 9), 3)).tolist():
                cv2.line(mask, (x, 40 + 40 * row), (x + width, 40 + 40 * row), 1, 2)
        found = [find_rules(mask > 0, where) for mask in masks]
        monkeypatch.setattr(rules, "_may_join", lambda *_: True)
        assert all((find_rules(mask > 0, where) == each).all() for mask, each in zip(masks, found, strict=True))
        assert 0 < sum(each.any() for each in found) < len(masks)

    def test_only_whole_rules_count_on_a_pad(self) -> None:
        """What stops short of the edges was drawn."""
        mask = np.zeros((200, 300), bool)
        mask[100:102, 20:280] = True
        assert find_rules(mask).any()
        assert not find_rules(mask, "pad").any()
        mask[50:52] = True
        found = find_rules(mask, "pad")
        assert found[50:52].all()
        assert not found[100:102].any()

    def test_pieces_of_a_rule_lead_out_of_the_photo_of_a_line(self) -> None:
        """Digits cover the rest of it; where one digit is looked for, they may be its own strokes."""
        mask = np.zeros((400, 500), bool)
        mask[200:203, :90] = mask[200:203, 400:] = True
        mask[100:103, 200:300] = True
        assert not find_rules(mask).any()
        found = find_rules(mask, "photo of a line")
        assert found[201, :90].mean() > 0.9
        assert found[201, 400:].mean() > 0.9
        assert not found[100:103].any()

    def test_straight_digits_that_fill_a_line_are_no_rules(self) -> None:
        """Three of them would be in a photo; a rule that runs from top to bottom still is one."""
        mask = np.zeros((80, 300), bool)
        for x in (40, 90, 160, 220):
            mask[14:66, x : x + 5] = True
        mask[:, 280:283] = True
        assert find_rules(mask)[:, :240].any()
        found = find_rules(mask, "line")
        assert not found[:, :240].any()
        assert found[:, 281].mean() > 0.9

    @pytest.mark.parametrize("shape", [(8, 300), (300, 8), (1, 1), (4, 1024)])
    def test_any_shape_can_be_asked(self, shape: tuple[int, int]) -> None:
        """No slope is steeper than rules are, however narrow the picture."""
        full = np.ones(shape, bool)
        assert find_rules(full).shape == shape
        assert abs(find_rows(full).slope) <= np.tan(np.deg2rad(MAX_TILT_DEG))

    def test_digits_are_no_rules(self) -> None:
        """Nor is an empty mask."""
        assert not find_rules(draw(7, high_px=150) > 127).any()
        assert not find_rules(np.zeros((50, 60), bool)).any()


class TestLines:
    """The ink of a line of digits."""

    def line_on(self, sheet: Array, corner: tuple[int, int], high_px: int = 60, pen_px: int = 5) -> Array:
        """Write 1047 on a sheet, with its left top corner there."""
        for place, digit in enumerate((1, 0, 4, 7)):
            at = (corner[0] + place * high_px, corner[1])
            sheet = paint(
                draw(digit, high_px=high_px, pen_px=pen_px, at=at, shape=sheet.shape[:2]), (30, 40, 120), sheet
            )
        return sheet

    @pytest.mark.parametrize("sheet", SHEETS)
    def test_the_part_of_a_photo_with_the_line_is_found(self, sheet: str) -> None:
        """Whatever else is on the sheet; and all four digits have ink in it."""
        photo = photograph(self.line_on(SHEETS[sheet](), (250, 200)))
        ink, part, *_ = find_line_ink(load_image(photo))
        assert part.x0 <= 252
        assert part.x1 >= 460
        assert part.y0 <= 202
        assert part.y1 >= 258
        assert part.height < 200
        across = ink.shape[1] / part.width
        columns = [round((250 + 60 * place - 15 - part.x0) * across) for place in range(5)]
        assert all((ink[:, a:b] > 0.5).any() for a, b in itertools.pairwise(columns))

    def test_a_strip_is_its_line(self) -> None:
        """As forms are cut: nothing of it is left out, and small ones are enlarged."""
        strip = photograph(self.line_on(plain((50, 170)), (8, 6), high_px=34, pen_px=3))
        ink, part, *_ = find_line_ink(load_image(strip))
        assert part == Box(0, 0, 170, 50)
        assert ink.shape[0] == 80
        assert (ink > 0.5).any(0).mean() > 0.3

    def test_a_pad_is_searched_as_a_whole(self) -> None:
        """There the ground says what is ink."""
        pad = self.line_on(plain((200, 300)), (20, 40))
        ink, part, *_ = find_line_ink(load_image(pad))
        assert part == Box(0, 0, 300, 200)
        assert ink.shape == (200, 300)

    def test_a_faint_pencil_is_ink(self) -> None:
        """However faint: the threshold between it and the paper is fainter still."""
        photo = photograph(
            paint(draw(4, high_px=200, pen_px=14, at=(200, 120), shape=SHEET), (219, 215, 206), plain()), seed=3
        )
        ink, *_ = find_line_ink(load_image(photo))
        assert (ink > 0.5).any()

    def test_a_table_below_a_line_is_no_ink(self) -> None:
        """It lies along the lower end of what is cut out; a strip that others cut out keeps what lies there."""
        sheet = self.line_on(plain(), (250, 200))
        corners = np.array([(0, 276), (640, 264), (640, 480), (0, 480)])
        photo = photograph(cv2.fillPoly(sheet, [corners], (50, 38, 30)))
        ink, part, *_ = find_line_ink(load_image(photo))
        assert part.y1 > 268
        assert not (ink[-4:] > 0.5).any()
        assert (ink > 0.5).any()
        low = np.full((60, 200), 230, np.uint8)
        low[54:] = 60
        assert (find_line_ink(load_image(low))[0][-4:] > 0.5).any()

    def test_a_pencil_beside_a_dark_table_is_ink(self) -> None:
        """Beside the table, all of the sheet is one brightness."""
        sheet = plain()
        for place, digit in enumerate((5, 2, 8)):
            where = (100 + 70 * place, 200)
            sheet = paint(draw(digit, high_px=60, pen_px=5, at=where, shape=SHEET), (205, 202, 196), sheet)
        photo = photograph(cv2.fillPoly(sheet, [np.array([(0, 0), (88, 0), (84, 480), (0, 480)])], (20, 16, 14)))
        ink, part, *_ = find_line_ink(load_image(photo))
        assert part.x0 < 84
        across = ink.shape[1] / part.width
        assert not ink[:, : round((84 - part.x0) * across)].any()
        columns = [round((95 + 70 * place - part.x0) * across) for place in range(4)]
        assert all((ink[:, a:b] > 0.5).any() for a, b in itertools.pairwise(columns))

    def test_a_1_at_the_end_of_a_page_is_no_table(self) -> None:
        """Though it lies along more than half of what is cut out."""
        sheet = paint(draw(1, style="upright", high_px=60, pen_px=6, at=(2, 180), shape=SHEET), (60, 60, 70), plain())
        for place, digit in enumerate((5, 2, 8)):
            where = (40 + 54 * place, 180)
            sheet = paint(draw(digit, high_px=60, pen_px=6, at=where, shape=SHEET), (60, 60, 70), sheet)
        (found,) = find_page_ink(load_image(photograph(sheet)))
        assert (found.ink[:, : round(10 * found.ink.shape[1] / found.part.width)] > 0.5).any()

    def test_a_thin_digit_beside_bold_ones_is_ink(self) -> None:
        """Also where the line is low in its picture: what is left of squares is lower than the digits."""
        strip = plain((140, 260))
        for place, (digit, pen_px, pen) in enumerate([(8, 2, (110, 110, 120)), (0, 7, 30), (3, 7, 30), (4, 7, 30)]):
            where = (50 + 40 * place, 66)
            strip = paint(draw(digit, high_px=26, pen_px=pen_px, at=where, shape=strip.shape[:2]), pen, strip)
        ink, *_ = find_line_ink(load_image(photograph(strip)))
        across = ink.shape[1] / 260
        assert (ink[:, round(46 * across) : round(76 * across)] > 0.2).any()

    def test_there_are_other_looks_at_a_photo(self) -> None:
        """Of a strip on another ground; of a photo, which shows more than its line, by other ways to find that too."""
        strip = photograph(self.line_on(plain((50, 170)), (8, 6), high_px=34, pen_px=3))
        pictures = (strip, photograph(self.line_on(plain(), (250, 200))), self.line_on(plain((200, 300)), (20, 40)))
        counts = []
        for picture in pictures:
            looks = [find_line_ink(load_image(picture))]
            while (again := looks[-1].again) is not None:
                looks.append(again())
            assert all((look.ink > 0.5).any() for look in looks)
            assert all(look.part.x0 <= 252 and look.part.x1 >= min(460, picture.shape[1]) for look in looks)
            counts.append(len(looks))
        assert counts == [2, 4, 1]

    def test_another_look_leaves_less_of_a_shadow(self) -> None:
        """A finger's, on the digits: the second look is on a narrower ground."""
        digit = draw(5, high_px=50, pen_px=5, at=(60, 12), shape=(80, 180)).astype(np.float32) / 255
        shade = 1 - 0.5 * np.exp(-(((np.arange(180) - 95) / 8) ** 2) / 2)
        light = np.rint(230 * shade * (1 - 0.7 * digit)).astype(np.uint8)
        beside = cv2.dilate(digit, np.ones((9, 9), np.uint8)) == 0
        first, second = (writing_ink(light, None, ground) for ground in GROUNDS)
        assert np.count_nonzero(first[beside] > 0.3) > 100
        assert not (second[beside] > 0.3).any()
        assert all((ink[digit > 0.9] > 0.5).mean() > 0.7 for ink in (first, second))

    def test_blank_strips_have_no_ink(self) -> None:
        """Grain is none."""
        assert not find_line_ink(load_image(photograph(plain((50, 170)))))[0].any()
        assert not find_line_ink(load_image(photograph(plain())))[0].any()

    @pytest.mark.parametrize("shape", [(4000, 8), (8, 4000), (8, 8), (200, 2000)])
    def test_odd_shapes_have_ink_or_none(self, shape: tuple[int, int]) -> None:
        """Noise in a picture of any shape ends in ink of some shape."""
        noise = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
        ink, part, *_ = find_line_ink(load_image(noise))
        assert ink.ndim == 2
        assert min(ink.shape) >= 1
        assert 0 <= part.x0 < part.x1 <= shape[1]


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=40), st.floats(0, 100))
def test_percentiles_are_those_of_numpy(values: list[float], share: float) -> None:
    """In a tenth of its time."""
    given_values = np.array(values, dtype=np.float32)
    assert percentile(given_values, share) == pytest.approx(float(np.percentile(given_values, share)), abs=1e-2)
