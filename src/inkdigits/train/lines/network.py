"""The network that reads a strip: convolutions that keep its width, then one look at each column with its neighbours.

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


class LineNetwork(nn.Module):
    """Strips (N, 1, 32, W) float32 in [0, 1], W even -> logits (N, W / 2, 14) float32."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_conv(1, 16),
            *_conv(16, 32, stride=2),
            *_conv(32, 32),
            nn.MaxPool2d((2, 1)),
            *_conv(32, 48),
            *_conv(48, 64),
            nn.MaxPool2d((2, 1)),
            *_conv(64, 80),
            *_conv(80, 80),
            nn.Conv2d(80, 128, (STRIP_PX // HEIGHTS, 3), padding=(0, 1), bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(128, 128, (1, 5), padding=(0, 2), bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(128, BLANK + 1, 1),
        )

    def forward(self, strips: Tensor) -> Tensor:
        """Return logits (N, W / 2, 14), one row a column."""
        logits: Tensor = self.layers(strips)
        return logits.squeeze(2).transpose(1, 2)


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


def _conv(before: int, after: int, stride: int = 1) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True)
