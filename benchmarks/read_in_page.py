"""Compare how the page reads photos by itself, without the server, with how Python reads the same ones.

    python -m benchmarks.read_in_page --data DIR --n 100

prints for each kind the shares read right by both, and the median time of one reading. The pictures are those of
read_pictures (`pad`, `photo`: single digits) and of read_numbers (`apart`, `touching`, `cheques`), which say more.
Both are told whether a picture shows a digit or a number. It wants Chromium, and the page with its libraries.
"""

import argparse
import base64
import io
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

import PIL.Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.load import serve
from benchmarks.read_numbers import KINDS as NUMBERS
from benchmarks.read_numbers import load_pictures
from inkdigits import load_reader
from inkdigits.datasets import load_dataset
from inkdigits.train.pictures import KINDS as DIGITS
from inkdigits.train.pictures import generate_pictures

Layout: TypeAlias = Literal["digit", "number"]

READY = "async () => (await import('./static/main.js')).draw.engine.is_ready"

READ = """async ([picture, layout]) => {
    const { draw } = await import("./static/main.js"), { Local } = await import("./static/local.js");
    const bytes = Uint8Array.from(atob(picture), (sign) => sign.charCodeAt(0)), began = performance.now();
    const { reading } = await new Local(draw.engine).read(new Blob([bytes]), { layout });
    return [reading.text, performance.now() - began];
}"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read pictures twice, and print how that went."""
    options = _parse(arguments)
    reader = load_reader()
    with _open_page() as page:
        for kind in (*DIGITS, *NUMBERS) if options.kind == "all" else (options.kind,):
            rows = []
            for picture, text, layout in _load(kind, options):
                began = time.perf_counter()
                here = reader.read(picture, layout=layout).text
                python_ms = 1000 * (time.perf_counter() - began)
                there, page_ms = page.evaluate(READ, [_to_png(picture), layout])
                rows.append((here == text, there == text, here == there, python_ms, page_ms))
            print(_to_text(kind, rows), flush=True)


def _to_text(kind: str, rows: Sequence[tuple[bool, bool, bool, float, float]]) -> str:
    """Say how a kind was read."""
    here, there, alike, *times = zip(*rows, strict=True)
    python_ms, page_ms = (statistics.median(each) for each in times)
    shares = f"Python {statistics.fmean(here):.1%} right, the page {statistics.fmean(there):.1%}"
    words = f"{kind}: {len(rows)} pictures, {shares}, alike {statistics.fmean(alike):.1%}"
    return f"{words}, median {python_ms:.0f} and {page_ms:.0f} ms"


def _load(kind: str, options: argparse.Namespace) -> Iterator[tuple[Any, str, Layout]]:
    """Yield pictures of a kind, what they show, and what both readers are told."""
    if kind in NUMBERS:
        for picture, text in load_pictures(kind, options.data, options.split, options.n, options.seed):
            yield picture, text, "number"
        return
    digits = load_dataset("mnist", split=options.split, root=options.data)
    labels = digits.known_labels()
    for drawn in generate_pictures(digits.images, labels, kind=kind, n=options.n, seed=options.seed):
        yield drawn.image, str(drawn.label), "digit"


def _to_png(picture: Any) -> str:
    file = io.BytesIO()
    PIL.Image.fromarray(picture).save(file, "png", compress_level=1)
    return base64.b64encode(file.getvalue()).decode()


@contextmanager
def _open_page() -> Iterator[Page]:
    """Open the page of a server of its own, and wait for its networks."""
    with serve(()) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        while not page.evaluate(READY):
            time.sleep(0.05)
        yield page
        browser.close()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read_in_page", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets: mnist/ lies in it")
    parser.add_argument("--split", choices=("train", "test"), default="train", help="whose digits are drawn anew")
    parser.add_argument("--kind", choices=(*DIGITS, *NUMBERS, "all"), default="all")
    parser.add_argument("--n", type=int, default=100, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
