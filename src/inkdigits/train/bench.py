"""How fast this machine trains and reads, beside the loop that tutorials teach: ratios hold on other machines too.

Everything runs one after the other in one process, always in the same order: our own recipes, each for the number of
epochs that validation once chose; then the tutorials' loop; then reading. A recipe's network sees the test digits once,
at its end, and nothing is chosen by them.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from inkdigits import __version__
from inkdigits.classifier import load_classifier
from inkdigits.datasets import Dataset, load_dataset
from inkdigits.datasets.description import align
from inkdigits.evaluate import to_bytes
from inkdigits.graphs import find_model
from inkdigits.outputs import to_percent
from inkdigits.reader import open_reader
from inkdigits.records import Watch
from inkdigits.settings import Settings
from inkdigits.timing import digits_per_second, latency_seconds, median_seconds
from inkdigits.train.export import load_network
from inkdigits.train.fit import Epoch, Step, fit
from inkdigits.train.logits import accuracy_of, logits_of, to_tensors
from inkdigits.train.prepare import prepare
from inkdigits.train.recipes import RECIPES, Recipe
from inkdigits.train.record import outcome
from inkdigits.train.tutorial import PictureDataset, TutorialEpoch, train_tutorial

GOALS = {"fast": 0.99, "quick": 0.995}
"""Recipes that are timed, and the accuracy on MNIST's test digits that each is made for."""

N_TUTORIAL_EPOCHS = 6
"""Fixed beforehand, as the recipes' epochs are."""

N_QUICK, N_QUICK_TEST = 1024, 256
"""Digits of a quick look, which shows that everything runs and says nothing about accuracy."""

N_READS, N_STARTS = 100, 7
"""How often a canvas is read, and a process started, for one median."""


@dataclass(frozen=True, slots=True)
class Training:
    """What one of our own recipes took and brought."""

    recipe: str
    goal: float
    """The accuracy it is made for."""
    n_epochs: int
    loading_seconds: float
    loop_seconds: float
    """Of training, with augmentation."""
    accuracy: float
    """On the test digits, at the end."""


@dataclass(frozen=True, slots=True)
class ReadingSpeed:
    """Medians of the bundled default network, on one thread."""

    latency_seconds: float
    """From one patch to its answer."""
    digits_per_second: float
    """When many patches come in one go."""
    canvas_seconds: float
    """Of reading a drawn canvas of 300x300 pixels, in a process that runs."""
    cold_start_seconds: float
    """Of `inkdigits read FILE` in a new process, with everything that it loads."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that was timed."""

    trainings: tuple[Training, ...]
    tutorial_loading_seconds: float
    tutorial: tuple[TutorialEpoch, ...]
    reading: ReadingSpeed
    threads: int
    """Of torch."""
    quick: bool

    def tutorial_seconds(self, goal: float) -> float | None:
        """Return how long the tutorials' loop took until an epoch ended with this accuracy; None if none did."""
        until = accumulate(epoch.seconds for epoch in self.tutorial)
        return next((s for s, epoch in zip(until, self.tutorial, strict=True) if epoch.accuracy >= goal), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, with the machine and versions they belong to."""
        until = {each.recipe: self.tutorial_seconds(each.goal) for each in self.trainings}
        return {"version": __version__, "torch": torch.__version__, **_machine(), **asdict(self)} | {
            "tutorial_seconds_to_the_goal_of": until
        }

    def to_text(self) -> str:
        """Return the tables, to be read in a terminal."""
        words = f"inkdigits {__version__}, torch {torch.__version__} on {self.threads} of {os.cpu_count()} cores"
        warning = ["A quick look at few digits: it shows that everything runs."] if self.quick else []
        ratios = [] if self.quick else [_to_ratio(self, each) for each in self.trainings]
        times = [align(_training_rows(self)), *ratios]
        return "\n\n".join(["\n".join([words, *warning]), "\n".join(times), align(_reading_rows(self.reading))])


def bench(
    root: Path | None, *, quick: bool = False, threads: int | None = None, watch: Watch = lambda *_: None
) -> Bench:
    """Time training and reading on this machine.

    Args:
        root: the data folder, with MNIST.
        quick: few digits and one epoch each.
        threads: of torch; None: one a core.
        watch: called after each step, for a progress bar.

    Raises:
        DataError: MNIST is missing or damaged.
        TrainingError: a loss that is no number any more.
    """
    torch.set_num_threads(threads or torch.get_num_threads())
    test = _shorten(load_dataset("mnist", "test", root), N_QUICK_TEST if quick else None)
    trainings = tuple(time_recipe(name, goal, root, test, quick, watch) for name, goal in GOALS.items())
    began = time.perf_counter()
    train = _shorten(load_dataset("mnist", "train", root), N_QUICK if quick else None)
    loading_seconds = time.perf_counter() - began
    tutorial = time_tutorial(train, test, 1 if quick else N_TUTORIAL_EPOCHS, watch)
    watch("reading", 0, 1)
    reading = time_reading()
    watch("reading", 1, 1)
    return Bench(trainings, loading_seconds, tutorial, reading, torch.get_num_threads(), quick)


def time_recipe(name: str, goal: float, root: Path | None, test: Dataset, quick: bool, watch: Watch) -> Training:
    """Train a recipe in a folder that goes again, and score its network once."""
    recipe = replace(RECIPES[name], epochs=1) if quick else RECIPES[name]
    began = time.perf_counter()
    data = prepare(recipe, root)
    loading_seconds = time.perf_counter() - began
    if quick:
        data = replace(data, patches=data.patches[:N_QUICK], labels=data.labels[:N_QUICK])

    def tell(event: Step | Epoch) -> None:
        if isinstance(event, Step):
            watch(name, event.step, event.n_steps)

    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        fit(recipe, data, run, watch=tell)
        facts = outcome(run)
        accuracy = _score(run, recipe, test)
    return Training(name, goal, facts["n_epochs"], loading_seconds, facts["train_seconds"], accuracy)


def time_tutorial(train: Dataset, test: Dataset, n_epochs: int, watch: Watch) -> tuple[TutorialEpoch, ...]:
    """Train as tutorials do."""
    learnt, scored = (PictureDataset(to_bytes(side), side.known_labels()) for side in (train, test))
    epochs: list[TutorialEpoch] = []
    watch("tutorial", 0, n_epochs)
    for epoch in train_tutorial(learnt, scored, n_epochs):
        epochs.append(epoch)
        watch("tutorial", len(epochs), n_epochs)
    return tuple(epochs)


def time_reading() -> ReadingSpeed:
    """Time the bundled default network, and the command from a cold start."""
    classifier, reader, canvas = load_classifier(find_model("default")), open_reader(Settings()), draw_canvas()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "canvas.png"
        cv2.imwrite(str(path), canvas)
        command = [sys.executable, "-m", "inkdigits", "read", "--model", "default", str(path)]
        return ReadingSpeed(
            latency_seconds(classifier),
            digits_per_second(classifier),
            median_seconds(lambda: reader.read(canvas, "digit"), N_READS),
            median_seconds(lambda: subprocess.run(command, check=True, capture_output=True), N_STARTS),
        )


def draw_canvas() -> npt.NDArray[np.uint8]:
    """Draw a 7: (300, 300, 3) uint8 RGB, dark on white."""
    canvas = np.full((300, 300, 3), 255, dtype=np.uint8)
    strokes = np.array([[90, 80], [200, 80], [140, 240]], dtype=np.int32)
    cv2.polylines(canvas, [strokes], False, (20, 20, 20), 14, cv2.LINE_AA)
    return canvas


def _shorten(dataset: Dataset, n: int | None) -> Dataset:
    return dataset if n is None else dataset.select(np.arange(min(n, len(dataset))))


def _score(run: Path, recipe: Recipe, test: Dataset) -> float:
    patches, labels = to_tensors(to_bytes(test), test.known_labels().astype(np.int64))
    return float(accuracy_of(logits_of(load_network(run, recipe), recipe, patches), labels))


def _machine() -> dict[str, Any]:
    return {"machine": platform.machine(), "n_cores": os.cpu_count(), "python": platform.python_version()}


def _training_rows(bench: Bench) -> list[list[str]]:
    """One line a recipe, and one an epoch of the tutorial, whose seconds add up."""
    rows = [["training", "loading, s", "loop, s", "test accuracy"]]
    for each in bench.trainings:
        name = f"{each.recipe}, made for {to_percent(each.goal)}"
        rows.append([name, f"{each.loading_seconds:.2f}", f"{each.loop_seconds:.1f}", to_percent(each.accuracy)])
    seconds = accumulate(epoch.seconds for epoch in bench.tutorial)
    for number, (until, epoch) in enumerate(zip(seconds, bench.tutorial, strict=True), start=1):
        loading = f"{bench.tutorial_loading_seconds:.2f}" if number == 1 else ""
        rows.append([f"tutorial, epochs: {number}", loading, f"{until:.1f}", to_percent(epoch.accuracy)])
    return rows


def _to_ratio(bench: Bench, training: Training) -> str:
    """Say how much longer the tutorial's loop took than ours to the same goal, or which of the two missed it."""
    goal, seconds = to_percent(training.goal), bench.tutorial_seconds(training.goal)
    if training.accuracy < training.goal:
        return f"{training.recipe} did not reach {goal} itself: there is nothing to compare."
    if seconds is None:
        ratio = sum(epoch.seconds for epoch in bench.tutorial) / training.loop_seconds
        return f"The tutorial did not reach {goal} in {ratio:.1f} times the time of {training.recipe}."
    return f"The tutorial took {seconds / training.loop_seconds:.1f} times the time of {training.recipe} to {goal}."


def _reading_rows(speed: ReadingSpeed) -> list[list[str]]:
    return [
        ["reading, one thread", "median"],
        ["one patch", f"{1e6 * speed.latency_seconds:,.0f} us"],
        ["patches a second, in one go", f"{speed.digits_per_second:,.0f}"],
        ["one canvas of 300x300", f"{1e3 * speed.canvas_seconds:.2f} ms"],
        ["inkdigits read FILE, cold start", f"{1e3 * speed.cold_start_seconds:,.0f} ms"],
    ]
