"""One row a page: what CSV files and spreadsheets show."""

from typing import TypeAlias

from inkdigits.records import REJECTED, Failure, Result

Cell: TypeAlias = str | int | float | None

COLUMNS = (
    *("source", "page", "text", "formatted", "confidence"),
    *("width", "height", "model", "model_digest", "version", "error"),
)
"""Named like the fields of a reading; the last says why a page could not be read."""

DOUBTFUL = 0.95
"""A page with a lower confidence is marked, as is one with a rejected digit, or that could not be read."""


def to_row(result: Result) -> list[Cell]:
    """Return the cells of a page, one a column; None where there is nothing to say."""
    if isinstance(result, Failure):
        known: dict[str, Cell] = {"source": result.source, "page": result.page, "error": result.message}
        return [known.get(name) for name in COLUMNS]
    return [getattr(result, name) for name in COLUMNS[:-1]] + [None]


def is_doubtful(result: Result) -> bool:
    """Whether a person should look at a page: it could not be read, or is doubtful in part or as a whole."""
    if isinstance(result, Failure):
        return True
    return REJECTED in result.text or (result.confidence is not None and result.confidence < DOUBTFUL)
