"""Trains the network for lines. What a run folder holds, `inkdigits.train.fit` says."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from inkdigits import records
from inkdigits.errors import TrainingError
from inkdigits.recogniser import STEP_PX
from inkdigits.records import BLANK, STRIP_PX, Ink
from inkdigits.segment import to_strip
from inkdigits.train.fit import Epoch, Step, Training, Watch, load_checkpoint, save_epoch
from inkdigits.train.lines.compose import Written, compose_line
from inkdigits.train.lines.library import Library, draw_library
from inkdigits.train.lines.network import LineNetwork
from inkdigits.train.lines.photographed import photograph_ahead, photograph_lines
from inkdigits.train.lines.recipe import LineRecipe
from inkdigits.train.lines.spoil import vary_line
from inkdigits.train.logits import uses_bfloat16
from inkdigits.train.negatives import Digits
from inkdigits.train.prepare import TrainingData

AT_ONCE = 16
"""So many batches are made at once and sorted by width: lines of a batch are about as wide, and little is padding."""

RESIZE, SHIFT_PX = 0.08, 1.5
"""Standard deviations by which a strip is larger, and lower, than it should be."""


REDRAWN = 10**6
"""Seeds of libraries that are drawn anew lie so far apart."""

LINES_A_PHOTO = 3.5
"""So many lines are found in a photo, on average: some show a page of them."""


class Strips(NamedTuple):
    """Strips of one batch, padded to the widest."""

    ink: Tensor
    """(N, 1, 32, W) float32."""
    tokens: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class LineData:
    """What the network learns from, and what it is judged by."""

    library: Library
    photos: list[Written]
    """More join them with each epoch."""
    validation: list[Strips]


def prepare_lines(
    recipe: LineRecipe, data: TrainingData, watch: records.Watch = lambda *_: None, *, n_done: int = 0
) -> LineData:
    """Draw all digits once, photograph the lines that the epoch after `n_done` needs, and make those of validation."""
    library = _draw(Digits(data.patches, data.labels), _seed_of(recipe), watch)
    photos = _photograph(_n_photos(recipe, n_done), library, _seed_of(recipe), watch)
    return LineData(library, photos, prepare_validation(recipe, data, watch))


def prepare_validation(recipe: LineRecipe, data: TrainingData, watch: records.Watch = lambda *_: None) -> list[Strips]:
    """Make the lines that the network is judged by and calibrated on: about half of them photographed."""
    seed = 2 * recipe.seed + 1
    library = _draw(Digits(data.validation_patches, data.validation_labels), seed, watch)
    n = recipe.validation_lines // 2
    composed = [compose_line(np.random.default_rng((recipe.seed, 1, at)), library) for at in range(n)]
    lines = [*_photograph(ceil(n / LINES_A_PHOTO), library, seed, watch), *composed]
    strips = [(strip.ink, line.tokens) for line in lines if (strip := to_strip(line.ink)) is not None]
    return _to_batches(strips, recipe.batch)


def _seed_of(recipe: LineRecipe) -> int:
    """Return what all choices for training lines begin with: an even number, as those for validation have odd ones."""
    return 2 * (recipe.seed + REDRAWN * recipe.redraw)


def _n_photos(recipe: LineRecipe, n_done: int) -> int:
    """Return how many photos are taken for the epoch after so many."""
    return recipe.photographed + n_done * recipe.photographed_later


def _photograph(n: int, library: Library, seed: int, watch: records.Watch) -> list[Written]:
    return photograph_lines(range(n), library, seed, lambda done: watch("photos of lines", done, n))


def _draw(digits: Digits, seed: int, watch: records.Watch) -> Library:
    return draw_library(digits, seed, lambda n: watch("drawing digits", n, len(digits.labels)))


def fit_lines(
    recipe: LineRecipe,
    data: LineData,
    run: Path,
    *,
    first: nn.Module | None = None,
    resume: bool = False,
    watch: Watch = lambda _: None,
) -> bool:
    """Train into the folder `run`; return whether it came to its end: False where Ctrl-C stopped it after an epoch.

    It begins with the weights of `first`, or with fresh ones.

    Raises:
        TrainingError: nothing to resume, stopped before the first epoch ended, or a loss that is no number any more.
    """
    training = start(recipe, first)
    if resume:
        load_checkpoint(training, run)
    n_photos = _n_photos(recipe, len(training.history))
    later = photograph_ahead(n_photos, recipe.photographed_later, data.library, _seed_of(recipe))
    try:
        while len(training.history) < recipe.epochs:
            data.photos.extend(next(later))
            _live_through(training, recipe, data, run, watch)
    except KeyboardInterrupt:
        if not training.history:
            raise TrainingError("Stopped before the first epoch ended: there is nothing to keep yet.") from None
        return False
    finally:
        later.close()
    return True


def start(recipe: LineRecipe, first: nn.Module | None = None) -> Training:
    """Make a network with its optimizer: that one, or a fresh one, all from the recipe's seed."""
    torch.manual_seed(recipe.seed)
    network = first or LineNetwork(recipe.network)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # its types know only one
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.average), use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), recipe.rate, weight_decay=recipe.weight_decay)
    n_steps = recipe.epochs * (recipe.lines // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=n_steps + 1, pct_start=0.2, cycle_momentum=False
    )
    return Training(network, average, optimizer, schedule, torch.Generator().manual_seed(recipe.seed))


def _live_through(training: Training, recipe: LineRecipe, data: LineData, run: Path, watch: Watch) -> None:
    """Train, validate and save one epoch."""
    epoch, began = len(training.history) + 1, time.perf_counter()
    loss, accuracy = train_epoch(training, recipe, data, epoch, watch)
    seconds = time.perf_counter() - began
    judged = judge(training.kept, data.validation)
    rate = float(training.schedule.get_last_lr()[0])
    training.history.append(Epoch(epoch, rate, loss, accuracy, *judged, seconds))
    save_epoch(training, recipe.keep, run)
    watch(training.history[-1])


def train_epoch(
    training: Training, recipe: LineRecipe, data: LineData, epoch: int, watch: Watch
) -> tuple[float, float]:
    """Show the network an epoch's lines; return mean loss, and the share that it read right."""
    network = training.network.train()
    per_epoch = recipe.lines // recipe.batch
    in_bfloat16 = uses_bfloat16(recipe, torch.device("cpu"))
    losses, accuracies = 0.0, 0.0
    for step, strips in enumerate(_lines(recipe, data, epoch), start=1):
        with torch.autocast("cpu", torch.bfloat16, enabled=in_bfloat16):
            logits = network(strips.ink.contiguous(memory_format=torch.channels_last))
        loss = loss_of(logits, strips.tokens)
        training.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        training.optimizer.step()
        training.schedule.step()
        assert training.average is not None
        training.average.update_parameters(network)
        accuracy = n_right(logits, strips.tokens) / len(strips.tokens)
        losses, accuracies = losses + loss.item(), accuracies + accuracy
        watch(Step(epoch, (epoch - 1) * per_epoch + step, recipe.epochs * per_epoch, loss.item(), accuracy))
    if not isfinite(losses):
        raise TrainingError(f"The loss became {losses} in epoch {epoch}. Try a lower rate than {recipe.rate}.")
    return losses / per_epoch, accuracies / per_epoch


def loss_of(logits: Tensor, tokens: Sequence[tuple[int, ...]]) -> Tensor:
    """Return the mean over the lines of minus the logarithm of their probability, (N, T, 14) -> ()."""
    wanted = torch.tensor([token for line in tokens for token in line])
    lengths = torch.tensor([len(line) for line in tokens])
    columns = torch.full((len(tokens),), logits.shape[1])
    log_probabilities = logits.float().log_softmax(2).transpose(0, 1)
    each = F.ctc_loss(log_probabilities, wanted, columns, lengths, blank=BLANK, reduction="none", zero_infinity=True)
    return each.mean()


def n_right(logits: Tensor, tokens: Sequence[tuple[int, ...]]) -> int:
    """Return how many lines the likeliest token of each column spells."""
    return sum(_spell(row) == line for row, line in zip(logits.argmax(2).tolist(), tokens, strict=True))


def _spell(columns: Sequence[int]) -> tuple[int, ...]:
    before = [BLANK, *columns]
    return tuple(now for last, now in zip(before, columns, strict=False) if now not in (last, BLANK))


def judge(network: nn.Module, batches: Sequence[Strips]) -> tuple[float | None, float | None]:
    """Return mean loss, and the share of lines read right; nothing where there are none."""
    network.eval()
    losses, right, n = 0.0, 0, 0
    with torch.no_grad():
        for strips in batches:
            logits = network(strips.ink)
            losses += float(loss_of(logits, strips.tokens)) * len(strips.tokens)
            right += n_right(logits, strips.tokens)
            n += len(strips.tokens)
    return (losses / n, right / n) if n else (None, None)


def _lines(recipe: LineRecipe, data: LineData, epoch: int) -> Iterator[Strips]:
    """Yield the batches of an epoch."""
    left = recipe.lines // recipe.batch
    rng = np.random.default_rng((recipe.seed, 2, epoch))
    while left:
        n_batches = min(left, AT_ONCE)
        left -= n_batches
        lines: list[tuple[Ink, tuple[int, ...]]] = []
        while len(lines) < n_batches * recipe.batch:
            is_photo = data.photos and rng.random() < recipe.photographed_share
            line = data.photos[int(rng.integers(len(data.photos)))] if is_photo else compose_line(rng, data.library)
            ink = vary_line(rng, line.ink) if is_photo else line.ink
            strip = to_strip(ink, resize=float(np.exp(rng.normal(0, RESIZE))), shift_px=rng.normal(0, SHIFT_PX))
            if strip is not None:
                lines.append((strip.ink, line.tokens))
        batches = _to_batches(lines, recipe.batch)
        for at in rng.permutation(len(batches)).tolist():
            yield batches[at]


def _to_batches(lines: Sequence[tuple[Ink, tuple[int, ...]]], batch: int) -> list[Strips]:
    """Put strips of about one width together."""
    in_order = sorted(lines, key=lambda line: line[0].shape[1])
    return [_pad(in_order[start : start + batch]) for start in range(0, len(in_order), batch)]


def _pad(lines: Sequence[tuple[Ink, tuple[int, ...]]]) -> Strips:
    """Put strips into one batch: paper follows those that are narrower than the widest."""
    width = -(-lines[-1][0].shape[1] // STEP_PX) * STEP_PX
    ink = np.zeros((len(lines), 1, STRIP_PX, width), dtype=np.float32)
    for row, (strip, _) in zip(ink, lines, strict=True):
        row[0, :, : strip.shape[1]] = strip
    return Strips(torch.from_numpy(ink), tuple(tokens for _, tokens in lines))
