"""The training loop, and what it leaves in a run folder.

    run/
      run.json             recipe, seed, data digests, code version, times: the record of the run
      history.jsonl        one line an epoch
      weights.safetensors  the weights that are kept: of the best epoch, or of the last
      checkpoint.pt        all that --resume needs, written after each epoch
      model.onnx, .json    the exported network and its card

Killing a training loses at most the epoch that it was in.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors.torch import save as to_safetensors
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from inkdigits.errors import TrainingError
from inkdigits.train.augment import augment
from inkdigits.train.logits import accuracy_of, logits_of, loss_of, standardise, to_ink, to_tensors, uses_bfloat16
from inkdigits.train.networks import build_network, find_network
from inkdigits.train.prepare import TrainingData
from inkdigits.train.recipes import Recipe

WEIGHTS, HISTORY, CHECKPOINT = "weights.safetensors", "history.jsonl", "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of the history. Losses are mean cross-entropies (or the recipe's loss) a digit."""

    epoch: int
    rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float
    """Of training alone, without validation."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where training stands, for a progress bar."""

    epoch: int
    step: int
    """Counted from 1 over all epochs."""
    n_steps: int
    loss: float
    accuracy: float


Watch = Callable[[Step | Epoch], None]

Teacher = Callable[[Tensor], Tensor]
"""Ink (N, 1, 28, 28) float32 -> probabilities (N, 10) float32."""


@dataclass(slots=True)
class Training:
    """What changes while a network is trained."""

    network: nn.Module
    average: AveragedModel | None
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    generator: torch.Generator
    teacher: Teacher | None = None
    history: list[Epoch] = field(default_factory=list)

    @property
    def kept(self) -> nn.Module:
        """The network whose weights count: the averaged one where there is one."""
        return self.network if self.average is None else self.average.module


def fit(
    recipe: Recipe,
    data: TrainingData,
    run: Path,
    *,
    teacher: Teacher | None = None,
    first: nn.Module | None = None,
    resume: bool = False,
    watch: Watch = lambda _: None,
) -> bool:
    """Train into the folder `run`; return whether that came to its end: False where Ctrl-C stopped it after an epoch.

    Args:
        recipe: what to train and how.
        data: the training and validation digits.
        run: the run folder; made when missing.
        teacher: answers each augmented batch beside its labels.
        first: it begins with these weights, or with fresh ones.
        resume: go on from the run's last finished epoch.
        watch: called after each step and each epoch.

    Raises:
        TrainingError: nothing to resume, stopped before the first epoch ended, or a loss that is no number any more.
    """
    place = device()
    seen = to_tensors(data.patches, data.labels, place)
    held_out = to_tensors(data.validation_patches, data.validation_labels, place)
    training = start(recipe, len(data.patches), place, teacher, first)
    if resume:
        load_checkpoint(training, run)
    try:
        while not _is_over(training.history, recipe):
            _live_through(training, recipe, run, seen, held_out, watch)
    except KeyboardInterrupt:
        if not (run / CHECKPOINT).is_file():
            raise TrainingError("Stopped before the first epoch ended: there is nothing to keep yet.") from None
        return False
    return True


def _live_through(
    training: Training,
    recipe: Recipe,
    run: Path,
    seen: tuple[Tensor, Tensor],
    held_out: tuple[Tensor, Tensor],
    watch: Watch,
) -> None:
    """Train, validate and save one epoch."""
    epoch, began = len(training.history) + 1, time.perf_counter()
    loss, accuracy = train_epoch(training, recipe, *seen, epoch, watch)
    seconds = time.perf_counter() - began
    judged = validate(training.kept, recipe, *held_out)
    rate = float(training.schedule.get_last_lr()[0])
    training.history.append(Epoch(epoch, rate, loss, accuracy, *judged, seconds))
    save_epoch(training, recipe.keep, run)
    watch(training.history[-1])


def device() -> torch.device:
    """Return where networks are trained: on a graphics card where torch finds one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def start(
    recipe: Recipe,
    n_patches: int,
    device: torch.device,
    teacher: Teacher | None = None,
    first: nn.Module | None = None,
) -> Training:
    """Make a network with its optimizer: that one, or a fresh one, all from the recipe's seed."""
    torch.manual_seed(recipe.seed)
    network = first or build_network(find_network(recipe.network))
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # its types know only one
    average = None
    if recipe.average:
        average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.average), use_buffers=True)
    optimizer = _optimizer(recipe, network)
    n_steps = recipe.epochs * n_steps_per_epoch(n_patches, recipe.batch)
    schedule: torch.optim.lr_scheduler.LRScheduler
    if recipe.schedule == "one-cycle":
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, recipe.rate, total_steps=n_steps + 1, pct_start=0.25, cycle_momentum=False
        )
    else:
        schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    generator = torch.Generator(device).manual_seed(recipe.seed)
    return Training(network, average, optimizer, schedule, generator, teacher)


def n_steps_per_epoch(n_patches: int, batch: int) -> int:
    """Return the number of full batches, at least one; the shuffled rest waits for another epoch."""
    return max(1, n_patches // batch)


def train_epoch(
    training: Training, recipe: Recipe, patches: Tensor, labels: Tensor, epoch: int, watch: Watch
) -> tuple[float, float]:
    """Go through the shuffled training patches once; return mean loss and accuracy over the digits.

    Raises:
        TrainingError: the loss is no number any more.
    """
    network = training.network.train()
    per_epoch = n_steps_per_epoch(len(patches), recipe.batch)
    in_bfloat16 = uses_bfloat16(recipe, patches.device)
    losses, accuracies = 0.0, 0.0
    for step, (ink, label) in enumerate(_batches(patches, labels, recipe.batch, training.generator), start=1):
        ink = augment(ink, recipe.augmentation, training.generator)
        with torch.autocast(ink.device.type, torch.bfloat16, enabled=in_bfloat16):
            logits = network(standardise(ink, recipe))
            taught = training.teacher(ink) if training.teacher is not None else None
        loss = loss_of(logits.float(), label, recipe, taught)
        training.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        training.optimizer.step()
        training.schedule.step()
        if training.average is not None:
            training.average.update_parameters(network)
        accuracy = float(accuracy_of(logits, label))
        losses, accuracies = losses + loss.item(), accuracies + accuracy
        watch(Step(epoch, (epoch - 1) * per_epoch + step, recipe.epochs * per_epoch, loss.item(), accuracy))
    if not isfinite(losses):
        raise TrainingError(f"The loss became {losses} in epoch {epoch}. Try a lower rate than {recipe.rate}.")
    return losses / per_epoch, accuracies / per_epoch


def validate(network: nn.Module, recipe: Recipe, patches: Tensor, labels: Tensor) -> tuple[float | None, float | None]:
    """Return loss and accuracy over the validation patches; nothing where there are none."""
    if not len(patches):
        return None, None
    logits = logits_of(network, recipe, patches)
    return float(loss_of(logits, labels, recipe)), float(accuracy_of(logits, labels))


def save_epoch(training: Training, keep: str, run: Path) -> None:
    """Write weights, history and checkpoint, each whole or not at all; `keep` is the recipe's."""
    run.mkdir(parents=True, exist_ok=True)
    if keep == "last" or _is_best(training.history):
        weights = {name: value.contiguous().cpu() for name, value in training.kept.state_dict().items()}
        replace_file(run / WEIGHTS, lambda place: place.write_bytes(to_safetensors(weights)))
    lines = "".join(json.dumps(asdict(epoch)) + "\n" for epoch in training.history)
    replace_file(run / HISTORY, lambda place: place.write_text(lines, encoding="utf-8"))
    state = {
        "network": training.network.state_dict(),
        "average": training.average.state_dict() if training.average is not None else None,
        "optimizer": training.optimizer.state_dict(),
        "schedule": training.schedule.state_dict(),
        "generator": training.generator.get_state(),
        "random": torch.get_rng_state(),
        "history": [asdict(epoch) for epoch in training.history],
    }
    replace_file(run / CHECKPOINT, lambda place: torch.save(state, place))


def load_checkpoint(training: Training, run: Path) -> None:
    """Put `training` back to where the run's last finished epoch left it.

    Raises:
        TrainingError: the run has no checkpoint, or one of another network.
    """
    place = run / CHECKPOINT
    if not place.is_file():
        raise TrainingError(f"{run} has no {CHECKPOINT} to resume from. Start it without --resume.")
    try:
        state: dict[str, Any] = torch.load(place, map_location=training.generator.device, weights_only=True)
        training.network.load_state_dict(state["network"])
        if training.average is not None:
            training.average.load_state_dict(state["average"])
        training.optimizer.load_state_dict(state["optimizer"])
        training.schedule.load_state_dict(state["schedule"])
        training.generator.set_state(state["generator"].cpu())
        torch.set_rng_state(state["random"].cpu())
        training.history = [Epoch(**epoch) for epoch in state["history"]]
    except (RuntimeError, ValueError, KeyError, TypeError, EOFError, UnpicklingError) as error:
        raise TrainingError(f"{place} does not fit this recipe, or is damaged. Start a new run.") from error


def replace_file(place: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `place`, then put it there in one step: no reader ever sees half a file."""
    part = place.with_name(place.name + ".part")
    write(part)
    os.replace(part, place)


def _optimizer(recipe: Recipe, network: nn.Module) -> torch.optim.Optimizer:
    weights, rate, decay = network.parameters(), recipe.rate, recipe.weight_decay
    match recipe.optimizer:
        case "sgd":
            nesterov = recipe.momentum > 0
            return torch.optim.SGD(weights, rate, recipe.momentum, weight_decay=decay, nesterov=nesterov)
        case "adamw":
            return torch.optim.AdamW(weights, rate, weight_decay=decay)
        case "adam":
            return torch.optim.Adam(weights, rate, weight_decay=decay)


def _batches(
    patches: Tensor, labels: Tensor, batch: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randperm(len(patches), generator=generator, device=generator.device)
    for step in range(n_steps_per_epoch(len(patches), batch)):
        pick = order[step * batch : (step + 1) * batch]
        yield to_ink(patches[pick]), labels[pick]


def _loss_to_beat(epoch: Epoch) -> float:
    return float("inf") if epoch.validation_loss is None else epoch.validation_loss


def _is_best(history: list[Epoch]) -> bool:
    return all(_loss_to_beat(history[-1]) < _loss_to_beat(before) for before in history[:-1])


def _is_over(history: list[Epoch], recipe: Recipe) -> bool:
    """Whether all epochs are done, or the last `patience` of them brought no lower validation loss."""
    if len(history) >= recipe.epochs:
        return True
    if not recipe.patience or len(history) <= recipe.patience:
        return False
    before = history[: -recipe.patience]
    lowest = min(map(_loss_to_beat, before))
    return all(_loss_to_beat(epoch) >= lowest for epoch in history[len(before) :])
