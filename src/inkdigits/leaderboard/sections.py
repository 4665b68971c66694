"""What a leaderboard measures: accuracy, robustness, refusal, cost. Test sets are made ready once for all networks."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.corruptions import AFFINE, SUITE, corrupt, digest
from inkdigits.datasets import Dataset, find_dataset, load_dataset
from inkdigits.evaluate import DISPUTED_MNIST_TEST, batches, evaluate, to_bytes, to_levels
from inkdigits.leaderboard.board import Column, Contestant, Figures, Section
from inkdigits.metrics import accuracy
from inkdigits.records import Watch
from inkdigits.strangers import StrangerSet, load_strangers, measure_refusal
from inkdigits.timing import digits_per_second, latency_seconds

DEV_SETS = {
    "usps16": "USPS",
    "optdigits32_other_writers": "optdigits",
    "semeion16": "Semeion",
    "hwd1000": "hwd1000",
    "kensanata100": "kensanata",
}
"""Sets of other hands and pens, in dev/ of the data folder, and what their columns are called."""

MNIST, UNDISPUTED, ECE, SUITE_MEAN = "mnist", "mnist without the disputed", "mnist ECE", "mean of the corruptions"
PASSED, BLANK = "digits passed", "blank"
_GROUPS = {
    "letters": "letters",
    "signs": "signs",
    "even noise": "noise",
    "salt noise": "noise",
    "coarse noise": "noise",
    "blank paper": BLANK,
}
"""Where each set of strangers belongs; any other is of another script. Blank paper is one patch: no part of a mean."""

N_PARAMETERS, N_MACS, FILE_BYTES, TRAIN_SECONDS = "n_parameters", "n_macs", "file_bytes", "train_seconds"

Patches: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.float32]
"""(N, 28, 28): uint8 with ink 255, or float32 with ink 1."""


def load_sections(root: Path | None, watch: Watch = lambda *_: None) -> tuple[Section, ...]:
    """Load every test set and make it ready, and return all sections in the order that they are shown in.

    Args:
        root: the data folder. MNIST must be there; dev sets may, and those that are not are named as missing.
        watch: called before and after, for a progress bar.

    Raises:
        DataError: MNIST is missing, or a set is damaged.
    """
    mnist = load_dataset("mnist", "test", root)
    watch("test sets", 0, 1)
    sections = accuracy_section(mnist, root), robustness_section(mnist), refusal_section(mnist, root), cost_section()
    watch("test sets", 1, 1)
    return sections


def accuracy_section(mnist: Dataset, root: Path | None) -> Section:
    """Make the section that tells how many digits each network reads right, and how well it knows which."""
    dev_sets = {name: found for name in DEV_SETS if (found := find_dataset(name, root=root))}
    patches = {name: np.concatenate([*batches(dataset)]) for name, dataset in dev_sets.items()}

    def measure(contestant: Contestant) -> Figures:
        on_mnist = evaluate(contestant.classifier.classify, mnist)
        figures = {MNIST: on_mnist.accuracy, UNDISPUTED: on_mnist.accuracy_without_disputed, ECE: on_mnist.ece}
        return figures | {name: _accuracy(contestant, patches[name], found) for name, found in dev_sets.items()}

    columns = [Column(MNIST, "MNIST", _to_percent), Column(UNDISPUTED, "undisputed", _to_percent)]
    columns += [Column(name, DEV_SETS[name], _to_percent) for name in dev_sets]
    note = (
        f"Digits read right, in per cent: MNIST's test digits, those without the {len(DISPUTED_MNIST_TEST)} whose "
        "label most people dispute, and sets of other writers and pens. ECE: expected calibration error on MNIST's "
        "test digits, in per cent."
    )
    data = {found.name: _identify(found) for found in (mnist, *dev_sets.values())}
    missing = tuple(name for name in DEV_SETS if name not in dev_sets)
    return Section("Accuracy", note, (*columns, Column(ECE, "ECE", _to_percent)), measure, data, missing)


def robustness_section(mnist: Dataset) -> Section:
    """Make the section that tells how many of MNIST's test digits are still read right once they are spoilt."""
    images = to_bytes(mnist)
    patches = {kind: corrupt(images, kind) for kind in (AFFINE, *SUITE)}

    def measure(contestant: Contestant) -> Figures:
        figures = {kind: _accuracy(contestant, each, mnist) for kind, each in patches.items()}
        return figures | {SUITE_MEAN: sum(figures[kind] for kind in SUITE) / len(SUITE)}

    columns = [Column(AFFINE, AFFINE, _to_percent), Column(SUITE_MEAN, f"mean of {len(SUITE)}", _to_percent)]
    columns += [Column(kind, kind.partition(" ")[0], _to_percent) for kind in SUITE]
    note = (
        f"MNIST's test digits read right, in per cent, after a random affine, and after each of {len(SUITE)} "
        "corruptions: shot and impulse noise, glass and motion blur, shear, and so on. The mean is that of the "
        f"{len(SUITE)}."
    )
    data = {f"mnist, {kind}": {"n_images": len(each), "sha256": digest(each)} for kind, each in patches.items()}
    return Section("Robustness", note, tuple(columns), measure, data)


def refusal_section(mnist: Dataset, root: Path | None) -> Section:
    """Make the section that tells how well each network refuses what is no digit, while digits pass."""
    digits, strangers = to_bytes(mnist), load_strangers(root)

    def measure(contestant: Contestant) -> Figures:
        """Return every set's figures, and the means that the table shows."""
        classifier = contestant.classifier
        refusal = measure_refusal(classifier.classify, classifier.card.digit_score_threshold, digits, strangers)
        figures = {f"refused, {row.name}": row.refused for row in refusal.rows}
        figures |= {f"refused at 99 %, {row.name}": row.refused_at_99 for row in refusal.rows}
        figures |= {f"AUROC, {row.name}": row.auroc for row in refusal.rows}
        groups = _groups(strangers).items()
        means = {
            f"{what}, {group}": fmean(figures[f"{what}, {name}"] for name in names)
            for what in ("refused", "refused at 99 %", "AUROC")
            for group, names in groups
        }
        return {PASSED: refusal.passed, **means, **figures}

    columns = [Column(PASSED, "digits passed", _to_percent)]
    columns += [Column(f"refused, {group}", group, _to_percent) for group in _groups(strangers)]
    columns += [Column(f"refused at 99 %, {group}", f"{group} at 99 %", _to_percent) for group in ("letters", "signs")]
    columns += [
        Column(f"AUROC, {group}", f"AUROC {group}", "{:.4f}".format) for group in _groups(strangers) if group != BLANK
    ]
    note = (
        "Share of MNIST's test digits that pass the threshold of the digit score, and of strangers that are refused, "
        "in per cent: letters and signs in handwriting fonts that no network learned from, noise, digits of other "
        "scripts, and blank paper, which is refused or not. What looks like a Western digit stands apart as twins. At "
        "99 %: of those refused where the threshold lets just 99 % of the digits pass. "
        "AUROC: the chance that a digit scores higher than a stranger. Each group is the mean of its sets, which are "
        "in the JSON."
    )
    data = {
        f"strangers, {each.name}": {"n_images": len(each.patches), "sha256": digest(to_levels(each.patches))}
        for each in strangers
    }
    return Section("Refusal", note, tuple(columns), measure, data)


def _groups(strangers: Sequence[StrangerSet]) -> dict[str, list[str]]:
    """Put the sets together that a table shows as one: group -> names of its sets."""
    groups: dict[str, list[str]] = {}
    for each in strangers:
        groups.setdefault("twins" if each.like_digits else _GROUPS.get(each.name, "scripts"), []).append(each.name)
    return groups


def cost_section() -> Section:
    """Make the section that tells how large each network is, how fast, and how long its training took."""
    columns = (
        Column(N_PARAMETERS, "parameters", "{:,.0f}".format),
        Column(N_MACS, "MMAC", lambda n: f"{n / 1e6:.2f}"),
        Column(FILE_BYTES, "file, kB", lambda n: f"{n / 1e3:,.0f}"),
        Column(TRAIN_SECONDS, "training, s", "{:,.0f}".format),
        Column("latency_seconds", "one digit, us", lambda seconds: f"{seconds * 1e6:,.0f}", repeatable=False),
        Column("digits_per_second", "digits/s", "{:,.0f}".format, repeatable=False),
    )
    note = (
        "MMAC: million multiply-accumulates a digit. Training is what the model card says of the machine it was "
        "trained on. The last two columns are medians on one thread of the machine that measured the network: the time "
        "from one patch to its answer, and the rate when many come in one go. With --keep, rows may come from "
        "different machines."
    )
    return Section("Cost", note, columns, _cost_of)


def _cost_of(contestant: Contestant) -> Figures:
    facts = contestant.classifier.card.facts
    return {
        **{key: facts.get(key) for key in (N_PARAMETERS, N_MACS, TRAIN_SECONDS)},
        FILE_BYTES: contestant.path.stat().st_size,
        "latency_seconds": latency_seconds(contestant.classifier),
        "digits_per_second": digits_per_second(contestant.classifier),
    }


def _accuracy(contestant: Contestant, patches: Patches, dataset: Dataset) -> float:
    probabilities, _ = contestant.classifier.classify(patches)
    return accuracy(dataset.known_labels(), probabilities.argmax(axis=1))


def _identify(dataset: Dataset) -> dict[str, Any]:
    return {"n_images": len(dataset), **dataset.digests()}


def _to_percent(share: float) -> str:
    return f"{100 * share:.2f}"
