"""The record of a run: what was trained, how, on what, and what came of it."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inkdigits.errors import TrainingError
from inkdigits.train.fit import HISTORY, Epoch, replace_file

RECORD = "run.json"


def load_record(run: Path) -> dict[str, Any]:
    """Load the record of a run.

    Raises:
        TrainingError: the folder holds no record, or a damaged one.
    """
    try:
        record = json.loads((run / RECORD).read_text(encoding="utf-8"))
        return {"name": record["name"], "recipe": record["recipe"], **record}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{run} is not the folder of a training run: it has no readable {RECORD}.") from error


def save_record(run: Path, record: dict[str, Any]) -> None:
    """Write the record of a run, whole or not at all."""
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=2) + "\n"
    replace_file(run / RECORD, lambda place: place.write_text(text, encoding="utf-8"))


def outcome(run: Path) -> dict[str, Any]:
    """What the history says when training is over."""
    try:
        lines = (run / HISTORY).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TrainingError(f"{run} has no finished epoch, and so no weights yet. Start it again.") from error
    epochs = [Epoch(**json.loads(line)) for line in lines]
    judged = [epoch for epoch in epochs if epoch.validation_loss is not None]
    best = min(judged, key=lambda epoch: epoch.validation_loss or 0.0, default=epochs[-1])
    return {
        "n_epochs": len(epochs),
        "train_seconds": round(sum(epoch.seconds for epoch in epochs), 2),
        "best": asdict(best),
        "last": asdict(epochs[-1]),
    }


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
