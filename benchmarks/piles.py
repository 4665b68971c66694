"""Measure `inkdigits batch` on piles made here: pages a second, and the memory that its processes take.

    python -m benchmarks.piles --data DIR

reads, each as a command of its own: pages made by `benchmarks.pages` as PNG, with one process and with two, and as
JPEG, which phones and scanners write; one TIFF with many small pages; and one page of 12 megapixels. Prints
a line for each: the whole time, with everything that a run loads, pages a second, and the peak of each process (VmHWM,
which Linux alone tells), the parent's first.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.pages import draw_pages
from inkdigits.datasets import Dataset, load_dataset

LARGE_PX = (4000, 3000)
"""Height and width of a page of 12 megapixels: larger ones come reduced to that."""

TIMES = 4
"""The small pages are digits of 28 x 28 pixels, so many times as large."""

FORMATS = {"PNG": {}, "JPEG": {"quality": 90}}
"""How pages are written."""

POLL_S = 0.02
"""Between two looks at the memory; each shows the peak until then."""


def measure(name: str, n_pages: int, options: Sequence[str]) -> str:
    """Read a pile with the command, and say how that went."""
    peaks_kb: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "inkdigits", "batch", *options, "--out", str(Path(folder, "out.jsonl"))]
        start = time.perf_counter()
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while run.poll() is None:
            peaks_kb |= dict(_peaks_kb(run.pid))
            time.sleep(POLL_S)
        took_s = time.perf_counter() - start
    if run.returncode:
        raise SystemExit(f"{name}: the command ended with {run.returncode}.")
    peaks = " + ".join(f"{peak / 1e3:.0f}" for peak in peaks_kb.values() if peak)
    return f"{name}: {took_s:.1f} s, {n_pages / took_s:.2f} pages a second, peak {peaks} MB"


def _peaks_kb(pid: int) -> Iterator[tuple[int, int]]:
    """Yield the peak memory of a process and of all that it started; 0 for the small one with which Python keeps watch.

    Until that one has begun, it looks like its parent.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return
    if "VmHWM:" in status:  # not in that of one that has ended
        yield pid, 0 if "resource_tracker" in command else int(status.partition("VmHWM:")[2].split()[0])
    for child in children:
        yield from _peaks_kb(int(child))


def write_pages(folder: Path, digits: Dataset, n: int, seed: int) -> npt.NDArray[np.uint8]:
    """Write pages as pictures, each format into a folder of its own; return the first."""
    for name in FORMATS:
        (folder / name).mkdir()
    pages = [page.image for page in draw_pages("sheets", digits.images, digits.known_labels(), n=n, seed=seed)]
    for number, page in enumerate(pages):
        for name, how in FORMATS.items():
            Image.fromarray(page).save(folder / name / f"{number:04}.{name.lower()}", **how)
    return pages[0]


def write_tiff(file: Path, digits: Dataset, n: int) -> None:
    """Write digits, dark on white, as the pages of one TIFF."""
    small = [Image.fromarray(255 - np.kron(image, np.ones((TIMES, TIMES), np.uint8))) for image in digits.images[:n]]
    small[0].save(file, save_all=True, append_images=small[1:])


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the piles and print how that went."""
    options = _parse(arguments)
    digits = load_dataset("mnist", split="train", root=options.data)
    with tempfile.TemporaryDirectory() as name:
        folder, tiff, large = Path(name), Path(name, "small.tif"), Path(name, "large.png")
        first = write_pages(folder, digits, options.n, options.seed)
        write_tiff(tiff, digits, options.n_small)
        Image.fromarray(cv2.resize(first, LARGE_PX[::-1])).save(large)
        as_page = ["--layout", "page", "--workers"]
        for kind, n_workers in (("PNG", "1"), ("PNG", "2"), ("JPEG", "2")):
            title = f"{options.n} pages, {kind}, --workers {n_workers}"
            print(measure(title, options.n, [str(folder / kind), *as_page, n_workers]), flush=True)
        title = f"a TIFF of {options.n_small} small pages, --workers 1"
        print(measure(title, options.n_small, [str(tiff), "--layout", "digit", "--workers", "1"]), flush=True)
        print(measure("a page of 12 megapixels, --workers 1", 1, [str(large), *as_page, "1"]), flush=True)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.piles", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets: mnist/ lies in it")
    parser.add_argument("--n", type=int, default=200, help="pages that are pictures")
    parser.add_argument("--n-small", type=int, default=1000, help="pages of the TIFF")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
