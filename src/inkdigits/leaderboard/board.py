"""The records of a leaderboard, and how it is written: Markdown for people, JSON for programs."""

import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

from inkdigits.__about__ import __version__
from inkdigits.classifier import Classifier

NOTHING = "-"
"""Stands where a figure is not known."""

Figures: TypeAlias = Mapping[str, float | None]
"""Key -> what was measured; None: not known."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A network that takes part."""

    path: Path
    classifier: Classifier

    @property
    def label(self) -> str:
        """Its name and the beginning of its digest: runs of one recipe have one name."""
        return f"{self.classifier.card.name} ({self.classifier.digest[:6]})"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    key: str
    """Of the figure that it shows."""
    title: str
    to_text: Callable[[float], str]
    repeatable: bool = True
    """Whether the figure is the same at every run; times are not."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the leaderboard, and how its figures are found."""

    title: str
    note: str
    """Said above the table."""
    columns: tuple[Column, ...]
    measure: Callable[[Contestant], Figures]
    data: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Name of a test set -> how many images it has, and the sha256 of its files or of its pixels."""
    missing: tuple[str, ...] = ()
    """Test sets that were looked for and are not there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One network with its figures."""

    name: str
    network: str
    """What the recipe calls it."""
    recipe: str
    """What it was trained by, without the seed."""
    seed: int | None
    digest: str
    """First 16 hex digits of the sha256 of the graph."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class Row:
    """One line of every table: a network, or the runs of one recipe with several seeds."""

    name: str
    entries: tuple[Entry, ...]

    def values(self, key: str) -> list[float]:
        """Return the known figures of its networks."""
        return [value for entry in self.entries if (value := entry.figures.get(key)) is not None]

    def mean(self, key: str) -> float | None:
        """Return the mean of the known figures; None without any."""
        values = self.values(key)
        return sum(values) / len(values) if values else None


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Every network's figures, best first."""

    sections: tuple[Section, ...]
    rows: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: "repeatable", and apart from it "timings" with the machine they belong to."""
        columns = [column for section in self.sections for column in section.columns]
        timed = {column.key for column in columns if not column.repeatable}
        entries = [entry for row in self.rows for entry in row.entries]
        repeatable = {
            "versions": {"inkdigits": __version__} | {name: version(name) for name in ("numpy", "onnxruntime")},
            "data": {name: dict(facts) for section in self.sections for name, facts in section.data.items()},
            "missing": [name for section in self.sections for name in section.missing],
            "networks": [_to_dict(entry, {*entry.figures} - timed) for entry in entries],
        }
        machine = {"machine": platform.machine(), "n_cores": os.cpu_count(), "python": platform.python_version()}
        timings = machine | {"networks": [_to_dict(entry, timed & {*entry.figures}) for entry in entries]}
        return {"repeatable": repeatable, "timings": timings}

    def to_json(self) -> str:
        """Return `to_dict` as text."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def to_markdown(self) -> str:
        """Return every table as Markdown, set in columns so that it can be read as it stands."""
        blocks = [f"## {section.title}\n\n{section.note}\n\n{self._table(section)}" for section in self.sections]
        missing = [name for section in self.sections for name in section.missing]
        if missing:
            blocks.append(f"Not found in the data folder, and left out: {', '.join(missing)}.")
        return "\n\n".join(blocks) + "\n"

    def _table(self, section: Section) -> str:
        header = ["network", *(column.title for column in section.columns)]
        lines = [[row.name, *(_to_cell(row, column) for column in section.columns)] for row in self.rows]
        widths = [max(map(len, words)) for words in zip(header, *lines, strict=True)]
        rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:])]
        return "\n".join(_to_line(words, widths) for words in (header, rule, *lines))


def _to_dict(entry: Entry, keys: set[str]) -> dict[str, Any]:
    figures = {key: value for key, value in entry.figures.items() if key in keys}
    names = {"name": entry.name, "network": entry.network, "digest": entry.digest}
    return names | {"seed": entry.seed, "recipe": entry.recipe} | figures


def recipe_text(recipe: Mapping[str, Any], digests: Mapping[str, Any]) -> str:
    """Return all that decided a training but its seed, as one text; the same for every seed of a recipe.

    What is off is left out, since recipes of older versions do not know it; and so is the precision, which decides how
    fast the layers compute more than what.
    """
    own = {key: value for key, value in recipe.items() if key not in ("seed", "precision")}
    return json.dumps({"recipe": _without_what_is_off(own), "digests": digests}, sort_keys=True)


def _without_what_is_off(recipe: Mapping[str, Any]) -> dict[str, Any]:
    inner = {key: _without_what_is_off(value) if isinstance(value, dict) else value for key, value in recipe.items()}
    return {key: value for key, value in inner.items() if value}


def _to_cell(row: Row, column: Column) -> str:
    """The mean, and behind it the lowest and highest of several seeds where they differ as printed."""
    mean, values = row.mean(column.key), row.values(column.key)
    if mean is None:
        return NOTHING
    ends = [column.to_text(end) for end in (min(values), max(values))]
    spread = f" ({ends[0]}-{ends[1]})" if ends[0] != ends[1] else ""
    return column.to_text(mean) + spread


def _to_line(words: list[str], widths: list[int]) -> str:
    first, *others = words
    padded = [first.ljust(widths[0]), *(word.rjust(width) for word, width in zip(others, widths[1:], strict=True))]
    return f"| {' | '.join(padded)} |"
