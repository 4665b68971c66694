"""A report shows what a run has to show, the same each time, and says what is wrong with a run that has nothing."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch
from safetensors.torch import save_file

from inkdigits.datasets import load_dataset
from inkdigits.errors import DataNotFoundError, ExportError, ModelNotFoundError, TrainingError, UsageError
from inkdigits.evaluate import evaluate
from inkdigits.report import report
from inkdigits.report.answers import CELL_IMAGES, confusion
from inkdigits.report.overview import overview
from inkdigits.report.report import REPORT, SECTIONS, make_sections, save_figures, write_report
from inkdigits.report.runs import Answers, Run, load_run
from inkdigits.report.training import N_VERSIONS, normalisation, samples
from inkdigits.train.fit import HISTORY, WEIGHTS
from inkdigits.train.networks import build_network, find_network
from tests.report.conftest import N_TEST, N_TRAIN
from tests.report.test_page import check_page

Sections = dict[str, str]
"""Title -> markup."""

FIGURES = [
    *("accuracy", "attribution", "augmentation", "confusion", "error-against-coverage", "feature-maps-1"),
    *("feature-maps-2", "layers", "learning-rate", "loss", "normalisation", "pixel-values", "predictions"),
    *("reliability", "samples-mnist", "worst-errors"),
]


@pytest.fixture(scope="module")
def written(run_folder: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder after its report."""
    folder = tmp_path_factory.mktemp("written") / "lenet"
    shutil.copytree(run_folder, folder)
    seen: list[tuple[str, int, int]] = []
    assert write_report(folder, root, watch=lambda *event: seen.append(event)) == folder / REPORT
    assert {(what, total) for what, done, total in seen if done == total} >= {
        ("reading", 1),
        ("drawing", len(SECTIONS)),
    }
    return folder


@pytest.fixture(scope="module")
def sections(run: Run) -> Sections:
    """The markup of each section."""
    return {each.title: each.body for each in make_sections(run)}


@pytest.fixture
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the files of figures, which take seconds."""
    monkeypatch.setattr(report, "save_figures", lambda *_: None)


def test_a_report_is_one_sound_page_and_its_figures(written: Path):
    """Every figure lies in a file of its own too, as SVG and as PNG."""
    page = (written / REPORT).read_text("utf-8")
    outline = check_page(page)
    assert len(outline.every("section")) == len(SECTIONS)
    assert len(page) < 1_000_000
    files = sorted(path.name for path in (written / "figures").iterdir())
    assert files == [f"{name}.{ending}" for name in FIGURES for ending in ("png", "svg")]
    for name in FIGURES:
        with PIL.Image.open(written / "figures" / f"{name}.png") as picture:
            assert min(picture.size) > 100


@pytest.mark.usefixtures("_no_figures")
def test_a_report_is_repeatable(written: Path, root: Path, tmp_path: Path):
    """The same run gives the same page, byte for byte."""
    again = tmp_path / "again.html"
    write_report(written, root, again)
    assert again.read_bytes() == (written / REPORT).read_bytes()


def test_figures_are_those_of_the_shipped_network(run: Run, sections: Sections, root: Path):
    """What the page says is what `evaluate` says of model.onnx."""
    measured, network = run.answers.evaluation, run.model.classifier
    assert 0.5 < measured.accuracy < 1  # or the tests of errors would test nothing
    test = load_dataset("mnist", "test", root)
    assert measured == evaluate(network.classify, test, network.card.digit_score_threshold)
    assert f"{100 * measured.accuracy:.2f} %" in sections["At a glance"]


def test_every_cell_of_the_confusion_matrix_opens_its_images(run: Run, sections: Sections):
    """As many as it counts, up to a limit; rows sum to the digits of each label."""
    body = sections["Confusion matrix"]
    cells = re.findall(r'popovertarget="cell-(\d)-(\d)" aria-label="[^"]*">(\d+)</button>', body)
    counts = np.zeros((10, 10), dtype=int)
    for label, read_as, n in cells:
        counts[int(label), int(read_as)] = int(n)
        opened = body.partition(f'<div id="cell-{label}-{read_as}"')[2].partition("<div id=")[0]
        assert opened.count("<li>") == min(int(n), CELL_IMAGES)
    assert (counts.sum(axis=1) == np.bincount(run.answers.labels, minlength=10)).all()
    assert np.trace(counts) == N_TEST - len(run.answers.evaluation.mistakes)


def test_a_poor_network_opens_only_so_many_images(run: Run):
    """Else its page would have megabytes."""
    many = np.zeros(CELL_IMAGES + 5, dtype=int)
    answers = run.answers
    few = Answers(answers.patches[many], answers.labels[many], answers.probabilities[many], answers.evaluation)
    assert confusion(replace(run, answers=few)).body.count("<li>") <= CELL_IMAGES


def test_errors_are_told_apart_without_colour_and_sorted_by_loss(run: Run, sections: Sections):
    """A cross, what it is, what it was read as, and the index, worst first."""
    body = sections["Worst errors"]
    indices = [int(index) for index in re.findall(r"#(\d+)</small>", body)]
    assert indices == [each.index for each in run.answers.evaluation.mistakes]
    assert list(run.answers.losses[indices]) == sorted(run.answers.losses[indices], reverse=True)
    assert body.count("✗") == len(indices) > 0
    assert "✓" in sections["Test predictions"]


def test_training_digits_have_their_words_and_counts(sections: Sections):
    """Fifty of the first data set; one that is not at hand is named and nothing else."""
    body = sections["Training digits"]
    assert body.count("<li>") == 50
    assert body.count("a handwritten seven") == 5
    assert f"<td>{N_TRAIN}</td>" in body
    assert "not shown: elsewhere." in body


def test_augmentation_is_the_recipes_own(sections: Sections):
    """Originals, four changed rows, and the bounds they were drawn from."""
    body = sections["Augmentation"]
    assert body.count("<li>") == 10 * (1 + N_VERSIONS)
    assert "True to True" in body
    assert "0.25 to 1.0" in body
    assert "clutter" not in body


def test_what_showed_no_digits_is_told_and_shown(run: Run):
    """How many negatives were made, of which sets the others are, and ten of them; each set as often as it is shown."""
    facts = {"n_train": 70, "times": 1, "digests": {}}
    recipe = run.record["recipe"] | {"negatives": True, "negatives_from": ["thai:23"]}
    known = {"mnist": facts, "elsewhere": facts | {"times": 4}, "thai": facts}
    shown = replace(run, record=run.record | {"recipe": recipe, "data": known, "n_train": 7 * 70 - 20})
    assert (
        "mnist (70), elsewhere (70 x4) + 50 negatives made of them and of letters + as negatives thai (70); 10 kept"
    ) in overview(shown).body
    section = samples(shown)
    assert section is not None
    negatives = section.body.partition("Negatives: ")[2]
    assert negatives.count("<li>") == 10
    assert len(set(re.findall(r'src="([^"]*)"', negatives))) == 10
    assert [each.name for each in section.drawings] == ["samples-mnist", "samples-negatives"]
    assert "negatives" not in overview(run).body


def test_normalisation_is_undone(run: Run):
    """The third row is the first again, and the second is not."""
    weights = run.model.weights
    assert weights is not None
    recipe = replace(weights.recipe, mean=0.13, std=0.31)
    section = normalisation(replace(run, model=replace(run.model, weights=replace(weights, recipe=recipe))))
    assert section is not None
    rows = section.body.split("<h3>")[1:]
    stored, fed, restored = (re.findall(r'src="([^"]*)"', row) for row in rows)
    assert stored == restored != fed
    assert "-0.42 to 2.81" in rows[1]


def test_curves_show_every_epoch(sections: Sections):
    """Also as a table."""
    body = sections["Learning curves"]
    assert body.count("<svg") == 3
    assert re.findall(r'<th scope="row">(\d)</th>', body) == ["1", "2", "3"]


@pytest.mark.usefixtures("_no_figures")
def test_a_classical_run_leaves_out_what_it_has_not(classical_folder: Path, root: Path):
    """No layers, curves, augmentation or feature maps; and still a page about its answers."""
    write_report(classical_folder, root)
    outline = check_page((classical_folder / REPORT).read_text("utf-8"))
    shown = [each["id"] for each in outline.every("section")]
    assert shown == [
        *("at-a-glance", "training-digits", "test-predictions", "confusion-matrix", "worst-errors"),
        *("scores-of-each-label", "confidence", "one-digit-in-numbers", "what-the-network-says"),
        "what-the-answer-rests-on",
    ]


def test_a_folder_without_a_run_is_named(tmp_path: Path, root: Path):
    """The message says what a run folder has."""
    with pytest.raises(TrainingError, match=r"not the folder of a training run.*run\.json"):
        load_run(tmp_path, root)


def test_a_run_without_a_network_says_how_to_go_on(classical_folder: Path, root: Path):
    """It was stopped before its end; a classical method has nothing to resume."""
    (classical_folder / "model.onnx").unlink()
    with pytest.raises(ModelNotFoundError, match=r"no model\.onnx.*inkdigits train svm --out \S+`\."):
        load_run(classical_folder, root)


def test_a_network_of_other_weights_is_refused(run_folder: Path, root: Path, tmp_path: Path):
    """Such as one that was exported before the training went on: the page would show two networks as one."""
    folder = tmp_path / "lenet"
    shutil.copytree(run_folder, folder)
    torch.manual_seed(0)
    save_file(build_network(find_network("e-lenet")).state_dict(), folder / WEIGHTS)
    with pytest.raises(ExportError, match=r"not the network of weights.*inkdigits onnx-check"):
        load_run(folder, root)


def test_figures_go_where_the_page_goes(
    classical_folder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """With --out nothing is written into the run folder."""
    asked: list[Path] = []
    monkeypatch.setattr(report, "save_figures", lambda _, folder, __: asked.append(folder))
    write_report(classical_folder, root)
    write_report(classical_folder, root, tmp_path / "mine.html")
    assert asked == [classical_folder / "figures", tmp_path / "mine-figures"]


def test_a_damaged_history_is_named(classical_folder: Path, root: Path):
    """No traceback of a parser."""
    (classical_folder / HISTORY).write_text(json.dumps({"epoch": 1}))
    with pytest.raises(TrainingError, match=r"history\.jsonl is damaged"):
        load_run(classical_folder, root)


def test_without_mnist_there_is_nothing_to_measure(classical_folder: Path, tmp_path: Path):
    """The data set is named."""
    with pytest.raises(DataNotFoundError, match="mnist"):
        load_run(classical_folder, tmp_path / "nowhere")


def test_an_index_beyond_the_test_set_is_wrong_use(run_folder: Path, root: Path):
    """The message says how many there are."""
    with pytest.raises(UsageError, match="no image 60, only 0 to 59"):
        load_run(run_folder, root, index=N_TEST)


def test_a_figures_folder_that_cannot_be_made_is_wrong_use(tmp_path: Path):
    """Here a file has its name."""
    (tmp_path / "figures").write_text("")
    with pytest.raises(UsageError, match="figures cannot be written"):
        save_figures([], tmp_path / "figures")
