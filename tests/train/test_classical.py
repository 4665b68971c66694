"""Classical methods read digits, say how sure they may be, and answer as ONNX graphs like scikit-learn does."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import inkdigits
from inkdigits.errors import ExportError, TrainingError
from inkdigits.graphs import load_card
from inkdigits.metrics import expected_calibration_error
from inkdigits.train.check import check_model
from inkdigits.train.classical import export as module
from inkdigits.train.classical import fit as fit_module
from inkdigits.train.classical.export import calibrate, copy_classical, export_classical, to_graph
from inkdigits.train.classical.fit import fit_classical
from inkdigits.train.classical.fitted import Fitted, to_rows
from inkdigits.train.classical.recipes import CLASSICAL, ClassicalRecipe, ForestRecipe, KnnRecipe, SvmRecipe
from inkdigits.train.classical.trees import _round_down
from inkdigits.train.parity import PARITY, check_answers
from inkdigits.train.prepare import TrainingData

LEAST = {"svm": 0.93, "knn": 0.87, "forest": 0.8, "tree": 0.6, "bayes": 0.85}
"""Accuracy on 128 validation digits that a method reaches after 512."""

FOREST = ForestRecipe(trees=20)


def recipe_of(name: str) -> ClassicalRecipe:
    """The recipe of a method, with fewer trees: a test has no time for two hundred."""
    return FOREST if name == "forest" else CLASSICAL[name]


def record_of(recipe: ClassicalRecipe) -> dict[str, Any]:
    """What a run says of itself."""
    known = {"name": "mine", "data": {}, "version": "1", "commit": None, "train_seconds": 1.0}
    return known | {"recipe": asdict(recipe), "n_parameters": 1, "n_macs": 1}


@pytest.fixture(scope="module")
def fitted(data: TrainingData) -> dict[str, Fitted]:
    """Every method, fitted to 512 digits."""
    return {name: fit_classical(recipe_of(name), data) for name in CLASSICAL}


@pytest.fixture(scope="module")
def runs(fitted: dict[str, Fitted], data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run folder for each method, exported."""
    folder = tmp_path_factory.mktemp("runs")
    for name, method in fitted.items():
        (folder / name).mkdir()
        export_classical(method, data, folder / name, record_of(recipe_of(name)))
    return folder


@pytest.mark.parametrize("name", CLASSICAL)
class TestEveryMethod:
    """What holds for all five."""

    def test_it_reads_digits_it_never_saw(self, name: str, runs: Path, data: TrainingData) -> None:
        """Through the reader, from its run folder."""
        answers = inkdigits.load_reader(runs / name).classify(data.validation_patches).argmax(1)
        assert (answers == data.validation_labels).mean() > LEAST[name]

    def test_its_graph_answers_like_scikit_learn(
        self, name: str, fitted: dict[str, Fitted], data: TrainingData
    ) -> None:
        """On digits it learned from as well, where distances are 0, and on paper, ink and noise."""
        noise = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
        plain = np.stack([np.full((28, 28), value, dtype=np.uint8) for value in (0, 255)])
        rows = to_rows(np.concatenate([data.patches, data.validation_patches, noise, plain]))
        temperature = calibrate(fitted[name], data).temperature
        graph = to_graph(fitted[name], temperature, name)
        expected = module._probabilities(fitted[name].score(rows), temperature)
        assert check_answers(graph, rows.reshape(-1, 1, 28, 28), (expected, expected.max(1))) < PARITY

    def test_its_file_passes_every_check(self, name: str, runs: Path) -> None:
        """Names, shapes, plain operators, one file, no trace of a machine, a card, and a second runtime."""
        assert [check.name for check in check_model(runs / name / "model.onnx") if check.error] == []

    def test_it_says_how_sure_it_may_be(
        self, name: str, runs: Path, fitted: dict[str, Fitted], data: TrainingData
    ) -> None:
        """The temperature lowers the calibration error of its plain scores, or leaves it low."""
        card = load_card(runs / name / "model.onnx")
        plain = module._probabilities(fitted[name].score(to_rows(data.validation_patches)), 1.0)
        correct = plain.argmax(1) == data.validation_labels
        judged = calibrate(fitted[name], data)
        assert card.temperature == judged.temperature != 1
        errors = [expected_calibration_error(each, correct) for each in (plain.max(1), judged.confidences)]
        assert errors[1] < max(errors[0], 0.1)
        assert np.array_equal(judged.correct, correct)

    def test_the_same_digits_give_the_same_file(self, name: str, runs: Path, data: TrainingData) -> None:
        """So that a digest tells methods apart: what they draw comes from the seed."""
        again = fit_classical(recipe_of(name), data)
        graph = to_graph(again, calibrate(again, data).temperature, name)
        assert graph == (runs / name / "model.onnx").read_bytes()

    def test_without_validation_the_scores_are_taken_as_they_are(
        self, name: str, fitted: dict[str, Fitted], data: TrainingData, tmp_path: Path
    ) -> None:
        """And the card promises nothing."""
        alone = replace(data, validation_patches=data.patches[:0], validation_labels=data.labels[:0])
        card = export_classical(fitted[name], alone, tmp_path, record_of(recipe_of(name)))
        assert (card.temperature, card.reject_table, card.digit_score_threshold) == (1.0, (), 0.0)

    def test_it_counts_what_it_keeps(self, name: str, runs: Path, fitted: dict[str, Fitted]) -> None:
        """Every number in the graph but the temperature, and none that is not used."""
        model = onnx.load(runs / name / "model.onnx")
        sizes = [int(np.prod(each.dims)) for each in model.graph.initializer if each.name != "temperature"]
        assert sum(sizes) == fitted[name].n_parameters
        assert set(fitted[name].weights) <= set(re.findall(r"\w+", fitted[name].nodes))
        assert (fitted[name].n_macs > 0) == (name not in ("tree", "forest"))


class TestCard:
    """What lies beside the graph."""

    def test_the_card_names_method_and_command(self, runs: Path, data: TrainingData) -> None:
        """And what validation said; a method knows no epochs."""
        facts = load_card(runs / "forest" / "model.onnx").facts
        assert facts["network"] == "forest"
        assert facts["validation"]["n"] == len(data.validation_labels)
        assert facts["command"] == "inkdigits train forest --data DIR --out RUN --set trees=20"
        assert "n_epochs" not in facts

    def test_a_copy_has_a_name_of_its_own(self, runs: Path, tmp_path: Path) -> None:
        """And is the same to the bit otherwise."""
        card = copy_classical(runs / "tree", tmp_path / "oak.onnx")
        assert card.name == "oak"
        assert load_card(tmp_path / "oak.onnx") == card
        assert replace(card, name="mine") == load_card(runs / "tree" / "model.onnx")
        assert (tmp_path / "oak.onnx").read_bytes() == (runs / "tree" / "model.onnx").read_bytes()

    def test_a_run_that_came_to_no_end_cannot_be_copied(self, tmp_path: Path) -> None:
        """There is nothing but its record."""
        with pytest.raises(TrainingError, match="came to no end"):
            copy_classical(tmp_path, tmp_path / "oak.onnx")

    def test_another_answer_is_never_written(
        self, fitted: dict[str, Fitted], data: TrainingData, tmp_path: Path
    ) -> None:
        """A graph that is not the method is refused."""
        spoilt = fitted["bayes"].weights | {"constants": fitted["bayes"].weights["constants"][::-1]}
        with pytest.raises(ExportError, match="differs from the network"):
            export_classical(replace(fitted["bayes"], weights=spoilt), data, tmp_path, record_of(CLASSICAL["bayes"]))
        assert not list(tmp_path.iterdir())


class TestFit:
    """What can be fitted."""

    def test_a_forest_is_the_same_on_any_number_of_cores(self, fitted: dict[str, Fitted], data: TrainingData) -> None:
        """Only faster."""
        two = fit_classical(FOREST, data, n_jobs=2)
        assert all(np.array_equal(two.weights[key], array) for key, array in fitted["forest"].weights.items())

    @pytest.mark.parametrize(
        "recipe", [KnnRecipe(components=300), SvmRecipe(components=300), KnnRecipe(neighbours=100)]
    )
    def test_too_few_digits_are_refused(self, recipe: ClassicalRecipe, data: TrainingData) -> None:
        """With the key to lower."""
        with pytest.raises(TrainingError, match=r"(components|neighbours)=\d+ needs .* there are 90\. Lower it"):
            fit_classical(recipe, replace(data, patches=data.patches[:90], labels=data.labels[:90]))

    def test_a_label_without_digits_is_refused(self, data: TrainingData) -> None:
        """It could never be answered."""
        kept = (data.labels != 3) & (data.labels != 7)
        with pytest.raises(TrainingError, match=r"no training digits of the labels \[3, 7\]"):
            fit_classical(CLASSICAL["tree"], replace(data, patches=data.patches[kept], labels=data.labels[kept]))

    def test_ctrl_c_leaves_nothing_to_keep(self, data: TrainingData, monkeypatch: pytest.MonkeyPatch) -> None:
        """And says so."""
        monkeypatch.setattr(fit_module, "fit_tree", _press_ctrl_c)
        with pytest.raises(TrainingError, match="Stopped before its end"):
            fit_classical(CLASSICAL["tree"], data)

    def test_every_recipe_can_be_fitted(self, data: TrainingData) -> None:
        """None of the table is left out: one that were would be seen."""

        @dataclass(frozen=True)
        class Other(ClassicalRecipe):
            network: str = field(init=False, default="other")

        with pytest.raises(AssertionError, match="other is in the table, and nobody says how"):
            fit_classical(Other(), data)


def test_thresholds_are_rounded_down() -> None:
    """A pixel is below the float32 if, and only if, it is below the float64."""
    values = np.random.default_rng(0).random(10_000)
    rounded = _round_down(values)
    assert rounded.dtype == np.float32
    assert (rounded <= values).all()
    assert (np.nextafter(rounded, np.float32(2)) > values).all()


def _press_ctrl_c(*_: object) -> Callable[[], None]:
    raise KeyboardInterrupt
