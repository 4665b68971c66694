"""The training loop that most tutorials teach, written out plainly: what ours is timed against.

One picture at a time becomes a tensor and is normalised when it is asked for; a DataLoader shuffles and stacks 64 of
them; two convolutions, dropout and two dense layers in the default memory layout learn with Adam at a constant rate.
It is kind to the tutorials: theirs make each picture a Pillow image first, which takes longer still.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from inkdigits.train.recipes import MNIST_MEAN, MNIST_STD

BATCH, TEST_BATCH, RATE = 64, 1000, 1e-3

Bytes = npt.NDArray[np.uint8]
"""(N, 28, 28) uint8, ink bright."""


@dataclass(frozen=True, slots=True)
class TutorialEpoch:
    """What one epoch took and brought."""

    seconds: float
    """Of training, with the loading of its batches."""
    accuracy: float
    """On the test digits, after it."""


class PictureDataset(Dataset[tuple[Tensor, int]]):
    """Pictures that become normalised tensors one by one, as they are asked for."""

    def __init__(self, pictures: Bytes, labels: npt.NDArray[Any]) -> None:
        self.pictures, self.labels = pictures, labels

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return picture (1, 28, 28) float32 and label."""
        picture = torch.tensor(self.pictures[index]).float().div(255).unsqueeze(0)
        return (picture - MNIST_MEAN) / MNIST_STD, int(self.labels[index])


def train_tutorial(
    train: PictureDataset, test: PictureDataset, n_epochs: int, seed: int = 0
) -> Iterator[TutorialEpoch]:
    """Train for a number of epochs that was fixed before, and yield what each took and brought."""
    torch.manual_seed(seed)
    network = tutorial_network()
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    train_loader = DataLoader(train, batch_size=BATCH, shuffle=True)
    test_loader = DataLoader(test, batch_size=TEST_BATCH)
    for _ in range(n_epochs):
        began = time.perf_counter()
        _train_epoch(network, optimizer, train_loader)
        seconds = time.perf_counter() - began
        yield TutorialEpoch(seconds, _accuracy(network, test_loader))


def tutorial_network() -> nn.Sequential:
    """Make the tutorials' network: 1,199,882 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


def _train_epoch(
    network: nn.Module, optimizer: torch.optim.Optimizer, loader: "DataLoader[tuple[Tensor, int]]"
) -> None:
    network.train()
    for pictures, labels in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(pictures), labels)
        loss.backward()
        optimizer.step()


def _accuracy(network: nn.Module, loader: "DataLoader[tuple[Tensor, int]]") -> float:
    network.eval()
    n_right = n = 0
    with torch.no_grad():
        for pictures, labels in loader:
            n_right += int((network(pictures).argmax(1) == labels).sum())
            n += len(labels)
    return n_right / n
