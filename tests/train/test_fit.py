"""The loop learns, repeats to the bit, keeps what it should, and survives being stopped at any moment."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from inkdigits.errors import TrainingError
from inkdigits.train import fit as module
from inkdigits.train.augment import Augmentation
from inkdigits.train.fit import CHECKPOINT, HISTORY, WEIGHTS, Epoch, Step, fit, replace_file, start
from inkdigits.train.logits import to_tensors
from inkdigits.train.networks import build_network
from inkdigits.train.prepare import TrainingData
from inkdigits.train.recipes import RECIPES, Recipe

LENET = Recipe("e-lenet", epochs=3, batch=64, rate=3e-3)

EVERYTHING = replace(RECIPES["default"], epochs=3, batch=64, average=0.9)
"""Dropout, batch normalisation, averaged weights, one-cycle, augmentation and negatives: all that has a state."""


@pytest.fixture(scope="module")
def mixed(data: TrainingData) -> TrainingData:
    """128 patches to train on, of which every fifth shows no digit; 40 to judge by."""
    labels = data.labels[:128].copy()
    labels[::5] = -1
    return TrainingData(data.patches[:128], labels, data.validation_patches[:40], data.validation_labels[:40], {})


def weights_of(run: Path) -> bytes:
    """What the run kept."""
    return (run / WEIGHTS).read_bytes()


def history_of(run: Path) -> list[Epoch]:
    """The run's history, without the times."""
    lines = (run / HISTORY).read_text(encoding="utf-8").splitlines()
    return [replace(Epoch(**json.loads(line)), seconds=0) for line in lines]


def stop_at(epoch: int, step: int) -> Callable[[Step | Epoch], None]:
    """A watch that presses Ctrl-C in the middle of an epoch."""

    def watch(seen: Step | Epoch) -> None:
        if isinstance(seen, Step) and seen.epoch == epoch and seen.step == step:
            raise KeyboardInterrupt

    return watch


def judge_as(monkeypatch: pytest.MonkeyPatch, losses: list[float]) -> None:
    """Let validation find these losses, epoch after epoch."""
    left = iter(losses)
    monkeypatch.setattr(module, "validate", lambda *_: (next(left), 0.5))


class TestLearning:
    """What a training does."""

    def test_it_learns(self, data: TrainingData, tmp_path: Path) -> None:
        """Four short epochs on 512 digits read nine in ten that it never saw; the loss passes 1.4612."""
        assert fit(replace(LENET, network="fast", epochs=4, batch=32), data, tmp_path)
        history = history_of(tmp_path)
        assert history[-1].train_loss < 0.5 < history[0].train_loss
        assert max(epoch.validation_accuracy or 0 for epoch in history) > 0.9

    @pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
    @pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
    def test_every_optimizer_and_loss_learns(
        self, optimizer: str, loss: str, data: TrainingData, tmp_path: Path
    ) -> None:
        """The loss falls within a few epochs."""
        recipe = replace(LENET, network="fast", optimizer=optimizer, loss=loss, momentum=0.9, epochs=2)
        fit(replace(recipe, rate=0.05) if optimizer == "sgd" else recipe, data, tmp_path)
        history = history_of(tmp_path)
        assert history[-1].train_loss < 0.85 * history[0].train_loss

    def test_the_watcher_sees_every_step_and_epoch(self, data: TrainingData, tmp_path: Path) -> None:
        """Steps are counted over the whole training; an epoch comes after its steps, as the history has it."""
        seen: list[Step | Epoch] = []
        fit(LENET, data, tmp_path, watch=seen.append)
        steps = [each for each in seen if isinstance(each, Step)]
        assert [(each.step, each.n_steps) for each in steps] == [(i + 1, 24) for i in range(24)]
        assert [type(each) for each in seen] == ([Step] * 8 + [Epoch]) * 3
        epochs = [replace(each, seconds=0) for each in seen if isinstance(each, Epoch)]
        assert epochs == history_of(tmp_path)
        assert epochs[0].train_loss == pytest.approx(np.mean([step.loss for step in steps[:8]]))

    def test_every_epoch_is_shuffled_anew(self, data: TrainingData) -> None:
        """Each digit comes once an epoch, in another order each time; the rest of the last batch waits."""
        patches, labels = to_tensors(data.patches, data.labels)
        at, generator = torch.arange(len(labels)), torch.Generator().manual_seed(0)
        orders = [torch.cat([label for _, label in module._batches(patches, at, 64, generator)]) for _ in range(3)]
        for order in orders:
            assert torch.equal(order.sort().values, at)
            assert not torch.equal(order, at)
        assert not torch.equal(orders[0], orders[1])
        odd = [ink.shape for ink, _ in module._batches(patches[:150], labels[:150], 64, generator)]
        assert odd == [(64, 1, 28, 28)] * 2
        few = [ink.shape for ink, _ in module._batches(patches[:10], labels[:10], 64, generator)]
        assert few == [(10, 1, 28, 28)]

    def test_augmentation_comes_before_standardising(self, data: TrainingData) -> None:
        """The border that it brings in is paper as the network knows it, and never a grey of its own."""
        shrunk = replace(
            LENET, mean=0.1307, std=0.3081, augmentation=Augmentation(scale=(0.5, 0.5)), schedule="constant"
        )
        fed: list[Tensor] = []
        training = start(shrunk, 64, torch.device("cpu"))
        training.network.register_forward_pre_hook(lambda _, given: fed.append(given[0].clone()))
        patches, labels = to_tensors(data.patches[:64], data.labels[:64])
        module.train_epoch(training, shrunk, patches, labels, 1, lambda _: None)
        paper = torch.tensor(-0.1307 / 0.3081)
        assert torch.allclose(fed[0][:, :, :5], paper)
        assert torch.allclose(fed[0][:, :, :, -5:], paper)
        assert fed[0].min() >= paper - 1e-6
        assert fed[0].max() > 1

    def test_validation_is_neither_augmented_nor_random(self, mixed: TrainingData) -> None:
        """The same network is judged the same twice, dropout and all; without images there is no judgement."""
        training = start(EVERYTHING, 128, torch.device("cpu"))
        held_out = to_tensors(mixed.validation_patches, mixed.validation_labels)
        first = module.validate(training.network, EVERYTHING, *held_out)
        assert first == module.validate(training.network, EVERYTHING, *held_out)
        empty = to_tensors(mixed.validation_patches[:0], mixed.validation_labels[:0])
        assert module.validate(training.network, EVERYTHING, *empty) == (None, None)

    def test_a_loss_that_is_no_number_ends_the_training(self, data: TrainingData, tmp_path: Path) -> None:
        """With the remedy, and before anything is kept of it."""
        with pytest.raises(TrainingError, match=r"became \w+ in epoch 1. Try a lower rate than 1e\+30"):
            fit(replace(LENET, rate=1e30, optimizer="sgd"), data, tmp_path)
        assert not (tmp_path / WEIGHTS).exists()

    def test_the_rate_follows_its_schedule(self, data: TrainingData, tmp_path: Path) -> None:
        """One-cycle rises to the recipe's rate and falls to almost nothing; constant stays."""
        fit(replace(LENET, epochs=4, schedule="one-cycle"), data, tmp_path / "cycle")
        rates = [epoch.rate for epoch in history_of(tmp_path / "cycle")]
        assert rates[0] == pytest.approx(3e-3, rel=0.01)
        assert rates[0] > rates[1] > rates[2] > rates[3]
        assert rates[3] < 3e-5
        fit(LENET, data, tmp_path / "constant")
        assert {epoch.rate for epoch in history_of(tmp_path / "constant")} == {3e-3}


class TestKeeping:
    """Which weights stay, and how long it goes on."""

    @pytest.mark.parametrize(("keep", "epoch"), [("best", 2), ("last", 3)])
    def test_the_weights_of_the_right_epoch_are_kept(
        self, keep: str, epoch: int, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of the lowest validation loss, or of the last epoch."""
        judge_as(monkeypatch, [3, 1, 2])
        fit(replace(LENET, keep=keep), data, tmp_path / "run")
        judge_as(monkeypatch, [3, 2, 1])
        fit(replace(LENET, keep="last"), data, tmp_path / "same", watch=stop_at(epoch + 1, epoch * 8 + 1))
        assert weights_of(tmp_path / "run") == weights_of(tmp_path / "same")

    def test_it_stops_when_patience_ends(
        self, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After so many epochs that were no better than the best; being resumed changes nothing."""
        patient = replace(LENET, epochs=9, patience=2)
        judge_as(monkeypatch, [3, 2, 2.5, 1, 1, 1.5, 0])
        assert fit(patient, data, tmp_path)
        assert [epoch.validation_loss for epoch in history_of(tmp_path)] == [3, 2, 2.5, 1, 1, 1.5]
        before = weights_of(tmp_path)
        assert fit(patient, data, tmp_path, resume=True)
        assert len(history_of(tmp_path)) == 6
        assert weights_of(tmp_path) == before

    def test_averaged_weights_are_the_moving_average_of_the_steps(self, mixed: TrainingData) -> None:
        """And they are what is judged and kept."""
        training = start(EVERYTHING, 128, torch.device("cpu"))
        expected: dict[str, Tensor] = {}

        def watch(_: Step | Epoch) -> None:
            for name, weight in training.network.named_parameters():
                old = expected.get(name, weight.detach())  # the first step starts the average
                expected[name] = 0.9 * old + 0.1 * weight.detach()

        module.train_epoch(training, EVERYTHING, *to_tensors(mixed.patches, mixed.labels), 1, watch)
        assert training.kept is not training.network
        for name, weight in training.kept.named_parameters():
            assert torch.allclose(weight, expected[name], atol=1e-6)

    @pytest.mark.parametrize(
        "recipe", [replace(EVERYTHING, epochs=1), replace(LENET, epochs=1)], ids=["average", "own"]
    )
    def test_what_is_judged_is_what_is_kept(
        self, recipe: Recipe, mixed: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Validation sees the very weights that are written."""
        judged: list[dict[str, Tensor]] = []

        def spy(network: nn.Module, *_: object) -> tuple[float, float]:
            judged.append({name: value.clone() for name, value in network.state_dict().items()})
            return 1.0, 0.5

        monkeypatch.setattr(module, "validate", spy)
        fit(recipe, mixed, tmp_path)
        kept = load_file(tmp_path / WEIGHTS)
        assert all(torch.equal(kept[name], value) for name, value in judged[0].items())

    def test_weights_load_into_the_network_on_any_machine(self, mixed: TrainingData, tmp_path: Path) -> None:
        """The file names no device, holds the kept network's weights and nothing else, and others may read it."""
        fit(replace(EVERYTHING, epochs=1), mixed, tmp_path)
        network = build_network(module.find_network("default"))
        network.load_state_dict(load_file(tmp_path / WEIGHTS, device="cpu"))
        (tmp_path / "plain").touch()
        assert (tmp_path / WEIGHTS).stat().st_mode == (tmp_path / "plain").stat().st_mode
        assert not list(tmp_path.glob("*.part"))

    def test_half_precision_stays_inside_the_layers(self, mixed: TrainingData, tmp_path: Path) -> None:
        """It takes another way through training; the weights are float32 all the same."""
        for precision in ("float32", "bfloat16"):
            fit(replace(EVERYTHING, epochs=1, precision=precision), mixed, tmp_path / precision)
        kept = load_file(tmp_path / "bfloat16" / WEIGHTS)
        assert {value.dtype for name, value in kept.items() if not name.endswith("tracked")} == {torch.float32}
        assert weights_of(tmp_path / "bfloat16") != weights_of(tmp_path / "float32")


class TestRepeating:
    """Bits."""

    def test_the_seed_decides_everything(self, mixed: TrainingData, tmp_path: Path) -> None:
        """The same recipe ends with the same weights, whatever torch did before; another seed with others."""
        for name, seed in (("first", 0), ("again", 0), ("other", 1)):
            torch.rand(7)
            fit(replace(EVERYTHING, epochs=2, seed=seed), mixed, tmp_path / name)
        assert weights_of(tmp_path / "first") == weights_of(tmp_path / "again")
        assert history_of(tmp_path / "first") == history_of(tmp_path / "again")
        assert weights_of(tmp_path / "first") != weights_of(tmp_path / "other")

    def test_a_stopped_run_goes_on_as_if_nothing_had_happened(self, mixed: TrainingData, tmp_path: Path) -> None:
        """Stopped in the middle of the second epoch and resumed, it ends with the same weights to the bit."""
        assert fit(EVERYTHING, mixed, tmp_path / "whole")
        assert not fit(EVERYTHING, mixed, tmp_path / "stopped", watch=stop_at(2, 3))
        assert len(history_of(tmp_path / "stopped")) == 1
        torch.rand(7)
        assert fit(EVERYTHING, mixed, tmp_path / "stopped", resume=True)
        assert weights_of(tmp_path / "whole") == weights_of(tmp_path / "stopped")
        assert history_of(tmp_path / "whole") == history_of(tmp_path / "stopped")

    def test_stopping_in_the_first_epoch_leaves_nothing_to_keep(self, data: TrainingData, tmp_path: Path) -> None:
        """And says so."""
        with pytest.raises(TrainingError, match="before the first epoch ended"):
            fit(LENET, data, tmp_path, watch=stop_at(1, 2))

    def test_stopping_while_the_first_epoch_is_saved_leaves_nothing_to_keep(
        self, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """There is no checkpoint yet, whatever else was written."""

        def stopped(place: Path, write: Callable[[Path], object]) -> None:
            if place.name == HISTORY:
                raise KeyboardInterrupt
            replace_file(place, write)

        monkeypatch.setattr(module, "replace_file", stopped)
        with pytest.raises(TrainingError, match="before the first epoch ended"):
            fit(LENET, data, tmp_path)

    @pytest.mark.parametrize("at", [WEIGHTS, HISTORY, CHECKPOINT])
    def test_stopping_while_an_epoch_is_saved_loses_at_most_that_epoch(
        self, at: str, mixed: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whichever file was being written, all others are whole, and the run goes on to the same weights."""
        fit(EVERYTHING, mixed, tmp_path / "whole")

        def stopped(place: Path, write: Callable[[Path], object]) -> None:
            if place.name == at and (place.parent / CHECKPOINT).exists():
                place.with_name(f"{at}.part").write_bytes(b"half a")
                raise KeyboardInterrupt
            replace_file(place, write)

        with monkeypatch.context() as patch:
            patch.setattr(module, "replace_file", stopped)
            assert not fit(EVERYTHING, mixed, tmp_path / "run")
        load_file(tmp_path / "run" / WEIGHTS)
        assert len(history_of(tmp_path / "run")) in (1, 2)
        assert fit(EVERYTHING, mixed, tmp_path / "run", resume=True)
        assert weights_of(tmp_path / "run") == weights_of(tmp_path / "whole")
        assert history_of(tmp_path / "run") == history_of(tmp_path / "whole")

    def test_a_run_that_ended_is_not_trained_on(self, data: TrainingData, tmp_path: Path) -> None:
        """Resumed, it is still at its end."""
        fit(LENET, data, tmp_path)
        before = weights_of(tmp_path)
        seen: list[Step | Epoch] = []
        assert fit(LENET, data, tmp_path, resume=True, watch=seen.append)
        assert not seen
        assert weights_of(tmp_path) == before

    def test_there_must_be_something_to_resume(self, data: TrainingData, tmp_path: Path) -> None:
        """An empty folder is not a run."""
        with pytest.raises(TrainingError, match=r"no checkpoint\.pt to resume from"):
            fit(LENET, data, tmp_path, resume=True)

    @pytest.mark.parametrize("damage", ["cut", "noise", "empty", "other", "fields"])
    def test_a_damaged_checkpoint_is_refused(self, damage: str, data: TrainingData, tmp_path: Path) -> None:
        """As is one of another network or another version, by name and with the remedy."""
        fit(replace(LENET, epochs=1), data, tmp_path)
        place, recipe = tmp_path / CHECKPOINT, LENET
        whole = place.read_bytes()
        match damage:
            case "cut":
                place.write_bytes(whole[: len(whole) // 2])
            case "noise":
                place.write_bytes(b"noise" * 100)
            case "empty":
                place.write_bytes(b"")
            case "other":
                recipe = replace(LENET, network="a-ffnn")
            case "fields":
                torch.save(torch.load(place) | {"history": [{"epoch": 1}]}, place)
        with pytest.raises(TrainingError, match=r"checkpoint\.pt does not fit this recipe, or is damaged"):
            fit(recipe, data, tmp_path, resume=True)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """Whoever reads it while it is written sees the old one."""
    place = tmp_path / "file"
    replace_file(place, lambda part: part.write_text("old"))

    def fail(part: Path) -> None:
        part.write_text("ne")
        assert place.read_text() == "old"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        replace_file(place, fail)
    assert place.read_text() == "old"
    old = place.stat().st_ino
    replace_file(place, lambda part: part.write_text("new"))
    assert place.read_text() == "new"
    assert place.stat().st_ino != old  # another file took its place: nothing was written into the old one
