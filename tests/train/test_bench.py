"""A bench times our recipes and the tutorial's loop on the same digits, and says what the ratios are."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkdigits.datasets import Dataset
from inkdigits.errors import DataNotFoundError
from inkdigits.train import bench as module
from inkdigits.train.bench import GOALS, Bench, ReadingSpeed, Training, bench, draw_canvas
from inkdigits.train.recipes import RECIPES
from inkdigits.train.tutorial import TutorialEpoch

EPOCHS = (TutorialEpoch(10.0, 0.98), TutorialEpoch(12.0, 0.991), TutorialEpoch(11.0, 0.989))
FOUND = Bench(
    trainings=(Training("fast", 0.99, 1, 0.5, 5.5, 0.9921), Training("quick", 0.995, 8, 0.4, 66.0, 0.9953)),
    tutorial_loading_seconds=0.3,
    tutorial=EPOCHS,
    reading=ReadingSpeed(0.0002, 5000.0, 0.0015, 0.4),
    threads=2,
    quick=False,
)


@pytest.fixture
def mnist(tmp_path: Path, digits: Dataset) -> Path:
    """A data folder whose mnist are 200 small digits for training and 40 for testing."""
    (tmp_path / "mnist").mkdir()
    header = ",".join(["label", *(f"pixel{i}" for i in range(784))])
    for part, at in (("train", slice(40, 240)), ("test", slice(0, 40))):
        table = np.column_stack([digits.known_labels()[at], digits.images[at].reshape(-1, 784)])
        np.savetxt(tmp_path / "mnist" / f"{part}.csv", table, "%d", ",", header=header, comments="")
    return tmp_path


@pytest.fixture
def _few_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """One start of a process takes half a second."""
    for name in ("N_READS", "N_STARTS"):
        monkeypatch.setattr(module, name, 1)


@pytest.mark.usefixtures("_few_repeats")
def test_everything_is_timed(mnist: Path):
    """In order, with a progress bar's steps; on one thread as asked."""
    told: list[tuple[str, int, int]] = []
    found = bench(mnist, quick=True, threads=1, watch=lambda *step: told.append(step))
    assert [each.recipe for each in found.trainings] == list(GOALS)
    assert list(dict.fromkeys(name for name, _, _ in told)) == [*GOALS, "tutorial", "reading"]
    assert all((name, total, total) in told for name, _, total in told)
    assert (len(found.tutorial), found.threads, found.quick) == (1, 1, True)
    seconds = [figure for each in found.trainings for figure in (each.loading_seconds, each.loop_seconds)]
    reading = found.reading
    assert min(*seconds, reading.latency_seconds, reading.canvas_seconds, reading.cold_start_seconds) > 0
    assert reading.cold_start_seconds > reading.canvas_seconds
    assert all(0 <= each.accuracy <= 1 for each in (*found.trainings, *found.tutorial))


def test_without_mnist_nothing_is_timed(tmp_path: Path):
    """The message says how to get it."""
    with pytest.raises(DataNotFoundError, match="data fetch mnist"):
        bench(tmp_path, quick=True)


def test_recipes_train_on_all_digits_for_a_fixed_time():
    """No digit is held out, no epoch is chosen: validation chose them before."""
    for name in GOALS:
        recipe = RECIPES[name]
        assert (recipe.data, recipe.validation_share, recipe.keep, recipe.patience) == (("mnist",), 0, "last", 0)


def test_the_tutorial_is_timed_until_it_first_is_as_good():
    """Epochs add up; one that never gets there has no time."""
    assert FOUND.tutorial_seconds(0.98) == 10
    assert FOUND.tutorial_seconds(0.99) == 22
    assert FOUND.tutorial_seconds(0.995) is None


def test_the_table_tells_times_and_ratios():
    """Seconds of the tutorial add up; a goal it missed is said to be missed."""
    text = FOUND.to_text()
    assert "on 2 of" in text
    assert "few digits" not in text
    assert [line.split()[-4:] for line in text.splitlines() if line.startswith("tutorial")][1] == [
        "2",
        "22.0",
        "99.10",
        "%",
    ]
    assert "The tutorial took 4.0 times the time of fast to 99.00 %." in text
    assert "The tutorial did not reach 99.50 % in 0.5 times the time of quick." in text
    assert "5,000" in text


def test_a_recipe_that_missed_its_goal_has_no_ratio():
    """It did not do what the tutorial is compared for."""
    missed = replace(FOUND.trainings[0], accuracy=0.9899)
    text = replace(FOUND, trainings=(missed, FOUND.trainings[1])).to_text()
    assert "fast did not reach 99.00 % itself: there is nothing to compare." in text
    assert "time of fast" not in text
    assert "time of quick" in text


def test_a_quick_look_has_no_ratios():
    """Nothing in it reaches a goal."""
    text = replace(FOUND, quick=True).to_text()
    assert "few digits" in text
    assert "the time of" not in text


def test_json_holds_every_figure():
    """With the machine, and the ratios' times."""
    found = json.loads(json.dumps(FOUND.to_dict()))
    assert found["trainings"][0]["loop_seconds"] == 5.5
    assert found["tutorial"][2] == {"seconds": 11.0, "accuracy": 0.989}
    assert found["tutorial_seconds_to_the_goal_of"] == {"fast": 22.0, "quick": None}
    assert {"torch", "machine", "n_cores", "threads", "version"} <= set(found)


def test_the_canvas_shows_a_seven():
    """Dark on white, or the reading that is timed would be of a blank."""
    from inkdigits import load_reader

    assert load_reader().read(draw_canvas()).text == "7"
