"""The exported graph is the network, calibrated, in one file that says nothing of this machine; or there is none."""

import json
import logging
import os
import sys
import warnings
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn
from torch.onnx._internal.exporter._registration import ONNXRegistry

import inkdigits
from inkdigits.errors import ExportError, TrainingError
from inkdigits.graphs import load_card, open_graph
from inkdigits.metrics import expected_calibration_error
from inkdigits.records import ModelCard
from inkdigits.train import export as module
from inkdigits.train.export import (
    Calibration,
    Served,
    calibrate,
    card_facts,
    check_parity,
    digit_scores,
    export_run,
    fit_temperature,
    load_network,
    make_card,
    to_graph,
)
from inkdigits.train.fit import WEIGHTS, fit
from inkdigits.train.lines.recipe import LineRecipe
from inkdigits.train.logits import logits_of, to_ink, to_tensors
from inkdigits.train.networks import build_network, find_network
from inkdigits.train.prepare import TrainingData
from inkdigits.train.recipes import RECIPES, Recipe

FAST = replace(RECIPES["fast"], epochs=2, batch=32)

DEFAULT = replace(RECIPES["default"], epochs=1, batch=64, average=0.5)

RECORD: dict[str, Any] = {
    "name": "mine",
    "recipe": {"network": "fast", "seed": 0},
    "data": {},
    "n_parameters": 35_330,
    "n_macs": 1_636_992,
    "version": "1",
    "commit": None,
    "train_seconds": 1.0,
    "n_epochs": 2,
}


@pytest.fixture(scope="module")
def run(data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a trained run, exported."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    fit(FAST, data, folder)
    export_run(folder, FAST, data, RECORD)
    return folder


@pytest.fixture(scope="module")
def model(run: Path) -> onnx.ModelProto:
    """The exported graph."""
    return onnx.load(run / "model.onnx")


def noisy_logits(n: int = 4000) -> tuple[Tensor, Tensor]:
    """Logits that mean what they say, and labels drawn as they say."""
    logits = torch.randn(n, 10, generator=torch.Generator().manual_seed(0)) * 3
    return logits, torch.multinomial(logits.softmax(1), 1, generator=torch.Generator().manual_seed(1))[:, 0]


class TestGraph:
    """What is written."""

    def test_names_shapes_and_opset_are_the_contract(self, model: onnx.ModelProto) -> None:
        """Any number of patches in; probabilities and digit scores out; opset 20, and no other operators."""
        shapes = {
            value.name: [side.dim_param or side.dim_value for side in value.type.tensor_type.shape.dim]
            for value in (*model.graph.input, *model.graph.output)
        }
        assert shapes == {"patches": ["n", 1, 28, 28], "probabilities": ["n", 10], "digit_score": ["n"]}
        assert [(each.domain, each.version) for each in model.opset_import] == [("", 20)]
        assert not model.functions

    @pytest.mark.parametrize("n", [1, 2, 7, 300])
    def test_any_number_of_patches_runs(self, n: int, run: Path, data: TrainingData) -> None:
        """And each is answered as if it were alone."""
        graph = open_graph(run / "model.onnx")
        ink = data.patches[:n, None].astype(np.float32) / 255
        probabilities, scores = graph.run("patches", ink)
        assert (probabilities.shape, scores.shape) == ((n, 10), (n,))
        assert np.allclose(probabilities.sum(1), 1, atol=1e-5)
        assert np.allclose(probabilities[-1:], graph.run("patches", ink[-1:])[0], atol=1e-5)

    def test_weights_are_inside(self, run: Path, model: onnx.ModelProto) -> None:
        """One file: a second one with the weights would be left behind when it is copied."""
        assert {path.suffix for path in run.iterdir()} <= {".onnx", ".json", ".jsonl", ".pt", ".safetensors"}
        assert len(list(run.glob("model.*"))) == 2
        assert all(weight.data_location == onnx.TensorProto.DEFAULT for weight in model.graph.initializer)
        assert (run / "model.onnx").stat().st_size > 4 * 35_000

    def test_no_metadata_is_left(self, model: onnx.ModelProto) -> None:
        """On no part of the graph; the maker is us."""
        graph = model.graph
        values = (*graph.input, *graph.output, *graph.value_info, *graph.initializer)
        for part in (model, graph, *graph.node, *values):
            assert not part.metadata_props
            assert not part.doc_string
        assert (model.producer_name, model.producer_version) == ("inkdigits", inkdigits.__version__)

    def test_no_path_of_this_machine_is_in_the_file(self, run: Path) -> None:
        """Neither where the code lies, nor where torch does, nor where the run does."""
        content = (run / "model.onnx").read_bytes()
        code, torch_home = Path(module.__file__).parents[3], Path(torch.__file__).parents[1]
        for name in (str(code), str(torch_home), f"{Path.home()}/", str(run), "site-packages", ".py"):
            assert name.encode() not in content

    def test_the_check_for_paths_can_fail(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Unless it is stripped, a graph does carry them."""
        monkeypatch.setattr(module, "_strip", lambda _: None)
        graph = to_graph(Served(build_network(find_network("e-lenet")), RECIPES["e-lenet"], 1.0))
        assert b".py" in graph

    def test_the_same_network_gives_the_same_bytes(self, run: Path, data: TrainingData) -> None:
        """So that a digest tells networks apart."""
        written = (run / "model.onnx").read_bytes()
        export_run(run, FAST, data, RECORD)
        assert (run / "model.onnx").read_bytes() == written

    def test_the_exporter_is_quiet(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
        """It neither warns, nor logs, nor prints what nobody can act on; other warnings come through as before."""
        ONNXRegistry.from_torchlib.cache_clear()  # it complains while it lists operators
        with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.WARNING):
            warnings.simplefilter("always")
            to_graph(Served(build_network(find_network("e-lenet")), RECIPES["e-lenet"], 1.0))
            warnings.warn("ours", FutureWarning, stacklevel=1)
        assert [str(each.message) for each in caught] == ["ours"]
        assert not caplog.messages
        assert capfd.readouterr() == ("", "")
        log = logging.getLogger("torch.onnx._internal.exporter._registration")
        assert not log.filters


class TestParity:
    """The graph answers like the network, or nothing is written."""

    @pytest.mark.parametrize("recipe", [RECIPES["e-lenet"], DEFAULT], ids=["ten", "eleven"])
    def test_graph_and_network_agree(self, recipe: Recipe, data: TrainingData) -> None:
        """Probabilities and digit scores within 1e-4, labels the same; with and without an eleventh logit."""
        network = build_network(find_network(recipe.network))
        served = Served(network, recipe, 0.5).eval()
        graph = to_graph(served)
        assert check_parity(graph, served, data.patches) < 1e-4
        ink = to_ink(torch.tensor(data.patches[:50])[:, None])
        with torch.no_grad():
            logits = network(module.standardise(ink, recipe))
        probabilities, scores = open_graph(graph).run("patches", ink.contiguous().numpy())
        assert np.allclose(probabilities, (logits[:, :10] / 0.5).softmax(1), atol=1e-5)
        expected = logits[:, 10].sigmoid() if logits.shape[1] == 11 else torch.from_numpy(probabilities).amax(1)
        assert np.allclose(scores, expected, atol=1e-5)

    @pytest.mark.parametrize(("scale", "n_left"), [(0.5, 0), (-0.5, 1)])
    def test_normalisation_behind_a_pooling_is_merged(self, scale: float, n_left: int, data: TrainingData) -> None:
        """So that people can look inside; but not where a scale is below 0: the answers would be others."""
        network = build_network(find_network("fast"))
        norm = network[2]
        assert isinstance(norm, nn.BatchNorm2d)
        with torch.no_grad():
            for learned in (norm.weight, norm.bias, norm.running_mean):
                assert learned is not None
                learned.uniform_(0.1, 0.9)
            norm.weight[3] = scale
        served = Served(network, FAST, 0.7).eval()
        graph = to_graph(served)
        assert check_parity(graph, served, data.patches) < 1e-4
        kinds = [node.op_type for node in onnx.load_from_string(graph).graph.node]
        assert kinds.count("BatchNormalization") == n_left
        assert isinstance(network[2], nn.BatchNorm2d)  # what is trained on stays as it is

    def test_the_exported_network_reads(self, run: Path, data: TrainingData) -> None:
        """The file gives what torch gives with the kept weights and the card's temperature."""
        patches, labels = to_tensors(data.validation_patches, data.validation_labels)
        logits = logits_of(load_network(run, FAST), FAST, patches)
        expected = (logits / load_card(run / "model.onnx").temperature).softmax(1).numpy()
        found = inkdigits.load_reader(run).classify(data.validation_patches)
        assert np.allclose(found, expected, atol=1e-5)
        assert (found.argmax(1) == labels.numpy()).mean() > 0.5

    @pytest.mark.parametrize("damage", ["weights", "nan", "noise", "score"])
    def test_a_graph_that_differs_is_not_written(
        self, damage: str, run: Path, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever went wrong while exporting; what lay there before stays."""
        good = (run / "model.onnx").read_bytes()
        monkeypatch.setattr(module, "to_graph", lambda _: spoil(good, damage))
        out = tmp_path / "model.onnx"
        out.write_bytes(b"before")
        with pytest.raises(ExportError, match="Nothing was written"):
            export_run(run, FAST, data, RECORD, out)
        assert out.read_bytes() == b"before"
        assert not out.with_suffix(".json").exists()

    def test_agreeing_on_no_number_is_no_agreement(self, run: Path, data: TrainingData) -> None:
        """A network whose weights were lost gives NaN, and so does its graph."""
        network = load_network(run, FAST)
        with torch.no_grad():
            for weight in network.parameters():
                weight.fill_(torch.nan)
        with pytest.raises(ExportError, match=r"differs from the network by nan .* and in 0 of 512 labels"):
            check_parity(spoil((run / "model.onnx").read_bytes(), "nan"), Served(network, FAST, 1.0), data.patches)

    def test_it_is_checked_on_a_thousand_digits(
        self, run: Path, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of validation, and of training where those are too few; never on what is no digit."""
        checked: list[np.ndarray] = []
        monkeypatch.setattr(module, "check_parity", lambda _, __, patches: checked.append(patches))
        monkeypatch.setattr(module, "to_graph", lambda _: b"")
        blank = np.zeros((600, 28, 28), dtype=np.uint8)
        labels = np.concatenate([data.labels, data.labels, np.full(600, -1)])
        many = TrainingData(
            np.concatenate([data.patches, data.patches, blank]), labels, data.validation_patches,
            data.validation_labels, {},
        )  # fmt: skip
        export_run(run, FAST, many, RECORD, tmp_path / "model.onnx")
        assert len(checked[0]) == module.N_CHECKED == 1000
        assert np.array_equal(checked[0][:128], data.validation_patches)
        assert checked[0].any((1, 2)).all()


class TestCalibration:
    """What validation says about how far to trust the network."""

    def test_photos_have_no_say_in_the_threshold_of_the_digit_score(self, run: Path, data: TrainingData) -> None:
        """Some can hardly be read: a threshold that lets these pass lets drawn animals pass. All else counts them."""
        network = load_network(run, FAST)
        all_plain = calibrate(network, FAST, data)
        some_photos = calibrate(network, FAST, replace(data, n_validation_photos=40))
        is_plain = (data.validation_labels >= 0)[:-40]
        assert np.array_equal(some_photos.digit_scores, all_plain.digit_scores[: is_plain.sum()])
        assert np.array_equal(some_photos.confidences, all_plain.confidences)

    @pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
    def test_the_temperature_is_found(self, temperature: float) -> None:
        """Logits that were multiplied by it are divided by it again."""
        logits, labels = noisy_logits(20_000)
        assert fit_temperature(logits * temperature, labels) == pytest.approx(temperature, rel=0.03)

    def test_the_temperature_lowers_the_loss(self) -> None:
        """Below that of the network as it was trained, and calibration error with it."""
        logits, labels = noisy_logits()
        sure = logits * 4
        found = fit_temperature(sure, labels)
        losses = [float(torch.nn.functional.cross_entropy(each, labels)) for each in (sure, sure / found)]
        assert losses[1] < losses[0] - 0.1
        correct = (logits.argmax(1) == labels).numpy()
        errors = [expected_calibration_error(each.softmax(1).amax(1).numpy(), correct) for each in (sure, sure / found)]
        assert errors[1] < 0.03 < errors[0]

    def test_a_validation_without_errors_gives_a_temperature_all_the_same(self) -> None:
        """The surer the better then, but still a number."""
        labels = torch.arange(10).repeat(20)
        for logit in (0.1, 1.0, 100.0):
            found = fit_temperature(torch.nn.functional.one_hot(labels, 10) * logit, labels)
            assert 0 < found <= 1

    def test_temperature_leaves_the_labels_alone(self, run: Path, data: TrainingData) -> None:
        """It only says how sure they are."""
        network = load_network(run, FAST)
        judged = calibrate(network, FAST, data)
        logits = logits_of(network, FAST, to_tensors(data.validation_patches, data.validation_labels)[0])
        assert np.array_equal(judged.correct, logits.argmax(1).numpy() == data.validation_labels)
        assert judged.temperature != 1

    def test_what_is_no_digit_does_not_calibrate(self, run: Path, data: TrainingData) -> None:
        """Only validation's digits do."""
        labels = data.validation_labels.copy()
        labels[:50] = -1
        network = load_network(run, FAST)
        some = calibrate(network, FAST, replace(data, validation_labels=labels))
        same = replace(data, validation_patches=data.validation_patches[50:], validation_labels=labels[50:])
        assert len(some.correct) == 78
        assert some.temperature == pytest.approx(calibrate(network, FAST, same).temperature)

    def test_the_digit_score_lets_all_but_one_in_five_hundred_digits_pass(self) -> None:
        """Of those on validation."""
        scores = np.linspace(0, 1, 1001, dtype=np.float32)
        card = make_card(Calibration(1.0, scores, scores > 0.1, scores), RECORD)
        assert (scores >= card.digit_score_threshold).mean() == pytest.approx(0.998, abs=1e-3)

    def test_without_an_eleventh_logit_the_score_is_the_confidence(self) -> None:
        """With one it is its sigmoid, whatever the ten say."""
        logits = torch.tensor([[0.0] * 9 + [2.0]])
        assert digit_scores(logits, logits.softmax(1)).tolist() == logits.softmax(1).amax(1).tolist()
        eleven = torch.cat([logits, torch.tensor([[-1.0]])], 1)
        assert digit_scores(eleven, logits.softmax(1)).tolist() == pytest.approx([0.2689], abs=1e-4)


class TestCard:
    """What lies beside the graph."""

    def test_the_card_says_what_validation_measured(self, run: Path, data: TrainingData) -> None:
        """Thresholds and table, and facts of the run."""
        card = load_card(run / "model.onnx")
        assert isinstance(card, ModelCard)
        assert card.name == "mine"
        assert card.reject_table[0].coverage == 1
        assert 0 < card.digit_score_threshold < 1
        assert card.facts["network"] == "fast"
        assert card.facts["validation"]["n"] == 128
        judged = calibrate(load_network(run, FAST), FAST, data)
        assert card.temperature == pytest.approx(judged.temperature)
        ece = expected_calibration_error(judged.confidences, judged.correct)
        assert card.facts["validation"]["ece"] == pytest.approx(ece, abs=1e-4)
        assert json.loads((run / "model.json").read_text())["labels"] == list(range(10))

    def test_a_card_without_validation_promises_nothing(self) -> None:
        """No table, no threshold, no temperature."""
        nothing = np.zeros(0, dtype=np.float32)
        card = make_card(Calibration(1.0, nothing, nothing.astype(bool), nothing), RECORD)
        assert (card.temperature, card.digit_score_threshold, card.reject_table) == (1.0, 0.0, ())
        assert "validation" not in card.facts

    def test_the_card_says_how_to_train_the_network_again(self) -> None:
        """Also where nothing was validated: the whole recipe, and the command as far as that differs from today's."""
        nothing = np.zeros(0, dtype=np.float32)
        recipe = json.loads(json.dumps(asdict(replace(FAST, seed=3))))
        facts = make_card(Calibration(1.0, nothing, nothing.astype(bool), nothing), RECORD | {"recipe": recipe}).facts
        assert facts["recipe"] == recipe
        assert facts["command"].endswith("train fast --data DIR --out RUN --set epochs=2 --set batch=32 --set seed=3")

    def test_a_field_that_a_record_does_not_know_yet_is_no_change(self) -> None:
        """A recipe that has got a field since is today's as long as that changes nothing."""
        recipe = json.loads(json.dumps(asdict(RECIPES["c-cnn"])))
        del recipe["augmentation"]["mildness"]
        assert card_facts(RECORD | {"recipe": recipe})["command"] == "inkdigits train c-cnn --data DIR --out RUN"

    def test_both_networks_for_lines_have_one_recipe(self) -> None:
        """The larger one is a change of it."""
        recipe = asdict(LineRecipe(network="lines-wide"))
        command = card_facts(RECORD | {"recipe": recipe})["command"]
        assert command == "inkdigits train lines --data DIR --out RUN --set network=lines-wide"


class TestWeights:
    """What is exported."""

    @pytest.mark.parametrize("content", [None, b"", b"noise" * 100])
    def test_missing_or_damaged_weights_are_named(self, content: bytes | None, tmp_path: Path) -> None:
        """With the network that they should be of."""
        if content is not None:
            (tmp_path / WEIGHTS).write_bytes(content)
        with pytest.raises(TrainingError, match=r"weights\.safetensors does not hold the weights of 'fast'"):
            load_network(tmp_path, FAST)

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
    def test_a_folder_whose_name_is_not_unicode_holds_weights_too(self, run: Path, tmp_path: Path) -> None:
        """File systems hold names in any encoding."""
        folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
        folder.mkdir()
        (folder / WEIGHTS).write_bytes((run / WEIGHTS).read_bytes())
        load_network(folder, FAST)

    def test_weights_of_another_network_are_refused(self, run: Path) -> None:
        """They would not fit."""
        with pytest.raises(TrainingError, match="weights of 'e-lenet'"):
            load_network(run, RECIPES["e-lenet"])

    def test_a_loaded_network_answers_without_dropout(self, run: Path) -> None:
        """It is ready to be asked, on the CPU."""
        network = load_network(run, FAST)
        assert not network.training
        assert {weight.device.type for weight in network.parameters()} == {"cpu"}


def spoil(graph: bytes, damage: str) -> bytes:
    """Return a graph that is not the network."""
    if damage == "noise":
        return b"noise"
    model = onnx.load_from_string(graph)
    if damage == "score":  # the probabilities are right, the digit score is not
        (last,) = (node for node in model.graph.node if "digit_score" in node.output)
        last.op_type = "ReduceMin"
        return bytes(model.SerializeToString())
    biggest = max(model.graph.initializer, key=lambda weight: len(weight.raw_data))
    values = onnx.numpy_helper.to_array(biggest).copy()
    values *= np.nan if damage == "nan" else 1.01
    biggest.CopyFrom(onnx.numpy_helper.from_array(values, biggest.name))
    return bytes(model.SerializeToString())
