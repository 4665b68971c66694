"""What docs/python.md shows works: its blocks run in order, and print what stands behind them."""

import ast
import io
import re
import struct
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = Path(__file__).parents[1] / "docs" / "python.md"

N_TRAIN, N_TEST = 1400, 397


def statements(page: str) -> Iterator[tuple[int, str]]:
    """Yield every statement in the page's Python blocks: the number of its last line, and its source."""
    for block in re.finditer(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        first = page[: block.start(1)].count("\n")
        lines = block[1].splitlines()
        for node in ast.parse(block[1]).body:
            assert node.end_lineno
            yield first + node.end_lineno, "\n".join(lines[node.lineno - 1 : node.end_lineno])


def promised(source: str) -> str | None:
    """Return what the comment behind a statement says that it prints; None where it says nothing, or only about."""
    found = re.search(r"\)  # (?!about )(.+)$", source)
    return found[1] if found else None


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write an array as MNIST's files are written."""
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with data/mnist/, filled with scikit-learn's digits in place of MNIST's."""
    from sklearn.datasets import load_digits

    from inkdigits.normalize import to_patches

    images, labels = load_digits(return_X_y=True)
    patches = to_patches([image.reshape(8, 8).astype(np.float32) / 16 for image in images])
    patches, labels = np.round(patches * 255).astype(np.uint8), labels.astype(np.uint8)
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    for stem, part in (("train", slice(N_TRAIN)), ("t10k", slice(N_TRAIN, N_TRAIN + N_TEST))):
        write_idx(tmp_path / "data" / "mnist" / f"{stem}-images-idx3-ubyte", patches[part])
        write_idx(tmp_path / "data" / "mnist" / f"{stem}-labels-idx1-ubyte", labels[part])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_page_prints_what_it_says(folder: Path):
    """Block after block, in one namespace, as a reader would run them."""
    del folder
    names: dict[str, Any] = {}
    n_compared = 0
    for line, source in statements(PAGE.read_text("utf-8")):
        with redirect_stdout(io.StringIO()) as printed:
            exec(compile(source, f"{PAGE.name}, line {line}", "exec"), names)
        if (expected := promised(source)) is not None:
            assert printed.getvalue() == f"{expected}\n", f"{PAGE.name}, line {line}"
            n_compared += 1
    assert n_compared >= 10
    assert names["result"].accuracy > 0.6


def test_every_line_that_prints_one_thing_says_what():
    """So that a learner can compare; a loop that draws is shown below it."""
    prints = [source for _, source in statements(PAGE.read_text("utf-8")) if source.startswith("print(")]
    assert len(prints) > 10
    assert not [source for source in prints if "  # " not in source]
