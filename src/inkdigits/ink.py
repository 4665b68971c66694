"""Image -> ink: what a pen left on the paper, whatever the paper, the pen and the light.

Two kinds of picture are told apart. On a *flat* ground (a drawing pad, a screenshot, a cut-out digit) ink is whatever
differs from the ground's colour. In a *photo* the ground is estimated from the picture itself, by a closing: dark
strokes are filled from around them. It is tried at several widths, and the one that shows most ink with sharp edges is
taken; soft shadows have none. Printed rules are removed from both (`rules.py`).
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import Image, Ink
from inkdigits.rules import find_rules

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

WORK_PX = 1024
"""Longer side on which ink is looked for; larger pictures are reduced. A digit of 1/20 of it still has 50 px."""

SMALL_PX = 64
"""Pictures up to this are cut-out digits: always on a flat ground, never ruled."""

FLAT_LEVELS = 8
"""Levels (of 255) that JPEG and a scanner add to a flat ground."""

FLAT_SHARE = 0.35
"""So much of a picture on a flat ground has the ground's colour; a thick digit leaves about half."""

CELLS = 12
"""A flat ground is as light in every one of 12x12 cells; in a photo the light changes from cell to cell."""

UNEVEN_SHARE = 0.03
"""So many of the cells may be neither ground nor ink, where a blurred stroke fills one."""

MIN_CONTRAST = 0.06
"""Fainter than this is no ink: 15 levels on white paper, less than the lightest pencil."""

N_SIGMAS = 5.0
"""Ink stands out from the paper's grain by so many standard deviations."""

INK_SHARE = 0.4
"""What has this share of the ink's own contrast is ink; below lie blurred edges, rules and shadows."""

GROUND_WIDTHS = (0.03, 0.06, 0.12, 0.2)
"""Widths of the closing, as shares of the longer side: each fills strokes up to about that width."""

GROUND_PX = 256
"""Longer side on which the ground is estimated: it is smooth, and this is 16 times cheaper."""

AT_EDGE = 0.1
"""What touches the edge of a photo counts this much: a shadow, a neighbour cut off."""

ALONG_EDGE = 0.1
"""And what touches it over this share of the shorter side not at all: a table, a hand."""


def to_ink(image: Image) -> Ink:
    """Find the ink in a picture.

    Args:
        image: any picture.

    Returns:
        (H, W) float32 in [0, 1]: 0 paper, 1 ink as strong as the picture's main stroke; all 0 for a blank picture.
        Larger pictures come back with their longer side at `WORK_PX`.
    """
    colour = _shrink(image)
    flat = _flat_contrast(colour)
    if flat is None:
        return _photo_ink(colour)
    if max(flat.shape) > SMALL_PX and (flat > 0).any():
        flat[find_rules(flat > 0, whole=True)] = 0
    return flat


def _shrink(image: Image) -> Bytes:
    """Return (H, W) for a grey picture, (H, W, 3) for a coloured one, the longer side at most `WORK_PX`."""
    pixels = image.grey if image.colour.strides[-1] == 0 else image.colour
    return _resize(pixels, WORK_PX)


def _resize(pixels: npt.NDArray[np.uint8], side_px: int) -> Bytes:
    height, width = pixels.shape[:2]
    scale = side_px / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _flat_contrast(colour: Bytes) -> Ink | None:
    """Return the ink on a flat ground, in [0, 1] of the strongest contrast; None where the ground is not flat."""
    difference = _difference(colour, _commonest(colour))
    peak = int(difference.max())
    if peak < 255 * MIN_CONTRAST:
        return np.zeros(difference.shape, dtype=np.float32)
    if max(difference.shape) > SMALL_PX and not _is_flat(difference, peak):
        return None
    floor = max(INK_SHARE * peak / 2, FLAT_LEVELS if max(difference.shape) > SMALL_PX else 0)
    contrast = difference * np.float32(1 / peak)
    contrast[difference <= floor] = 0
    return contrast


def _is_flat(difference: Bytes, peak: int) -> bool:
    """Say whether enough of the picture is ground, and the ground is as light everywhere."""
    if (difference <= FLAT_LEVELS).mean() < FLAT_SHARE:
        return False
    step = max(1, min(difference.shape) // (CELLS * 10))
    rows, columns = (size // step // CELLS for size in difference.shape)
    sample = difference[::step, ::step][: rows * CELLS, : columns * CELLS]
    cells = np.median(sample.reshape(CELLS, rows, CELLS, columns), axis=(1, 3))
    return bool(((cells > FLAT_LEVELS / 2) & (cells < INK_SHARE * peak)).mean() <= UNEVEN_SHARE)


def _commonest(colour: Bytes) -> Bytes:
    """Return the ground's colour: the commonest, where the outer rows and columns count as much as all the rest."""
    step = max(1, max(colour.shape[:2]) // 256)
    sides = (colour[0], colour[-1], colour[:, 0], colour[:, -1])
    levels = []
    for channel in range(colour.shape[2] if colour.ndim == 3 else 1):
        inner, edge = (
            np.bincount((part if part.ndim == inner_ndim - 1 else part[..., channel]).ravel(), minlength=256)
            for part, inner_ndim in ((colour[::step, ::step], 3), (np.concatenate(sides), 2))
        )
        votes = inner / inner.sum() + edge / edge.sum()
        near = np.convolve(votes, np.ones(FLAT_LEVELS + 1), "same")
        levels.append(int(np.where(near > near.max() * 0.9, votes, 0).argmax()))
    return np.array(levels, dtype=np.uint8)


def _difference(colour: Bytes, ground: Bytes) -> Bytes:
    """Return (H, W): how far each pixel lies from the ground's colour, in the channel where it lies farthest."""
    if colour.ndim == 2:
        return np.asarray(cv2.absdiff(colour, float(ground[0])), dtype=np.uint8)
    channels = [cv2.absdiff(np.ascontiguousarray(colour[..., i]), float(level)) for i, level in enumerate(ground)]
    return np.asarray(cv2.max(cv2.max(channels[0], channels[1]), channels[2]), dtype=np.uint8)


def _photo_ink(colour: Bytes) -> Ink:
    """Return the ink of a photo: of all widths of the closing, the one with the best blob (see `_judge`)."""
    light = cv2.GaussianBlur(_ink_dark(colour), (3, 3), 0)
    slope = _slope(_contrast(light, GROUND_WIDTHS[-1]))
    rules: Mask | None = None
    best, most = np.zeros(light.shape, dtype=np.float32), 0.0
    for width in GROUND_WIDTHS:
        contrast = _contrast(light, width)
        mask = _stands_out(contrast)
        rules = find_rules(mask) if rules is None else rules  # thin, so the narrowest closing shows them best
        mask &= ~rules
        for _ in range(2):
            blobs = _find_blobs(mask)
            if not blobs.n:
                break
            worth, trust = _judge(blobs, contrast, slope)
            main = 1 + int(worth.argmax())
            strength = float(np.percentile(contrast[blobs.labels == main], 75))
            mask &= contrast > INK_SHARE * strength  # what is fainter than the digit itself: rules, shadows
        else:
            if worth.max() > most:
                most = float(worth.max())
                best = _cut_out(contrast / np.float32(strength), blobs, trust)
    return best


def _ink_dark(colour: Bytes) -> Bytes:
    """Return (H, W) uint8 in which ink is dark: the channel in which a coloured pen shows most, turned if need be."""
    if colour.ndim == 2:
        return colour if _is_dark_on_light(colour) else 255 - colour
    if _is_dark_on_light(np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), dtype=np.uint8)):
        return np.asarray(colour.min(2), dtype=np.uint8)
    return np.asarray(255 - colour.max(2), dtype=np.uint8)


def _is_dark_on_light(grey: Bytes) -> bool:
    """Say whether narrow things are darker than what lies around them; in doubt they are."""
    small = _resize(grey, GROUND_PX)
    around = cv2.medianBlur(np.ascontiguousarray(small), 41)
    residual = small.astype(np.float32) - around
    dark, bright = np.minimum(residual, 0), np.maximum(residual, 0)
    return float((bright**2).sum()) <= 2 * float((dark**2).sum())


def _contrast(light: Bytes, width: float) -> Ink:
    """Return (H, W) in [0, 1]: the share of the ground's light that is missing; shadows on the ground divide out."""
    small = _resize(light, GROUND_PX)
    side = max(3, round(width * max(small.shape))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    ground = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), (0, 0), side / 6)
    ground = cv2.resize(ground, (light.shape[1], light.shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    dimmest = np.percentile(ground[::8, ::8], 90) / 5
    contrast = 1 - light / np.maximum(ground, max(float(dimmest), 1.0))
    return np.clip(contrast, 0, 1, out=contrast)


def _stands_out(contrast: Ink) -> Mask:
    """Say which pixels rise above the paper's grain."""
    sample = contrast[::4, ::4]
    middle = float(np.median(sample))
    sigma = 1.4826 * float(np.median(np.abs(sample - middle)))
    return contrast > middle + max(N_SIGMAS * sigma, MIN_CONTRAST)


@dataclass(frozen=True, slots=True, eq=False)
class _Blobs:
    """The connected components of a mask."""

    labels: npt.NDArray[np.int32]
    """(H, W): 0 ground, 1..n."""
    n: int
    """How many."""

    def total(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the sum of `values`, (H, W), over each blob: (n,)."""
        return np.bincount(self.labels.ravel(), weights=values.ravel(), minlength=self.n + 1)[1:]

    def contact(self) -> npt.NDArray[np.int64]:
        """Return how many pixels of each blob, (n,), lie in the two outermost rows and columns of the picture."""
        inner = np.zeros(self.labels.shape, dtype=np.bool_)
        inner[2:-2, 2:-2] = True
        return np.bincount(self.labels[~inner], minlength=self.n + 1)[1:]


def _find_blobs(mask: Mask) -> _Blobs:
    """Label the blobs; a gap of a pixel or two, which grain leaves, does not part them."""
    n, labels = cv2.connectedComponents(cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)), connectivity=8)
    return _Blobs(np.where(mask, np.asarray(labels, dtype=np.int32), 0), n - 1)


def _slope(contrast: Ink) -> Ink:
    """Return (H, W): how much the contrast changes in a pixel, beyond what the paper's grain does everywhere."""
    slope = cv2.magnitude(*(cv2.Sobel(contrast, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (0, 1)))
    return np.asarray(np.maximum(slope - np.median(slope[::4, ::4]), 0))


def _judge(
    blobs: _Blobs, contrast: Ink, slope: Ink
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Say of each blob how likely it is the digit, and how far it is ink like that, in [0, 1]: both (n,).

    The digit has much ink, and above all sharp edges: that of a stroke rises by 0.15 to 0.4 of its contrast in a pixel,
    that of a soft shadow by 0.05 to 0.1.
    """
    mask = (blobs.labels > 0).astype(np.float32)
    rim = mask - cv2.erode(mask, np.ones((3, 3), np.uint8))
    mass = blobs.total(contrast)
    sharpness = blobs.total(slope * rim) / np.maximum(blobs.total(rim), 1) * blobs.total(mask) / np.maximum(mass, 1e-6)
    contact = blobs.contact()
    weight = sharpness**3 * np.where(contact > 0, AT_EDGE, 1.0)
    weight[contact > ALONG_EDGE * min(contrast.shape)] = 1e-9
    worth = mass * weight
    return worth, np.minimum(1, weight / max(weight[worth.argmax()], 1e-12))


def _cut_out(ink: Ink, blobs: _Blobs, trust: npt.NDArray[np.float64]) -> Ink:
    """Return the ink of the blobs with their soft edges, each as strong as it is trusted."""
    trusted = np.concatenate([[0], trust]).astype(np.float32)[blobs.labels]
    ink = np.minimum(ink, 1) * cv2.dilate(trusted, np.ones((3, 3), np.uint8))
    ink[ink < INK_SHARE / 2] = 0
    return np.asarray(ink, dtype=np.float32)
