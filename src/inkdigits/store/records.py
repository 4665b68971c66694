"""What goes into the store and comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says instead of what was read: a digit's label, or the text of a line or of everything."""

    id: str
    """Later ones sort behind earlier ones."""
    result: str
    """The id of the result that it corrects."""
    made_at: datetime
    """In UTC."""
    line: int | None
    """Which line, counted from 0; None: all of the reading."""
    digit: int | None
    """Which digit of the line, counted from 0; None: all of the line."""
    label: int | None
    """What the digit is, 0-9; None: no digit, or not a correction of one."""
    text: str | None
    """What the line says; None where a single digit is corrected."""


@dataclass(frozen=True, slots=True)
class KeptResult:
    """A reading that is kept."""

    id: str
    """26 hex digits: the microseconds when it was saved, then chance. Later ones sort behind earlier ones."""
    saved_at: datetime
    """In UTC."""
    reading: Mapping[str, Any]
    """The JSON object of the reading."""
    has_picture: bool
    corrections: tuple[Correction, ...]
    """In the order in which they were made."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some results, newest first."""

    results: tuple[KeptResult, ...]
    next: str | None
    """The id after which the next page begins; None: this is the last."""
