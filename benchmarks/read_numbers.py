"""Measure the shipped reader on numbers: generated photos, and real cheques.

    python -m benchmarks.read_numbers --data DIR --n 500

prints for each kind the share read right digit for digit, the share that is right among the five alternatives, how
good the confidence of a line is (its mean beside the share that is right), and the median time of one reading. Numbers
are composed of MNIST's digits; the cheques are dev/orand_car_a of the data folder, which nothing is trained on.
"""

import argparse
import csv
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.contact_sheets import Album
from inkdigits import load_reader
from inkdigits.datasets import load_dataset
from inkdigits.images import load_image
from inkdigits.reader import Reader
from inkdigits.train.pictures.numbers import APART, TOUCHING, photograph_numbers

KINDS = ("apart", "touching", "cheques")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the reader made of one number."""

    text: str
    """What stands there."""
    read: str
    alternatives: tuple[str, ...]
    confidence: float
    duration_ms: float


def read_numbers(reader: Reader, pictures: Iterable[tuple[Any, str]]) -> Iterator[tuple[Any, Outcome]]:
    """Read pictures, each as one number, and yield each with its outcome."""
    for picture, text in pictures:
        start = time.perf_counter()
        reading = reader.read(picture, layout="number")
        duration_ms = 1000 * (time.perf_counter() - start)
        others = tuple(other.text for line in reading.lines for other in line.alternatives)
        yield picture, Outcome(text, reading.text, others, reading.confidence or 0.0, duration_ms)


def to_text(kind: str, outcomes: Sequence[Outcome]) -> str:
    """Say how a kind was read."""
    right = statistics.fmean(outcome.read == outcome.text for outcome in outcomes)
    among = statistics.fmean(outcome.text in outcome.alternatives for outcome in outcomes)
    sure = statistics.fmean(outcome.confidence for outcome in outcomes)
    median_ms = statistics.median(outcome.duration_ms for outcome in outcomes)
    words = f"{kind}: {len(outcomes)} numbers, {right:.2%} right, {among:.2%} among the five best"
    return f"{words}, mean confidence {sure:.2%}, median {median_ms:.1f} ms"


def load_pictures(kind: str, data: Path, split: str, n: int, seed: int) -> Iterator[tuple[Any, str]]:
    """Yield pictures of a kind with what stands there."""
    if kind == "cheques":
        with (data / "dev" / "orand_car_a" / "labels.csv").open(newline="") as file:
            for row in list(csv.DictReader(file))[:n]:
                yield load_image(data / "dev" / "orand_car_a" / "images" / row["file"]).grey, row["label"]
        return
    digits = load_dataset("mnist", split=split, root=data)
    spacing = APART if kind == "apart" else TOUCHING
    for photo in photograph_numbers(digits.images, digits.known_labels(), n=n, spacing=spacing, seed=seed):
        yield photo.image, photo.text


def main(arguments: Sequence[str] | None = None) -> None:
    """Read numbers and print how that went."""
    options = _parse(arguments)
    reader = load_reader(options.model)
    album = Album(options.save) if options.save else None
    for kind in KINDS if options.kind == "all" else (options.kind,):
        outcomes = []
        pictures = load_pictures(kind, options.data, options.split, options.n, options.seed)
        for picture, outcome in read_numbers(reader, pictures):
            outcomes.append(outcome)
            if album and outcome.read != outcome.text:
                album.add(f"{kind}-failures", picture, f"{outcome.text} read {outcome.read}")
        print(to_text(kind, outcomes), flush=True)
    if album:
        album.save()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read_numbers", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets: mnist/ lies in it")
    parser.add_argument("--split", choices=("train", "test"), default="train", help="whose digits are composed")
    parser.add_argument("--kind", choices=(*KINDS, "all"), default="all")
    parser.add_argument("--n", type=int, default=500, help="numbers of each kind, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="default", help="a bundled name, a path to an .onnx, or a run folder")
    parser.add_argument("--save", type=Path, help="folder for contact sheets of those misread")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
