"""What training, validation and export compute alike: inputs in range, a loss without a floor."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from inkdigits.train.logits import accuracy_of, logits_of, loss_of, standardise, to_ink, to_tensors, uses_bfloat16
from inkdigits.train.prepare import NOT_A_DIGIT, TrainingData
from inkdigits.train.recipes import RECIPES, Recipe

LENET, DEFAULT = RECIPES["e-lenet"], RECIPES["default"]

LABELS = torch.arange(10)


def test_pixels_are_divided_by_255() -> None:
    """Once, in the one place that training, validation and the parity check share."""
    ink = to_ink(torch.tensor([0, 51, 255], dtype=torch.uint8).expand(2, 1, 28, 3))
    assert ink.dtype == torch.float32
    assert ink[0, 0, 0].tolist() == pytest.approx([0, 0.2, 1])


def test_standardising_is_undone_by_mean_and_deviation() -> None:
    """Paper becomes -0.4242 with MNIST's figures, as every source says."""
    ink = torch.rand(2, 1, 28, 28)
    assert torch.allclose(standardise(ink, DEFAULT) * DEFAULT.std + DEFAULT.mean, ink, atol=1e-6)
    assert float(standardise(torch.zeros(1), DEFAULT)) == pytest.approx(-0.4242, abs=1e-4)
    assert torch.equal(standardise(ink, LENET), ink)


def test_read_only_arrays_are_copied(data: TrainingData) -> None:
    """What is mapped from a file may not be written to, and torch would warn."""
    patches, labels = to_tensors(data.patches, data.labels)
    patches[0] = 255
    assert data.patches[0].max() > data.patches[0].min()
    assert (patches.shape[1:], patches.dtype, labels.dtype) == ((1, 28, 28), torch.uint8, torch.int64)


def test_the_loss_has_no_floor() -> None:
    """A network that is right and sure loses nothing; with a softmax before it the loss could not pass 1.4612."""
    logits = nn.functional.one_hot(LABELS, 10) * 100.0
    assert float(loss_of(logits, LABELS, LENET)) < 1e-6
    assert float(loss_of(logits.softmax(1), LABELS, LENET)) == pytest.approx(1.4612, abs=1e-4)


def test_the_squared_error_is_one_of_probabilities() -> None:
    """0 for a network that is right and sure."""
    mse = replace(LENET, loss="mse")
    assert float(loss_of(nn.functional.one_hot(LABELS, 10) * 100.0, LABELS, mse)) < 1e-6
    assert float(loss_of(torch.zeros(10, 10), LABELS, mse)) == pytest.approx(0.09)


def test_what_is_no_digit_teaches_only_the_eleventh_logit() -> None:
    """It moves none of the ten, and pulls the digit score down; a digit pulls it up."""
    logits = torch.zeros(2, 11, requires_grad=True)
    loss_of(logits, torch.tensor([3, NOT_A_DIGIT]), DEFAULT).backward()
    assert logits.grad is not None
    assert logits.grad[0, :10].any()
    assert not logits.grad[1, :10].any()
    assert logits.grad[0, 10] < 0 < logits.grad[1, 10]


def test_teachers_are_believed_where_they_know_the_answer() -> None:
    """Elsewhere the label alone counts, and what is no digit is none of their business."""
    plain = replace(DEFAULT, label_smoothing=0.0)
    logits, labels = torch.randn(3, 11), torch.tensor([3, 5, NOT_A_DIGIT])
    one_hot = nn.functional.one_hot(torch.tensor([3, 5, 0]), 10).float()
    unsure = one_hot * 0.5 + 0.05
    ignorant = unsure.clone()
    ignorant[1] = one_hot[0]
    ignorant[2] = float("nan")
    alone = loss_of(logits, labels, plain)
    assert torch.allclose(loss_of(logits, labels, plain, one_hot), alone)
    assert not torch.allclose(loss_of(logits, labels, plain, unsure), alone)
    expected = alone + loss_of(logits[:1], labels[:1], plain, unsure[:1]) - loss_of(logits[:1], labels[:1], plain)
    half = (expected - alone) / 2
    assert torch.allclose(loss_of(logits, labels, plain, ignorant), alone + half)


@pytest.mark.parametrize("known", [{}, {"avx512_bf16": True}, {"avx512_bf16": False, "amx_bf16": True}])
def test_half_precision_is_chosen_where_it_is_fast(known: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe decides; where it says "auto", the processor does, since elsewhere a step takes ten times as long."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    chosen = {
        name: uses_bfloat16(Recipe("fast", precision=name), torch.device("cpu"))
        for name in ("float32", "bfloat16", "auto")
    }
    assert chosen == {"float32": False, "bfloat16": True, "auto": bool(known)}


def test_accuracy_counts_digits_only() -> None:
    """Neither the patches that show none nor the eleventh logit have a part in it."""
    logits = torch.zeros(4, 11)
    logits[:, 10] = 9
    logits[[0, 1, 2], [1, 2, 4]] = 5
    assert float(accuracy_of(logits, torch.tensor([1, 2, 3, NOT_A_DIGIT]))) == pytest.approx(2 / 3)


def test_logits_come_in_order_without_gradients_or_dropout(data: TrainingData) -> None:
    """However many patches there are, and twice the same."""
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 10))
    patches, _ = to_tensors(data.patches, data.labels)
    many = patches.repeat(5, 1, 1, 1)
    logits = logits_of(network, LENET, many)
    assert logits.shape == (len(many), 10)
    assert not logits.requires_grad
    assert torch.equal(logits, logits_of(network, LENET, many))
    assert torch.allclose(logits[: len(patches)], logits[-len(patches) :], atol=1e-5)
