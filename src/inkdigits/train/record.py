"""The record of a run: what was trained, how, on what, and what came of it."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inkdigits.errors import TrainingError, UsageError
from inkdigits.train.classical.recipes import CLASSICAL
from inkdigits.train.fields import from_fields, to_type
from inkdigits.train.fit import CHECKPOINT, HISTORY, Epoch, replace_file
from inkdigits.train.lines.recipe import LINES, LineRecipe
from inkdigits.train.recipes import Recipe, check_recipe

RECORD = "run.json"

_TYPES = {"recipe": dict, "data": dict, "threads": int, "train_seconds": float, "n_epochs": int, "best": dict}
_TYPES |= {"name": str, "n_train": int, "n_validation": int, "n_parameters": int, "n_macs": int, "last": dict}
"""Of what others calculate with; a record may lack all but its name and recipe."""

_DATA_TYPES = {"n_train": int, "n_validation": int, "digests": dict}
"""The same of each data set, of which all must be there."""


def load_record(run: Path) -> dict[str, Any]:
    """Load the record of a run.

    Raises:
        TrainingError: the folder holds no record, or a damaged one.
    """
    try:
        record = json.loads((run / RECORD).read_text(encoding="utf-8"))
        record = {"name": record["name"], "recipe": record["recipe"], **record}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{run} is not the folder of a training run: it has no readable {RECORD}.") from error
    try:
        _check_types(record)
    except (TypeError, UsageError) as error:
        reason = str(error).rstrip(".")
        raise TrainingError(f"{run / RECORD} is damaged or of another version of inkdigits: {reason}.") from error
    return record


def save_record(run: Path, record: dict[str, Any]) -> None:
    """Write the record of a run, whole or not at all."""
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=2) + "\n"
    replace_file(run / RECORD, lambda place: place.write_text(text, encoding="utf-8"))


def load_history(run: Path) -> tuple[Epoch, ...]:
    """Load what a run noted of each epoch; nothing where it has none.

    A last line that was only half written does not count.

    Raises:
        TrainingError: the file is damaged.
    """
    place = run / HISTORY
    if not place.is_file():
        return ()
    try:
        *lines, last = place.read_text(encoding="utf-8").split("\n")
        return tuple(from_fields(Epoch, json.loads(line)) for line in lines + [last] * last.endswith("}"))
    except (OSError, ValueError, TypeError) as error:
        raise TrainingError(f"{place} is damaged: {error}. The run has to be trained again.") from error


def outcome(run: Path) -> dict[str, Any]:
    """What the history says when training is over.

    Raises:
        TrainingError: no epoch came to its end, or the history is damaged.
    """
    epochs = load_history(run)
    if not epochs:
        raise TrainingError(f"{run} has no finished epoch, and so no weights yet. Start it again.")
    judged = [epoch for epoch in epochs if epoch.validation_loss is not None]
    best = min(judged, key=lambda epoch: epoch.validation_loss or 0.0, default=epochs[-1])
    return {
        "n_epochs": len(epochs),
        "train_seconds": round(sum(epoch.seconds for epoch in epochs), 2),
        "best": asdict(best),
        "last": asdict(epochs[-1]),
    }


def peak_memory_bytes() -> int | None:
    """The most memory that this process has held; None on Windows, which does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # in kibibytes everywhere else


def can_go_on(name: str, run: Path) -> bool:
    """Whether --resume has something to go on from: an epoch of a network. Classical methods are fitted in one go."""
    return name not in CLASSICAL and (run / CHECKPOINT).is_file()


def commit() -> str | None:
    """The commit that the code runs from; None where it was installed without its history.

    git is only asked in our own repository: an environment may lie in somebody else's.
    """
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _check_types(record: dict[str, Any]) -> None:
    """Refuse a record that others would stumble over.

    Raises:
        TypeError: a value is not of its type.
        UsageError: its recipe cannot be trained.
    """
    for key in _TYPES.keys() & record.keys():
        to_type(key, record[key], _TYPES[key])
    for name, known in record.get("data", {}).items():
        for key, kind in _DATA_TYPES.items():
            to_type(f"{key} of {name}", to_type(name, known, dict).get(key), kind)
    if record["name"] == LINES:
        check_recipe(from_fields(LineRecipe, record["recipe"]))
    elif record["name"] not in CLASSICAL:
        check_recipe(from_fields(Recipe, record["recipe"]))
    else:
        to_type("data of the recipe", record["recipe"].get("data", []), tuple[str, ...])
