"""The section that comes first: the figures of a run at a glance, and how to get them again."""

from typing import Any

from inkdigits.evaluate import DISPUTED_MNIST_TEST
from inkdigits.outputs import to_percent
from inkdigits.report.markup import Html, element, facts, join, paragraph
from inkdigits.report.page import Section
from inkdigits.report.runs import Run
from inkdigits.train.prepare import parse_source


def overview(run: Run) -> Section:
    """Show what matters most."""
    what = join(facts(_figures(run), "cards"), facts(_facts(run)))
    digests = element("details", element("summary", "Digests of the data (sha256 of the content)"), _digests(run))
    return Section("At a glance", join(what, digests))


def _figures(run: Run) -> list[tuple[str, str]]:
    measured, record = run.answers.evaluation, run.record
    figures = [
        ("accuracy on MNIST's test digits", to_percent(measured.accuracy)),
        (f"misread, of {measured.n_images:,}", f"{len(measured.mistakes):,}"),
        ("calibration error (ECE)", to_percent(measured.ece)),
    ]
    if measured.accuracy_without_disputed is not None:
        name = f"accuracy without the {len(DISPUTED_MNIST_TEST)} disputed digits"
        figures.insert(1, (name, to_percent(measured.accuracy_without_disputed)))
    if record.get("n_parameters"):
        figures.append(("parameters", f"{record['n_parameters']:,}"))
    if record.get("n_macs"):
        figures.append(("multiply-accumulates a digit", f"{record['n_macs']:,}"))
    if record.get("train_seconds"):
        figures.append(("training", to_duration(record["train_seconds"])))
    if record.get("peak_memory_bytes"):
        figures.append(("memory of the training at most", f"{record['peak_memory_bytes'] / 1e6:,.0f} MB"))
    return figures


def _facts(run: Run) -> list[tuple[str, str]]:
    """Everything else that is known, as far as it is."""
    record, card, recipe = run.record, run.model.classifier.card, run.record["recipe"]
    command = card.facts.get("command")
    known = {
        "network": recipe.get("network", record["name"]),
        "file": f"model.onnx, {run.model.graph.stat().st_size / 1e6:.2f} MB, digest {run.model.classifier.digest}",
        "learned from": _counts(run),
        "epochs": _epochs(run),
        "seed": recipe.get("seed"),
        "started": record.get("started"),
        "code": " ".join(str(part) for part in (record.get("version"), record.get("commit")) if part),
        "on": _machine(run),
        "command": element("code", command) if command else None,
        "measured by": element("code", "inkdigits evaluate RUN --data DIR"),
    }
    return [
        (name, value if isinstance(value, Html) else str(value))
        for name, value in known.items()
        if value not in (None, "")
    ]


def to_duration(seconds: float) -> str:
    """Return seconds as people say them: "48 s", "32 min 3 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _counts(run: Run) -> str:
    """Say what it learned from: its data sets with their counts, and what showed it what is no digit."""
    known = run.record.get("data", {})
    strangers = {parse_source(entry)[0] for entry in run.record["recipe"].get("negatives_from") or ()}
    words = ", ".join(_count(name, facts) for name, facts in known.items() if name not in strangers)
    n_made = count_negatives(run)
    if n_made:
        words += f" + {n_made:,} negatives made of them and of letters"
    if n_made and strangers:
        words += " + as negatives " + ", ".join(_count(name, known[name]) for name in known if name in strangers)
    held_out = run.record.get("n_validation")
    return words + (f"; {held_out:,} kept for validation" if held_out else "")


def count_negatives(run: Run) -> int:
    """Return how many negatives were made for a run: what its data sets do not account for."""
    if not run.record["recipe"].get("negatives"):
        return 0
    of_sets = (facts["n_train"] * facts.get("times", 1) for facts in run.record["data"].values())
    return int(run.record["n_train"] - sum(of_sets))


def _count(name: str, facts: dict[str, Any]) -> str:
    times = facts.get("times", 1)
    return f"{name} ({facts['n_train']:,}{f' x{times}' if times > 1 else ''})"


def _epochs(run: Run) -> str | None:
    if not run.history:
        return None
    kept = run.record.get(run.record["recipe"].get("keep", "last"), {}).get("epoch", len(run.history))
    return f"{len(run.history)}, of which the weights of epoch {kept} were kept"


def _machine(run: Run) -> str | None:
    record = run.record
    if not record.get("threads"):
        return None
    return f"{record['threads']} of {record['n_cores']} cores ({record['machine']}), torch {record['torch']}"


def _digests(run: Run) -> Html:
    named = {file: digest for known in run.record.get("data", {}).values() for file, digest in known["digests"].items()}
    lines = [(file, element("code", digest)) for file, digest in (named | run.answers.evaluation.digests).items()]
    return facts(lines) if lines else paragraph("None.")
