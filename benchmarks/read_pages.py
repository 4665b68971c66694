"""Measure the shipped reader on pages made by `benchmarks.pages`.

    python -m benchmarks.read_pages --data DIR --n 50

prints for each kind the share of the numbers that are read right digit for digit, as one line in their place; how many
lines are invented, as a share of all that are read: they lie where no number was written; and the median time of a
page. Of exam pages, a student number counts as well where its nine digits come in several lines.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contact_sheets import Album
from benchmarks.pages import Page, draw_pages
from inkdigits import load_reader
from inkdigits.datasets import load_dataset
from inkdigits.reader import Reader
from inkdigits.records import Box, Line

KINDS = ("sheets", "exams")

IN_PLACE = 0.5
"""A line belongs to a number if so much of its box lies in the number's."""


def judge(page: Page, lines: Sequence[Line], *, joined: bool) -> tuple[int, int]:
    """Return how many numbers of a page are read right, and how many lines are invented."""
    owners = [next((at for at, (_, box) in enumerate(page.numbers) if _lies_in(line.box, box)), -1) for line in lines]
    right = 0
    for at, (text, _) in enumerate(page.numbers):
        own = [line for line, owner in zip(lines, owners, strict=True) if owner == at]
        own.sort(key=lambda line: line.box.x0)
        right += "".join(line.text for line in own) == text and (joined or len(own) == 1)
    return right, owners.count(-1)


def _lies_in(box: Box, place: Box) -> bool:
    width = min(box.x1, place.x1) - max(box.x0, place.x0)
    height = min(box.y1, place.y1) - max(box.y0, place.y0)
    return max(0, width) * max(0, height) >= IN_PLACE * box.width * box.height


def measure(reader: Reader, kind: str, pages: Sequence[Page], album: Album | None) -> str:
    """Read pages and say how that went."""
    n_right = n_numbers = n_invented = n_lines = n_clean = 0
    durations_ms = []
    for page in pages:
        start = time.perf_counter()
        lines = reader.read(page.image, layout="page").lines
        durations_ms.append(1000 * (time.perf_counter() - start))
        right, invented = judge(page, lines, joined=kind == "exams")
        n_right, n_invented = n_right + right, n_invented + invented
        n_numbers, n_lines = n_numbers + len(page.numbers), n_lines + len(lines)
        n_clean += invented == 0
        if album and (right < len(page.numbers) or invented):
            missed = " ".join(text for text, _ in page.numbers)
            album.add(f"{kind}-failures", page.image, f"{missed} read {' '.join(line.text for line in lines)}"[:60])
    share = n_invented / max(1, n_lines)
    words = f"{kind}: {len(pages)} pages, {n_right / max(1, n_numbers):.2%} of {n_numbers} numbers right"
    words += f", {share:.2%} of {n_lines} lines invented, {n_clean} pages without any"
    return f"{words}, median {statistics.median(durations_ms):.0f} ms a page"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read pages and print how that went."""
    options = _parse(arguments)
    reader = load_reader()
    album = Album(options.save) if options.save else None
    digits = load_dataset("mnist", split=options.split, root=options.data)
    for kind in KINDS if options.kind == "all" else (options.kind,):
        pages = list(draw_pages(kind, digits.images, digits.known_labels(), n=options.n, seed=options.seed))
        print(measure(reader, kind, pages, album), flush=True)
    if album:
        album.save()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read_pages", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets: mnist/ lies in it")
    parser.add_argument("--split", choices=("train", "test"), default="train", help="whose digits are written")
    parser.add_argument("--kind", choices=(*KINDS, "all"), default="all")
    parser.add_argument("--n", type=int, default=50, help="pages of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="folder for contact sheets of pages with mistakes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
