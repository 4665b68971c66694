"""How the network for lines is trained."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

LINES = "lines"
"""Name of the recipe, and of its network."""


def _within(default: float, low: float, high: float) -> Any:
    """A field with a range, which holds both its ends."""
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True, slots=True)
class LineRecipe:
    """All that decides its training besides the data and the machine."""

    network: Literal["lines", "lines-wide"] = "lines"
    data: tuple[str, ...] = ("mnist", "bhmsds*2", "optdigits32*4", "nsysu*4")
    """Data sets of whose training digits the lines are composed; "name*4" draws each of them four times."""
    lines: int = _within(24000, 1, 10**9)
    """Lines an epoch; each epoch shows other ones."""
    redraw: int = _within(0, 0, 10**6)
    """Another number, other pens for all digits: a network that begins with learned weights has seen those of 0."""
    photographed: int = _within(4500, 0, 10**6)
    """So many photos, of a line or of a page of them, are taken before the first epoch; reading finds the lines."""
    photographed_later: int = _within(700, 0, 10**6)
    """So many more are for each epoch that follows, while the network learns."""
    photographed_share: float = _within(0.25, 0.0, 1.0)
    """Share of the lines in them among those of an epoch."""
    validation_share: float = _within(0.1, 0.01, 0.5)
    """Share of the writers (of the images where writers are unknown) whose digits are kept for validation."""
    validation_lines: int = _within(12000, 2, 10**6)
    """Lines that the network is judged by and calibrated on: about half of them photographed."""
    epochs: int = _within(22, 1, 10**6)
    batch: int = _within(32, 2, 10**6)
    rate: float = _within(2e-3, 1e-9, 1e3)
    """Highest learning rate of the one-cycle schedule."""
    weight_decay: float = _within(0.01, 0.0, 1e3)
    average: float = _within(0.998, 0.0, 0.999999)
    """Decay per step of an exponential moving average of the weights, which is what is kept."""
    precision: Literal["float32", "bfloat16", "auto"] = "auto"
    """What layers compute with while training, as in the recipes of digits."""
    start: str = ""
    """A run folder whose weights it begins with; "": with fresh ones."""
    anchor: float = _within(0.0, 0.0, 1.0)
    """What is kept after the last epoch is mixed with so much of the weights that it began with: they know more of what
    the run showed less of (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models")."""
    seed: int = 0
    keep: ClassVar[Literal["last"]] = "last"
    negatives: ClassVar[bool] = False
    """Letters and signs are part of the lines."""
    negatives_from: ClassVar[tuple[str, ...]] = ()
