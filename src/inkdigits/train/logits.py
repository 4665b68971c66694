"""Patches -> logits -> loss: what training, validation and export compute alike."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.records import N_LABELS
from inkdigits.train.lines.recipe import LineRecipe
from inkdigits.train.recipes import Recipe

DIGIT_LOSS_SHARE = 0.3
"""Weight of "is this a digit at all?" beside "which digit is it?": the easier question must not lead."""

TAUGHT_SHARE = 0.5
"""Weight of what the teachers say beside the labels (Hinton, Vinyals and Dean 2015)."""

_BIG_BATCH = 2000
"""Patches a step where no gradient is kept."""


def uses_bfloat16(recipe: Recipe | LineRecipe, device: torch.device) -> bool:
    """Whether the layers compute in bfloat16 while training: as the recipe says, or where "auto" finds it fast."""
    if recipe.precision != "auto":
        return recipe.precision == "bfloat16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    known = torch.cpu.get_capabilities()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def logits_of(network: nn.Module, recipe: Recipe, patches: Tensor) -> Tensor:
    """Return the logits of uint8 patches (N, 1, 28, 28), without gradients."""
    network.eval()
    with torch.no_grad():
        parts = [network(standardise(to_ink(part), recipe)) for part in patches.split(_BIG_BATCH)]
    return torch.cat(parts)


def to_tensors(
    patches: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], device: torch.device | None = None
) -> tuple[Tensor, Tensor]:
    """Copy patches (N, 28, 28) and labels (N,) into tensors (N, 1, 28, 28) uint8 and (N,) int64."""
    return torch.tensor(patches, device=device)[:, None], torch.tensor(labels, device=device)


def to_ink(patches: Tensor) -> Tensor:
    """Return uint8 patches (N, 1, 28, 28) as float32 ink in [0, 1]."""
    return patches.to(torch.float32, memory_format=torch.channels_last) / 255


def standardise(ink: Tensor, recipe: Recipe) -> Tensor:
    """Subtract the recipe's mean and divide by its deviation: what the network is fed."""
    return (ink - recipe.mean) / recipe.std


def loss_of(logits: Tensor, labels: Tensor, recipe: Recipe, taught: Tensor | None = None) -> Tensor:
    """Return the mean loss.

    Labels below 0 are not digits: they teach the eleventh logit, and nothing about the ten.

    Args:
        logits: (N, 10 or 11) float32.
        labels: (N,) int64.
        recipe: names the loss.
        taught: (N, 10) float32, the teachers' probabilities; believed only where their answer is the label.
    """
    is_digit = labels >= 0
    digit_logits, digit_labels = logits[is_digit, :N_LABELS], labels[is_digit]
    if recipe.loss == "mse":
        loss = F.mse_loss(digit_logits.softmax(1), F.one_hot(digit_labels, N_LABELS).float())
    else:
        loss = F.cross_entropy(digit_logits, digit_labels, label_smoothing=recipe.label_smoothing)
    if taught is not None:
        loss = (1 - TAUGHT_SHARE) * loss + TAUGHT_SHARE * _taught_loss(digit_logits, digit_labels, taught[is_digit])
    if recipe.negatives:
        loss = loss + DIGIT_LOSS_SHARE * F.binary_cross_entropy_with_logits(logits[:, N_LABELS], is_digit.float())
    return loss


def _taught_loss(logits: Tensor, labels: Tensor, taught: Tensor) -> Tensor:
    """Cross-entropy with the teachers' probabilities, or with the label where the teachers do not know it."""
    knows = (taught.argmax(1) == labels)[:, None]
    return F.cross_entropy(logits, torch.where(knows, taught, F.one_hot(labels, N_LABELS).float()))


def accuracy_of(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the share of the digits that are read right; what is no digit does not count."""
    is_digit = labels >= 0
    return (logits[is_digit, :N_LABELS].argmax(1) == labels[is_digit]).float().mean()
