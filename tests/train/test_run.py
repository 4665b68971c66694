"""A run folder reads, tells what made it, and survives Ctrl-C and kill -9."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
import torch

import inkdigits
from inkdigits.errors import TrainingError, UsageError
from inkdigits.metrics import expected_calibration_error
from inkdigits.train import record as record_module
from inkdigits.train import run as module
from inkdigits.train.fit import CHECKPOINT, HISTORY, WEIGHTS, Epoch, Step
from inkdigits.train.prepare import prepare
from inkdigits.train.recipes import change_recipe, find_recipe, recipe_of
from inkdigits.train.record import RECORD, load_history, load_record, outcome
from inkdigits.train.run import export_to, train

NAME = "fast"

CHANGES = ["data=small", "epochs=3", "batch=32", "validation_share=0.3", "keep=best"]
"""223 digits to train on, in six steps an epoch."""

NOT_NUMBERS = json.dumps(dict.fromkeys([each.name for each in fields(Epoch)], "x"))
"""A line of a history, by its keys."""

MODEL = ["model.json", "model.onnx"]

KILLED = """
import os, signal, sys
from pathlib import Path
from inkdigits.train import run
def watch(seen):
    if type(seen).__name__ == "Step" and seen.step == 9:  # in the second epoch of six steps
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
run.train("fast", Path(sys.argv[1]), Path(sys.argv[2]), changes=sys.argv[3:], threads=1, watch=watch)
"""


@pytest.fixture(scope="module")
def whole(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed; not to be written to."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    train(NAME, data_root, run, changes=CHANGES)
    return run


@pytest.fixture(scope="module")
def bayes(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of a classical method; not to be written to."""
    run = tmp_path_factory.mktemp("runs") / "bayes"
    train("bayes", data_root, run, changes=["data=small", "components=20"], threads=1)
    return run


@pytest.fixture
def _without_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the export, which takes seconds."""
    monkeypatch.setattr(module, "export_run", lambda *_: None)


def stop_at(step: int) -> Callable[[Step | Epoch], None]:
    """A watch that presses Ctrl-C."""

    def watch(seen: Step | Epoch) -> None:
        if isinstance(seen, Step) and seen.step == step:
            raise KeyboardInterrupt

    return watch


def files(run: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in run.iterdir())


def same_weights(run: Path, other: Path) -> bool:
    """Whether two runs ended with the same bits."""
    return (run / WEIGHTS).read_bytes() == (other / WEIGHTS).read_bytes()


class TestWhole:
    """A run from its start to its end."""

    def test_a_run_leaves_its_record_weights_and_network(self, whole: Path) -> None:
        """And nothing else."""
        assert files(whole) == sorted([CHECKPOINT, HISTORY, RECORD, WEIGHTS, *MODEL])

    def test_a_run_folder_is_a_model(self, whole: Path, data_root: Path) -> None:
        """A reader opens it, and reads most of what the run never saw, as well as the card says."""
        data = prepare(recipe_of(load_record(whole)["recipe"]), data_root)
        probabilities = inkdigits.load_reader(whole).classify(data.validation_patches)
        right = probabilities.argmax(1) == data.validation_labels
        accuracy, ece = float(right.mean()), expected_calibration_error(probabilities.max(1), right)
        assert accuracy > 0.5
        facts = json.loads((whole / "model.json").read_text())["facts"]
        command = (
            "inkdigits train fast --data DIR --out RUN"
            " --set data=small --set validation_share=0.3 --set epochs=3 --set batch=32 --set keep=best"
        )
        measured = {"n": len(right), "accuracy": round(accuracy, 5), "ece": pytest.approx(ece, abs=1e-4)}
        assert facts["validation"] == measured
        assert (facts["command"], facts["recipe"]) == (command, load_record(whole)["recipe"])

    @pytest.mark.usefixtures("_without_export")
    def test_it_says_how_the_data_were_split(self, data_root: Path, tmp_path: Path) -> None:
        """Before the first step, with counts."""
        told: list[str] = []
        train(NAME, data_root, tmp_path / "run", changes=CHANGES, tell=told.append)
        assert told == ["small: train 223, validation 97"]

    def test_the_record_says_what_made_the_run(self, whole: Path) -> None:
        """Recipe, seed, data with digests, code, machine, times and outcome; no path of the machine."""
        record = load_record(whole)
        assert record["name"] == NAME
        assert record["recipe"]["validation_share"] == 0.3
        assert record["recipe"]["seed"] == 0
        assert [len(digest) for digest in record["data"]["small"]["digests"].values()] == [64]
        assert record["n_train"] + record["n_validation"] == 320
        assert record["n_parameters"] == 35_330
        assert record["version"] == inkdigits.__version__
        assert record["torch"] == torch.__version__
        assert record["threads"] == 1
        assert record["finished"] is True
        assert record["n_epochs"] == record["last"]["epoch"] == 3
        assert record["best"]["validation_loss"] <= record["last"]["validation_loss"]
        assert record["train_seconds"] > 0
        assert record["peak_memory_bytes"] > 50e6  # Python with torch alone takes more
        assert record["started"].startswith("20")
        assert str(whole.parent) not in (whole / RECORD).read_text()

    @pytest.mark.usefixtures("_without_export")
    def test_train_returns_the_record_it_wrote(self, data_root: Path, tmp_path: Path) -> None:
        """The very same."""
        record = train(NAME, data_root, tmp_path / "run", changes=CHANGES)
        assert json.loads(json.dumps(record)) == load_record(tmp_path / "run")

    def test_a_folder_holds_one_run(self, whole: Path, data_root: Path) -> None:
        """A second one would mix with it."""
        with pytest.raises(TrainingError, match=r"already holds a run\. Go on with it by --resume"):
            train(NAME, data_root, whole, changes=CHANGES)

    def test_a_recipe_that_cannot_be_trained_leaves_no_folder(self, data_root: Path, tmp_path: Path) -> None:
        """Nor does one that there is not."""
        for name, changes in ((NAME, ["epochs=0"]), ("lenet", [])):
            with pytest.raises(UsageError):
                train(name, data_root, tmp_path / "run", changes=changes)
        assert not (tmp_path / "run").exists()

    @pytest.mark.usefixtures("_without_export")
    def test_the_threads_are_those_asked_for(self, data_root: Path, tmp_path: Path) -> None:
        """They are set, recorded, and taken again when the run goes on: another number ends with other bits."""
        try:
            train(NAME, data_root, tmp_path, changes=CHANGES, threads=2)
            assert load_record(tmp_path)["threads"] == 2
            torch.set_num_threads(1)
            assert train(NAME, data_root, tmp_path, resume=True)["threads"] == 2
        finally:
            torch.set_num_threads(1)


class TestStopped:
    """A run that was stopped."""

    def test_ctrl_c_leaves_a_run_that_reads_and_goes_on(self, whole: Path, data_root: Path, tmp_path: Path) -> None:
        """Resumed, it keeps its name and its start, and ends as one that was never stopped, to the bit."""
        stopped = train(NAME, data_root, tmp_path, changes=CHANGES, threads=1, watch=stop_at(9))
        assert files(tmp_path) == files(whole)
        assert stopped["finished"] is False
        assert stopped["n_epochs"] == 1
        assert inkdigits.load_reader(tmp_path).classify(np.zeros((1, 28, 28), np.uint8)).shape == (1, 10)
        first = load_record(tmp_path) | {"started": "2001-01-01T00:00:00+00:00"}
        (tmp_path / RECORD).write_text(json.dumps(first))
        train(NAME, data_root, tmp_path, resume=True)
        resumed = load_record(tmp_path)
        assert resumed["finished"] is True
        assert (resumed["name"], resumed["started"]) == (NAME, "2001-01-01T00:00:00+00:00")
        assert resumed["recipe"] == first["recipe"]
        assert same_weights(tmp_path, whole)
        assert (tmp_path / "model.onnx").read_bytes() == (whole / "model.onnx").read_bytes()

    @pytest.mark.usefixtures("_without_export")
    def test_kill_9_loses_at_most_one_epoch(self, whole: Path, data_root: Path, tmp_path: Path) -> None:
        """What was finished is there; resumed, the run ends as one that was never killed, to the bit."""
        command = [sys.executable, "-c", KILLED, str(data_root), str(tmp_path), *CHANGES]
        killed = subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert load_record(tmp_path)["finished"] is False
        assert len((tmp_path / HISTORY).read_text().splitlines()) == 1
        assert train(NAME, data_root, tmp_path, resume=True)["finished"] is True
        assert same_weights(tmp_path, whole)

    def test_a_killed_run_can_be_exported(self, whole: Path, data_root: Path, tmp_path: Path) -> None:
        """Its weights are those of the last finished epoch; the name of the file becomes the network's."""
        for name in (RECORD, HISTORY, WEIGHTS):
            shutil.copy(whole / name, tmp_path)
        (tmp_path / RECORD).write_text(json.dumps(load_record(whole) | {"finished": False}))
        export_to(tmp_path, tmp_path / "mine.onnx", data_root)
        assert (tmp_path / "mine.onnx").read_bytes() == (whole / "model.onnx").read_bytes()
        assert json.loads((tmp_path / "mine.json").read_text())["name"] == "mine"
        assert not (tmp_path / "model.onnx").exists()

    def test_only_onnx_files_are_exported_to(self, whole: Path, data_root: Path, tmp_path: Path) -> None:
        """A card called x.onnx.json would be found by nobody."""
        with pytest.raises(UsageError, match=r"has to end in \.onnx"):
            export_to(whole, tmp_path / "model", data_root)

    def test_no_folder_is_made_to_export_into(self, whole: Path, data_root: Path, tmp_path: Path) -> None:
        """It would be a typing error more often than not."""
        with pytest.raises(UsageError, match=r"There is no folder .*new to write mine\.onnx into"):
            export_to(whole, tmp_path / "new" / "mine.onnx", data_root)
        assert not list(tmp_path.iterdir())

    def test_a_finished_run_resumed_is_exported_again(
        self, whole: Path, data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And not trained on."""
        for name in (RECORD, HISTORY, WEIGHTS, CHECKPOINT):
            shutil.copy(whole / name, tmp_path)
        exported: list[Path] = []
        monkeypatch.setattr(module, "export_run", lambda run, *_: exported.append(run))
        seen: list[Step | Epoch] = []
        record = train(NAME, data_root, tmp_path, resume=True, watch=seen.append)
        assert json.loads(json.dumps(record | {"peak_memory_bytes": None})) == load_record(whole) | {
            "peak_memory_bytes": None  # of the process that was the last to work on it
        }
        assert exported == [tmp_path]
        assert not seen
        assert same_weights(tmp_path, whole)

    @pytest.mark.usefixtures("_without_export")
    def test_a_run_stopped_before_its_first_epoch_can_be_started_again(self, data_root: Path, tmp_path: Path) -> None:
        """It kept nothing, and so neither resumes nor stands in the way."""
        with pytest.raises(TrainingError, match="before the first epoch ended"):
            train(NAME, data_root, tmp_path, changes=CHANGES, watch=stop_at(2))
        with pytest.raises(TrainingError, match="to resume from"):
            train(NAME, data_root, tmp_path, resume=True)
        with pytest.raises(TrainingError, match="no finished epoch"):
            export_to(tmp_path, tmp_path / "mine.onnx", data_root)
        assert train(NAME, data_root, tmp_path, changes=CHANGES)["finished"] is True

    @pytest.mark.parametrize(("name", "changes"), [(NAME, ["epochs=3"]), ("c-cnn", None)])
    def test_nothing_changes_a_recipe_halfway(
        self, name: str, changes: list[str] | None, whole: Path, data_root: Path
    ) -> None:
        """Neither --set nor another name."""
        with pytest.raises(UsageError, match="with the recipe 'fast', and without --set"):
            train(name, data_root, whole, changes=changes, resume=True)

    def test_a_run_goes_on_with_its_own_data_only(self, whole: Path, data_root: Path, tmp_path: Path) -> None:
        """The same name is not enough: what was held out could have been trained on."""
        with np.load(data_root / "small.npz") as arrays:
            np.savez(tmp_path / "small.npz", x=arrays["x"][:300], y=arrays["y"][:300])
        with pytest.raises(TrainingError, match="not those that the run was started with"):
            train(NAME, tmp_path, whole, resume=True)

    @pytest.mark.usefixtures("_without_export")
    def test_what_another_version_noted_of_the_data_stops_nobody(
        self, whole: Path, data_root: Path, tmp_path: Path
    ) -> None:
        """The digits are the same."""
        for name in (HISTORY, WEIGHTS, CHECKPOINT):
            shutil.copy(whole / name, tmp_path)
        record = load_record(whole)
        del record["data"]["small"]["times"]
        (tmp_path / RECORD).write_text(json.dumps(record))
        assert train(NAME, data_root, tmp_path, resume=True)["finished"] is True

    @pytest.mark.parametrize(
        "change",
        [
            {"recipe": "x"},
            {"recipe": 5},
            {"recipe": {"network": NAME, "epochs": 0}},
            {"recipe": {"network": NAME, "augmentation": {"rotate_deg": "far"}}},
            {"name": "svm", "recipe": {"data": 5}},
            {"name": 5},
            {"data": []},
            {"data": {"small": 3}},
            {"data": {"small": {"n_train": 1, "n_validation": 1, "digests": []}}},
            {"train_seconds": "x"},
            {"threads": "x"},
        ],
        ids=str,
    )
    def test_a_damaged_record_is_refused_as_such(self, change: dict[str, Any], whole: Path, tmp_path: Path) -> None:
        """With the name of the file."""
        (tmp_path / RECORD).write_text(json.dumps(load_record(whole) | change))
        with pytest.raises(TrainingError, match=r"run\.json is damaged or of another version of inkdigits: .*[^.]\.$"):
            load_record(tmp_path)

    @pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"name": "fast"}', "\xff"])
    def test_a_folder_without_a_whole_record_is_no_run(self, text: str | None, tmp_path: Path) -> None:
        """With the name of what is missing."""
        if text is not None:
            (tmp_path / RECORD).write_bytes(text.encode("latin-1"))
        with pytest.raises(TrainingError, match=r"no readable run\.json"):
            load_record(tmp_path)


class TestHistory:
    """What a run noted of its epochs."""

    def test_a_last_line_that_was_half_written_is_dropped(self, whole: Path, tmp_path: Path) -> None:
        """The epochs before it count; without its line end alone it is whole."""
        text = (whole / HISTORY).read_text()
        for end, n_epochs in ((None, 3), (-1, 3), (-2, 2), (-30, 2)):
            (tmp_path / HISTORY).write_text(text[:end])
            assert load_history(tmp_path) == load_history(whole)[:n_epochs]
            assert outcome(tmp_path)["n_epochs"] == n_epochs

    @pytest.mark.parametrize("line", ["noise", "{}", "5", '{"epoch": 1}', "\xff", NOT_NUMBERS])
    def test_other_damage_is_named(self, line: str, whole: Path, tmp_path: Path) -> None:
        """Also in a line that is sound JSON, or of other types."""
        (tmp_path / HISTORY).write_bytes(line.encode("latin-1") + b"\n" + (whole / HISTORY).read_bytes())
        with pytest.raises(TrainingError, match=r"history\.jsonl is damaged"):
            outcome(tmp_path)

    def test_an_empty_history_is_none(self, tmp_path: Path) -> None:
        """As one that is not there."""
        (tmp_path / HISTORY).touch()
        assert load_history(tmp_path) == ()
        with pytest.raises(TrainingError, match="no finished epoch"):
            outcome(tmp_path)


class TestClassical:
    """A run of a method that is no network."""

    def test_it_leaves_its_record_and_a_model(self, bayes: Path, data_root: Path) -> None:
        """And nothing else; a reader opens it."""
        assert files(bayes) == sorted([RECORD, *MODEL])
        data = prepare(change_recipe(find_recipe("bayes"), ["data=small"]), data_root)
        answers = inkdigits.load_reader(bayes).classify(data.validation_patches).argmax(1)
        assert (answers == data.validation_labels).mean() > 0.7

    def test_the_record_says_what_made_it(self, bayes: Path) -> None:
        """As that of a network does; it knows no epochs."""
        record = load_record(bayes)
        assert (record["name"], record["finished"]) == ("bayes", True)
        assert record["recipe"]["components"] == 20
        assert record["n_parameters"] > record["n_macs"] - 1 > 784 * 20
        assert record["train_seconds"] > 0
        assert record["peak_memory_bytes"] > 50e6  # Python with torch alone takes more
        assert record["sklearn"] == sklearn.__version__
        assert [len(digest) for digest in record["data"]["small"]["digests"].values()] == [64]
        assert "n_epochs" not in record
        assert str(bayes.parent) not in (bayes / RECORD).read_text()

    def test_a_folder_holds_one_run(self, bayes: Path, data_root: Path) -> None:
        """Neither another method nor a network may mix with it."""
        for name in ("tree", NAME):
            with pytest.raises(TrainingError, match=r"already holds a run\. Name another folder\.$"):
                train(name, data_root, bayes)

    def test_nobody_is_told_to_resume_a_method(self, whole: Path, data_root: Path) -> None:
        """Not even where a network's run could be gone on with."""
        with pytest.raises(TrainingError, match=r"already holds a run\. Name another folder\.$"):
            train("tree", data_root, whole)

    def test_it_cannot_be_resumed(self, bayes: Path, data_root: Path) -> None:
        """There is nothing halfway."""
        with pytest.raises(UsageError, match=r"'bayes' is fitted in one go.*without --resume"):
            train("bayes", data_root, bayes, resume=True)

    def test_one_that_failed_can_be_started_again(self, data_root: Path, tmp_path: Path) -> None:
        """It left its record, unfinished, and no model."""
        with pytest.raises(TrainingError, match="components=300 needs"):
            train("bayes", data_root, tmp_path, changes=["data=small", "components=300"])
        assert load_record(tmp_path)["finished"] is False
        with pytest.raises(TrainingError, match="came to no end"):
            export_to(tmp_path, tmp_path / "mine.onnx", None)
        assert train("bayes", data_root, tmp_path, changes=["data=small", "components=20"])["finished"] is True

    def test_it_is_exported_without_its_data(self, bayes: Path, tmp_path: Path) -> None:
        """Under the name of the file."""
        assert export_to(bayes, tmp_path / "thomas.onnx", None).name == "thomas"
        assert inkdigits.load_reader(tmp_path / "thomas.onnx").classify(np.zeros((1, 28, 28), "u1")).shape == (1, 10)


def test_networks_are_trained_without_scikit_learn() -> None:
    """It takes as long to load as torch."""
    code = "import sys, inkdigits.train.run; print('sklearn' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


class TestCommit:
    """The code that a run came from."""

    def test_a_strangers_repository_is_not_ours(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """An environment inside somebody's project must not report that project's commit."""
        (tmp_path / ".git").mkdir()
        place = tmp_path / ".venv" / "lib" / "site-packages" / "inkdigits" / "train" / "run.py"
        place.parent.mkdir(parents=True)
        monkeypatch.setattr(record_module, "__file__", str(place))
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("git was asked"))
        assert record_module.commit() is None

    def test_our_own_repository_names_the_commit(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """As git describes it; without git there is none."""
        (tmp_path / ".git").mkdir()
        monkeypatch.setattr(record_module, "__file__", str(tmp_path / "src" / "inkdigits" / "train" / "run.py"))
        done: Any = subprocess.CompletedProcess([], 0, stdout="1234abc-dirty\n")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        assert record_module.commit() == "1234abc-dirty"
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: (_ for _ in ()).throw(FileNotFoundError("git")))
        assert record_module.commit() is None


def test_validation_free_runs_still_read(data_root: Path, tmp_path: Path) -> None:
    """All digits may be trained on; the card then promises nothing."""
    changes = ["data=small", "epochs=1", "batch=64"]
    record = train(NAME, data_root, tmp_path, changes=changes)
    assert (record["n_validation"], record["best"]) == (0, record["last"])
    with pytest.raises(UsageError, match="never measured"):
        inkdigits.load_reader(tmp_path, accept_error=0.5)
    assert inkdigits.load_reader(tmp_path).classify(np.zeros((1, 28, 28), np.uint8)).shape == (1, 10)
