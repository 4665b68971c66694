"""A kept result -> its reading, with what people said put in."""

from dataclasses import replace
from typing import cast

from inkdigits.outputs import from_fields
from inkdigits.records import REJECTED, Line, Reading
from inkdigits.store import Correction, KeptResult


def to_corrected(result: KeptResult) -> Reading:
    """Return the reading of a result as people corrected it, the later over the earlier.

    A text for the whole reading is split into lines like the ones that were read; what is more becomes no line, since
    nobody knows where it stands.
    """
    reading = cast(Reading, from_fields(result.reading))
    lines = list(reading.lines)
    for said in result.corrections:
        if said.line is not None:
            lines[said.line] = _correct(lines[said.line], said)
        elif said.text is not None:
            texts = said.text.split("\n")
            lines = [_write(line, text) for line, text in zip(lines, texts, strict=False)]
    return replace(reading, lines=tuple(lines))


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
