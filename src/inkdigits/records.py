"""The nouns: frozen records that the steps hand to each other, and array aliases."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Ink: TypeAlias = npt.NDArray[np.float32]
"""(H, W) float32 in [0, 1]: 0 paper, 1 ink."""

Patch: TypeAlias = npt.NDArray[np.float32]
"""(28, 28) float32 in [0, 1]: 0 paper, 1 ink; one glyph, placed MNIST's way."""

Patches: TypeAlias = npt.NDArray[np.float32]
"""(N, 28, 28) float32 in [0, 1]."""

PATCH_PX = 28
"""Side of the network's input (LeCun et al. 1998: a 28x28 field)."""

GLYPH_PX = 20
"""Longer side of a glyph inside its patch (LeCun et al. 1998: a 20x20 box)."""

N_LABELS = 10
"""Labels 0-9."""

N_TOKENS = 13
"""What may stand in a line: the ten digits, and these:"""

POINT, COMMA, SIGN = 10, 11, 12
"""Separators, and a letter or a sign that is no digit."""

BLANK = 13
"""Between two of the same token, and wherever nothing new begins (Graves et al. 2006)."""

CORE = 0.35
"""Ink of this strength makes a component; fainter ink around it belongs to it as its soft edge."""

STRIP_PX = 32
"""Rows of the strip that a line is read from."""

Watch: TypeAlias = Callable[[str, int, int], object]
"""Called by what takes long: with what is being done, how many of its steps are done, and how many there are."""

REJECTED = "?"
"""What a rejected digit prints as."""


@dataclass(frozen=True, slots=True)
class Box:
    """A half-open rectangle, [x0, x1) x [y0, y1), in pixels of the picture as people see it."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def around(cls, boxes: Iterable["Box"]) -> "Box":
        """Return the smallest box that holds all of these, at least one."""
        x0, y0, x1, y1 = zip(*(box.to_list() for box in boxes), strict=True)
        return cls(min(x0), min(y0), max(x1), max(y1))

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.y1 - self.y0

    def to_list(self) -> list[int]:
        """Return [x0, y0, x1, y1]."""
        return [self.x0, self.y0, self.x1, self.y1]


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """What was sent, decoded and turned the way people see it."""

    grey: npt.NDArray[np.uint8]
    """(H, W) uint8, 0 black, 255 white."""
    colour: npt.NDArray[np.uint8]
    """(H, W, 3) uint8 RGB."""
    width: int
    """Width of the picture as sent, in pixels, after its EXIF turn; `grey` may be smaller."""
    height: int
    """Height of the picture as sent, in pixels, after its EXIF turn."""
    source: str
    """Path, or "<bytes>", "<array>", "<image>"."""
    page: int = 1
    """Page in the source, counted from 1."""


class LineInk(NamedTuple):
    """The ink of one line."""

    ink: Ink
    """(H, W) float32 in [0, 1]."""
    part: Box
    """The part of the picture that it covers, in pixels of the picture as it was sent."""
    bars: tuple[float, ...] = ()
    """It stands in boxes, one for each digit, that begin and end in these columns of the ink, in order; else none."""
    again: "Callable[[], LineInk] | None" = None
    """Finds it in another way, in case it is doubtful what stands there; None: there is no other one left."""


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """The ink of one digit with its box."""

    ink: Ink
    """(h, w) float32 in [0, 1]: only the ink of this glyph."""
    box: Box
    """Where it lies, in pixels of the ink it was cut from."""
    is_parted: bool = False
    """Whether it hung together with another digit, and was cut off from it."""


@dataclass(frozen=True, slots=True)
class Digit:
    """A labelled glyph."""

    label: int | None
    """0-9, or None when rejected."""
    confidence: float
    """Calibrated probability of its label, also where it was rejected; in a number, that it stands there as well."""
    digit_score: float
    """How much it is a digit at all, in [0, 1]."""
    box: Box
    """Where it lies in the picture."""
    probabilities: tuple[float, ...]
    """Ten calibrated probabilities, one a label; they sum to 1."""

    @property
    def text(self) -> str:
        """The label as a character, "?" when rejected."""
        return REJECTED if self.label is None else str(self.label)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to read a line, with the probability that it is right."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Line:
    """Digits in order, read as one number."""

    text: str
    """Characters 0-9, "?" for a rejected digit."""
    formatted: str
    """The same with points and commas where the writer set them."""
    confidence: float
    """Calibrated probability that the whole line is right."""
    box: Box
    digits: tuple[Digit, ...]
    alternatives: tuple[Alternative, ...]
    """Up to five, most probable first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one picture (or one page) says."""

    source: str
    page: int
    width: int
    """Of the picture as people see it, in pixels."""
    height: int
    lines: tuple[Line, ...]
    model: str
    """Name of the network."""
    model_digest: str
    """First 16 hex digits of the sha256 of its graph."""
    version: str
    """Version of inkdigits."""

    @property
    def text(self) -> str:
        """All lines, joined by newlines; "" for a blank picture."""
        return "\n".join(line.text for line in self.lines)

    @property
    def formatted(self) -> str:
        """The same with points and commas where the writer set them."""
        return "\n".join(line.formatted for line in self.lines)

    @property
    def confidence(self) -> float | None:
        """The lowest of the lines' confidences; None for a blank picture."""
        return min((line.confidence for line in self.lines), default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """What each step of a reading made, for people who want to look."""

    image: Image
    ink: Ink
    """Of the picture, or of its line; of a page it is blank, since each of its numbers is looked at by itself."""
    glyphs: tuple[Glyph, ...]
    """One a digit, in pixels of the ink that it was found in."""
    make_patches: Callable[[], Patches]
    """Of a line nobody needs them, and to make one takes longer than to read it."""
    digits: tuple[Digit, ...]
    reading: Reading

    @property
    def patches(self) -> Patches:
        """One a digit."""
        return self.make_patches()


@dataclass(frozen=True, slots=True)
class Failure:
    """A source or a page that could not be read."""

    source: str
    page: int
    code: str
    """Of the error's class."""
    message: str


Result: TypeAlias = Reading | Failure
"""What becomes of a page."""


@dataclass(frozen=True, slots=True)
class RejectPoint:
    """One row of a card's table: what a confidence threshold costs and brings on validation."""

    confidence: float
    """Accept digits whose confidence reaches this."""
    error: float
    """Share of the accepted digits that are wrong: at most this, with 95 % certainty (Wilson 1927)."""
    coverage: float
    """Share of the digits that are accepted."""


CalibrationCurve: TypeAlias = tuple[tuple[float, float], ...]
"""How sure digits seem, ascending, and how often they are right then, both in [0, 1]; straight lines lie between
(Zadrozny and Elkan 2001). Empty: they are as sure as they seem."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The facts beside a graph: what goes in, what comes out, and how far to trust it."""

    name: str
    normalisation: int
    """Version of the normaliser that its patches came from."""
    labels: tuple[int, ...]
    input_shape: tuple[int, int, int]
    polarity: str
    """"ink-bright": 0 paper, 1 ink."""
    temperature: float
    """The logits were divided by this inside the graph (Guo et al. 2017)."""
    digit_score_threshold: float
    """Below this a glyph is not a digit."""
    reject_table: tuple[RejectPoint, ...]
    """Ascending confidence, measured on validation."""
    facts: dict[str, Any]
    """Data sets with digests and licences, metrics with their command, parameters, code version."""
    calibration: CalibrationCurve = ()
    """Of a network for lines; other ones are calibrated by their temperature alone."""
