"""Readings, and failures to read, as plain values and back."""

from collections.abc import Mapping
from typing import Any

from inkdigits.records import Alternative, Box, Digit, Failure, Line, Reading


def to_fields(result: Reading | Failure) -> dict[str, Any]:
    """Return the JSON object of a reading: the same on the command line, in files and over HTTP."""
    if isinstance(result, Failure):
        error = {"code": result.code, "message": result.message}
        return {"source": result.source, "page": result.page, "error": error}
    reading = result
    return {
        "source": reading.source,
        "page": reading.page,
        "text": reading.text,
        "confidence": reading.confidence,
        "width": reading.width,
        "height": reading.height,
        "model": reading.model,
        "model_digest": reading.model_digest,
        "version": reading.version,
        "lines": [_line_fields(line) for line in reading.lines],
    }


def from_fields(fields: Mapping[str, Any]) -> Reading | Failure:
    """Make the record of a JSON object again: the reverse of `to_fields`.

    Raises:
        KeyError, TypeError: it is none.
    """
    if "error" in fields:
        return Failure(fields["source"], fields["page"], **fields["error"])
    names = ("source", "page", "width", "height", "model", "model_digest", "version")
    lines = tuple(_to_line(line) for line in fields["lines"])
    return Reading(lines=lines, **{name: fields[name] for name in names})


def to_percent(share: float) -> str:
    """Return a share in [0, 1] as people read it, such as "99.12 %"."""
    return f"{100 * share:.2f} %"


def _line_fields(line: Line) -> dict[str, Any]:
    return {
        "text": line.text,
        "formatted": line.formatted,
        "confidence": line.confidence,
        "box": line.box.to_list(),
        "alternatives": [{"text": other.text, "probability": other.probability} for other in line.alternatives],
        "digits": [_digit_fields(digit) for digit in line.digits],
    }


def _digit_fields(digit: Digit) -> dict[str, Any]:
    return {
        "label": digit.label,
        "confidence": digit.confidence,
        "digit_score": digit.digit_score,
        "box": digit.box.to_list(),
        "probabilities": list(digit.probabilities),
    }


def _to_line(fields: Mapping[str, Any]) -> Line:
    alternatives = tuple(Alternative(**each) for each in fields["alternatives"])
    digits = tuple(_to_digit(each) for each in fields["digits"])
    box = Box(*fields["box"])
    return Line(fields["text"], fields["formatted"], fields["confidence"], box, digits, alternatives)


def _to_digit(fields: Mapping[str, Any]) -> Digit:
    box, probabilities = Box(*fields["box"]), tuple(fields["probabilities"])
    return Digit(fields["label"], fields["confidence"], fields["digit_score"], box, probabilities)
