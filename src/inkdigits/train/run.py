"""One training from its data to a network that reads: prepare, fit, export, record."""

import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import nn

from inkdigits import __version__, records
from inkdigits.errors import TrainingError, UsageError
from inkdigits.graphs import RUN_MODEL
from inkdigits.records import ModelCard
from inkdigits.train.classical.export import copy_classical, export_classical
from inkdigits.train.classical.recipes import CLASSICAL, ClassicalRecipe
from inkdigits.train.export import export_run, load_network
from inkdigits.train.fit import CHECKPOINT, Watch, device, fit
from inkdigits.train.lines.export import export_lines
from inkdigits.train.lines.fit import fit_lines, prepare_lines, prepare_validation
from inkdigits.train.lines.network import anchor_weights, load_line_network, n_line_parameters
from inkdigits.train.lines.recipe import LINES, LineRecipe
from inkdigits.train.logits import uses_bfloat16
from inkdigits.train.networks import find_network, n_macs, n_parameters
from inkdigits.train.prepare import TrainingData, prepare
from inkdigits.train.recipes import AnyRecipe, Recipe, change_recipe, find_recipe, line_recipe_of, recipe_of
from inkdigits.train.record import (
    can_go_on,
    commit,
    load_history,
    load_record,
    outcome,
    peak_memory_bytes,
    save_record,
)
from inkdigits.train.teachers import Teacher, load_teacher

Record: TypeAlias = dict[str, Any]
"""What stands in run.json."""


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
    watch_preparing: records.Watch = lambda *_: None,
) -> Record:
    """Train a recipe into a run folder that `--model` reads with, and return its record.

    Args:
        name: a name in `recipes.RECIPES`, of a classical method (one in `CLASSICAL`), or "lines".
        root: the data folder.
        run: the run folder; made when missing.
        changes: "key=value" changes to the recipe; none when resuming.
        resume: go on where the run stopped; one that came to its end is only exported again.
        threads: of torch, and of a forest; None: as many as before when resuming, else one a core.
        tell: called with a line for each data set, once they are split.
        watch: called after each step and each epoch.
        watch_preparing: called while digits are drawn anew.

    Raises:
        UsageError: no such recipe or change, another recipe than the run's, or one that cannot be resumed.
        TrainingError: the folder holds a run already, there is nothing to resume, or the data are not the same.
        DataError: a data set is missing or damaged.
        ExportError: the exported graph does not answer like the network.
    """
    before = _record_to_resume(name, run, changes) if resume else {}
    recipe = _recipe_of(before) if resume else _new_recipe(name, run, changes)
    learn = _learner(recipe, resume, watch, watch_preparing)
    data = prepare(recipe, root, watch_preparing)
    _tell_split(data, tell)
    torch.set_num_threads(threads or before.get("threads") or torch.get_num_threads())  # other numbers round otherwise
    record = _record(name, recipe, data, before)
    save_record(run, record)
    return learn(data, run, record)


def _learner(
    recipe: AnyRecipe, resume: bool, watch: Watch, watch_preparing: records.Watch
) -> Callable[[TrainingData, Path, Record], Record]:
    """Return what makes the model of a run of its data, and ends its record."""
    if isinstance(recipe, Recipe):
        first = load_network(Path(recipe.start), recipe) if recipe.start and not resume else None
        return partial(_train_network, recipe, load_teacher(recipe), first, resume=resume, watch=watch)
    if isinstance(recipe, LineRecipe):
        begins = recipe.start and not resume
        first = load_line_network(Path(recipe.start), recipe.network) if begins else None
        return partial(_train_lines, recipe, first, resume=resume, watch=watch, watch_preparing=watch_preparing)
    return partial(_train_classical, recipe)


def _train_network(
    recipe: Recipe,
    teacher: Teacher | None,
    first: nn.Module | None,
    data: TrainingData,
    run: Path,
    record: Record,
    *,
    resume: bool,
    watch: Watch,
) -> Record:
    """Train a network, and export the weights that were kept; return the whole record."""
    finished = fit(recipe, data, run, teacher=teacher, first=first, resume=resume, watch=watch)
    record |= {"finished": finished, "peak_memory_bytes": peak_memory_bytes()} | outcome(run)
    save_record(run, record)
    export_run(run, recipe, data, record)
    return record


def _train_lines(
    recipe: LineRecipe,
    first: nn.Module | None,
    data: TrainingData,
    run: Path,
    record: Record,
    *,
    resume: bool,
    watch: Watch,
    watch_preparing: records.Watch,
) -> Record:
    """Train the network for lines, and export it; return the whole record."""
    if resume and len(load_history(run)) >= recipe.epochs:
        finished, validation = True, prepare_validation(recipe, data, watch_preparing)
    else:
        lines = prepare_lines(recipe, data, watch_preparing, n_done=len(load_history(run)) if resume else 0)
        finished = fit_lines(recipe, lines, run, first=first, resume=resume, watch=watch)
        validation = lines.validation
    if finished and recipe.anchor:
        anchor_weights(run, Path(recipe.start), recipe)
    record |= {"finished": finished, "peak_memory_bytes": peak_memory_bytes()} | outcome(run)
    save_record(run, record)
    export_lines(run, validation, record)
    return record


def _train_classical(recipe: ClassicalRecipe, data: TrainingData, run: Path, record: Record) -> Record:
    """Fit a classical method, and export it: it is finished once its graph is there; return the whole record."""
    import sklearn  # takes as long to load as torch does, and networks do not need it

    from inkdigits.train.classical.fit import fit_classical

    began = time.perf_counter()
    fitted = fit_classical(recipe, data, record["threads"])
    seconds = round(time.perf_counter() - began, 2)
    record |= {"finished": True, "train_seconds": seconds, "peak_memory_bytes": peak_memory_bytes()}
    record |= {"n_parameters": fitted.n_parameters, "n_macs": fitted.n_macs, "sklearn": sklearn.__version__}
    export_classical(fitted, data, run, record)
    save_record(run, record)
    return record


def export_to(run: Path, out: Path, root: Path | None) -> ModelCard:
    """Export what a run kept, once more and to another place; the name of the file names the network.

    Args:
        run: the run folder, also of a training that was killed.
        out: the .onnx file to write, in a folder that exists; the card goes beside it.
        root: the data folder: calibrating a network needs the validation digits again.

    Raises:
        UsageError: `out` does not end in .onnx, or lies in no folder.
        TrainingError: no run, or no weights in it.
        DataError: a data set of the run is missing or damaged.
        ExportError: the exported graph does not answer like the network.
    """
    if out.suffix != ".onnx":
        raise UsageError(f"{out} has to end in .onnx; its card goes beside it and ends in .json.")
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder {out.parent} to write {out.name} into. Make it first.")
    record = load_record(run)
    if record["name"] in CLASSICAL:
        return copy_classical(run, out)
    recipe = _recipe_of(record)
    data = prepare(recipe, root, to_train=False)
    named = record | outcome(run) | {"name": out.stem}
    if isinstance(recipe, LineRecipe):
        return export_lines(run, prepare_validation(recipe, data), named, out)
    return export_run(run, recipe, data, named, out)


def _recipe_of(record: Record) -> Recipe | LineRecipe:
    """Return the recipe of a run that is none of a classical method."""
    return (line_recipe_of if record["name"] == LINES else recipe_of)(record["recipe"])


def _new_recipe(name: str, run: Path, changes: list[str] | None) -> AnyRecipe:
    """Return the recipe of a run that is about to start in a folder of its own."""
    if (run / CHECKPOINT).exists() or (run / RUN_MODEL).exists():
        advice = "Go on with it by --resume, or name another folder" if can_go_on(name, run) else "Name another folder"
        raise TrainingError(f"{run} already holds a run. {advice}.")
    return change_recipe(find_recipe(name), changes or [])


def _record_to_resume(name: str, run: Path, changes: list[str] | None) -> Record:
    """Load the record of a run whose recipe nothing may change halfway."""
    if name in CLASSICAL:
        raise UsageError(f"{name!r} is fitted in one go, so there is nothing to go on from. Start it without --resume.")
    record = load_record(run)
    if changes or name != record["name"]:
        raise UsageError(f"{run} goes on as it was started: with the recipe {record['name']!r}, and without --set.")
    return record


def _record(name: str, recipe: AnyRecipe, data: TrainingData, before: Record) -> Record:
    """Return everything that is known before the first step; `before` is the record of a run that goes on.

    Raises:
        TrainingError: it was started with other data.
    """
    if _identity(before.get("data", data.facts)) != _identity(data.facts):
        raise TrainingError("The data sets are not those that the run was started with. Start a new run with them.")
    return {
        "name": name,
        "recipe": asdict(recipe),
        "data": data.facts,
        "n_train": len(data.patches),
        "n_validation": len(data.validation_patches),
        **_size(recipe),
        "version": __version__,
        "commit": commit(),
        "torch": torch.__version__,
        "device": device().type,
        "bfloat16": isinstance(recipe, (Recipe, LineRecipe)) and uses_bfloat16(recipe, device()),
        "machine": platform.machine(),
        "n_cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "started": before.get("started") or datetime.now(UTC).isoformat(timespec="seconds"),
        "finished": False,
    }


def _size(recipe: AnyRecipe) -> dict[str, int]:
    """Return parameters and cost of a network; a line costs by its width, and of a method the fit gives the size."""
    if isinstance(recipe, Recipe):
        network = find_network(recipe.network)
        return {"n_parameters": n_parameters(network), "n_macs": n_macs(network)}
    return {"n_parameters": n_line_parameters(recipe.network)} if isinstance(recipe, LineRecipe) else {}


def _identity(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what must stay of the facts of data sets while a run goes on: other versions note more or less besides."""
    kept = ("digests", "n_train", "n_validation")
    return {name: {key: known.get(key) for key in kept} for name, known in facts.items()}


def _tell_split(data: TrainingData, tell: Callable[[str], object]) -> None:
    """Say how each data set was split."""
    for name, known in data.facts.items():
        by_writer = ", no writer in both" if known["by_writer"] else ""
        tell(f"{name}: train {known['n_train']:,}, validation {known['n_validation']:,}{by_writer}")
