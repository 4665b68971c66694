"""Measure what the bundled network would win and lose as an int8 one.

    python -m benchmarks.int8 --data DIR

quantises it to eight bits, weights and activations (static, QDQ, a scale a channel), by ranges that 1,000 of MNIST's
training digits show, and prints accuracy on the test digits, file size, latency and throughput beside those of float32.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from inkdigits.classifier import INPUTS, Classifier, load_classifier
from inkdigits.datasets import Dataset, load_dataset
from inkdigits.datasets.description import align
from inkdigits.evaluate import evaluate
from inkdigits.graphs import find_model
from inkdigits.timing import digits_per_second, latency_seconds

N_CALIBRATION = 1000
CALIBRATION_BATCH = 100
SEED = 0


class Digits(CalibrationDataReader):
    """Hands out training digits, a batch at a time."""

    def __init__(self, images: npt.NDArray[np.uint8]) -> None:
        ink = (images / np.float32(255))[:, None].astype(np.float32)
        self._batches = iter(np.split(ink, len(ink) // CALIBRATION_BATCH))

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        """Return the next batch as the graph takes it; None behind the last."""
        batch = next(self._batches, None)
        return None if batch is None else {INPUTS[0]: batch}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="default")
    parser.add_argument("--calibration", choices=[each.name for each in CalibrationMethod], default="MinMax")
    given = parser.parse_args()
    method, model = CalibrationMethod[given.calibration], find_model(given.model)
    train, test = (load_dataset("mnist", split, given.data) for split in ("train", "test"))
    rows = [["", "accuracy", "errors", "ECE", "file, kB", "one patch, us", "digits/s"]]
    with tempfile.TemporaryDirectory() as folder:
        int8 = quantise(model, Path(folder) / "int8.onnx", train, method)
        for name, path in (("float32", model), ("int8", int8)):
            rows.append([name, *measure(path, load_classifier(path), test)])
    print(align(rows))


def quantise(model: Path, out: Path, train: Dataset, method: CalibrationMethod = CalibrationMethod.MinMax) -> Path:
    """Write an int8 copy of a network, with its card, to `out`."""
    chosen = np.random.default_rng(SEED).choice(len(train), N_CALIBRATION, replace=False)
    prepared = out.with_suffix(".prepared.onnx")
    quant_pre_process(model, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared,
        out,
        Digits(train.images[chosen]),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=method,
    )
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
