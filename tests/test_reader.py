"""A picture goes in, a reading comes out."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inkdigits
from inkdigits import Reader
from inkdigits.errors import InkdigitsError, ModelFormatError, UsageError
from tests.strokes import LABELS, STYLES, draw, paint

Array = npt.NDArray[Any]


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

    def test_two_digits_are_not_one(self, reader: Reader) -> None:
        """They print as rejected until numbers are read."""
        both = np.maximum(draw(4, at=(20, 40)), draw(2, at=(102, 40)))
        assert reader.read(paint(both)).text == "?"

    def test_a_scribble_is_rejected(self, reader: Reader) -> None:
        """The most probable label is still there to look at."""
        points = np.random.default_rng(3).integers(30, 170, (40, 2)).astype(np.int32)
        canvas = np.zeros((200, 200), np.uint8)
        import cv2

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
