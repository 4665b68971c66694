"""The network that reads a strip: convolutions, then one look at each column with its neighbours.

Its columns are half the strip's. What it says of them is decoded as Graves et al. 2006 have it (connectionist temporal
classification): tokens, with blanks between.
"""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as from_safetensors
from torch import Tensor, nn

from inkdigits.errors import TrainingError
from inkdigits.records import BLANK, STRIP_PX
from inkdigits.train.fit import WEIGHTS

HEIGHTS = 8
"""A strip is pooled to an eighth of its rows; the last layer sees all of them."""

HALVES = 2
"""Columns are pooled to a quarter as well, which costs half as much; the last layer speaks of both halves of each."""


class LineNetwork(nn.Module):
    """Strips (N, 1, 32, W) float32 in [0, 1], W a multiple of 4 -> logits (N, W / 2, 14) float32."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_conv(1, 48, 5, stride=2),
            *_conv(48, 48),
            nn.MaxPool2d(2),
            *_conv(48, 96),
            *_conv(96, 96),
            nn.MaxPool2d((2, 1)),
            *_conv(96, 128),
            *_conv(128, 128),
            nn.Conv2d(128, 256, (STRIP_PX // HEIGHTS, 3), padding=(0, 1), bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(256, 256, (1, 5), padding=(0, 2), bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(256, HALVES * (BLANK + 1), 1),
        )

    def forward(self, strips: Tensor) -> Tensor:
        """Return logits (N, W / 2, 14), one row a column."""
        both: Tensor = self.layers(strips)
        return both.squeeze(2).transpose(1, 2).reshape(both.shape[0], -1, BLANK + 1)


def n_line_parameters() -> int:
    """Return how many weights training fits."""
    return sum(weights.numel() for weights in LineNetwork().parameters())


def load_line_network(run: Path) -> nn.Module:
    """Return the network of a run with the weights it kept, ready to answer.

    Raises:
        TrainingError: no weights there, or those of another network.
    """
    network = LineNetwork()
    try:
        network.load_state_dict(from_safetensors((run / WEIGHTS).read_bytes()))
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0].rstrip(":")
        raise TrainingError(f"{run / WEIGHTS} does not hold the weights of a network for lines: {reason}.") from error
    return network.eval()


def _conv(before: int, after: int, kernel_px: int = 3, stride: int = 1) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(before, after, kernel_px, stride=stride, padding=kernel_px // 2, bias=False)
    return convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True)
