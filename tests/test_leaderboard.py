"""A leaderboard says of each network what evaluating it alone says, repeatably, with times kept apart."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkdigits.classifier import load_classifier
from inkdigits.corruptions import AFFINE, SUITE, corrupt, digest
from inkdigits.datasets import Dataset, load_dataset
from inkdigits.errors import DataNotFoundError, UsageError
from inkdigits.evaluate import evaluate
from inkdigits.leaderboard import (
    Column,
    Contestant,
    Entry,
    Leaderboard,
    Row,
    Section,
    load_earlier,
    load_sections,
    rank,
)
from inkdigits.leaderboard.sections import (
    ECE,
    FILE_BYTES,
    MNIST,
    N_PARAMETERS,
    SUITE_MEAN,
    UNDISPUTED,
    accuracy_section,
    cost_section,
    refusal_section,
    robustness_section,
)
from inkdigits.strangers import load_strangers, measure_refusal

Copy = Callable[..., Path]
"""Makes another network: its name, and facts for its card."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder: 30 test digits of mnist, patches already, and two dev sets that are not."""
    (tmp_path / "mnist" / "test").mkdir(parents=True)
    (tmp_path / "dev").mkdir()
    labels = np.arange(30, dtype=np.uint8) % 10
    images = np.zeros((30, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 5 : 6 + label] = 255
    header = ",".join(["label", *(f"pixel{i}" for i in range(784))])
    table = np.column_stack([labels, images.reshape(30, 784)])
    np.savetxt(tmp_path / "mnist" / "test.csv", table, "%d", ",", header=header, comments="")
    for name, side in (("hwd1000", 20), ("usps16", 24)):
        np.savez(tmp_path / "dev" / f"{name}.npz", x=images[:10, :side, :side], y=labels[:10])
    return tmp_path


@pytest.fixture
def copy(tiny_model: Path, tmp_path: Path) -> Copy:
    """The toy network under other names; a byte of its graph's notes makes each another one."""

    def make(name: str, **facts: Any) -> Path:
        import onnx

        path = tmp_path / f"{name}.onnx"
        model = onnx.load(tiny_model)
        model.doc_string = name
        onnx.save(model, path)
        card = json.loads(tiny_model.with_suffix(".json").read_text("utf-8"))
        path.with_suffix(".json").write_text(json.dumps(card | {"name": name, "facts": facts}), "utf-8")
        return path

    return make


def sections_of(data: Path) -> tuple[Section, ...]:
    """Accuracy and robustness, without the times, which take their time."""
    mnist = load_dataset("mnist", "test", data)
    return accuracy_section(mnist, data), robustness_section(mnist)


def make_entry(name: str, accuracy: float, seed: int | None = None, recipe: str = "", **figures: float | None) -> Entry:
    """An entry with made figures."""
    return Entry(name, name, recipe or name, seed, f"{name}-{seed}-{accuracy}", {MNIST: accuracy, **figures})


def facts_of(seed: int, epochs: int = 9, digest: str = "ab", n_train: int = 100) -> dict[str, Any]:
    """What the card of a run of the recipe house says."""
    data = {"mnist": {"n_train": n_train, "digests": {"train": digest}}}
    return {
        "network": "house",
        "seed": seed,
        "recipe": {"network": "house", "epochs": epochs, "seed": seed},
        "data": data,
    }


class TestMeasuring:
    """What the sections find out."""

    def test_accuracy_is_that_of_evaluate(self, data: Path, tiny_model: Path):
        """On MNIST and on each dev set, to the last digit."""
        (row,) = rank([tiny_model], sections_of(data)).rows
        classify = load_classifier(tiny_model).classify
        for name, split in ((MNIST, "test"), ("hwd1000", "all"), ("usps16", "all")):
            expected = evaluate(classify, load_dataset(name, split, data))  # type: ignore[arg-type]  # str
            assert row.mean(name) == expected.accuracy
        assert row.mean(ECE) == evaluate(classify, load_dataset("mnist", "test", data)).ece
        assert row.mean(UNDISPUTED) is None  # these are not MNIST's own test digits

    def test_robustness_is_accuracy_on_corrupted_digits(self, data: Path, tiny_model: Path):
        """Of each kind, and the mean of the 15 without the affine."""
        (row,) = rank([tiny_model], sections_of(data)).rows
        mnist = load_dataset("mnist", "test", data)
        classify = load_classifier(tiny_model).classify
        for kind in (AFFINE, *SUITE):
            read = classify(corrupt(mnist.images, kind))[0].argmax(axis=1)
            assert row.mean(kind) == (read == mnist.labels).mean()
        assert row.mean(SUITE_MEAN) == pytest.approx(np.mean([row.mean(kind) for kind in SUITE]))

    def test_digits_of_other_sizes_are_made_patches_first(self, tiny_model: Path):
        """A test set called mnist need not be MNIST-shaped."""
        images = np.zeros((3, 40, 30), dtype=np.uint8)
        images[:, 5:35, 10:20] = 255
        dataset = Dataset("mnist", "test", images, np.array([1, 2, 3], dtype=np.uint8), None, False, ())
        section = robustness_section(dataset)
        assert section.data["mnist, fog"]["n_images"] == 3
        contestant = Contestant(tiny_model, load_classifier(tiny_model))
        assert set(section.measure(contestant)) == {AFFINE, SUITE_MEAN, *SUITE}

    def test_refusal_counts_strangers_and_digits(self, data: Path, tiny_model: Path):
        """As `measure_refusal` does; a group is the mean of its sets, and twins of digits stand apart."""
        mnist = load_dataset("mnist", "test", data)
        section = refusal_section(mnist, data)
        classifier = load_classifier(tiny_model)
        figures = section.measure(Contestant(tiny_model, classifier))
        expected = measure_refusal(classifier.classify, 0.5, mnist.images, load_strangers(data))
        assert figures["digits passed"] == expected.passed
        rows = {row.name: row for row in expected.rows}
        assert figures["refused, letters"] == rows["letters"].refused
        assert figures["AUROC, signs"] == rows["signs"].auroc
        assert figures["refused at 99 %, signs"] == rows["signs"].refused_at_99
        noise = [rows[name].refused for name in ("even noise", "salt noise", "coarse noise")]
        assert figures["refused, noise"] == pytest.approx(np.mean(noise))
        assert figures["refused, blank"] == rows["blank paper"].refused
        assert "AUROC, blank" not in {column.key for column in section.columns}
        assert {column.key for column in section.columns} <= set(figures)
        assert "refused, twins" in figures
        assert section.data["strangers, letters"]["n_images"] == rows["letters"].n

    def test_cost_comes_from_card_file_and_clock(self, copy: Copy):
        """What the card does not know is not known."""
        path = copy("a", n_parameters=7, train_seconds=1.5)
        (row,) = rank([path], [cost_section()]).rows
        figures = row.entries[0].figures
        assert figures[N_PARAMETERS] == 7
        assert figures["n_macs"] is None
        assert figures[FILE_BYTES] == path.stat().st_size
        assert figures["latency_seconds"] > 0
        assert figures["digits_per_second"] > 0

    def test_dev_sets_that_are_not_there_are_named(self, data: Path, tiny_model: Path):
        """In the tables' last line and in the JSON."""
        board = rank([tiny_model], sections_of(data)[:1])
        missing = ["optdigits32_other_writers", "semeion16", "kensanata100"]
        assert board.to_dict()["repeatable"]["missing"] == missing
        assert f"left out: {', '.join(missing)}." in board.to_markdown()

    def test_without_mnist_there_is_no_leaderboard(self, tmp_path: Path):
        """The message says how to get it."""
        with pytest.raises(DataNotFoundError, match="data fetch mnist"):
            load_sections(tmp_path)

    def test_every_step_is_told(self, data: Path, tiny_model: Path):
        """For the progress bar."""
        told: list[tuple[str, int, int]] = []
        rank([tiny_model], sections_of(data), lambda *step: told.append(step))
        assert [step[1:] for step in told] == [(0, 2), (1, 2), (2, 2)]
        assert all(step[0].startswith("toy (") for step in told)


class TestKeeping:
    """Networks that were measured before, by way of the JSON."""

    def test_an_earlier_network_keeps_its_figures(self, data: Path, copy: Copy, tmp_path: Path):
        """Also where its files are gone; the table is the same as if both had been measured at once."""
        gone, here = copy("gone", **facts_of(0)), copy("here", **facts_of(1, epochs=3))
        sections = sections_of(data)
        both = rank([gone, here], sections)
        place = self.save(rank([gone], sections), tmp_path)
        gone.unlink()
        assert rank([here], sections, earlier=load_earlier(place, sections)).to_dict() == both.to_dict()

    def test_a_network_measured_now_takes_the_place_of_its_like(self, data: Path, copy: Copy, tmp_path: Path):
        """Of the same name and seed; another seed stays, and shares its row."""
        sections = sections_of(data)[:1]
        runs = [copy(name, **facts_of(seed)) for name, seed in (("old", 0), ("seed", 1), ("new", 0))]
        for path in runs:
            card = json.loads(path.with_suffix(".json").read_text("utf-8"))
            path.with_suffix(".json").write_text(json.dumps(card | {"name": "house"}), "utf-8")
        place = self.save(rank(runs[:2], sections), tmp_path)
        (row,) = rank(runs[2:], sections, earlier=load_earlier(place, sections)).rows
        assert row.name == "house, 2 seeds"
        assert {entry.digest for entry in row.entries} == {load_classifier(path).digest for path in runs[1:]}

    def test_recipes_of_older_versions_lack_what_is_off(self, data: Path, copy: Copy, tmp_path: Path):
        """A key that came later, and is off, makes no other recipe; nor does the precision."""
        sections = sections_of(data)[:1]
        old, new = facts_of(0), facts_of(1)
        old["recipe"] |= {"precision": "bfloat16", "augmentation": {"rotate_deg": 8}}
        new["recipe"] |= {"precision": "auto", "later": 0.0, "augmentation": {"rotate_deg": 8, "varied": False}}
        place = self.save(rank([copy("a", **old)], sections), tmp_path)
        (row,) = rank([copy("b", **new)], sections, earlier=load_earlier(place, sections)).rows
        assert row.name == "house, 2 seeds"

    def test_other_test_sets_make_another_leaderboard(self, data: Path, tiny_model: Path, tmp_path: Path):
        """Their figures do not stand beside each other."""
        place = self.save(rank([tiny_model], sections_of(data)), tmp_path)
        with pytest.raises(UsageError, match="other test sets"):
            load_earlier(place, sections_of(data)[:1])

    @pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"repeatable": {"data": {}}, "timings": 5}'])
    def test_what_is_no_leaderboard_is_said(self, text: str | None, data: Path, tmp_path: Path):
        """Missing or damaged: the message says what to do."""
        place = tmp_path / "leaderboard.json"
        if text is not None:
            place.write_text(text, "utf-8")
        with pytest.raises(UsageError, match="without --keep"):
            load_earlier(place, sections_of(data)[:1])

    def save(self, board: Leaderboard, folder: Path) -> Path:
        """Write a leaderboard as the command does."""
        place = folder / "leaderboard.json"
        place.write_text(board.to_json(), "utf-8")
        return place


class TestRows:
    """Which networks share a row, and in which order rows come."""

    def names(self, *paths: Path) -> list[tuple[str, int]]:
        """Rows with their number of networks."""
        accuracy = Column(MNIST, "MNIST", str)
        section = Section("one", "", (accuracy,), lambda contestant: {MNIST: contestant.path.stat().st_size / 1e6})
        return [(row.name, len(row.entries)) for row in rank(list(paths), [section]).rows]

    def test_seeds_of_one_recipe_share_a_row(self, copy: Copy):
        """Whatever their command is, and however the seed split the digits; nothing else may differ."""
        runs = [(0, 9, "ab", 100), (1, 9, "ab", 103), (2, 9, "ab", 99), (3, 3, "ab", 100), (4, 9, "cd", 100)]
        paths = [
            copy(f"house-{seed}", **facts_of(seed, epochs, digest, n_train)) for seed, epochs, digest, n_train in runs
        ]
        assert sorted(self.names(*paths)) == [("house, 3 seeds", 3), ("house-3", 1), ("house-4", 1)]

    def test_cards_without_a_recipe_stay_apart(self, copy: Copy):
        """Those of older versions name the network and the epochs, which is not all; nor do damaged ones say more."""
        command = {"command": "inkdigits train fast --data DIR --out RUN"}
        paths = [copy(f"f{seed}", network="fast", seed=seed, n_epochs=1, validation=command) for seed in range(2)]
        paths += [copy("f2", **facts_of(2) | {"recipe": "x"}), copy("f3", network=[], seed=[], recipe={}, data=5)]
        assert sorted(self.names(*paths)) == [("f0", 1), ("f1", 1), ("f2", 1), ("f3", 1)]

    def test_a_seed_that_comes_twice_is_another_network(self, copy: Copy, tmp_path: Path):
        """Names that would be alike carry a digest."""
        first = copy("net", **facts_of(0))
        (tmp_path / "old").mkdir()
        second = Path(shutil.copy(copy("old", **facts_of(0)), tmp_path / "old" / "net.onnx"))
        card = json.loads(first.with_suffix(".json").read_text("utf-8"))
        second.with_suffix(".json").write_text(json.dumps(card), "utf-8")
        digests = [load_classifier(path).digest[:6] for path in (first, second)]
        assert sorted(self.names(first, second)) == sorted((f"net ({each})", 1) for each in digests)

    def test_networks_of_unknown_origin_stay_apart(self, copy: Copy):
        """Nothing says that they differ by their seed alone."""
        assert len(self.names(copy("a"), copy("b"))) == 2

    def test_a_network_given_twice_takes_part_once(self, tiny_model: Path):
        """By its digest."""
        assert self.names(tiny_model, tiny_model) == [("toy", 1)]

    def test_the_best_comes_first(self, copy: Copy):
        """By accuracy on MNIST, which the longer name gets here."""
        assert [name for name, _ in self.names(copy("a"), copy("a" * 30), copy("a" * 9))] == ["a" * 30, "a" * 9, "a"]


class TestWriting:
    """Tables and JSON."""

    COLUMNS = (Column(MNIST, "MNIST", "{:.2f}".format), Column("speed", "speed", "{:.0f}".format, repeatable=False))

    def board(self, *rows: Row) -> Leaderboard:
        """A leaderboard with one section."""
        return Leaderboard((Section("Accuracy", "What it is.", self.COLUMNS, lambda _: {}),), rows)

    def test_a_table_is_markdown_in_columns(self):
        """Title, note, header, rule and a line a row, all of one width."""
        rows = [Row(name, (make_entry(name, 0.5, speed=speed),)) for name, speed in (("a", 1000.0), ("long", None))]
        title, _, note, _, *lines = self.board(*rows).to_markdown().splitlines()
        assert (title, note) == ("## Accuracy", "What it is.")
        assert lines == [
            "| network | MNIST | speed |",
            "| ------- | ----: | ----: |",
            "| a       |  0.50 |  1000 |",
            "| long    |  0.50 |     - |",
        ]

    def test_seeds_show_their_mean_and_their_ends(self):
        """Ends only where they differ as printed."""
        entries = tuple(make_entry("a", share, seed, speed=3) for seed, share in enumerate((0.2, 0.4, 0.9)))
        assert "| a, 3 seeds | 0.50 (0.20-0.90) |     3 |" in self.board(Row("a, 3 seeds", entries)).to_markdown()

    def test_json_keeps_times_apart(self):
        """Every figure of every seed is in it, once."""
        board = self.board(Row("a", tuple(make_entry("a", 0.5, seed, speed=seed + 10) for seed in range(2))))
        found = json.loads(board.to_json())
        assert [each[MNIST] for each in found["repeatable"]["networks"]] == [0.5, 0.5]
        assert all("speed" not in each for each in found["repeatable"]["networks"])
        assert [(each["seed"], each["speed"]) for each in found["timings"]["networks"]] == [(0, 10), (1, 11)]
        assert all(MNIST not in each for each in found["timings"]["networks"])
        assert "onnxruntime" in found["repeatable"]["versions"]

    def test_what_is_repeatable_repeats(self, data: Path, copy: Copy):
        """Two runs agree to the last digit, whatever their times."""
        path = copy("a", n_parameters=7)
        one, other = (rank([path], load_sections(data)).to_dict() for _ in range(2))
        assert one["repeatable"] == other["repeatable"]
        assert one["repeatable"]["data"]["mnist, fog"]["sha256"] == digest(
            corrupt(load_dataset("mnist", "test", data).images, "fog")
        )
