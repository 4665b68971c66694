"""Read files that are damaged in every way, and see that each gives a reading or one of our errors, soon.

    python -m benchmarks.damaged --n 10000

Small pictures of a number in every format are cut short, have bits flipped, bytes replaced, sizes in their headers
changed, or the header of another format; some files are noise. Prints how many gave what, and the slowest; ends with
an error where one took over two seconds, or raised anything else.
"""

import argparse
import io
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from PIL import Image

from inkdigits import load_reader
from inkdigits.errors import InkdigitsError

LIMIT_S = 2.0

SAVED: Mapping[str, Mapping[str, object]] = {
    "PNG": {},
    "JPEG": {"quality": 80},
    "TIFF": {"compression": "tiff_lzw", "save_all": True},
    "GIF": {},
    "BMP": {},
    "WEBP": {},
    "PDF": {},
}
"""The formats, each with how a picture is saved."""


def make_files() -> dict[str, bytes]:
    """Return one sound file of each format."""
    picture = np.full((90, 260, 3), 245, np.uint8)
    cv2.putText(picture, "40718", (20, 64), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2, (40, 40, 90), 3, cv2.LINE_AA)
    files = {}
    for kind, how in SAVED.items():
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, kind, **how)
        files[kind] = buffer.getvalue()
    return files


def _cut_short(rng: np.random.Generator, data: bytes, _files: Sequence[bytes]) -> bytes:
    return data[: int(rng.integers(0, len(data)))]


def _flip_bits(rng: np.random.Generator, data: bytes, _files: Sequence[bytes]) -> bytes:
    changed = np.frombuffer(data, dtype=np.uint8).copy()
    at = rng.integers(0, len(changed), size=int(rng.integers(1, 40)))
    changed[at] ^= (1 << rng.integers(0, 8, size=len(at))).astype(np.uint8)
    return changed.tobytes()


def _change_header(rng: np.random.Generator, data: bytes, _files: Sequence[bytes]) -> bytes:
    """Change a few of the first bytes, where sizes and kinds stand."""
    changed = np.frombuffer(data, dtype=np.uint8).copy()
    at = rng.integers(0, min(200, len(changed)), size=int(rng.integers(1, 6)))
    changed[at] = rng.integers(0, 256, size=len(at))
    return changed.tobytes()


def _wrong_header(rng: np.random.Generator, data: bytes, files: Sequence[bytes]) -> bytes:
    """Begin like another format."""
    other = files[int(rng.integers(len(files)))]
    n = int(rng.integers(4, 64))
    return other[:n] + data[n:]


def _repeat_part(rng: np.random.Generator, data: bytes, _files: Sequence[bytes]) -> bytes:
    start, stop = sorted(rng.integers(0, len(data), size=2).tolist())
    return data[:stop] + data[start:stop] * int(rng.integers(1, 4)) + data[stop:]


def _noise(rng: np.random.Generator, _data: bytes, _files: Sequence[bytes]) -> bytes:
    return rng.bytes(int(rng.integers(0, 5000)))


DAMAGES: tuple[Callable[[np.random.Generator, bytes, Sequence[bytes]], bytes], ...] = (
    _cut_short,
    _flip_bits,
    _change_header,
    _wrong_header,
    _repeat_part,
    _noise,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read damaged files and print what became of them."""
    options = _parse(arguments)
    reader = load_reader()
    files = make_files()
    kinds, sound = list(files), list(files.values())
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    for number in range(options.n):
        rng = np.random.default_rng((options.seed, number))
        damage = DAMAGES[int(rng.integers(len(DAMAGES)))]
        kind = kinds[int(rng.integers(len(kinds)))]
        data = damage(rng, files[kind], sound)
        start = time.perf_counter()
        try:
            for _ in reader.read_pages(data, layout="number"):
                pass
            outcomes["read"] += 1
        except InkdigitsError as error:
            outcomes[error.code] += 1
        took = time.perf_counter() - start
        slowest = max(slowest, (took, f"{kind}, {damage.__name__[1:]}, file {number}"))
    print(f"{options.n} damaged files: " + ", ".join(f"{n} {what}" for what, n in outcomes.most_common()))
    print(f"slowest {slowest[0]:.2f} s ({slowest[1]})")
    if slowest[0] > LIMIT_S:
        raise SystemExit(f"One took longer than {LIMIT_S:g} s.")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damaged", description=__doc__)
    parser.add_argument("--n", type=int, default=10000, help="how many files")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
