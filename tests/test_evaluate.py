"""Metrics agree with their definitions and with scikit-learn, and an evaluation says all that they say."""

import json
import tracemalloc
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from inkdigits import evaluate as module
from inkdigits.datasets import Dataset, load_dataset
from inkdigits.datasets.dataset import stack
from inkdigits.decode import threshold_for_error
from inkdigits.errors import DataError
from inkdigits.evaluate import (
    DISPUTED_MNIST_TEST,
    accuracy,
    classification_report,
    confusion_matrix,
    evaluate,
    expected_calibration_error,
    reject_table,
)
from inkdigits.metrics import auroc, wilson_interval
from inkdigits.records import Ink, Patches

Array = npt.NDArray[Any]

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=200)

ANSWERS = st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=300)


def to_arrays(pairs: Sequence[tuple[Any, Any]]) -> tuple[Array, Array]:
    """Two columns as two arrays."""
    first, second = zip(*pairs, strict=True)
    return np.array(first), np.array(second)


def make_dataset(images: Array, labels: Array | None, normalised: bool = True) -> Dataset:
    """A data set that came from nowhere."""
    return Dataset("ours", "test", images, labels, None, normalised, ())


def read_first_pixel(patches: Patches) -> tuple[Array, Array]:
    """A network: the first pixel is the label times 20, the second the digit score."""
    assert patches.dtype == np.float32
    assert patches.shape[1:] == (28, 28)
    labels = np.round(patches[:, 0, 0] * 255 / 20).astype(int)
    probabilities = np.full((len(patches), 10), 0.02, dtype=np.float32)
    probabilities[np.arange(len(patches)), labels] = 0.82
    return probabilities, patches[:, 0, 1].copy()


def write_first_pixel(read_as: Array, digit_scores: Array) -> Array:
    """Images that `read_first_pixel` reads as wanted."""
    images = np.zeros((len(read_as), 28, 28), dtype=np.uint8)
    images[:, 0, 0] = read_as * 20
    images[:, 0, 1] = np.round(digit_scores * 255)
    return images


class TestAuroc:
    """How well a score tells two groups apart."""

    @given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.lists(st.integers(0, 5), min_size=1, max_size=60))
    def test_it_is_scikit_learns(self, positives: list[int], negatives: list[int]) -> None:
        """To 1e-9, ties and all."""
        scores = np.array([*positives, *negatives]) / 5
        truth = np.arange(len(scores)) < len(positives)
        expected = sklearn.metrics.roc_auc_score(truth, scores)
        assert auroc(scores[truth], scores[~truth]) == pytest.approx(expected, abs=1e-9)

    def test_it_knows_its_ends(self) -> None:
        """1 where all positives score higher, 0 where all score lower, a half where all are equal."""
        low, high = np.array([0.1, 0.2]), np.array([0.3])
        assert (auroc(high, low), auroc(low, high), auroc(low, low)) == (1, 0, 0.5)

    def test_empty_groups_are_refused(self) -> None:
        """Nothing can be told of them."""
        with pytest.raises(ValueError, match=r"\(N,\)"):
            auroc(np.zeros(0), np.ones(3))


class TestReport:
    """Per-class scores."""

    @given(PAIRS)
    def test_the_report_is_scikit_learns(self, pairs: list[tuple[int, int]]) -> None:
        """To 1e-9, also for labels that never occur or are never read."""
        labels, predicted = to_arrays(pairs)
        expected = sklearn.metrics.classification_report(
            labels, predicted, labels=range(10), output_dict=True, zero_division=0
        )
        expected.setdefault("accuracy", expected.pop("micro avg", {}).get("f1-score"))
        found = classification_report(labels, predicted).to_dict()
        assert found.keys() == expected.keys()
        assert found.pop("accuracy") == pytest.approx(expected.pop("accuracy"), abs=1e-9)
        for name, scores in expected.items():
            assert found[name] == pytest.approx(scores, abs=1e-9), name

    @given(PAIRS)
    def test_the_confusion_matrix_is_scikit_learns(self, pairs: list[tuple[int, int]]) -> None:
        """Ten by ten, rows the true labels, adding up to the class counts."""
        labels, predicted = to_arrays(pairs)
        found = confusion_matrix(labels.astype(np.uint8), predicted)
        np.testing.assert_array_equal(found, sklearn.metrics.confusion_matrix(labels, predicted, labels=range(10)))
        np.testing.assert_array_equal(found.sum(axis=1), np.bincount(labels, minlength=10))
        assert np.trace(found) / len(labels) == pytest.approx(accuracy(labels, predicted))

    @pytest.mark.parametrize("metric", [accuracy, confusion_matrix, classification_report, expected_calibration_error])
    def test_arrays_that_do_not_fit_are_refused(self, metric: Any) -> None:
        """Nothing is broadcast, and nothing is measured on nothing."""
        for one, other in (([1, 2], [1]), ([], []), ([[1]], [[1]])):
            with pytest.raises(ValueError, match="expected two arrays"):
                metric(np.array(one), np.array(other))


class TestCalibration:
    """Expected calibration error."""

    def test_it_is_the_weighted_gap_of_each_bin(self) -> None:
        """By hand: 4 in the bin of 0.9 with 3 right, 2 in the bin of 0.5 with 2 right."""
        confidences = np.array([0.9, 0.9, 0.9, 0.9, 0.5, 0.5], dtype=np.float32)
        correct = np.array([1, 1, 1, 0, 1, 1], dtype=bool)
        expected = 4 / 6 * abs(3 / 4 - 0.9) + 2 / 6 * abs(1 - 0.5)
        assert expected_calibration_error(confidences, correct) == pytest.approx(expected, abs=1e-7)

    def test_bins_hold_their_upper_edge(self) -> None:
        """Guo et al.: ((m - 1) / M, m / M]. With two bins 0.5 belongs below, 0.51 above; 0 and 1 have a bin."""
        assert expected_calibration_error(np.array([0.5, 0.3]), np.array([True, False]), 2) == pytest.approx(0.1)
        assert expected_calibration_error(np.array([0.51, 0.3]), np.array([True, False]), 2) == pytest.approx(0.395)
        assert expected_calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0

    @given(ANSWERS)
    def test_it_is_what_the_formula_says(self, answers: list[tuple[float, bool]]) -> None:
        """The bins one by one, as in the paper."""
        confidences, correct = to_arrays(answers)
        expected = 0.0
        for m in range(1, 16):
            inside = (np.ceil(confidences * 15) == m) | ((m == 1) & (confidences == 0))
            if inside.any():
                expected += inside.mean() * abs(correct[inside].mean() - confidences[inside].mean())
        assert expected_calibration_error(confidences, correct) == pytest.approx(expected, abs=1e-6)


def test_wilsons_interval():
    """As worked examples have it: 5 of 10, 0 of 20."""
    low, high = wilson_interval(np.array([0.5, 0.0]), np.array([10, 20]), 1.96)
    assert low == pytest.approx([0.2366, 0], abs=1e-4)
    assert high == pytest.approx([0.7634, 0.1611], abs=1e-4)


class TestRejecting:
    """What it costs and brings to accept only the sure."""

    @given(ANSWERS)
    def test_each_row_holds_on_the_sample(self, answers: list[tuple[float, bool]]) -> None:
        """Coverage is exact; the error is never less than measured, nor zero; sorted, from accepting everything."""
        confidences, correct = to_arrays(answers)
        table = reject_table(confidences, correct)
        assert (table[0].confidence, table[0].coverage) == (0.0, 1.0)
        for point in table:
            accepted = confidences >= point.confidence
            assert point.coverage == accepted.mean()
            assert 0 < point.error <= 1
            assert point.error > 1 - correct[accepted].mean() - 1e-12
        for lower, higher in pairwise(table):
            assert lower.confidence < higher.confidence
            assert lower.coverage > higher.coverage
            assert lower.error > higher.error

    def test_no_error_among_few_promises_little(self) -> None:
        """Ten right answers may hide one error in five; 3,000 do not."""
        (few,) = reject_table(np.full(10, 0.9), np.full(10, True))
        (many,) = reject_table(np.full(3000, 0.9), np.full(3000, True))
        assert few.error == pytest.approx(0.213, abs=1e-3)
        assert many.error == pytest.approx(0.0009, abs=1e-5)

    def test_the_promise_holds_on_fresh_digits(self) -> None:
        """Drawn from a calibrated source: in most of 100 trials the fresh error is under the promise."""
        generator, kept = np.random.default_rng(0), 0
        for _ in range(100):
            confidences = 1 - generator.beta(0.05, 2, 8000)
            correct = generator.random(8000) < confidences
            point = threshold_for_error(reject_table(confidences[:4000], correct[:4000]), 0.01)
            assert point is not None
            accepted = confidences[4000:] >= point.confidence
            kept += (~correct[4000:])[accepted].mean() <= 0.01
        assert kept >= 80

    def test_few_rows_span_the_whole_table(self) -> None:
        """First and last stay when rows are left out."""
        generator = np.random.default_rng(0)
        confidences = generator.random(5000)
        correct = generator.random(5000) < confidences
        whole, some = reject_table(confidences, correct, 10_000), reject_table(confidences, correct, 5)
        assert len(whole) > len(some) == 5
        assert (some[0], some[-1]) == (whole[0], whole[-1])
        assert set(some) <= set(whole)


class TestEvaluation:
    """One record for one network on one data set."""

    def test_it_gathers_every_figure(self) -> None:
        """Ten images, one misread, two that are no digits."""
        labels = np.arange(10, dtype=np.uint8)
        read_as = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 4])
        scores = np.array([1, 1, 1, 1, 0.2, 1, 1, 1, 1, 0.4])
        result = evaluate(read_first_pixel, make_dataset(write_first_pixel(read_as, scores), labels), 0.5)
        assert (result.dataset, result.split, result.n_images) == ("ours", "test", 10)
        assert result.accuracy == 0.9
        assert result.refused == 0.2
        assert result.accuracy_without_disputed is None
        assert result.ece == pytest.approx(0.08)
        assert result.confusion[9][4] == 1
        assert result.report.classes[9].recall == 0
        (mistake,) = result.mistakes
        assert (mistake.index, mistake.label, mistake.read_as) == (9, 9, 4)
        assert mistake.confidence == pytest.approx(0.82)
        assert result.reject_table[0].coverage == 1

    def test_mistakes_come_highest_loss_first(self) -> None:
        """The loss is that of the true label, and not how sure the wrong one was."""

        def classify(patches: Patches) -> tuple[Array, Array]:
            probabilities = np.zeros((len(patches), 10), dtype=np.float32)
            probabilities[:, 1] = [0.6, 0.9, 0.55]
            probabilities[:, 0] = [0.4, 0.05, 0.01]
            return probabilities, np.ones(len(patches), dtype=np.float32)

        images = np.zeros((3, 28, 28), dtype=np.uint8)
        result = evaluate(classify, make_dataset(images, np.zeros(3, dtype=np.uint8)))
        assert [mistake.index for mistake in result.mistakes] == [2, 1, 0]

    def test_text_and_json_say_the_same(self) -> None:
        """Text lines up; JSON is plain and complete."""
        labels = np.tile(np.arange(10, dtype=np.uint8), 20)
        read_as = np.where(np.arange(200) < 3, 9, labels)
        result = evaluate(read_first_pixel, make_dataset(write_first_pixel(read_as, np.ones(200)), labels))
        fields = json.loads(json.dumps(result.to_dict()))
        assert (fields["n_errors"], fields["accuracy"]) == (3, 0.985)
        assert fields["report"]["weighted avg"]["recall"] == pytest.approx(0.985)
        assert fields["confusion"][0][9] == 1
        assert fields["reject_table"][0]["coverage"] == 1
        blocks = result.to_text().split("\n\n")
        assert blocks[0].startswith("ours (test), 200 images\naccuracy ")
        assert "98.50%" in blocks[0]
        assert blocks[1].splitlines()[0].split() == ["label", "precision", "recall", "F1", "images"]
        for block in blocks:
            assert len({len(line) for line in block.splitlines()[1:]}) == 1, block

    def test_what_is_not_mnist_shaped_goes_through_the_normaliser(self) -> None:
        """As ink of any size, 0 paper and 1 ink, in the data set's order."""
        labels = np.array([3, 7], dtype=np.uint8)
        images = stack([np.full((40, 20), 60, np.uint8), np.full((9, 30), 140, np.uint8)])
        seen: list[tuple[int, ...]] = []

        def to_patches(inks: Sequence[Ink]) -> Patches:
            seen.extend(ink.shape for ink in inks)
            assert all(ink.dtype == np.float32 and 0 <= ink.min() <= ink.max() <= 1 for ink in inks)
            return np.stack([np.full((28, 28), ink[0, 0], dtype=np.float32) for ink in inks])

        result = evaluate(read_first_pixel, make_dataset(images, labels, normalised=False), to_patches=to_patches)
        assert seen == [(40, 20), (9, 30)]
        assert result.accuracy == 1

    def test_batches_keep_memory_small_and_order_right(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """20,000 images would be 63 MB of patches at once."""
        monkeypatch.setattr(module, "BATCH", 999)
        labels = np.random.default_rng(0).integers(0, 10, 20_000).astype(np.uint8)
        dataset = make_dataset(write_first_pixel(labels, np.ones(20_000)), labels)
        tracemalloc.start()
        result = evaluate(read_first_pixel, dataset)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert result.accuracy == 1
        assert peak_bytes < 20e6

    def test_a_set_without_labels_is_refused(self) -> None:
        """There is nothing to measure against."""
        with pytest.raises(DataError, match="'ours' \\(test\\) has no labels"):
            evaluate(read_first_pixel, make_dataset(np.zeros((2, 28, 28), dtype=np.uint8), None))


class TestMnist:
    """MNIST's test set has labels that people dispute."""

    def test_disputed_images_are_left_out_of_a_second_accuracy(self, data_dir: Path) -> None:
        """A network that misreads just those, and one more: 99.84 % with them, 99.99 % without."""
        dataset = load_dataset("mnist", "test", data_dir)
        read_as = dataset.known_labels().astype(int)
        read_as[[*DISPUTED_MNIST_TEST, 0]] = (read_as[[*DISPUTED_MNIST_TEST, 0]] + 1) % 10
        images = write_first_pixel(read_as, np.ones(10_000))
        result = evaluate(read_first_pixel, make_dataset(images, dataset.labels))
        assert result.accuracy == 0.9984
        assert result.accuracy_without_disputed == pytest.approx(1 - 1 / 9985)
        assert "accuracy without the 15 disputed images" in result.to_text()
        assert "99.99%" in result.to_text()

    def test_the_disputed_are_those_with_fewer_than_three_votes(self, data_dir: Path) -> None:
        """Counted anew from the votes."""
        rows = (data_dir / "mnist" / "test_label_issues_cleanlab.csv").read_text().splitlines()
        names = rows[0].split(",")
        votes = [dict(zip(names, row.split(","), strict=True)) for row in rows[1:]]
        disputed = [int(row["test_index"]) for row in votes if int(row["mturk_votes_given"] or 0) < 3]
        assert tuple(sorted(disputed)) == DISPUTED_MNIST_TEST
