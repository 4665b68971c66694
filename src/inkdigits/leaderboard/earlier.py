"""Networks that an earlier leaderboard measured: they need not be there any more, nor be measured again."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inkdigits.errors import UsageError
from inkdigits.leaderboard.board import Entry, Section, recipe_text

_NAMES = ("name", "network", "digest", "seed", "recipe")


def load_earlier(path: Path, sections: Sequence[Section]) -> tuple[Entry, ...]:
    """Load the networks of a leaderboard's JSON.

    Args:
        path: what `Leaderboard.to_json` wrote.
        sections: of the leaderboard that is to show them: it must have the same test sets, to the bit.

    Raises:
        UsageError: there is no such file, it is damaged, or its networks were measured on other test sets.
    """
    try:
        board = json.loads(path.read_text(encoding="utf-8"))
        repeatable, timings = board["repeatable"], board["timings"]
        same = repeatable["data"] == {name: facts for section in sections for name, facts in section.data.items()}
        times = {each["digest"]: each for each in timings["networks"]}
        entries = tuple(_to_entry(each | times[each["digest"]]) for each in repeatable["networks"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is no leaderboard that could be gone on with. Make one without --keep.") from error
    if not same:
        raise UsageError(f"{path} was measured on other test sets. Measure all networks again, without --keep.")
    return entries


def _to_entry(known: dict[str, Any]) -> Entry:
    figures = {key: value for key, value in known.items() if key not in _NAMES}
    name, recipe = known["name"], known["recipe"]
    if recipe != known["digest"]:  # which stands there for a network of unknown origin
        recipe = recipe_text(**json.loads(recipe))
    return Entry(name, known.get("network", name), recipe, known["seed"], known["digest"], figures)
