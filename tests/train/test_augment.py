"""Augmentation stays within ink and paper, repeats with its generator, and does what its fields say."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from inkdigits.train.augment import AFFINE_C, HANDWRITING, NONE, Augmentation, augment

SHARES = st.floats(0, 1)
AUGMENTATIONS = st.builds(
    Augmentation,
    rotate_deg=st.floats(0, 180),
    shear_deg=st.floats(0, 60),
    shear_axes=st.tuples(st.booleans(), st.booleans()),
    scale=st.tuples(st.floats(0.2, 1), st.floats(1, 2)),
    aspect=st.floats(1, 2),
    translate_px=st.floats(0, 20),
    elastic_px=st.floats(0, 5),
    thicken=SHARES,
    thin=SHARES,
    clutter=SHARES,
    coarse=SHARES,
    varied=st.booleans(),
    mildness=st.floats(0.5, 4),
)

NEARLY = 1e-4
"""Resampling a patch where it lies gives it back within this."""


def seeded(seed: int = 0) -> torch.Generator:
    """A fresh generator."""
    return torch.Generator().manual_seed(seed)


def bars(n: int = 200) -> Tensor:
    """Upright bars 3 px wide and 15 px high around pixel 14: the centre of mass is known."""
    ink = torch.zeros(n, 1, 28, 28)
    ink[:, :, 7:22, 13:16] = 1
    return ink


def centres(ink: Tensor) -> Tensor:
    """Row and column of the centre of mass: (N, 2)."""
    at, mass = torch.arange(28.0), ink.sum((1, 2, 3))
    return torch.stack([(ink.sum((1, 3)) * at).sum(1) / mass, (ink.sum((1, 2)) * at).sum(1) / mass], 1)


def spreads(ink: Tensor) -> Tensor:
    """Standard deviation of the ink along rows and columns: (N, 2)."""
    at, mass, centre = torch.arange(28.0), ink.sum((1, 2, 3)), centres(ink)
    rows = (ink.sum((1, 3)) * (at - centre[:, :1]) ** 2).sum(1) / mass
    columns = (ink.sum((1, 2)) * (at - centre[:, 1:]) ** 2).sum(1) / mass
    return torch.stack([rows, columns], 1).sqrt()


def slopes(ink: Tensor) -> Tensor:
    """Columns that the ink goes sideways a row, by least squares: (N,)."""
    at, mass, centre = torch.arange(28.0), ink.sum((1, 2, 3)), centres(ink)
    rows, columns = at - centre[:, :1], at - centre[:, 1:]
    both = (ink[:, 0] * rows[:, :, None] * columns[:, None, :]).sum((1, 2)) / mass
    return both / ((ink.sum((1, 3)) * rows**2).sum(1) / mass)


class TestAll:
    """What holds whatever is asked for."""

    @given(AUGMENTATIONS, st.integers(0, 2**32 - 1))
    def test_ink_stays_ink(self, how: Augmentation, seed: int) -> None:
        """Same shape, every value in [0, 1], and the patches that came in are as they were."""
        ink = torch.rand(8, 1, 28, 28, generator=seeded(seed))
        before = ink.clone()
        changed = augment(ink, how, seeded(seed))
        assert changed.shape == ink.shape
        assert changed.dtype == torch.float32
        assert ((changed >= 0) & (changed <= 1)).all()  # also false for NaN
        assert torch.equal(ink, before)

    @given(AUGMENTATIONS)
    def test_paper_stays_paper(self, how: Augmentation) -> None:
        """Without clutter a blank patch stays blank: whatever comes in from beyond the edge is paper, never grey."""
        blank = torch.zeros(4, 1, 28, 28)
        assert not augment(blank, replace(how, clutter=0), seeded()).any()

    def test_what_comes_in_from_beyond_the_edge_is_paper(self) -> None:
        """A patch full of ink, made smaller, gets a border of 0."""
        ink = torch.ones(16, 1, 28, 28)
        changed = augment(ink, Augmentation(scale=(0.5, 0.5)), seeded())
        assert not changed[:, :, :6].any()
        assert not changed[:, :, -6:].any()
        assert (changed[:, :, 9:19, 9:19] == 1).all()

    @pytest.mark.parametrize("how", [HANDWRITING, AFFINE_C], ids=["handwriting", "affine-c"])
    def test_the_generator_decides_everything(self, how: Augmentation) -> None:
        """The same state gives the same bits, the next state others, and torch's own generator is left alone."""
        outside = torch.get_rng_state()
        first, second = seeded(7), seeded(7)
        assert torch.equal(augment(bars(), how, first), augment(bars(), how, second))
        assert torch.equal(first.get_state(), second.get_state())
        assert not torch.equal(augment(bars(), how, first), augment(bars(), how, seeded(7)))
        assert torch.equal(torch.get_rng_state(), outside)

    @pytest.mark.parametrize("how", [HANDWRITING, AFFINE_C], ids=["handwriting", "affine-c"])
    def test_every_patch_changes_by_itself(self, how: Augmentation) -> None:
        """No two of a batch change alike."""
        changed = augment(bars(50), how, seeded()).flatten(1)
        assert len(changed.unique(dim=0)) == 50

    def test_none_is_the_identity(self) -> None:
        """And takes nothing from the generator."""
        generator = seeded()
        before = generator.get_state()
        ink = bars()
        assert torch.equal(augment(ink, NONE, generator), ink)
        assert torch.equal(generator.get_state(), before)


class TestFields:
    """Each field does what it says, and no more."""

    def test_translate_moves_the_centre_of_mass(self) -> None:
        """Evenly over +-3 px on both axes, and no ink is lost."""
        changed = augment(bars(), Augmentation(translate_px=3), seeded())
        moved = centres(changed) - centres(bars())
        assert moved.abs().max() <= 3 + 1e-3
        assert (moved.amax(0) > 2.7).all()
        assert (moved.amin(0) < -2.7).all()
        assert moved.mean(0).abs().max() < 0.5
        assert torch.allclose(changed.sum((1, 2, 3)), bars().sum((1, 2, 3)), rtol=1e-4)

    def test_translate_comes_after_scale(self) -> None:
        """A digit a quarter as large moves as far as a large one, as in source C."""
        moved = centres(augment(bars(), Augmentation(translate_px=5, scale=(0.25, 0.25)), seeded())) - 13.5
        assert (moved.abs().amax(0) > 4).all()

    def test_scale_multiplies_both_sides(self) -> None:
        """Half the size is a quarter of the ink; the centre of the field stays."""
        ink = torch.zeros(4, 1, 28, 28)
        ink[:, :, 6:22, 6:22] = 1
        changed = augment(ink, Augmentation(scale=(0.5, 0.5)), seeded())
        assert torch.allclose(changed.sum((1, 2, 3)), ink.sum((1, 2, 3)) / 4, rtol=0.02)
        assert torch.allclose(centres(changed), centres(ink), atol=1e-3)

    def test_aspect_trades_width_for_height(self) -> None:
        """Width over height changes by up to the factor, either way, and the area stays."""
        ink = torch.zeros(200, 1, 28, 28)
        ink[:, :, 8:20, 8:20] = 1
        changed = augment(ink, Augmentation(aspect=1.5), seeded())
        ratios = spreads(changed)[:, 1] / spreads(changed)[:, 0]
        assert 1.4 < ratios.max() < 1.52
        assert 1 / 1.52 < ratios.min() < 1 / 1.4
        assert torch.allclose(changed.sum((1, 2, 3)), ink.sum((1, 2, 3)), rtol=0.04)

    def test_rotate_turns_about_the_centre(self) -> None:
        """A bar's slope shows the angle: within the limit, and near it on both sides."""
        changed = augment(bars(), Augmentation(rotate_deg=30), seeded())
        angles = slopes(changed).atan().rad2deg()
        assert angles.abs().max() < 31
        assert angles.max() > 27
        assert angles.min() < -27

    def test_shear_slants(self) -> None:
        """A bar leans by up to the angle, and stays as high as it was; y only when asked for."""
        changed = augment(bars(), Augmentation(shear_deg=20), seeded())
        angles = slopes(changed).atan().rad2deg()
        assert 18 < angles.max() < 21
        assert -21 < angles.min() < -18
        assert torch.allclose(spreads(changed)[:, 0], spreads(bars())[:, 0], atol=0.02)
        both = augment(bars(), Augmentation(shear_deg=20, shear_axes=(True, True)), seeded())
        assert (spreads(both)[:, 0] - spreads(bars())[:, 0]).abs().max() > 0.02

    def test_elastic_bends_by_so_many_pixels(self) -> None:
        """The ink stays near where it was, and is not only moved as a whole."""
        changed = augment(bars(), Augmentation(elastic_px=1), seeded())
        assert (centres(changed) - centres(bars())).abs().max() < 3
        assert not torch.equal(changed, bars())
        assert changed[:, :, :3].sum() == 0

    def test_thicken_only_adds_ink_and_only_at_the_edge(self) -> None:
        """At most one pixel all around."""
        changed = augment(bars(), Augmentation(thicken=1), seeded())
        assert (changed > bars() - NEARLY).all()
        assert (changed[:, :, :6] < NEARLY).all()
        assert (changed[:, :, :, :12] < NEARLY).all()
        assert (changed.sum((1, 2, 3)) > 45).all()

    def test_thin_only_takes_ink_and_never_all_of_it(self) -> None:
        """A stroke of one pixel is lifted to full ink again instead of fading."""
        changed = augment(bars(), Augmentation(thin=1), seeded())
        assert (changed < bars() + NEARLY).all()
        assert (changed.sum((1, 2, 3)) < 45).all()
        hair = torch.zeros(50, 1, 28, 28)
        hair[:, :, 5:20, 14] = 1
        assert (augment(hair, Augmentation(thin=0.9), seeded()).amax((1, 2, 3)) > 0.99).all()

    def test_clutter_falls_on_its_share(self) -> None:
        """Each of three kinds on half of it: of 0.2, three patches in four stay as they were."""
        changed = augment(bars(2000), Augmentation(clutter=0.2), seeded())
        same = ((changed - bars(2000)).abs() < NEARLY).flatten(1).all(1).float().mean()
        assert 0.9**3 - 0.04 < same < 0.9**3 + 0.04

    def test_coarse_patches_lose_what_is_fine_and_nothing_else(self) -> None:
        """So many as are meant: their ink is as much, where it was, and as dark; hairs are no longer told apart."""
        hairs = torch.zeros(2000, 1, 28, 28)
        hairs[:, :, 4:24, 10:18:2] = 1
        changed = augment(hairs, Augmentation(coarse=0.25), seeded())
        is_coarse = ((changed - hairs).abs() > 0.2).flatten(1).any(1)
        assert 0.22 < is_coarse.float().mean() < 0.28
        assert (changed - hairs)[~is_coarse].abs().max() < NEARLY
        coarse = changed[is_coarse]
        assert (coarse.sum((1, 2, 3)) / 80 - 1).abs().max() < 0.1
        assert (centres(coarse) - centres(hairs)[: len(coarse)]).abs().max() < 0.3
        assert coarse[:, :, 8:20, 10:18].std(3).mean() < 0.8 * hairs[:, :, 8:20, 10:18].std(3).mean()

    def test_varied_changes_most_patches_less(self) -> None:
        """The shift of a patch is its strength's share of the range: half as far on average, as far at the most."""
        fixed, varied = (Augmentation(translate_px=4, varied=varied) for varied in (False, True))
        far, near = (
            (centres(augment(bars(2000), how, seeded())) - centres(bars(2000))).abs() for how in (fixed, varied)
        )
        assert 0.45 < near.mean() / far.mean() < 0.55
        assert 3.4 < near.max() <= 4 + 1e-3
        pens = [augment(bars(2000), Augmentation(thicken=1, varied=varied), seeded()).sum() for varied in (False, True)]
        assert bars(2000).sum() < pens[1] < pens[0]

    def test_mildness_leaves_more_patches_nearly_as_they_were(self) -> None:
        """The mean of a uniform number to the power of 2 is a third; the largest is still one."""
        fixed, mild = (Augmentation(translate_px=4, varied=varied, mildness=2) for varied in (False, True))
        far, near = ((centres(augment(bars(2000), how, seeded())) - centres(bars(2000))).abs() for how in (fixed, mild))
        assert 0.29 < near.mean() / far.mean() < 0.38
        assert 3.2 < near.max() <= 4 + 1e-3
