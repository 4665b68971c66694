"""What is read on the pad, and what the window shows of it."""

import numpy as np
import pytest

from inkdigits import load_reader
from inkdigits.desktop.answers import EMPTY, Answer, read_frame, read_pad
from inkdigits.desktop.sheet import Sheet, to_picture
from inkdigits.desktop.strokes import PAD, Stroke
from inkdigits.desktop.work import Drawing, Photo, Work
from inkdigits.networks import Networks
from inkdigits.reader import Reader
from inkdigits.settings import Settings
from tests.desktop.films import sheet
from tests.papers import photograph
from tests.strokes import BARE, to_strokes


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The bundled networks."""
    return load_reader()


def written(number: str, high: float = 160, width: float = 16, style: str = "school") -> tuple[Stroke, ...]:
    """Write digits beside each other."""
    strokes = []
    for at, digit in enumerate(number):
        middle = np.array([PAD[0] * (at + 0.6) / (len(number) + 0.2), PAD[1] / 2])
        strokes += [Stroke(tuple(map(tuple, middle + high * each)), width) for each in to_strokes(int(digit), style)]
    return tuple(strokes)


def read(reader: Reader, *strokes: Stroke) -> Answer:
    """Read strokes as the window does."""
    return read_pad(reader, to_picture(Sheet().draw(strokes), "white"))


def test_one_piece_is_a_digit_and_what_the_network_got_is_there(reader: Reader):
    """Its patch gives its probabilities."""
    answer = read(reader, *written("8", 240))
    assert (answer.text, answer.formatted, answer.is_sure) == ("8", "8", True)
    assert answer.seen is not None
    assert np.allclose(reader.classify(answer.seen[None])[0], answer.digits[0].probabilities, atol=1e-6)
    assert answer.confidence == max(answer.digits[0].probabilities)


def test_several_pieces_are_a_number_or_a_digit_of_several_strokes(reader: Reader):
    """A number comes with its strip and with other ways to read it."""
    answer = read(reader, *written("42"))
    assert (answer.text, len(answer.digits), answer.alternatives[0].text) == ("42", 2, "42")
    assert answer.seen is not None
    assert answer.seen.shape[0] == 32
    five = [Stroke(((180, 100), (180, 190)), 16), Stroke(((195, 75), (290, 75)), 16)]
    five.append(Stroke(((180, 190), (250, 180), (290, 220), (270, 280), (200, 300), (170, 280)), 16))
    assert read(reader, *five).text == "5"


@pytest.mark.parametrize("style", BARE)
@pytest.mark.parametrize("number", ["11", "00", "111", "17"])
def test_ones_may_be_bare_bars(reader: Reader, number: str, style: str):
    """Upright or slanted: none is left out."""
    assert read(reader, *written(number, high=130, style=style)).formatted == number


def test_a_digit_never_stands_for_a_number(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    """Where the number is in doubt, and a single digit would leave out the others."""
    monkeypatch.setattr("inkdigits.desktop.answers.LIKELY", 1.1)
    answer = read(reader, *written("42"))
    assert (answer.text, len(answer.digits)) == ("42", 2)


def test_several_lines_are_all_read(reader: Reader):
    """None is left out; words below a number are no line, and it stands."""

    def move(strokes: tuple[Stroke, ...], down: float) -> list[Stroke]:
        return [Stroke(tuple((x, y + down) for x, y in stroke.points), stroke.width) for stroke in strokes]

    above = move(written("345", 128, 12), -92)
    assert read(reader, *above).formatted == "345"
    both = read(reader, *above, *move(written("678", 128, 12), 92))
    assert (both.formatted, both.is_sure, both.alternatives) == ("345 / 678", True, ())
    words = [Stroke(((60, 330), (440, 330)), 12), Stroke(((60, 360), (300, 360)), 12)]
    assert read(reader, *above, *words).formatted == "345"


def test_nothing_is_no_digit(reader: Reader):
    """Nor is what a network refuses."""
    assert read(reader) is EMPTY
    assert (EMPTY.is_digit, EMPTY.is_sure, EMPTY.text) == (False, False, "")
    horse = [Stroke(tuple(map(tuple, np.array([250, 200]) + 200 * each)), 16) for each in to_strokes("horse")]
    refused = read(reader, *horse)
    assert (refused.is_digit, refused.is_sure, refused.text) == (False, False, "?")


def test_frames_of_a_camera_are_read(reader: Reader):
    """Numbers on paper."""
    assert read_frame(reader, photograph(sheet("428"))).text == "428"


def test_work_reads_with_the_network_that_was_chosen():
    """Drawings and frames; without strokes nothing is asked."""
    work = Work(Networks(Settings()))
    answers = {name: work(Drawing(name, written("6", 240), "black")) for name in ("default", "tiny")}
    assert {answer.text for answer in answers.values()} == {"6"}
    assert answers["default"].confidence != answers["tiny"].confidence
    assert work(Drawing("default", (), "white")) is EMPTY
    assert work(Photo("default", photograph(sheet("42")))).text == "42"
    assert work(Photo("default", photograph(sheet("")))).digits == ()  # the table's edge lies outside of the guide
