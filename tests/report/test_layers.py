"""The table of layers is true: its formulas give the shapes that torch gives."""

import re
from pathlib import Path

import pytest
import torch

from inkdigits.errors import DataNotFoundError, UsageError
from inkdigits.report.layers import first_patches, layer_rows, layer_table, shapes_text
from inkdigits.train.networks import NETWORKS, build_network, n_macs, n_parameters


@pytest.mark.parametrize("name", NETWORKS)
def test_the_size_formula_gives_the_side_after_every_window(name: str):
    """Worked out as it stands there, and rounded down."""
    for row in layer_rows(NETWORKS[name]):
        formula, _, side = row.formula.partition(" = ")
        if "/" in formula:
            assert eval(formula.replace("·", "*").replace("/", "//")) == int(side)
            assert row.after.endswith(f"x{side}x{side}")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_sums_are_those_of_the_network(name: str):
    """Parameters are counted once more by torch."""
    *_, total = layer_table(NETWORKS[name])
    counted = sum(weights.numel() for weights in build_network(NETWORKS[name]).parameters())
    assert total[3:] == [f"{counted:,}", f"{n_macs(NETWORKS[name]):,}"]
    assert counted == n_parameters(NETWORKS[name])


def test_a_batch_is_walked_through_the_net():
    """The batch's own shape after every layer, and ten untrained probabilities a patch."""
    text = shapes_text("e-lenet", first_patches(3, None))
    shapes = re.findall(r"3(?:x\d+)+", text)
    assert shapes == [
        *("3x1x28x28", "3x6x28x28", "3x6x28x28", "3x6x14x14", "3x16x10x10", "3x16x10x10", "3x16x5x5", "3x400"),
        *("3x120", "3x120", "3x84", "3x84", "3x10"),
    ]
    assert "(14 + 2·0 - 5)/1 + 1 = 10" in text
    rows = [line.split() for line in text.splitlines()[-3:]]
    for row in rows:
        shares = [float(share) for share in row[1:11]]
        assert sum(shares) == pytest.approx(100, abs=0.6)
        assert max(shares) < 30  # it has learned nothing
        assert shares[int(row[11])] == max(shares)


def test_the_walk_is_repeatable_and_leaves_eleven_logits_at_ten():
    """The digit score's logit is no prediction."""
    patches = first_patches(2, None)
    assert shapes_text("default", patches) == shapes_text("default", patches)
    assert "2x11" in shapes_text("default", patches)
    assert len(shapes_text("default", patches).splitlines()[-1].split()) == 12


def test_patches_come_from_mnist_where_there_is_one(root: Path, tmp_path: Path):
    """Ink between 0 and 1; a folder without it is an error, not noise."""
    patches = first_patches(4, root)
    assert patches.shape == (4, 1, 28, 28)
    assert patches.dtype == torch.float32
    assert 0.9 < patches.max() <= 1
    with pytest.raises(DataNotFoundError):
        first_patches(4, tmp_path)


def test_an_unknown_network_is_wrong_use():
    """The message lists those there are."""
    with pytest.raises(UsageError, match="e-lenet"):
        shapes_text("nope", first_patches(1, None))
