"""A picture goes in, a reading comes out."""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

import inkdigits
from inkdigits import Reader
from inkdigits.classifier import Classifier
from inkdigits.errors import InkdigitsError, ModelFormatError, SourceError, UsageError
from inkdigits.graphs import find_model, load_card
from inkdigits.reader import TOGETHER, Layout
from inkdigits.recogniser import Recogniser
from inkdigits.records import BLANK, Ink
from tests.papers import SHEET, SHEETS, lean_over, photograph, plain
from tests.strokes import BARE, LABELS, OTHERS, STYLES, draw, paint

Array = npt.NDArray[Any]

PENS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (220, 30, 30),
    "blue": (30, 60, 200),
    "green": (20, 130, 60),
    "pencil": (140, 140, 140),
}


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The bundled network."""
    return inkdigits.load_reader()


def share_read(reader: Reader, pictures: list[tuple[int, Array]]) -> float:
    """Share of the pictures that are read right."""
    return sum(reader.read(picture).text == str(label) for label, picture in pictures) / len(pictures)


class TestDrawings:
    """Digits of our own, as pads make them."""

    @pytest.mark.parametrize("style", STYLES)
    @pytest.mark.parametrize("paper", [(255, 255, 255), (0, 0, 0)])
    def test_all_ten_are_read(self, reader: Reader, style: str, paper: tuple[int, int, int]) -> None:
        """With a pen of common width."""
        pen = tuple(255 - level for level in paper)
        pictures = [(label, paint(draw(label, style=style, pen_px=10), pen, paper)) for label in LABELS]
        assert share_read(reader, pictures) == 1

    @pytest.mark.parametrize(("high_px", "pen_px"), [(30, 3), (60, 2), (120, 20), (170, 3), (170, 26)])
    def test_size_and_pen_do_not_matter(self, reader: Reader, high_px: int, pen_px: int) -> None:
        """From a seventh of the pad to nearly all of it, from a hair line to a brush; one in ten may be lost."""
        pictures = [(label, paint(draw(label, high_px=high_px, pen_px=pen_px))) for label in LABELS]
        assert share_read(reader, pictures) >= 0.9

    @pytest.mark.parametrize("at", [(2, 2), (130, 2), (2, 120), (130, 120)])
    def test_it_may_lie_in_any_corner(self, reader: Reader, at: tuple[int, int]) -> None:
        """And the box says where."""
        reading = reader.read(paint(draw(3, high_px=60, at=at)))
        assert reading.text == "3"
        box = reading.lines[0].box
        assert abs(box.x0 - at[0]) <= 4
        assert abs(box.y0 - at[1]) <= 4
        assert 50 <= box.height <= 80

    @pytest.mark.parametrize("pen", [(220, 30, 30), (0, 0, 0), (255, 255, 255), (30, 60, 200)])
    def test_ink_on_nothing_is_read(self, reader: Reader, pen: tuple[int, int, int]) -> None:
        """Transparent paper, as drawing programs send it; the colour beneath it is black."""
        coverage = draw(5)
        picture = np.dstack([np.where(coverage[..., None] > 0, np.array(pen), 0).astype(np.uint8), coverage])
        assert reader.read(picture).text == "5"

    @pytest.mark.parametrize("pen", sorted(PENS))
    def test_transparent_paper_changes_nothing(self, reader: Reader, pen: str) -> None:
        """Fault 6: red arrived as 0..59 and black as nothing. Each pen gives the patch that it gives on paper."""
        coverage = draw(4)
        paper = (0, 0, 0) if pen == "white" else (255, 255, 255)
        clear = np.dstack([np.full((*coverage.shape, 3), PENS[pen], np.uint8), coverage])
        on_paper = reader.stages(paint(coverage, PENS[pen], paper))
        on_nothing = reader.stages(clear)
        assert on_paper.reading.text == on_nothing.reading.text == "4"
        assert on_nothing.patches == pytest.approx(on_paper.patches, abs=0.02)

    @pytest.mark.parametrize("pen", sorted(set(PENS) - {"white"}))
    def test_all_ten_are_read_with_any_pen(self, reader: Reader, pen: str) -> None:
        """On white paper, down to a pencil."""
        assert share_read(reader, [(label, paint(draw(label), PENS[pen])) for label in LABELS]) == 1

    def test_a_digit_is_never_just_shrunk(self, reader: Reader) -> None:
        """Fault 5: a whole pad squeezed into 28x28 is no longer a digit; placed as MNIST's are, it is read."""
        pads = [
            255 - paint(draw(label, high_px=90, pen_px=5, at=(380, 360), shape=(500, 500)))[..., 0] for label in LABELS
        ]
        stages = [reader.stages(pad) for pad in pads]
        assert [stage.reading.text for stage in stages] == [str(label) for label in LABELS]
        squeezed = np.stack([cv2.resize(pad, (28, 28), interpolation=cv2.INTER_AREA) for pad in pads])
        assert (reader.classify(squeezed).argmax(1) == list(LABELS)).sum() <= 5
        for stage in stages:
            (patch,) = stage.patches
            rows, columns = np.nonzero(patch > 0.05)
            assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20, 21, 22)
            centre = (np.indices(patch.shape) * patch).sum((1, 2)) / patch.sum()
            assert centre == pytest.approx([14, 14], abs=0.6)  # whole pixels

    def test_a_picture_and_its_negative_read_alike(self, reader: Reader) -> None:
        """Label and probability."""
        picture = paint(draw(9))
        one, other = (reader.read(each).lines[0] for each in (picture, 255 - picture))
        assert one.text == other.text == "9"
        assert one.confidence == pytest.approx(other.confidence, abs=1e-3)

    @settings(max_examples=25, deadline=None)
    @given(st.sampled_from(LABELS), st.floats(50, 150), st.integers(0, 40), st.integers(0, 40))
    def test_shifting_and_scaling_leave_the_label(self, label: int, high_px: float, x: int, y: int) -> None:
        """A digit in the middle of the pad, and the same one elsewhere and in another size."""
        reader = inkdigits.load_reader()
        assert reader.read(paint(draw(label, high_px=high_px, pen_px=9, at=(x, y)))).text == str(label)


class TestPhotos:
    """The same digits on paper, by a camera."""

    @pytest.mark.parametrize("is_shadowed", [False, True])
    @pytest.mark.parametrize("name", SHEETS)
    def test_all_ten_are_read(self, reader: Reader, name: str, is_shadowed: bool) -> None:
        """Plain, ruled, squared, beside a table; with a shadow over half of the digit, or without."""
        pictures = []
        for label in LABELS:
            coverage = draw(label, style="hasty", high_px=170, pen_px=9, shape=SHEET)
            photo = photograph(paint(coverage, (30, 40, 110), SHEETS[name]()), seed=label)
            pictures.append((label, lean_over(photo) if is_shadowed else photo))
        assert share_read(reader, pictures) == 1

    def test_no_one_threshold_could_read_it(self, reader: Reader) -> None:
        """Fault 7: a pencil in the light is brighter than paper in the shade; and polarity is looked for."""
        coverage = draw(8, high_px=300, pen_px=14, shape=SHEET)
        photo = lean_over(photograph(paint(coverage, (120, 120, 124), plain())))
        grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
        assert grey[coverage > 250].max() > grey[:, -60:].mean()
        assert 0.05 < (grey[coverage == 0] < 127).mean() < 0.95
        assert reader.read(photo).text == reader.read(255 - photo).text == "8"


class TestNoDigit:
    """Rather blank than wrong."""

    @pytest.mark.parametrize("level", [0, 90, 255])
    def test_a_blank_has_no_lines(self, reader: Reader, level: int) -> None:
        """No text, and no confidence."""
        reading = reader.read(np.full((200, 300), level, np.uint8))
        assert (reading.text, reading.confidence, reading.lines) == ("", None, ())

    def test_a_gradient_has_no_lines(self, reader: Reader) -> None:
        """Light alone is no ink."""
        gradient = np.linspace(90, 250, 400)[None, :].repeat(300, 0).astype(np.uint8)
        assert reader.read(gradient).text == ""

    @pytest.mark.parametrize("name", ["plain", "ruled", "squared"])
    def test_an_empty_sheet_has_no_lines(self, reader: Reader, name: str) -> None:
        """Light, shadow, grain and rules are not a digit."""
        photo = photograph(SHEETS[name]())
        assert reader.read(photo).lines == ()
        assert reader.read(lean_over(photo)).lines == ()

    @pytest.mark.parametrize("spread", [2, 6, 15, 40])
    @pytest.mark.parametrize("level", [20, 128, 230])
    def test_noise_has_no_lines(self, reader: Reader, level: int, spread: int) -> None:
        """Grain without a sheet, of any brightness."""
        noise = np.random.default_rng(level).normal(level, spread, (300, 400))
        assert reader.read(np.clip(noise, 0, 255).astype(np.uint8)).lines == ()

    @pytest.mark.parametrize("layout", ["number", "auto"])
    @pytest.mark.parametrize("shape", [(120, 700), (60, 900), (300, 300)])
    def test_noise_ends_in_a_reading(self, reader: Reader, shape: tuple[int, int], layout: Layout) -> None:
        """However improbable what is read in it: there is at least one way to read a line."""
        noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        for line in reader.read(noise, layout).lines:
            assert line.alternatives
            assert line.confidence < 0.5

    @pytest.mark.parametrize("side", [8, 28, 40, 64])
    def test_noise_in_a_tiny_picture_is_at_most_rejected(self, reader: Reader, side: int) -> None:
        """Up to 64 px there is too little paper to know its grain, so whatever differs is ink: it prints as "?"."""
        for seed in range(20):
            noise = np.random.default_rng(seed).normal(200, 15, (side, side))
            assert reader.read(np.clip(noise, 0, 255).astype(np.uint8)).text in ("", "?")

    @pytest.mark.parametrize("radius_px", [0, 1, 2])
    def test_a_speck_is_no_digit(self, reader: Reader, radius_px: int) -> None:
        """Dust on a pad."""
        speck = cv2.circle(np.full((200, 200), 255, np.uint8), (70, 90), radius_px, 0, -1)
        assert reader.read(speck).lines == ()

    @pytest.mark.parametrize("pen_px", [3, 6, 12])
    @pytest.mark.parametrize("name", OTHERS)
    def test_a_horse_is_no_three(self, reader: Reader, name: str, pen_px: int) -> None:
        """Nor are letters digits, however sure the ten probabilities are."""
        (digit,) = reader.read(paint(draw(name, pen_px=pen_px))).lines[0].digits
        assert digit.label is None
        assert digit.digit_score < 0.2

    def test_two_digits_are_not_one(self, reader: Reader) -> None:
        """They are rejected where one digit is asked for, and a number where nothing is."""
        both = paint(np.maximum(draw(4, at=(20, 40)), draw(2, at=(102, 40))))
        assert reader.read(both, layout="digit").text == "?"
        assert reader.read(both).text == "42"

    def test_a_scribble_is_rejected(self, reader: Reader) -> None:
        """The most probable label is still there to look at."""
        points = np.random.default_rng(3).integers(30, 170, (40, 2)).astype(np.int32)
        canvas = np.zeros((200, 200), np.uint8)
        cv2.polylines(canvas, [points], False, 255, 5, cv2.LINE_AA)
        (digit,) = reader.read(paint(canvas)).lines[0].digits
        assert digit.label is None
        assert digit.text == "?"
        assert digit.digit_score < 0.5
        assert sum(digit.probabilities) == pytest.approx(1, abs=1e-5)


class TestSources:
    """Whatever a picture comes as."""

    def test_path_bytes_image_and_array_read_alike(self, reader: Reader, tmp_path: Path) -> None:
        """And are named for what they were."""
        array = paint(draw(7, style="continental"))
        image, path, file = PIL.Image.fromarray(array), tmp_path / "seven.png", io.BytesIO()
        image.save(path)
        image.save(file, "PNG")
        readings = [reader.read(source) for source in (path, str(path), file.getvalue(), image, array)]
        assert {(one.text, one.confidence) for one in readings} == {("7", readings[0].confidence)}
        assert [one.source for one in readings] == [str(path), str(path), "<bytes>", "<image>", "<array>"]

    def test_a_turned_photo_is_read_as_people_see_it(self, reader: Reader) -> None:
        """EXIF says that the camera was held sideways; the box is in the upright picture."""
        upright = PIL.Image.fromarray(paint(draw(6, at=(20, 30), shape=(200, 300))))
        file, exif = io.BytesIO(), PIL.Image.Exif()
        exif[0x0112] = 6
        upright.transpose(PIL.Image.Transpose.ROTATE_90).save(file, "JPEG", exif=exif, quality=95)
        reading = reader.read(file.getvalue())
        assert (reading.text, reading.width, reading.height) == ("6", 300, 200)
        assert abs(reading.lines[0].box.x0 - 20) <= 4

    def test_boxes_of_large_pictures_are_in_their_own_pixels(self, reader: Reader) -> None:
        """Although ink is looked for on a smaller one."""
        picture = paint(draw(2, high_px=1200, pen_px=80, at=(900, 700), shape=(3600, 4800)))[..., 0]
        reading = reader.read(picture)
        assert (reading.text, reading.width, reading.height) == ("2", 4800, 3600)
        assert abs(reading.lines[0].box.x0 - 900) <= 12
        assert abs(reading.lines[0].box.y0 - 700) <= 12

    def test_the_array_is_left_alone(self, reader: Reader) -> None:
        """Read, never written to."""
        picture = paint(draw(1))
        before = picture.copy()
        reader.read(picture)
        assert np.array_equal(picture, before)

    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([0, 1, 3, 4]), st.integers(0, 10**6))
    def test_noise_is_read_or_refused(self, height: int, width: int, channels: int, seed: int) -> None:
        """With an error of ours when it is too small, and never a crash."""
        shape = (height, width, channels) if channels else (height, width)
        noise = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        try:
            reading = inkdigits.load_reader().read(noise)
        except InkdigitsError:
            return
        assert (reading.width, reading.height) == (width, height)
        for line in reading.lines:
            assert 0 <= line.box.x0 < line.box.x1 <= width
            assert 0 <= line.box.y0 < line.box.y1 <= height


class TestSizes:
    """From 8x8 pixels up."""

    def test_eight_pixels_are_enough(self, reader: Reader) -> None:
        """Real digits of other writers, reduced to 8x8 and 17 levels."""
        digits = load_digits()
        pictures = np.round(digits.images[:300] * 255 / 16).astype(np.uint8)
        read = [reading.text for reading in reader.read_many(pictures)]
        assert np.mean(np.array(read) == digits.target[:300].astype(str)) > 0.92

    @pytest.mark.parametrize("shape", [(8, 2000), (2000, 8), (8, 8), (65, 8)])
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
    def test_odd_shapes_are_read_without_a_warning(self, reader: Reader, shape: tuple[int, int], dtype: type) -> None:
        """One colour, noise, and a dot; 8 or 16 bits a pixel."""
        top = np.iinfo(dtype).max
        dot = np.full(shape, top, dtype)
        dot[2:5, 2:5] = 0
        noise = np.random.default_rng(0).integers(0, top, shape, dtype, endpoint=True)
        for picture in (np.zeros(shape, dtype), noise, dot):
            reading = reader.read(picture)
            assert (reading.height, reading.width) == shape


class TestUse:
    """A reader is opened once and used often."""

    def test_many_are_read_in_turn(self, reader: Reader) -> None:
        """The same as one by one."""
        pictures = [paint(draw(label)) for label in LABELS]
        assert list(reader.read_many(pictures)) == [reader.read(picture) for picture in pictures]

    def test_threads_share_one_reader(self, reader: Reader) -> None:
        """Their answers never mix."""
        pictures = [paint(draw(label, style=style)) for style in STYLES for label in LABELS]
        serial = [reader.read(picture) for picture in pictures]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(reader.read, pictures * 4)) == serial * 4

    def test_an_unknown_layout_is_wrong_use(self, reader: Reader) -> None:
        """The message lists the layouts."""
        with pytest.raises(UsageError, match="auto, digit"):
            reader.read(paint(draw(1)), layout="pages")  # type: ignore[arg-type]

    def test_a_promise_is_the_one_in_the_card(self) -> None:
        """Of the thresholds that keep it, the one that accepts most; a digit has a label if it reaches that."""
        promised = 0.002
        card = load_card(find_model("default", None))
        kept = max((row for row in card.reject_table if row.error <= promised), key=lambda row: row.coverage)
        free, strict = inkdigits.load_reader(), inkdigits.load_reader(accept_error=promised)
        outcomes = set()
        for style in STYLES:
            for label in LABELS:
                picture = paint(draw(label, style=style, pen_px=22, high_px=100))
                (before,), (after,) = (one.read(picture).lines[0].digits for one in (free, strict))
                reaches = before.confidence >= kept.confidence
                assert after.label == (before.label if reaches else None)
                outcomes.add(reaches)
        assert outcomes == {True, False}

    def test_a_reading_names_its_network(self, tiny_model: Path) -> None:
        """Name, digest and version travel with every answer."""
        reading = inkdigits.load_reader(tiny_model).read(paint(draw(1)))
        assert (reading.model, reading.version, len(reading.model_digest)) == ("toy", inkdigits.__version__, 16)

    def test_sources_are_read_as_they_are_asked_for(self, reader: Reader) -> None:
        """So a folder of ten thousand is never in memory at once: few small pictures ahead, and no large one."""
        asked: list[int] = []
        small = reader.read_many(asked.append(n) or paint(draw(n % 10)) for n in range(3 * TOGETHER))
        assert (next(small).text, len(asked)) == ("0", TOGETHER)
        asked.clear()
        large = reader.read_many(asked.append(n) or paint(draw(n, shape=(1500, 1500))) for n in LABELS)
        assert (next(large).text, len(asked)) == ("0", 2)

    def test_digits_of_many_pictures_share_a_network_call(
        self, reader: Reader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Blank ones, and those that show a number, among them."""
        classify, sizes = Classifier.classify, []
        monkeypatch.setattr(
            Classifier, "classify", lambda self, patches: (sizes.append(len(patches)), classify(self, patches))[1]
        )
        pictures = [paint(draw(label)) for label in LABELS]
        readings = list(reader.read_many([*pictures, np.full((60, 60), 255, np.uint8)]))
        assert ([reading.text for reading in readings], sizes) == ([*map(str, LABELS), ""], [10])

    def test_a_bad_source_loses_none_before_it(self, reader: Reader) -> None:
        """They are yielded first; then its error comes."""
        readings = reader.read_many([paint(draw(3)), paint(draw(5)), b"no picture", paint(draw(6))])
        assert [next(readings).text, next(readings).text] == ["3", "5"]
        with pytest.raises(SourceError):
            next(readings)

    def test_doubt_is_rejected_on_request(self) -> None:
        """A stricter promise accepts no more."""
        pictures = [paint(draw(label, style="hasty", pen_px=3)) for label in LABELS]
        readers = [inkdigits.load_reader(accept_error=share) for share in (None, 0.01, 0.002)]
        rejected = [sum(reader.read(picture).text == "?" for picture in pictures) for reader in readers]
        assert rejected == sorted(rejected)
        with pytest.raises(UsageError, match="cannot promise"):
            inkdigits.load_reader(accept_error=1e-9)

    def test_patches_are_classified(self, reader: Reader) -> None:
        """uint8 and float32 alike."""
        patches = reader.stages(paint(draw(8))).patches
        probabilities = reader.classify(patches)
        assert probabilities.argmax() == 8
        assert reader.classify(np.round(patches * 255).astype(np.uint8)).argmax() == 8

    def test_a_card_of_another_normaliser_is_refused(self, tiny_model: Path, tmp_path: Path) -> None:
        """Its patches would not be ours."""
        for suffix in (".onnx", ".json"):
            (tmp_path / f"old{suffix}").write_bytes(tiny_model.with_suffix(suffix).read_bytes())
        card = tmp_path / "old.json"
        card.write_text(card.read_text().replace('"normalisation": 1', '"normalisation": 99'))
        with pytest.raises(ModelFormatError, match="normalisation 99"):
            inkdigits.load_reader(tmp_path / "old.onnx")


def write_number(
    sheet: Array, text: str, corner: tuple[int, int], step: float = 0.8, high_px: int = 60, style: str = "school"
) -> Array:
    """Write digits of ours, and letters, in a line: from a step of 0.65 of the height down, wide ones touch."""
    for place, sign in enumerate(text):
        at = (corner[0] + round(step * high_px * place), corner[1])
        what = int(sign) if sign.isdigit() else sign
        coverage = draw(what, style=style, high_px=high_px, pen_px=6, at=at, shape=sheet.shape[:2])
        sheet = paint(coverage, (30, 40, 120), sheet)
    return sheet


class TestNumbers:
    """Lines of digits."""

    @pytest.mark.parametrize("text", ["20", "007", "1905", "38274", "1000"])
    def test_a_number_on_a_pad_is_read(self, reader: Reader, text: str) -> None:
        """Leading zeros, repeated digits and all; each digit has its box, in order, inside the line's."""
        reading = reader.read(write_number(plain((120, 340)), text, (20, 30)), layout="number")
        assert reading.text == text
        (line,) = reading.lines
        lefts = [digit.box.x0 for digit in line.digits]
        assert lefts == sorted(lefts)
        assert line.box.x0 == lefts[0]
        assert all(0 < digit.confidence <= 1 and abs(sum(digit.probabilities) - 1) < 1e-3 for digit in line.digits)
        assert line.alternatives[0].text == text
        assert line.confidence == line.alternatives[0].probability
        assert sum(other.probability for other in line.alternatives) <= 1 + 1e-6

    @pytest.mark.parametrize("style", BARE)
    @pytest.mark.parametrize("text", ["11", "00", "111", "17"])
    def test_ones_may_be_bare_bars(self, reader: Reader, text: str, style: str) -> None:
        """Upright or slanted, drawn or photographed, told that they are a number or not."""
        drawn = write_number(plain((140, 300)), text, (30, 40), style=style)
        photo = photograph(write_number(plain(), text, (150, 180), style=style))
        for picture in (drawn, photo):
            assert reader.read(picture, layout="number").text == text
            assert reader.read(picture).text == text

    @pytest.mark.parametrize("sheet", SHEETS)
    def test_a_number_in_a_photo_is_found_and_read(self, reader: Reader, sheet: str) -> None:
        """Anywhere on the paper; boxes are in pixels of the photo."""
        photo = photograph(write_number(SHEETS[sheet](), "4827", (230, 210)))
        reading = reader.read(photo, layout="number")
        assert reading.text == "4827"
        box = reading.lines[0].box
        assert abs(box.x0 - 230) <= 20  # a piece of a printed square may hang on it
        assert abs(box.y0 - 210) <= 20

    def test_points_are_kept_beside_the_digits(self, reader: Reader) -> None:
        """Not among them."""
        sheet = write_number(write_number(plain((120, 400)), "12", (20, 30)), "50", (140, 30))
        cv2.circle(sheet, (126, 90), 4, (30, 40, 120), -1)
        reading = reader.read(sheet, layout="number")
        assert (reading.text, reading.formatted) == ("1250", "12.50")

    def test_a_blank_line_is_no_number(self, reader: Reader) -> None:
        """On a pad and in a photo."""
        for blank in (plain((120, 340)), photograph(plain())):
            assert reader.read(blank, layout="number").lines == ()

    def test_expected_digits_make_a_line(self) -> None:
        """Where several are expected, that is what "auto" looks for."""
        expecting = inkdigits.load_reader(expect_digits=4)
        sheet = write_number(plain((120, 340)), "1905", (20, 30))
        assert expecting.read(sheet).text == "1905"
        assert expecting.read(write_number(plain((120, 340)), "20", (20, 30))).confidence < 0.5

    def test_auto_finds_out_what_a_picture_shows(self, reader: Reader) -> None:
        """A digit, a number, a page: on a pad and in a photo."""
        digit, number = (
            write_number(plain((200, 200)), "5", (60, 60)),
            write_number(plain((120, 340)), "1905", (20, 30)),
        )
        page = write_number(write_number(plain(), "382", (60, 60)), "7024", (200, 260))
        assert reader.read(digit).text == "5"
        assert reader.read(number).text == reader.read(photograph(number)).text == "1905"
        assert reader.read(photograph(page)).text == "382\n7024"

    def test_auto_takes_digits_far_apart_for_one_number_if_they_stand_evenly(self, reader: Reader) -> None:
        """Two numbers side by side stay two."""
        apart, two = plain((300, 760)), plain((300, 760))
        for place, digits in enumerate(("38", "70", "24")):
            apart = write_number(
                write_number(apart, digits[0], (40 + 230 * place, 120)), digits[1], (155 + 230 * place, 120)
            )
            two = write_number(two, digits, (40 + 230 * place, 120))
        assert reader.read(photograph(apart)).text == "387024"
        assert reader.read(photograph(two)).text.split() == ["38", "70", "24"]

    def test_a_page_is_read_in_order(self, reader: Reader) -> None:
        """Each number is a line of its own; a word among them is none."""
        sheet = plain((480, 640))
        for corner, text in {(40, 40): "38", (330, 46): "1905", (60, 220): "7024"}.items():
            sheet = write_number(sheet, text, corner)
        for place, letter in enumerate("MKW"):
            sheet = paint(
                draw(letter, high_px=60, pen_px=6, at=(330 + 85 * place, 220), shape=sheet.shape[:2]),
                (30, 40, 120),
                sheet,
            )
        stages = reader.stages(photograph(sheet), layout="page")
        assert stages.reading.text == "38\n1905\n7024"
        assert len(stages.digits) == len(stages.patches) == len(stages.glyphs) == 10

    def test_what_stands_alone_on_a_page_and_is_no_digit_is_not_read(
        self, reader: Reader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """To the network for single digits; of a number, no single one decides."""
        sheet = write_number(write_number(plain((480, 640)), "3", (40, 40)), "1905", (60, 220))
        assert reader.read(photograph(sheet), layout="page").text == "3\n1905"
        classify = Classifier.classify

        def refuse(self: Classifier, patches: Any) -> Any:
            labels, scores = classify(self, patches)
            return labels, np.zeros_like(scores)

        monkeypatch.setattr(Classifier, "classify", refuse)
        assert reader.read(photograph(sheet), layout="page").text == "1905"

    def test_every_page_of_a_file_is_a_reading(self, reader: Reader, tmp_path: Path) -> None:
        """In order, with its number; the network's digest is the reader's."""
        pages = [PIL.Image.fromarray(write_number(plain((120, 340)), text, (20, 30))) for text in ("38", "1905")]
        pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
        readings = list(reader.read_pages(tmp_path / "pages.tif", layout="number"))
        assert [(reading.page, reading.text) for reading in readings] == [(1, "38"), (2, "1905")]
        assert readings[0].model_digest == reader.line_model_digest


@pytest.fixture
def half_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network for lines sees nothing in the first third of a line."""
    look = Recogniser.look

    def look_away(self: Recogniser, strips: Sequence[Ink]) -> list[npt.NDArray[np.float32]]:
        seen = look(self, strips)
        for columns in seen:
            columns[: len(columns) // 3] = np.eye(BLANK + 1)[BLANK]
        return seen

    monkeypatch.setattr(Recogniser, "look", look_away)


@pytest.mark.usefixtures("half_blind")
class TestMissed:
    """Ink as large as a digit in which the network for lines sees none."""

    SHEET = plain((120, 200))

    def test_the_other_network_may_know_it(self, reader: Reader) -> None:
        """Then it is a digit like any other, in its place."""
        (line,) = reader.read(write_number(self.SHEET, "905", (30, 30)), layout="number").lines
        assert line.text == line.formatted == line.alternatives[0].text == "905"
        assert abs(line.digits[0].box.x0 - 30) <= 3
        assert line.digits[0].digit_score < 1
        assert line.confidence <= min(digit.confidence for digit in line.digits)

    def test_else_it_is_no_digit_and_that_is_said(self, reader: Reader) -> None:
        """Its box and its ten probabilities are there; the line is doubtful, and may be right without it."""
        stages = reader.stages(write_number(self.SHEET, "K05", (30, 30)), layout="number")
        (line,) = stages.reading.lines
        assert line.text == line.formatted == "?05"
        assert (line.digits[0].label, len(line.digits[0].probabilities)) == (None, 10)
        assert abs(line.digits[0].box.x0 - 30) <= 3
        assert line.confidence < 0.5
        assert line.alternatives[0].text == "05"
        assert len(stages.glyphs) == len(stages.patches) == 3

    def test_a_promise_holds_for_it_too(self) -> None:
        """Of an error that either network can promise only for surer digits."""
        sheet = write_number(self.SHEET, "905", (30, 30))
        strict = inkdigits.load_reader(accept_error=0.002)
        (line,) = strict.read(sheet, layout="number").lines
        least = strict._thresholds.confidence
        assert all(digit.label is None or digit.confidence >= least for digit in line.digits)
        strict._thresholds = replace(strict._thresholds, confidence=1.0)
        assert strict.read(sheet, layout="number").text[0] == "?"

    def test_where_so_many_digits_are_expected_it_counts_only_if_one_is_lacking(self, reader: Reader) -> None:
        """Whoever knows how many digits there are knows what else is none."""
        for n_digits, text, read in ((2, "K05", "05"), (3, "905", "905"), (3, "K05", "?05")):
            sheet = write_number(self.SHEET, text, (30, 30))
            assert reader.adapt(expect_digits=n_digits).read(sheet, layout="number").text == read
        sheet = write_number(self.SHEET, "K05", (30, 30))
        assert "?" not in reader.adapt(expect_digits=4).read(sheet, layout="number").text

    def test_beside_the_one_digit_of_a_photo_it_may_be_a_table(self, reader: Reader) -> None:
        """Unless it is said that there is a number; of a drawing all ink counts."""
        drawn = write_number(self.SHEET, "17", (30, 30), step=1.3)
        photo = photograph(write_number(plain(), "17", (200, 180), step=1.3))
        assert reader.read(drawn).text == reader.read(photo, layout="number").text == "17"
        assert reader.read(photo).text == "7"

    def test_lines_of_boxes_on_a_page_are_none(self, reader: Reader) -> None:
        """They are as high as digits: nothing is looked for beside the numbers of a page."""
        page = photograph(write_number(plain((480, 640)), "K05", (60, 60)))
        assert reader.read(page, layout="number").text == "?05"
        assert reader.read(page, layout="page").text == "05"


class TestAdapting:
    """A reader with other settings on the same open networks."""

    def test_it_reads_by_what_it_is_given(self, reader: Reader) -> None:
        """The one that it came from reads as before."""
        adapted = reader.adapt(expect_digits=2)
        picture = draw(7, pen_px=10)
        assert adapted.read(picture).confidence < 0.001  # a single stroke hardly has two digits
        assert reader.read(picture).confidence > 0.9

    def test_what_is_not_given_stays(self, reader: Reader) -> None:
        """Adapted twice, it has both."""
        again = reader.adapt(accept_error=0.01).adapt(expect_digits=2)
        assert again._settings.accept_error == 0.01
        assert again._settings.expect_digits == 2

    def test_the_networks_are_not_opened_again(self, reader: Reader) -> None:
        """A server adapts for each request."""
        adapted = reader.adapt(accept_error=0.01)
        assert adapted._classifier is reader._classifier
        assert adapted._recogniser is reader._recogniser

    def test_an_error_that_cannot_be_promised_is_usage(self, reader: Reader) -> None:
        """As when a reader is opened."""
        with pytest.raises(UsageError):
            reader.adapt(accept_error=1e-9)
