"""A kept reading, with what people said put in."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from inkdigits.records import REJECTED
from inkdigits.store.records import Correction

SAID = 1.0
"""The confidence of a line that a person wrote and nobody read."""


def to_corrected(reading: Mapping[str, Any], said: Sequence[Correction]) -> dict[str, Any]:
    """Return the JSON object of a reading as people corrected it, the later over the earlier.

    Of a text for all of it, each line takes the place of one that was read; one more stands anywhere in the picture.
    """
    lines = list(reading["lines"])
    for each in said:
        if each.line is None:
            texts = cast(str, each.text).split("\n")
            lines += [_new_line(reading)] * (len(texts) - len(lines))
            lines = [_write(line, text) for line, text in zip(lines, texts, strict=False)]
        elif each.line < len(lines):  # or it is gone by now
            lines[each.line] = _correct(lines[each.line], each)
    return {**reading, "lines": lines, "text": "\n".join(line["text"] for line in lines)}


def _new_line(reading: Mapping[str, Any]) -> dict[str, Any]:
    anywhere = [0, 0, reading["width"], reading["height"]]
    return {"text": "", "formatted": "", "confidence": SAID, "box": anywhere, "alternatives": [], "digits": []}


def _correct(line: Mapping[str, Any], said: Correction) -> dict[str, Any]:
    if said.text is not None:
        return _write(line, said.text)
    at = cast(int, said.digit)
    if at >= len(line["text"]):  # the line has another text by now
        return dict(line)
    digits = [{**digit, "label": said.label} if n == at else digit for n, digit in enumerate(line["digits"])]
    sign = REJECTED if said.label is None else str(said.label)
    places = [place for place, each in enumerate(line["formatted"]) if _is_digit(each)]
    formatted = line["formatted"]
    if at < len(places):
        formatted = formatted[: places[at]] + sign + formatted[places[at] + 1 :]
    text = line["text"][:at] + sign + line["text"][at + 1 :]
    return {**line, "text": text, "formatted": formatted, "digits": digits}


def _write(line: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Write a text over a line; where it has as many digits as were read, each of them is what it says."""
    signs, digits = [*filter(_is_digit, text)], line["digits"]
    if len(signs) == len(digits):
        labels = [None if sign == REJECTED else int(sign) for sign in signs]
        digits = [{**digit, "label": label} for digit, label in zip(digits, labels, strict=True)]
    return {**line, "text": "".join(signs), "formatted": text, "digits": digits}


def _is_digit(sign: str) -> bool:
    return sign.isdigit() or sign == REJECTED
