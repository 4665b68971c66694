"""Measure the shipped reader on generated pictures of single digits.

    python -m benchmarks.read_pictures --data DIR --n 1000

prints the shares read right, wrong, rejected ("?") and not found at all, per
kind and per trait of the pictures, and the median time of one reading.
"""

import argparse
import json
import statistics
import time
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.contact_sheets import Album
from inkdigits import load_reader
from inkdigits.datasets import load_dataset
from inkdigits.records import REJECTED, Reading
from inkdigits.train.pictures import KINDS, Picture, generate_pictures

VERDICTS = ("right", "wrong", "rejected", "empty")

BINS: Mapping[str, tuple[float, ...]] = {
    "size": (0.12, 0.25, 0.5),
    "pen_px": (2, 4, 8, 16, 32),
    "turn_deg": (-8, 8),
    "falloff": (0.2, 0.4),
    "noise": (3, 5.5),
    "jpeg_quality": (60, 80),
}
"""Where the tables cut a trait that is a number."""


class Reader(Protocol):
    """The part of `inkdigits.load_reader()` that is measured."""

    def read(self, source: Any, *, layout: Any) -> Reading:
        """Read one picture."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the reader made of one picture."""

    kind: str
    traits: Mapping[str, str | float]
    label: int
    text: str
    """What it read."""
    duration_ms: float

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        if self.text == str(self.label):
            return "right"
        return {"": "empty", REJECTED: "rejected"}.get(self.text, "wrong")


@dataclass(frozen=True, slots=True)
class Row:
    """How the pictures that share one trait were read."""

    trait: str
    value: str
    n: int
    shares: Mapping[str, float]
    """Verdict -> share of the pictures, 0-1."""


def read_pictures(reader: Reader, pictures: Iterable[Picture]) -> Iterator[tuple[Picture, Outcome]]:
    """Read pictures one at a time, each as a single digit, and yield each with its outcome."""
    for picture in pictures:
        start = time.perf_counter()
        reading = reader.read(picture.image, layout="digit")
        duration_ms = 1000 * (time.perf_counter() - start)
        yield picture, Outcome(picture.kind, picture.traits, picture.label, reading.text, duration_ms)


def tabulate(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return a row for all outcomes, then one for each value of each trait, in order."""
    groups: dict[tuple[str, int, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        for trait, value in {**outcome.traits, "label": str(outcome.label)}.items():
            groups[trait, *_bin(trait, value)].append(outcome)
    return [
        _row("all", "", outcomes),
        *(_row(trait, name, groups[trait, at, name]) for trait, at, name in sorted(groups)),
    ]


def _bin(trait: str, value: str | float) -> tuple[int, str]:
    """Return where a value stands in its table, and under which name."""
    if isinstance(value, str):
        return 0, value
    edges = BINS[trait]
    place = bisect(edges, value)
    if place == 0:
        return place, f"below {edges[0]:g}"
    return place, f"{edges[-1]:g} or more" if place == len(edges) else f"{edges[place - 1]:g} to {edges[place]:g}"


def _row(trait: str, value: str, outcomes: Sequence[Outcome]) -> Row:
    counts = Counter(outcome.verdict for outcome in outcomes)
    return Row(trait, value, len(outcomes), {verdict: counts[verdict] / len(outcomes) for verdict in VERDICTS})


def to_text(kind: str, outcomes: Sequence[Outcome]) -> str:
    """Write the table of one kind for people."""
    median_ms = statistics.median(outcome.duration_ms for outcome in outcomes)
    lines = [f"{kind}: {len(outcomes)} pictures, median {median_ms:.1f} ms a picture"]
    lines.append(f"{'trait':<14}{'value':<24}{'n':>6}" + "".join(f"{verdict:>11}" for verdict in VERDICTS))
    for row in tabulate(outcomes):
        shares = "".join(f"{row.shares[verdict]:>11.2%}" for verdict in VERDICTS)
        lines.append(f"{row.trait:<14}{row.value:<24}{row.n:>6}{shares}")
    return "\n".join(lines)


def to_json(kind: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the same table for programs."""
    median_ms = statistics.median(outcome.duration_ms for outcome in outcomes)
    return {"kind": kind, "median_ms": median_ms, "rows": [asdict(row) for row in tabulate(outcomes)]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read generated pictures and print how that went."""
    options = _parse(arguments)
    digits = load_dataset("mnist", split=options.split, root=options.data)
    reader = load_reader(options.model)
    results = {}
    for kind in KINDS if options.kind == "all" else (options.kind,):
        pictures = generate_pictures(digits.images, digits.known_labels(), kind=kind, n=options.n, seed=options.seed)
        results[kind] = _measure(reader, pictures, options.save)
    if options.format == "text":
        print("\n\n".join(to_text(kind, outcomes) for kind, outcomes in results.items()))
        return
    facts = {"model": options.model, "split": options.split, "seed": options.seed, "n": options.n}
    kinds = [to_json(kind, outcomes) for kind, outcomes in results.items()]
    print(json.dumps({**facts, "data": digits.digests(), "kinds": kinds}, indent=2))


def _measure(reader: Reader, pictures: Iterable[Picture], folder: Path | None) -> list[Outcome]:
    """Read the pictures; where a folder is given, save contact sheets of the first ones and of those misread."""
    album, outcomes = Album(folder) if folder else None, []
    for number, (picture, outcome) in enumerate(read_pictures(reader, pictures)):
        outcomes.append(outcome)
        if album:
            caption = f"{number}: {outcome.label} read {outcome.text or 'nothing'}"
            album.add(f"{outcome.kind}-samples", picture.image, caption)
            if outcome.verdict != "right":
                album.add(f"{outcome.kind}-failures", picture.image, caption)
    if album:
        album.save()
    return outcomes


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read_pictures", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets: mnist/ lies in it")
    parser.add_argument("--split", choices=("train", "test"), default="train", help="whose digits are drawn anew")
    parser.add_argument("--kind", choices=(*KINDS, "all"), default="all")
    parser.add_argument("--n", type=int, default=1000, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="default", help="a bundled name, a path to an .onnx, or a run folder")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--save", type=Path, help="folder for contact sheets of the first pictures and of those misread"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
