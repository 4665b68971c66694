"""One training from its data to a network that reads: prepare, fit, export, record."""

import os
import platform
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from inkdigits import __version__
from inkdigits.errors import TrainingError, UsageError
from inkdigits.records import ModelCard
from inkdigits.train.export import export_run
from inkdigits.train.fit import CHECKPOINT, Watch, fit
from inkdigits.train.networks import find_network, n_macs, n_parameters
from inkdigits.train.prepare import TrainingData, prepare
from inkdigits.train.recipes import Recipe, change_recipe, find_recipe, recipe_of
from inkdigits.train.record import commit, load_record, outcome, save_record
from inkdigits.train.teachers import load_teacher


def train(
    name: str,
    root: Path | None,
    run: Path,
    *,
    changes: list[str] | None = None,
    resume: bool = False,
    threads: int | None = None,
    tell: Callable[[str], object] = lambda _: None,
    watch: Watch = lambda _: None,
) -> dict[str, Any]:
    """Train a recipe into a run folder that `--model` reads with, and return its record.

    Args:
        name: a name in `recipes.RECIPES`.
        root: the data folder.
        run: the run folder; made when missing.
        changes: "key=value" changes to the recipe; none when resuming.
        resume: go on where the run stopped; one that came to its end is only exported again.
        threads: of torch; None: as many as before when resuming, else one a core.
        tell: called with a line for each data set, once they are split.
        watch: called after each step and each epoch.

    Raises:
        UsageError: no such recipe, a change that does not fit, or another recipe than the run's.
        TrainingError: the folder holds a run already, there is nothing to resume, or the data are not the same.
        DataError: a data set is missing or damaged.
        ExportError: the exported graph does not answer like the network.
    """
    before = _record_to_resume(name, run, changes) if resume else {}
    recipe = recipe_of(before["recipe"]) if resume else _new_recipe(name, run, changes)
    teacher = load_teacher(recipe)
    data = prepare(recipe, root)
    _tell_split(data, tell)
    torch.set_num_threads(threads or before.get("threads") or torch.get_num_threads())  # other numbers round otherwise
    record = _record(name, recipe, data, before)
    save_record(run, record)
    finished = fit(recipe, data, run, teacher=teacher, resume=resume, watch=watch)
    record |= {"finished": finished} | outcome(run)
    save_record(run, record)
    export_run(run, recipe, data, record)
    return record


def export_to(run: Path, out: Path, root: Path | None) -> ModelCard:
    """Export the weights that a run kept, once more and to another place; the name of the file names the network.

    Args:
        run: the run folder, also of a training that was killed.
        out: the .onnx file to write; the card goes beside it.
        root: the data folder: calibration needs the validation digits again.

    Raises:
        UsageError: `out` does not end in .onnx.
        TrainingError: no run, or no weights in it.
        DataError: a data set of the run is missing or damaged.
        ExportError: the exported graph does not answer like the network.
    """
    if out.suffix != ".onnx":
        raise UsageError(f"{out} has to end in .onnx; its card goes beside it and ends in .json.")
    record = load_record(run) | outcome(run) | {"name": out.stem}
    recipe = recipe_of(record["recipe"])
    data = prepare(recipe, root)
    out.parent.mkdir(parents=True, exist_ok=True)
    return export_run(run, recipe, data, record, out)


def _new_recipe(name: str, run: Path, changes: list[str] | None) -> Recipe:
    """Return the recipe of a run that is about to start in a folder of its own."""
    if (run / CHECKPOINT).exists():
        raise TrainingError(f"{run} already holds a run. Go on with it by --resume, or name another folder.")
    return change_recipe(find_recipe(name), changes or [])


def _record_to_resume(name: str, run: Path, changes: list[str] | None) -> dict[str, Any]:
    """Load the record of a run whose recipe nothing may change halfway."""
    record = load_record(run)
    if changes or name != record["name"]:
        raise UsageError(f"{run} goes on as it was started: with the recipe {record['name']!r}, and without --set.")
    return record


def _record(name: str, recipe: Recipe, data: TrainingData, before: dict[str, Any]) -> dict[str, Any]:
    """Return everything that is known before the first step; `before` is the record of a run that goes on.

    Raises:
        TrainingError: it was started with other data.
    """
    if before.get("data", data.facts) != data.facts:
        raise TrainingError("The data sets are not those that the run was started with. Start a new run with them.")
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
        "commit": commit(),
        "torch": torch.__version__,
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "machine": platform.machine(),
        "n_cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "started": before.get("started") or datetime.now(UTC).isoformat(timespec="seconds"),
        "finished": False,
    }


def _tell_split(data: TrainingData, tell: Callable[[str], object]) -> None:
    """Say how each data set was split."""
    for name, known in data.facts.items():
        by_writer = ", no writer in both" if known["by_writer"] else ""
        tell(f"{name}: train {known['n_train']:,}, validation {known['n_validation']:,}{by_writer}")
