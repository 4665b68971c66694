"""What is read on the pad, or in a frame of the camera -> what the window shows of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inkdigits.images import load_image
from inkdigits.ink import shows_one_piece
from inkdigits.lines import leaves_out
from inkdigits.reader import Reader
from inkdigits.records import Alternative, Digit, Image, Ink, Line, Stages
from inkdigits.segment import to_strip

LIKELY = 0.9
"""Taken for a number if each of its digits is so likely, on average: strokes are clear, and a horse is none."""

MUCH = 0.2
"""Of the ink: where so much lies on both sides of a gap, there may be several lines."""

BETWEEN = " / "
"""Between numbers that stand in several lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What stands on the pad, or before the camera."""

    formatted: str = ""
    """Digits with the points and commas between them, "?" for a rejected digit; empty: nothing is there."""
    confidence: float = 0.0
    """That all of it is right."""
    digits: tuple[Digit, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    """Other ways to read one line, the answer first."""
    seen: Ink | None = None
    """What the network got: a patch (28, 28); the strip of a line (32, W); of several, all patches."""

    @property
    def text(self) -> str:
        """The digits alone."""
        return "".join(digit.text for digit in self.digits)

    @property
    def is_digit(self) -> bool:
        """Whether any of it is a digit."""
        return any(digit.label is not None for digit in self.digits)

    @property
    def is_sure(self) -> bool:
        """Whether it is digits, each over its threshold."""
        return bool(self.digits) and all(digit.label is not None for digit in self.digits)


EMPTY = Answer()


def read_pad(reader: Reader, picture: npt.NDArray[np.uint8]) -> Answer:
    """Read a picture of the pad.

    One piece of ink is a digit; several are a number, or more, if it is a clear one or a single digit leaves ink out.
    """
    image = load_image(picture)
    if shows_one_piece(image):
        return to_answer(reader.stages(image, "digit"))
    number = reader.stages(image, "number")
    if any(map(_is_clear, number.reading.lines)):
        answer = to_answer(number)
        return _read_lines(reader, image, answer) if _has_gap(picture) else answer
    single = to_answer(reader.stages(image, "digit"))
    return to_answer(number) if leaves_out(single.digits, number.digits) else single


def read_frame(reader: Reader, frame: npt.NDArray[np.uint8]) -> Answer:
    """Read the part of a camera's frame that is to hold the number, (H, W, 3) RGB."""
    return to_answer(reader.stages(frame, "auto"))


def to_answer(stages: Stages) -> Answer:
    """Return what a reading says."""
    lines = stages.reading.lines
    if not lines:
        return EMPTY
    formatted = BETWEEN.join(line.formatted for line in lines)
    confidence = min(line.confidence for line in lines)
    return Answer(formatted, confidence, stages.digits, lines[0].alternatives if len(lines) == 1 else (), _seen(stages))


def _has_gap(picture: npt.NDArray[np.uint8]) -> bool:
    """Whether much is written above empty paper, and much below it."""
    n_inked = np.count_nonzero(picture != picture[0, 0], axis=1)
    above = np.cumsum(n_inked) / n_inked.sum()
    return bool(((n_inked == 0) & (above >= MUCH) & (above <= 1 - MUCH)).any())


def _read_lines(reader: Reader, image: Image, one: Answer) -> Answer:
    """Read all lines, which takes longer; where they say no more for sure, the one that was read stands."""
    lines = to_answer(reader.stages(image, "page"))
    return lines if lines.is_sure and len(lines.digits) > len(one.digits) else one


def _seen(stages: Stages) -> Ink:
    """Return the input of the network that read."""
    strip = to_strip(stages.ink) if len(stages.digits) > 1 else None
    return np.hstack(list(stages.patches)) if strip is None else strip.ink


def _is_clear(line: Line) -> bool:
    n = len(line.digits)
    return n > 1 and bool(line.confidence ** (1 / n) >= LIKELY)
