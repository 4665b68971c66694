"""Random changes to batches of ink, the way handwriting and pictures of it vary.

Everything here works on [0, 1] ink, before any standardisation, so that what comes in from beyond the edge is
paper, and every random number comes from the generator that is passed in.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from inkdigits.records import PATCH_PX


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a patch may change. All zero: not at all."""

    rotate_deg: float = 0.0
    """Uniform in +-rotate_deg."""
    shear_deg: float = 0.0
    """Uniform in +-shear_deg, on each axis of `shear_axes`."""
    shear_axes: tuple[bool, bool] = (True, False)
    """Which axes shear: x (slant), y."""
    scale: tuple[float, float] = (1.0, 1.0)
    """Both sides are scaled by one factor, uniform in this range."""
    aspect: float = 1.0
    """Width over height changes by a factor log-uniform in [1/aspect, aspect]."""
    translate_px: float = 0.0
    """Uniform in +-translate_px on both axes."""
    elastic_px: float = 0.0
    """Standard deviation of a smooth random displacement (Simard et al. 2003), on a 6x6 grid of control points."""
    thicken: float = 0.0
    """Up to this share of a stroke one pixel wider all around."""
    thin: float = 0.0
    """Up to this share of a stroke one pixel narrower all around; what is left is lifted to full ink again."""
    clutter: float = 0.0
    """Half of it is the share of patches that get one thing that cleaning a photo leaves behind, and so for each of
    the three: blur, specks, grain."""
    coarse: float = 0.0
    """Share of the patches that look as if their picture had but `COARSE_PX` pixels a side."""
    varied: bool = False
    """Draw for each patch a share in [0, 1] of all the ranges above but the last two: most digits are as hands write
    them, and few are far from it."""
    mildness: float = 1.0
    """The share that `varied` draws is a uniform number to this power: the higher, the more digits stay as they are."""


NONE = Augmentation()

COARSE_PX = (11, 22)
"""Pixels a side of the coarsest patches, and of the finest among them; one size a batch."""

AFFINE_C = Augmentation(
    rotate_deg=30, shear_deg=30, shear_axes=(True, True), scale=(0.25, 1.0), translate_px=0.2 * PATCH_PX
)
"""Source C's random affine."""

GENTLE = Augmentation(rotate_deg=8, shear_deg=8, scale=(0.92, 1.08), translate_px=1.2, elastic_px=0.4)
"""For networks that read MNIST and nothing else: stronger changes cost more than they teach (docs/experiments.md)."""

ELASTIC = Augmentation(
    rotate_deg=15,
    shear_deg=10,
    scale=(0.86, 1.14),
    aspect=1.2,
    translate_px=2.0,
    elastic_px=0.9,
    thicken=0.3,
    thin=0.3,
)
"""A middle way between `GENTLE` and `HANDWRITING`."""

HANDWRITING = Augmentation(
    rotate_deg=15,
    shear_deg=20,
    scale=(0.78, 1.16),
    aspect=1.4,
    translate_px=2.0,
    elastic_px=0.8,
    thicken=0.8,
    thin=0.7,
    clutter=0.12,
    coarse=0.15,
    varied=True,
    mildness=3.0,
)
"""What people's hands and pens do to a digit that the normaliser has already placed."""

_CONTROL_POINTS = 6
_SPECK_SHARE = 0.006
"""Share of a specked patch's pixels that a speck covers: five."""
_GRAIN = 0.06
"""Standard deviation of what is left of the paper in a grainy patch."""


def augment(ink: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    """Return changed copies of patches: (N, 1, 28, 28) float32 in [0, 1] -> the same."""
    if how == NONE:
        return ink
    strength = torch.ones(len(ink), 1, 1, 1, device=generator.device)
    if how.varied:
        strength = torch.rand(strength.shape, generator=generator, device=generator.device) ** how.mildness
    ink = _warp(ink, how, strength, generator)
    if how.thicken or how.thin:
        ink = _change_pen(ink, how, strength, generator)
    if how.coarse:
        ink = _coarsen(ink, how.coarse, generator)
    if how.clutter:
        ink = _clutter(ink, how.clutter, generator)
    return ink.clamp(0, 1)


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.rand(n, generator=generator, device=generator.device) * (high - low) + low


def _log_uniform(n: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    bounds = torch.tensor([low, high]).log().tolist()
    return _uniform(n, bounds[0], bounds[1], generator).exp()


def _warp(ink: Tensor, how: Augmentation, strength: Tensor, generator: torch.Generator) -> Tensor:
    """Rotate, shear, scale, shift and bend, in one resampling: each patch by its strength (N, 1, 1, 1) of it all."""
    grid = F.affine_grid(_inverse_affine(len(ink), ink.shape[-1], how, generator), list(ink.shape), align_corners=False)
    if how.elastic_px:
        coarse = torch.randn(
            len(ink), 2, _CONTROL_POINTS, _CONTROL_POINTS, generator=generator, device=generator.device
        )
        smooth = F.interpolate(coarse, size=ink.shape[-2:], mode="bicubic", align_corners=True)
        grid = grid + smooth.permute(0, 2, 3, 1) * (how.elastic_px * 2 / ink.shape[-1])
    if how.varied:
        unchanged = F.affine_grid(torch.eye(2, 3, device=ink.device)[None], [1, *ink.shape[1:]], align_corners=False)
        grid = torch.lerp(unchanged, grid, strength)
    return F.grid_sample(ink, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _inverse_affine(n: int, side_px: int, how: Augmentation, generator: torch.Generator) -> Tensor:
    """Return (n, 2, 3) matrices that say where each output pixel comes from, in units of half a side."""
    angle = _uniform(n, -how.rotate_deg, how.rotate_deg, generator).deg2rad()
    shear_x, shear_y = (
        _uniform(n, -how.shear_deg, how.shear_deg, generator).deg2rad().tan() * on for on in how.shear_axes
    )
    scale = _uniform(n, *how.scale, generator)
    stretch = _log_uniform(n, 1 / how.aspect, how.aspect, generator).sqrt()
    shift = torch.stack([_uniform(n, -how.translate_px, how.translate_px, generator) for _ in range(2)], 1)
    cos, sin, one = angle.cos(), angle.sin(), torch.ones_like(angle)
    rotation = torch.stack([cos, -sin, sin, cos], 1).view(n, 2, 2)
    shear = torch.stack([one, shear_x, shear_y, one], 1).view(n, 2, 2)
    size = torch.stack([1 / (scale * stretch), stretch / scale], 1)
    matrix = rotation @ shear * size[:, None, :]
    return torch.cat([matrix, matrix @ (shift * 2 / side_px)[:, :, None]], 2)


def _change_pen(ink: Tensor, how: Augmentation, strength: Tensor, generator: torch.Generator) -> Tensor:
    """Make strokes wider or narrower by up to a pixel all around."""
    amount = _uniform(len(ink), -how.thin, how.thicken, generator)[:, None, None, None] * strength
    wide = F.max_pool2d(ink, 3, stride=1, padding=1)
    narrow = -F.max_pool2d(-ink, 3, stride=1, padding=1)
    wider, narrower = torch.lerp(ink, wide, amount.clamp(min=0)), torch.lerp(ink, narrow, -amount.clamp(max=0))
    changed = torch.where(amount > 0, wider, narrower)
    peak = changed.amax((2, 3), keepdim=True).clamp(min=0.1)
    return torch.where(amount < 0, changed / peak, changed)


def _coarsen(ink: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Give some patches fewer pixels, as pictures of small digits have, and enlarge them again."""
    low, high = COARSE_PX
    side_px = int(torch.randint(low, high + 1, (1,), generator=generator, device=generator.device))
    few = F.interpolate(ink, side_px, mode="bilinear", antialias=True, align_corners=False)
    coarse = F.interpolate(few, ink.shape[-1], mode="bilinear", align_corners=False)
    is_coarse = torch.rand(len(ink), 1, 1, 1, generator=generator, device=generator.device) < share
    return torch.where(is_coarse, coarse, ink)


def _clutter(ink: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Blur some patches, lay specks beside some, and grain over some."""
    n, device = len(ink), generator.device
    blurred, specked, grainy = (torch.rand(3, n, 1, 1, 1, generator=generator, device=device) < share / 2).unbind()
    ink = torch.where(blurred, _blur(ink), ink)
    specks = (torch.rand(ink.shape, generator=generator, device=device) < _SPECK_SHARE).float()
    grain = torch.randn(ink.shape, generator=generator, device=device) * _GRAIN
    ink = torch.maximum(ink, specks * specked * torch.rand(n, 1, 1, 1, generator=generator, device=device))
    return ink + grain * grainy


def _blur(ink: Tensor) -> Tensor:
    """Take the mean of each 3x3 block, and lift what is left to full ink again."""
    mean = F.avg_pool2d(ink, 3, stride=1, padding=1, count_include_pad=False)
    return mean / mean.amax((2, 3), keepdim=True).clamp(min=0.3)
