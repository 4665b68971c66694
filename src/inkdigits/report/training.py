"""What a network learned from, and how it went: digits, normalisation, augmentation, curves."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from inkdigits import normalize
from inkdigits.datasets import Dataset
from inkdigits.evaluate import to_bytes as to_patches
from inkdigits.records import N_LABELS
from inkdigits.report.charts import History, curve
from inkdigits.report.drawings import Drawing
from inkdigits.report.markup import Html, element, join, paragraph, table
from inkdigits.report.page import Section
from inkdigits.report.pictures import Bytes, Tile, gallery, gallery_drawing, to_bytes, to_colours
from inkdigits.report.runs import Run
from inkdigits.train.augment import NONE, augment
from inkdigits.train.logits import standardise, to_ink
from inkdigits.train.negatives import Digits, make_negatives

Rows: TypeAlias = dict[str, list[Tile]]
"""Heading -> ten tiles."""

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

N_SAMPLES = 50
N_BESIDE = 10
"""Digits of a second data set, negatives, and originals that are shown beside what became of them."""

N_NEGATIVES = 100
"""Negatives of which so many are drawn: a few rounds of the kinds there are."""

N_VERSIONS = 4
"""Augmented copies of each original."""

SEED = 0
"""Of what is drawn here: the same run gives the same page."""


def samples(run: Run) -> Section | None:
    """Show what the network learned from: counts of each label, and digits with their words."""
    if not run.training:
        return None
    parts, drawings = [_class_counts(run)], []
    for place, dataset in enumerate(run.training):
        tiles = list(_sample(dataset, N_BESIDE if place else N_SAMPLES))
        parts += [element("h3", f"From {dataset.name}"), gallery(tiles, "tens")]
        alt = f"{len(tiles)} training digits of {dataset.name} with their words"
        drawings.append(gallery_drawing(f"samples-{dataset.name}", tiles, alt))
    if run.record["recipe"].get("negatives"):
        tiles = _negatives(run)
        parts += [element("h3", "Negatives: no digits, made for the training"), gallery(tiles, "tens bare")]
        drawings.append(gallery_drawing("samples-negatives", tiles, f"{len(tiles)} negatives, which show no digit"))
    if run.missing:
        parts.append(paragraph(f"Not in the data folder, and so not shown: {', '.join(run.missing)}."))
    return Section("Training digits", join(*parts), tuple(drawings))


def normalisation(run: Run) -> Section | None:
    """Show what standardising does to patches, and that it can be undone."""
    weights = run.model.weights
    if weights is None or not run.training:
        return None
    recipe, ink = weights.recipe, to_ink(torch.tensor(_first_of_each(run.training[0]))[:, None])
    fed = standardise(ink, recipe)
    restored = fed * recipe.std + recipe.mean
    low, high = (0 - recipe.mean) / recipe.std, (1 - recipe.mean) / recipe.std
    rows = {
        "as stored, 0 to 255": _tiles(_levels(ink), "as stored"),
        f"as the network gets it, {low:.2f} to {high:.2f}": _tiles(to_colours(fed[:, 0].numpy(), low, high), "fed"),
        "undone: times the deviation, plus the mean": _tiles(_levels(restored), "restored"),
    }
    words = paragraph(
        "A pixel is divided by 255, which makes it ink between 0 (paper) and 1 (pen). The network's first step takes "
        f"away the mean, {recipe.mean:g}, and divides by the deviation, {recipe.std:g}"
        + (": this recipe leaves ink as it is. " if (recipe.mean, recipe.std) == (0, 1) else ". ")
        + f"Undone, the largest difference from the original is {float((restored - ink).abs().max()):.0g}."
    )
    drawn = _draw_rows("normalisation", rows, "ten digits as stored, as the network gets them, and restored")
    return Section("Normalisation", join(words, _show_rows(rows)), (drawn,))


def augmentation(run: Run) -> Section | None:
    """Show originals beside what training made of them, by the very function that training calls."""
    weights = run.model.weights
    if weights is None or not run.training:
        return None
    how = weights.recipe.augmentation
    if how == NONE:
        return Section(
            "Augmentation",
            paragraph("This recipe changes nothing: each epoch shows the same digits, in another order."),
        )
    originals = _first_of_each(run.training[0])
    generator = torch.Generator().manual_seed(SEED)
    ink = to_ink(torch.tensor(originals)[:, None])
    versions = [_levels(augment(ink, how, generator)) for _ in range(N_VERSIONS)]
    rows = {"originals": _tiles(originals, "original")}
    rows |= {f"changed, {n}": _tiles(version, f"change {n}") for n, version in enumerate(versions, start=1)}
    words = paragraph(
        "Each epoch shows every digit in another way, drawn anew within these bounds, so that the network learns what "
        "writers may change. First the originals, then what four epochs could make of them."
    )
    bounds = [(name.replace("_", " "), str(value)) for name, value in _bounds(run)]
    listed = table(("what may change", "how far"), bounds, "The recipe's augmentation")
    drawn = _draw_rows("augmentation", rows, "ten digits, and below each what four epochs could make of it")
    return Section("Augmentation", join(words, _show_rows(rows), listed), (drawn,))


def curves(run: Run) -> Section | None:
    """Draw loss, accuracy and learning rate, epoch by epoch."""
    if not run.history:
        return None
    history = run.history
    losses: History = {
        "train": [each.train_loss for each in history],
        "validation": [each.validation_loss for each in history],
    }
    shares: History = {
        "train": [100 * each.train_accuracy for each in history],
        "validation": [None if (a := each.validation_accuracy) is None else 100 * a for each in history],
    }
    rates: History = {"learning rate": [each.rate for each in history]}
    drawings = (
        curve("loss", losses, "loss", "Loss of each epoch"),
        curve("accuracy", shares, "accuracy, %", "Accuracy of each epoch"),
        curve("learning-rate", rates, "learning rate", "Learning rate at the end of each epoch"),
    )
    return Section("Learning curves", join(_about(run), _side_by_side(drawings), _epoch_table(run)), drawings)


def _class_counts(run: Run) -> Html:
    rows = [_count(dataset) for dataset in run.training]
    counts = np.bincount(run.answers.labels, minlength=N_LABELS)
    rows.append(["mnist (test)", *(f"{n:,}" for n in counts), f"{counts.sum():,}"])
    return table(("data set", *map(str, range(N_LABELS)), "all"), rows, "Digits of each label", "numbers")


def _count(dataset: Dataset) -> list[str]:
    return [f"{dataset.name} (train)", *(f"{n:,}" for n in dataset.counts()), f"{len(dataset):,}"]


def _sample(dataset: Dataset, n: int) -> Iterator[Tile]:
    """Draw `n` digits, as many of each label, in the order of the labels."""
    generator, labels = np.random.default_rng(SEED), dataset.known_labels()
    for _ in range(n // N_LABELS):
        for label in range(N_LABELS):
            (of_label,) = np.nonzero(labels == label)
            if len(of_label):
                (patch,) = to_patches(dataset.select(generator.choice(of_label, 1)))
                yield Tile(patch, WORDS[label], f"a handwritten {WORDS[label]}")


def _negatives(run: Run) -> list[Tile]:
    """Make ten negatives by the very function that training calls, drawn from several rounds of its kinds."""
    patches = np.concatenate([to_patches(dataset) for dataset in run.training])
    labels = np.concatenate([dataset.known_labels() for dataset in run.training]).astype(np.int64)
    inks = make_negatives(N_NEGATIVES, Digits(patches, labels), SEED)
    drawn = np.random.default_rng(SEED).choice(len(inks), N_BESIDE, replace=False)
    made = to_bytes(normalize.to_patches([inks[index] for index in drawn]))
    return _tiles(made, "no digit")


def _first_of_each(dataset: Dataset) -> Bytes:
    """Return the first digit of each label there is: (10, 28, 28) uint8."""
    _, first = np.unique(dataset.known_labels(), return_index=True)
    return np.array(to_patches(dataset.select(first)))


def _tiles(pixels: Bytes, how: str) -> list[Tile]:
    return [Tile(each, "", f"digit {place}, {how}") for place, each in enumerate(pixels)]


def _show_rows(rows: Rows) -> Html:
    return join(*(join(element("h3", name), gallery(tiles, "tens bare")) for name, tiles in rows.items()))


def _draw_rows(name: str, rows: Rows, alt: str) -> Drawing:
    return gallery_drawing(name, [tile for tiles in rows.values() for tile in tiles], alt)


def _levels(ink: torch.Tensor) -> Bytes:
    levels: npt.NDArray[np.uint8] = to_bytes(ink[:, 0].numpy())
    return levels


def _bounds(run: Run) -> Iterator[tuple[str, object]]:
    """Yield what the recipe changes at all."""
    how, none = run.record["recipe"]["augmentation"], NONE
    for name, value in how.items():
        usual = getattr(none, name)
        if value != (list(usual) if isinstance(usual, tuple) else usual):
            yield name, " to ".join(map(str, value)) if isinstance(value, list) else value


def _about(run: Run) -> Html:
    smoothing = run.record["recipe"].get("label_smoothing")
    remarks = ["Validation digits come from writers that training never saw, where writers are known."]
    if run.record["recipe"].get("augmentation") and list(_bounds(run)):
        remarks.append("Training digits are augmented and validation digits are not: so training may look harder.")
    if smoothing:
        remarks.append(f"Labels are smoothed by {smoothing}: the loss cannot reach 0.")
    return paragraph(" ".join(remarks))


def _side_by_side(drawings: tuple[Drawing, ...]) -> Html:
    return element("div", *(each.to_html(each.alt) for each in drawings), class_="charts")


def _epoch_table(run: Run) -> Html:
    def words(share: float | None) -> str:
        return "-" if share is None else f"{share:.4f}"

    rows = [
        [
            *(str(each.epoch), words(each.train_loss), words(each.validation_loss)),
            *(words(each.train_accuracy), words(each.validation_accuracy), f"{each.rate:.2e}", f"{each.seconds:.1f}"),
        ]
        for each in run.history
    ]
    names = ("epoch", "loss", "validation loss", "accuracy", "validation accuracy", "rate", "seconds")
    return element("details", element("summary", "The same as a table"), table(names, rows, "Each epoch", "numbers"))
