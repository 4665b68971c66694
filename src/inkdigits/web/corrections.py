"""A kept result -> its reading, with what people said put in."""

from dataclasses import replace
from typing import cast

from inkdigits.outputs import from_fields
from inkdigits.records import REJECTED, Box, Line, Reading
from inkdigits.store import Correction, KeptResult

SAID = 1.0
"""The confidence of a line that a person wrote and nobody read."""


def to_corrected(result: KeptResult) -> Reading:
    """Return the reading of a result as people corrected it, the later over the earlier.

    Of a text for all of it, each line takes the place of one that was read; one more stands anywhere in the picture.
    """
    reading = cast(Reading, from_fields(result.reading))
    lines = list(reading.lines)
    for said in result.corrections:
        if said.line is None:
            texts = cast(str, said.text).split("\n")
            lines += [_new_line(reading)] * (len(texts) - len(lines))
            lines = [_write(line, text) for line, text in zip(lines, texts, strict=False)]
        elif said.line < len(lines):  # or it is gone by now
            lines[said.line] = _correct(lines[said.line], said)
    return replace(reading, lines=tuple(lines))


def _new_line(reading: Reading) -> Line:
    return Line("", "", SAID, Box(0, 0, reading.width, reading.height), (), ())


def _correct(line: Line, said: Correction) -> Line:
    if said.text is not None:
        return _write(line, said.text)
    at = cast(int, said.digit)
    if at >= len(line.text):  # the line has another text by now
        return line
    sign = REJECTED if said.label is None else str(said.label)
    digits = tuple(replace(digit, label=said.label) if n == at else digit for n, digit in enumerate(line.digits))
    places = [place for place, each in enumerate(line.formatted) if _is_digit(each)]
    formatted = line.formatted
    if at < len(places):
        formatted = formatted[: places[at]] + sign + formatted[places[at] + 1 :]
    return replace(line, text=line.text[:at] + sign + line.text[at + 1 :], formatted=formatted, digits=digits)


def _write(line: Line, text: str) -> Line:
    return replace(line, text="".join(filter(_is_digit, text)), formatted=text)


def _is_digit(sign: str) -> bool:
    return sign.isdigit() or sign == REJECTED
