"""Frames of a film, in place of a camera, and what is made of them."""

import cv2
import numpy as np
import pytest

from inkdigits.desktop.answers import EMPTY, Answer
from inkdigits.desktop.camera import Camera, find_guide, parse_source
from inkdigits.desktop.lock import LOCK_AFTER
from inkdigits.desktop.watch import Watch
from inkdigits.errors import CameraError
from inkdigits.records import Box, Digit
from tests.desktop.films import film
from tests.desktop.screen import until
from tests.papers import SHEET

OPEN = cv2.VideoCapture
"""As it is before a test puts something in its place."""


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A film of six frames."""
    return film(tmp_path_factory.mktemp("films") / "six.avi", [("7", 6)], fps=20)


def answer(label: int | None) -> Answer:
    """What is read of one digit; None: it is none."""
    digit = Digit(label, 0.9, 1.0, Box(0, 0, 1, 1), tuple(np.full(10, 0.1)))
    return Answer(digit.text, 0.9, (digit,))


def test_a_film_runs_from_its_first_frame_to_its_last(short: str):
    """At its own speed, in RGB; then it says that it is over."""
    camera = Camera(short)
    until(lambda: camera.error)
    assert str(camera.error) == "The film is over."
    assert camera.frame
    assert (camera.frame.number, camera.frame.pixels.shape) == (6, (*SHEET, 3))
    red, _, blue = camera.frame.pixels.reshape(-1, 3).mean(0)
    assert red > blue  # the paper is yellowish


def test_a_frozen_camera_takes_no_frames(short: str):
    """Until it goes on."""
    camera, other = Camera(short), Camera(short)
    camera.freeze(True)
    n_taken = camera.frame.number if camera.frame else 0
    until(lambda: other.error)
    assert camera.is_frozen
    assert camera.frame is None or camera.frame.number <= n_taken + 1  # it was at hand
    camera.freeze(False)
    until(lambda: camera.frame and camera.frame.number == 6)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (2**40, r"^Camera 1099511627776 cannot be opened"),
        (93, r"^Camera 93 cannot be opened\. Is it plugged in.*--camera 94"),
        ("nowhere.mp4", "There is no film at nowhere.mp4"),
        (__file__, "is not a film or a stream that OpenCV can open"),
    ],
)
def test_what_cannot_be_opened_says_what_to_do(source: int | str, words: str, capfd: pytest.CaptureFixture[str]):
    """In our words alone: OpenCV writes nothing to the terminal."""
    camera = Camera(source)
    until(lambda: camera.error)
    assert isinstance(camera.error, CameraError)
    with pytest.raises(CameraError, match=words):
        raise camera.error
    assert camera.frame is None
    assert capfd.readouterr() == ("", "")


class Failing:
    """A capture that fails at its second frame."""

    def __init__(self) -> None:
        self._capture = OPEN()
        self._n_read = 0
        self.get, self.open, self.release = self._capture.get, self._capture.open, self._capture.release

    def read(self) -> object:
        """Read a frame, or fail."""
        self._n_read += 1
        if self._n_read > 1:
            raise cv2.error("It is damaged.")
        return self._capture.read()


def test_a_camera_that_fails_between_two_frames_says_so(short: str, monkeypatch: pytest.MonkeyPatch):
    """Its last frame stays."""
    monkeypatch.setattr(cv2, "VideoCapture", Failing)
    camera = Camera(short)
    until(lambda: camera.error)
    assert str(camera.error) == f"{short} gives no more pictures. Is it still connected?"
    assert camera.frame


def test_a_number_is_a_camera_and_anything_else_a_place():
    """As `--camera` has it."""
    assert (parse_source("2"), parse_source("paper.avi"), parse_source("rtsp://x/1")) == (2, "paper.avi", "rtsp://x/1")


def test_the_guide_lies_in_the_middle():
    """Its size is a share of the frame's."""
    assert find_guide(480, 640) == Box(64, 120, 576, 360)


def test_a_watch_gives_each_frame_once(short: str):
    """And knows when there are no more."""
    watch = Watch(short)
    numbers = []
    until(lambda: watch.is_over, lambda: numbers.extend(f.number for f in [watch.next_frame()] if f))
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 6
    assert watch.next_frame() is None


def test_what_is_locked_stays_while_a_frame_is_misread(short: str):
    """Until others have contradicted it often enough."""
    watch = Watch(short)
    assert (watch.mood, watch.answer) == (None, EMPTY)
    until(watch.next_frame)
    assert watch.mood is None
    for _ in range(LOCK_AFTER):
        assert watch.mood in (None, "live")
        watch.see(answer(7))
    assert watch.mood == "locked"
    for _ in range(2):
        watch.see(answer(None))
    assert (watch.mood, watch.answer.text) == ("locked", "7")
    watch.see(answer(1))
    assert (watch.mood, watch.answer.text) == ("live", "1")
    watch.camera.freeze(True)
    assert watch.mood == "frozen"
    watch.camera.close()
