"""One training from its data to a network that reads: prepare, fit, export, record."""

import json
import os
import platform
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from inkdigits import __version__
from inkdigits.errors import TrainingError
from inkdigits.train.export import export_run
from inkdigits.train.fit import CHECKPOINT, HISTORY, Epoch, Watch, fit, replace_file
from inkdigits.train.networks import find_network, n_macs, n_parameters
from inkdigits.train.prepare import TrainingData, prepare
from inkdigits.train.recipes import Recipe, change_recipe, check_recipe, find_recipe, recipe_of

RECORD = "run.json"


def train(
    name: str,
    root: Path | None,
    run: Path,
    *,
    changes: list[str] | None = None,
    resume: bool = False,
    watch: Watch = lambda _: None,
) -> dict[str, Any]:
    """Train a recipe into a run folder that `--model` reads with, and return its record.

    Args:
        name: a name in `recipes.RECIPES`.
        root: the data folder.
        run: the run folder; made when missing.
        changes: "key=value" changes to the recipe.
        resume: go on where the run stopped, with the recipe that it was started with.
        watch: called after each step and each epoch.

    Raises:
        UsageError: no such recipe, or a change that does not fit.
        TrainingError: the folder holds another run, or there is nothing to resume.
        DataError: a data set is missing or damaged.
        ExportError: the exported graph does not answer like the network.
    """
    if resume:
        recipe = recipe_of(load_record(run)["recipe"])
    else:
        recipe = change_recipe(find_recipe(name), changes or [])
        if (run / CHECKPOINT).exists():
            raise TrainingError(f"{run} already holds a run. Go on with it by --resume, or name another folder.")
    check_recipe(recipe)
    data = prepare(recipe, root)
    record = _record(name, recipe, data)
    save_record(run, record)
    record["finished"] = fit(recipe, data, run, resume=resume, watch=watch)
    record |= _outcome(run)
    save_record(run, record)
    export_run(run, recipe, data, record)
    return record


def load_record(run: Path) -> dict[str, Any]:
    """Load the record of a run.

    Raises:
        TrainingError: the folder holds no record, or a damaged one.
    """
    try:
        record: dict[str, Any] = json.loads((run / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{run} is not the folder of a training run: it has no readable {RECORD}.") from error
    return record


def save_record(run: Path, record: dict[str, Any]) -> None:
    """Write the record of a run, whole or not at all."""
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=2) + "\n"
    replace_file(run / RECORD, lambda place: place.write_text(text, encoding="utf-8"))


def _record(name: str, recipe: Recipe, data: TrainingData) -> dict[str, Any]:
    """Everything that is known before the first step."""
    network = find_network(recipe.network)
    return {
        "name": name,
        "recipe": asdict(recipe),
        "data": data.facts,
        "n_train": len(data.patches),
        "n_validation": len(data.validation_patches),
        "n_parameters": n_parameters(network),
        "n_macs": n_macs(network),
        "version": __version__,
        "commit": _commit(),
        "torch": torch.__version__,
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "machine": platform.machine(),
        "n_cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "finished": False,
    }


def _outcome(run: Path) -> dict[str, Any]:
    """What the history says when training is over."""
    epochs = [Epoch(**json.loads(line)) for line in (run / HISTORY).read_text(encoding="utf-8").splitlines()]
    judged = [epoch for epoch in epochs if epoch.validation_loss is not None]
    best = min(judged, key=lambda epoch: epoch.validation_loss or 0.0, default=epochs[-1])
    return {
        "n_epochs": len(epochs),
        "train_seconds": round(sum(epoch.seconds for epoch in epochs), 2),
        "best": asdict(best),
        "last": asdict(epochs[-1]),
    }


def _commit() -> str | None:
    """The commit that the code runs from; None where it was installed without its history."""
    here = Path(__file__).parent
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=here, capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
