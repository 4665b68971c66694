"""Measure what the bundled network would win and lose as an int8 one.

    python -m benchmarks.int8 --data DIR

quantises it to eight bits as `inkdigits export` does the network for lines, all layers but the last one, by ranges that
1,000 of MNIST's training digits show, and prints accuracy on the test digits, file size, latency and throughput beside
those of float32.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from inkdigits.classifier import INPUTS, Classifier, load_classifier
from inkdigits.datasets import Dataset, load_dataset
from inkdigits.datasets.description import align
from inkdigits.evaluate import evaluate
from inkdigits.graphs import find_model
from inkdigits.timing import digits_per_second, latency_seconds
from inkdigits.train.quantise import quantise

N_EXAMPLES, BATCH = 1000, 100
SEED = 0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="default")
    given = parser.parse_args()
    model = find_model(given.model)
    train, test = (load_dataset("mnist", split, given.data) for split in ("train", "test"))
    rows = [["", "accuracy", "errors", "ECE", "file, kB", "one patch, us", "digits/s"]]
    with tempfile.TemporaryDirectory() as folder:
        int8 = write_int8(model, Path(folder) / "int8.onnx", train)
        for name, path in (("float32", model), ("int8", int8)):
            rows.append([name, *measure(path, load_classifier(path), test)])
    print(align(rows))


def write_int8(model: Path, out: Path, train: Dataset) -> Path:
    """Write an int8 copy of a network, with its card, to `out`."""
    chosen = np.random.default_rng(SEED).choice(len(train), N_EXAMPLES, replace=False)
    ink = (train.images[chosen] / np.float32(255))[:, None].astype(np.float32)
    out.write_bytes(quantise(model.read_bytes(), INPUTS[0], np.split(ink, N_EXAMPLES // BATCH)))
    out.with_suffix(".json").write_bytes(model.with_suffix(".json").read_bytes())
    return out


def measure(path: Path, classifier: Classifier, test: Dataset) -> list[str]:
    """Return the figures of one network, as the table shows them."""
    found = evaluate(classifier.classify, test)
    return [
        f"{found.accuracy:.2%}",
        str(len(found.mistakes)),
        f"{found.ece:.4f}",
        f"{path.stat().st_size / 1e3:,.0f}",
        f"{1e6 * latency_seconds(classifier):,.0f}",
        f"{digits_per_second(classifier):,.0f}",
    ]


if __name__ == "__main__":
    main()
