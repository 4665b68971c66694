"""The ink of a photo of paper: uneven light, shadows, rules, the edge of the table, grain.

The ground is estimated from the picture itself, by a closing: dark strokes are filled from around them. It is tried at
several widths. At each, what stands out falls into blobs, and the best blob (much ink, sharp edges) says which width
was right. What is much fainter or softer than that blob is no ink.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.ink.ground import N_SIGMAS, contrasts_of, grain_of
from inkdigits.ink.rules import Where, find_rules
from inkdigits.ink.sizes import INK_SHARE, MIN_CONTRAST, Mask, Pixels, percentile, reduce_to
from inkdigits.records import Box, Ink

GROUND_WIDTHS = (0.03, 0.06, 0.12, 0.2)
"""Widths of the closing, as shares of the longer side: each fills strokes up to about that width."""

PAPER, LEAST_GAIN, MOST_GAIN, SAMPLE_STEP = (60, 95), 1.1, 2.5, 8
"""What is so bright, from one percentile to another one, is mostly paper. A channel is made so many times as bright, at
least and at most; each eighth pixel both ways is looked at."""

POLARITY_PX, AROUND_PX = 128, 21
"""Longer side on which it is found out whether ink is dark or bright; what lies around a stroke is so wide there."""

AT_EDGE = 0.1
"""What touches the edge of a photo counts this much: a shadow, a neighbour cut off."""

ALONG_EDGE = 0.1
"""What touches it over this share of the shorter side is ink only if nothing else is: a table, a hand."""

EDGE_ITSELF = 0.5
"""And over this share it is none: the table of a blank sheet."""

TRUSTED = 0.1
"""A blob of a line is ink like the best one at least so far: digits are not all drawn as sharply."""

BESIDE = 0.4
"""What belongs to a line shares so much of its height, or of the line's, with it."""

REACH = 2.0
"""And stands within so many heights of it."""

MIN_SLOPE = 0.011
"""The contrast of ink rises by so much in a pixel at its edge, even of a faint blurred stroke; a shadow's by less."""

MIN_CLEARNESS = 1.1
"""Ink's contrast, squared, is so many times the deviation of the paper's grain; uneven light on grain gives 1."""


def photo_ink(colour: Pixels) -> Ink:
    """Find the ink in a photo that shows one digit.

    Args:
        colour: (H, W) grey or (H, W, 3) RGB, uint8.

    Returns:
        (H, W) float32 in [0, 1], 1 as strong as the digit's own strokes; all 0 where nothing stands out.
    """
    found = _find_best(ink_dark(colour))
    if found is None:
        return np.zeros(colour.shape[:2], dtype=np.float32)
    return _cut_out(found.contrast / np.float32(found.strength), found.blobs, found.trust)


class FoundLine(NamedTuple):
    """Where a line of digits lies in a photo."""

    box: Box
    """In pixels of the photo."""
    rules: Mask
    """(H, W), the printed lines of the whole photo."""
    is_clear: bool
    """Whether no table, hand or shadow is level with it, which may have taken some of its digits."""


def find_line(light: Pixels, width: float) -> FoundLine | None:
    """Find the line of digits in a photo: the blob that is most like ink, and what stands beside it.

    Args:
        light: (H, W) uint8 in which ink is dark.
        width: of the closing, as a share of the longer side.

    Returns:
        The line; None where nothing stands out.
    """
    found = _find_best(light, (width,), "photo of a line")
    if found is None:
        return None
    boxes, is_ink = found.blobs.boxes(), found.trust >= TRUSTED
    line = _grow_line(boxes[found.worth.argmax()], boxes[is_ink])
    others = boxes[~is_ink]
    shared = np.minimum(others[:, 3], line.y1) - np.maximum(others[:, 1], line.y0)
    is_large = (others[:, 2:] - others[:, :2]).min(1) >= BESIDE * line.height
    return FoundLine(line, found.rules, not bool((is_large & (shared > 0)).any()))


def _grow_line(main: npt.NDArray[np.int64], boxes: npt.NDArray[np.int64]) -> Box:
    """Take boxes (n, 4: x0, y0, x1, y1) to a line for as long as one stands beside it, at its height."""
    line = main.copy()
    while True:
        height = line[3] - line[1]
        shared = np.minimum(boxes[:, 3], line[3]) - np.maximum(boxes[:, 1], line[1])
        least = BESIDE * np.minimum(height, boxes[:, 3] - boxes[:, 1])
        gap = np.maximum(boxes[:, 0] - line[2], line[0] - boxes[:, 2])
        beside = boxes[(shared >= least) & (gap <= REACH * height) & (boxes[:, 3] - boxes[:, 1] <= 2 * height)]
        together = np.vstack([line, beside])
        grown = np.concatenate([together[:, :2].min(0), together[:, 2:].max(0)])
        if (grown == line).all():
            return Box(*line.tolist())
        line = grown


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What stands out from a photo."""

    contrast: Ink
    strength: float
    """Contrast of the best blob's strokes."""
    blobs: "_Blobs"
    worth: npt.NDArray[np.float64]
    """(n,): how likely each blob is the digit."""
    trust: npt.NDArray[np.float64]
    """(n,) in [0, 1]: how far each is ink like the best one."""
    rules: Mask
    """(H, W): printed lines, which are in no blob."""


def _find_best(light: Pixels, widths: Sequence[float] = GROUND_WIDTHS, where: Where = "photo") -> _Found | None:
    """Try the widths of the ground; return what stands out at the one with the best blob."""
    contrasts = contrasts_of(cv2.GaussianBlur(light, (3, 3), 0), widths)
    slope = _slope(contrasts[-1])
    rules: Mask | None = None
    best: _Found | None = None
    for contrast in contrasts:
        middle, sigma = grain_of(contrast)
        mask = contrast > middle + max(N_SIGMAS * sigma, MIN_CONTRAST)
        if rules is None:  # they are thin, so the narrowest closing shows them best
            rules = find_rules(mask, where)
        mask &= ~rules
        for _ in range(2):
            blobs = _find_blobs(mask)
            if not blobs.n:
                break
            worth, trust = _judge(blobs, contrast, slope, sigma)
            main = 1 + int(worth.argmax())
            strength = percentile(blobs.values_of(contrast)[blobs.labels == main], 75)
            mask = mask & (contrast > INK_SHARE * strength)  # what is fainter than the digit itself: rules, shadows
        else:
            if worth.max() > (0.0 if best is None else best.worth.max()):
                best = _Found(contrast, strength, blobs, worth, trust, rules)
    return best


def ink_dark(colour: Pixels) -> Pixels:
    """Return (H, W) uint8 in which ink is dark: the channel in which a coloured pen shows most, turned if need be."""
    return to_dark(colour, is_dark_on_light(colour))


def to_dark(colour: Pixels, is_dark: bool, gains: Sequence[float] | None = None) -> Pixels:
    """Do what `ink_dark` does where it is known whether ink is darker than paper; as if its channels were brighter."""
    if colour.ndim == 2:
        return colour if is_dark else cv2.bitwise_not(colour)
    channels = list(cv2.split(colour))
    if gains is not None:
        channels = [cv2.convertScaleAbs(channel, alpha=gain) for channel, gain in zip(channels, gains, strict=True)]
    red, green, blue = channels
    extreme = cv2.min if is_dark else cv2.max
    light = extreme(extreme(red, green, dst=red), blue, dst=red)
    return np.asarray(light if is_dark else cv2.bitwise_not(light, dst=light), dtype=np.uint8)


def find_gains(colour: Pixels) -> list[float] | None:
    """Say how many times as bright the channels of a page must be for its paper to be white.

    On yellow paper, blue lines are as light. None for a page, (H, W) or (H, W, 3) uint8, that is grey or on white
    paper.
    """
    if colour.ndim == 2:
        return None
    sample = colour[::SAMPLE_STEP, ::SAMPLE_STEP].reshape(-1, 3)
    brightness = sample.sum(1, dtype=np.int32)
    low, high = (percentile(brightness, share) for share in PAPER)
    bright = sample[(brightness >= low) & (brightness <= high)]
    if not len(bright):  # of two or three pixels
        return None
    paper = np.array([percentile(channel, 50) for channel in bright.T])
    gains = np.clip(paper.max() / np.maximum(paper, 1), 1, MOST_GAIN)
    return gains.tolist() if gains.max() >= LEAST_GAIN else None


def is_dark_on_light(picture: Pixels) -> bool:
    """Say whether narrow things are darker than what lies around them, in grey or in colours; in doubt they are."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = reduce_to(grey, POLARITY_PX)
    around = cv2.medianBlur(small, AROUND_PX)
    residual = small.astype(np.float32) - around
    dark, bright = np.minimum(residual, 0), np.maximum(residual, 0)
    return float((bright**2).sum()) <= 2 * float((dark**2).sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Blobs:
    """The connected components of a mask."""

    mask: Mask
    """(H, W)."""
    places: npt.NDArray[np.int64]
    """Where in the mask its pixels are, row by row."""
    labels: npt.NDArray[np.int32]
    """The label, 1..n, of each of them."""
    n: int
    """How many."""

    def values_of(self, picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the values of `picture`, (H, W), at each pixel in the mask."""
        return picture.ravel()[self.places]

    def total(self, values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return the sum over each blob of what is given for each pixel in the mask: (n,)."""
        return np.asarray(np.bincount(self.labels, values, self.n + 1)[1:], dtype=np.float64)

    def boxes(self) -> npt.NDArray[np.int64]:
        """Return the box of each blob, (n, 4): x0, y0, x1, y1."""
        rows, columns = np.divmod(self.places, self.mask.shape[1])
        boxes = np.zeros((self.n, 4), dtype=np.int64)
        boxes[:, :2] = np.iinfo(np.int64).max
        for axis, places in ((0, columns), (1, rows)):
            np.minimum.at(boxes[:, axis], self.labels - 1, places)
            np.maximum.at(boxes[:, axis + 2], self.labels - 1, places + 1)
        return boxes

    def spread(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Return (H, W) with each blob's own value, (n,), on its pixels, and 0 elsewhere."""
        spread = np.zeros(self.mask.shape, dtype=np.float32)
        spread.ravel()[self.places] = values[self.labels - 1]
        return spread


def _find_blobs(mask: Mask) -> _Blobs:
    """Label the blobs; a gap of a pixel or two, which grain leaves, does not part them."""
    n, labels = cv2.connectedComponents(cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)), connectivity=8)
    places = np.flatnonzero(mask)
    return _Blobs(mask, places, np.asarray(labels.ravel()[places], dtype=np.int32), n - 1)


def _rim(mask: Mask) -> Mask:
    """Return the outermost pixels of the blobs: (H, W)."""
    return np.asarray(mask & (cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8)) == 0))


def _edge(mask: Mask) -> Mask:
    """Return the two outermost rows and columns of the picture: (H, W)."""
    edge = np.ones(mask.shape, dtype=np.bool_)
    edge[2:-2, 2:-2] = False
    return edge


def _slope(contrast: Ink) -> Ink:
    """Return (H, W): how much the contrast changes in a pixel, beyond what the paper's grain does everywhere."""
    rises = (cv2.Sobel(contrast, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (0, 1))
    slope = np.asarray(cv2.magnitude(*rises), dtype=np.float32)
    return np.asarray(np.maximum(slope - np.float32(percentile(slope[::4, ::4].ravel(), 50)), 0))


def _judge(
    blobs: _Blobs, contrast: Ink, slope: Ink, sigma: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Say of each blob how likely it is the digit, and how far it is ink like that, in [0, 1]: both (n,).

    The digit has much ink, and above all sharp edges: that of a stroke rises by 0.15 to 0.4 of its contrast in a pixel,
    that of a soft shadow by 0.05 to 0.1.
    """
    rim, area = blobs.values_of(_rim(blobs.mask)), np.bincount(blobs.labels, minlength=blobs.n + 1)[1:]
    mean = np.maximum(blobs.total(blobs.values_of(contrast)), 1e-6) / area
    steepness = blobs.total(blobs.values_of(slope) * rim) / np.maximum(blobs.total(rim), 1)
    sharpness = steepness / mean
    contact = blobs.total(blobs.values_of(_edge(blobs.mask)))
    weight = sharpness**3 * np.where(contact > 0, AT_EDGE, 1.0)
    weight[contact > ALONG_EDGE * min(contrast.shape)] = 1e-9
    weight[(steepness < MIN_SLOPE) | (mean**2 < MIN_CLEARNESS * sigma)] = 0
    weight[contact > EDGE_ITSELF * min(contrast.shape)] = 0
    worth = mean * area * weight
    return worth, np.minimum(1, weight / max(weight[worth.argmax()], 1e-12))


def _cut_out(ink: Ink, blobs: _Blobs, trust: npt.NDArray[np.float64]) -> Ink:
    """Return the ink of the blobs with their soft edges, each as strong as it is trusted."""
    trusted = np.minimum(ink, 1) * cv2.dilate(blobs.spread(trust), np.ones((3, 3), np.uint8))
    trusted[trusted < INK_SHARE / 2] = 0
    return trusted.astype(np.float32)
