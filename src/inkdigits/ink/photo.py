"""The ink of a photo of paper: uneven light, shadows, rules, the edge of the table, grain.

The ground is estimated from the picture itself, by a closing: dark strokes are filled from around them. It is tried at
several widths. At each, what stands out falls into blobs, and the best blob (much ink, sharp edges) says which width
was right. What is much fainter or softer than that blob is no ink.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.ink.rules import Where, find_rules
from inkdigits.ink.sizes import INK_SHARE, MIN_CONTRAST, Mask, Pixels, reduce_to
from inkdigits.records import Box, Ink

N_SIGMAS = 5.0
"""Ink stands out from the paper's grain by so many standard deviations."""

GROUND_WIDTHS = (0.03, 0.06, 0.12, 0.2)
"""Widths of the closing, as shares of the longer side: each fills strokes up to about that width."""

GROUND_PX = 256
"""Longer side on which the ground is estimated: it is smooth, and this is 16 times cheaper."""

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


def find_line(light: Pixels) -> tuple[Box, Mask] | None:
    """Find the line of digits in a photo: the blob that is most like ink, and what stands beside it.

    Args:
        light: (H, W) uint8 in which ink is dark.

    Returns:
        The box around the line, in pixels of the photo, and the rules of the whole photo, (H, W); None where nothing
        stands out.
    """
    found = _find_best(light, "photo of a line")
    if found is None:
        return None
    boxes = found.blobs.boxes()
    return _grow_line(boxes[found.worth.argmax()], boxes[found.trust >= TRUSTED]), found.rules


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


def _find_best(light: Pixels, where: Where = "photo") -> _Found | None:
    """Try the widths of the ground; return what stands out at the one with the best blob."""
    contrasts = contrasts_of(cv2.GaussianBlur(light, (3, 3), 0), GROUND_WIDTHS)
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
            strength = float(np.percentile(contrast[blobs.mask][blobs.labels == main], 75))
            mask &= contrast > INK_SHARE * strength  # what is fainter than the digit itself: rules, shadows
        else:
            if worth.max() > (0.0 if best is None else best.worth.max()):
                best = _Found(contrast, strength, blobs, worth, trust, rules)
    return best


def ink_dark(colour: Pixels) -> Pixels:
    """Return (H, W) uint8 in which ink is dark: the channel in which a coloured pen shows most, turned if need be."""
    if colour.ndim == 2:
        return colour if _is_dark_on_light(colour) else 255 - colour
    red, green, blue = cv2.split(colour)
    if _is_dark_on_light(np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), dtype=np.uint8)):
        return np.asarray(cv2.min(cv2.min(red, green), blue), dtype=np.uint8)
    return np.asarray(255 - cv2.max(cv2.max(red, green), blue), dtype=np.uint8)


def _is_dark_on_light(grey: Pixels) -> bool:
    """Say whether narrow things are darker than what lies around them; in doubt they are."""
    small = reduce_to(grey, GROUND_PX)
    around = cv2.medianBlur(np.ascontiguousarray(small), 41)
    residual = small.astype(np.float32) - around
    dark, bright = np.minimum(residual, 0), np.maximum(residual, 0)
    return float((bright**2).sum()) <= 2 * float((dark**2).sum())


def contrasts_of(light: Pixels, widths: Sequence[float]) -> list[Ink]:
    """Return (H, W) in [0, 1] for each width of the ground: the share of its light that is missing.

    Shadows on the ground divide out.
    """
    small = reduce_to(light, GROUND_PX)
    return [_contrast(light, small, max(3, round(width * max(small.shape))) | 1) for width in widths]


def _contrast(light: Pixels, small: Pixels, side: int) -> Ink:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    ground = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), (0, 0), side / 6)
    ground = cv2.resize(ground, (light.shape[1], light.shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    dimmest = np.percentile(ground[::8, ::8], 90) / 5
    contrast = 1 - light / np.maximum(ground, np.float32(max(float(dimmest), 1.0)))
    return np.clip(contrast, 0, 1).astype(np.float32)


def grain_of(contrast: Ink) -> tuple[float, float]:
    """Return the contrast of bare paper, and the standard deviation that its grain gives it."""
    sample = contrast[::4, ::4]
    middle = float(np.median(sample))
    return middle, 1.4826 * float(np.median(np.abs(sample - middle)))


@dataclass(frozen=True, slots=True, eq=False)
class _Blobs:
    """The connected components of a mask."""

    mask: Mask
    """(H, W)."""
    labels: npt.NDArray[np.int32]
    """The label, 1..n, of each pixel in the mask."""
    n: int
    """How many."""

    def total(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the sum of `values`, (H, W), over each blob: (n,)."""
        return np.bincount(self.labels, weights=values[self.mask], minlength=self.n + 1)[1:].astype(np.float64)

    def boxes(self) -> npt.NDArray[np.int64]:
        """Return the box of each blob, (n, 4): x0, y0, x1, y1."""
        rows, columns = np.nonzero(self.mask)
        boxes = np.zeros((self.n, 4), dtype=np.int64)
        boxes[:, :2] = np.iinfo(np.int64).max
        for axis, places in ((0, columns), (1, rows)):
            np.minimum.at(boxes[:, axis], self.labels - 1, places)
            np.maximum.at(boxes[:, axis + 2], self.labels - 1, places + 1)
        return boxes

    def spread(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Return (H, W) with each blob's own value, (n,), on its pixels, and 0 elsewhere."""
        spread = np.zeros(self.mask.shape, dtype=np.float32)
        spread[self.mask] = values[self.labels - 1]
        return spread


def _find_blobs(mask: Mask) -> _Blobs:
    """Label the blobs; a gap of a pixel or two, which grain leaves, does not part them."""
    n, labels = cv2.connectedComponents(cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)), connectivity=8)
    return _Blobs(mask.copy(), np.asarray(labels[mask], dtype=np.int32), n - 1)


def _rim(mask: Mask) -> npt.NDArray[np.float32]:
    """Return (H, W): 1 on the outermost pixels of the blobs."""
    pixels = mask.view(np.uint8)
    return (pixels - cv2.erode(pixels, np.ones((3, 3), np.uint8))).astype(np.float32)


def _edge(mask: Mask) -> npt.NDArray[np.float32]:
    """Return (H, W): 1 on the two outermost rows and columns of the picture."""
    edge = np.ones(mask.shape, dtype=np.float32)
    edge[2:-2, 2:-2] = 0
    return edge


def _slope(contrast: Ink) -> Ink:
    """Return (H, W): how much the contrast changes in a pixel, beyond what the paper's grain does everywhere."""
    slope = cv2.magnitude(*(cv2.Sobel(contrast, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (0, 1)))
    return np.asarray(np.maximum(slope - np.median(slope[::4, ::4]), 0))


def _judge(
    blobs: _Blobs, contrast: Ink, slope: Ink, sigma: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Say of each blob how likely it is the digit, and how far it is ink like that, in [0, 1]: both (n,).

    The digit has much ink, and above all sharp edges: that of a stroke rises by 0.15 to 0.4 of its contrast in a pixel,
    that of a soft shadow by 0.05 to 0.1.
    """
    rim, area = _rim(blobs.mask), np.bincount(blobs.labels, minlength=blobs.n + 1)[1:]
    mean = np.maximum(blobs.total(contrast), 1e-6) / area
    steepness = blobs.total(slope * rim) / np.maximum(blobs.total(rim), 1)
    sharpness = steepness / mean
    contact = blobs.total(_edge(blobs.mask))
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
