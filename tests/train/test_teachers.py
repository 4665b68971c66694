"""Trained networks that teach another."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from inkdigits.errors import TrainingError
from inkdigits.train.fit import HISTORY, WEIGHTS, fit
from inkdigits.train.prepare import TrainingData
from inkdigits.train.recipes import RECIPES
from inkdigits.train.run import train
from inkdigits.train.teachers import load_teacher

CHANGES = ["data=small", "epochs=1", "batch=32", "validation_share=0.2"]


@pytest.fixture(scope="module")
def runs(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two trained networks of different kinds."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("e-lenet", "fast"):
        train(name, data_root, folder / name, changes=CHANGES)
    return [str(folder / "e-lenet"), str(folder / "fast")]


def test_teachers_answer_together(runs: list[str]) -> None:
    """Their word is the mean of their probabilities, each network fed as it was trained."""
    ink = torch.rand(5, 1, 28, 28)
    both = load_teacher(replace(RECIPES["fast"], teachers=tuple(runs)))
    each = [load_teacher(replace(RECIPES["fast"], teachers=(run,))) for run in runs]
    assert both is not None
    assert torch.allclose(both(ink), sum(one(ink) for one in each if one) / 2, atol=1e-6)
    assert torch.allclose(both(ink).sum(1), torch.ones(5))


def test_teaching_changes_what_is_learned(runs: list[str], data: TrainingData, tmp_path: Path) -> None:
    """The same recipe without its teachers ends with another loss."""
    recipe = replace(RECIPES["fast"], batch=32)
    fit(recipe, data, tmp_path / "alone")
    fit(recipe, data, tmp_path / "taught", teacher=load_teacher(replace(recipe, teachers=tuple(runs))))
    assert (tmp_path / "alone" / HISTORY).read_text() != (tmp_path / "taught" / HISTORY).read_text()


def test_no_teachers_is_nothing() -> None:
    """Most recipes have none."""
    assert load_teacher(RECIPES["fast"]) is None


def test_a_teacher_that_is_no_run_is_refused_before_anything_is_written(data_root: Path, tmp_path: Path) -> None:
    """The message names it."""
    with pytest.raises(TrainingError, match=r"teacher 'nobody' cannot teach.*run\.json"):
        train("fast", data_root, tmp_path / "run", changes=[*CHANGES, "teachers=nobody"])
    assert not (tmp_path / "run").exists()


def test_a_run_may_begin_with_the_weights_of_another(runs: list[str], data_root: Path, tmp_path: Path) -> None:
    """At a rate of almost nothing it ends with them; those of another network are refused, and nothing is written."""
    changes = [*CHANGES, "rate=1e-12", "schedule=constant", f"start={runs[1]}"]
    train("fast", data_root, tmp_path / "on", changes=changes)
    before, after = (load_file(folder / WEIGHTS) for folder in (Path(runs[1]), tmp_path / "on"))
    learned = [name for name in before if name.endswith("weight")]
    assert learned
    assert all(torch.allclose(before[name], after[name], atol=1e-6) for name in learned)
    with pytest.raises(TrainingError, match="does not hold the weights of 'fast'"):
        train("fast", data_root, tmp_path / "other", changes=[*CHANGES, f"start={runs[0]}"])
    assert not (tmp_path / "other").exists()
