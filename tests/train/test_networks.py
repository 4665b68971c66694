"""Every network is the one that its source describes, gives logits, and costs what we say it costs."""

import pytest
import torch
from torch import nn

from inkdigits.errors import UsageError
from inkdigits.train.networks import (
    NETWORKS,
    Conv,
    Dense,
    Pool,
    build_network,
    find_network,
    n_macs,
    n_outputs,
    n_parameters,
    walk,
)

PARAMETERS = {
    "a-ffnn": 87_390,
    "a-cnn": 387_966,
    "b-cnn": 954_002,
    "c-mlp": 669_706,
    "c-cnn": 421_642,
    "d-cnn": 142_826,
    "d-keras": 203_434,
    "e-lenet": 61_706,
}
"""What the sources print."""

ALL = pytest.mark.parametrize("name", NETWORKS)

PATCHES = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("name", "count"), PARAMETERS.items())
def test_networks_of_other_systems_have_exactly_their_parameters(name: str, count: int) -> None:
    """To the last weight."""
    assert n_parameters(find_network(name)) == count


@ALL
def test_counted_parameters_are_torchs(name: str) -> None:
    """The table counts what the module holds."""
    module = build_network(NETWORKS[name])
    assert n_parameters(NETWORKS[name]) == sum(weight.numel() for weight in module.parameters())


@ALL
def test_counted_cost_and_shapes_are_those_of_a_run(name: str) -> None:
    """Each step's shape and multiply-accumulates are what torch does with a patch."""
    module, steps = build_network(NETWORKS[name]).eval(), list(walk(NETWORKS[name]))
    layers = [layer for layer in module if not isinstance(layer, nn.Flatten)]
    ink, macs = PATCHES, 0
    for layer, step in zip(layers, steps, strict=True):
        ink = layer(ink.flatten(1) if isinstance(layer, nn.Linear) else ink)
        assert (*ink.shape[1:], 1, 1)[:3] == step.after
        if isinstance(layer, nn.Conv2d | nn.Linear):
            macs += layer.weight.numel() * ink[0, 0].numel()
    assert macs == n_macs(NETWORKS[name])


@ALL
def test_networks_give_logits(name: str) -> None:
    """No softmax inside, which would keep the loss above 1.4612: the last layer is linear, and its answer unbounded."""
    torch.manual_seed(0)
    module = build_network(NETWORKS[name]).eval()
    last = module[-1]
    assert isinstance(last, nn.Linear)
    assert not [layer for layer in module if isinstance(layer, nn.Softmax | nn.LogSoftmax | nn.Sigmoid)]
    before = module(PATCHES)
    with torch.no_grad():
        last.weight *= 1000
        last.bias *= 1000
    assert torch.allclose(module(PATCHES), before * 1000, rtol=1e-3, atol=1e-2)
    assert before.shape == (3, n_outputs(NETWORKS[name]))


def test_what_people_use_has_an_eleventh_logit() -> None:
    """It is the one that says whether a patch shows a digit."""
    assert {name for name in NETWORKS if n_outputs(NETWORKS[name]) == 11} == {"default", "tiny"}
    assert {n_outputs(network) for network in NETWORKS.values()} == {10, 11}


@pytest.mark.parametrize(
    ("name", "most_parameters", "most_macs"),
    [("default", 500_000, 8_000_000), ("tiny", 25_000, 2_000_000), ("house", 1_000_000, 30_000_000)],
)
def test_networks_keep_their_limits(name: str, most_parameters: int, most_macs: int) -> None:
    """They fit where they have to run: the default in 2 MB, the tiny one in 100 kB."""
    assert n_parameters(NETWORKS[name]) <= most_parameters
    assert n_macs(NETWORKS[name]) <= most_macs


def test_a_network_may_shrink_a_patch_to_one_pixel() -> None:
    """It is flattened before the first dense layer all the same."""
    network = (Conv(4, 28), Dense(8), Dense(10))
    assert build_network(network)(PATCHES).shape == (3, 10)


def test_pooling_leaves_out_an_odd_last_row() -> None:
    """7x7 becomes 3x3, in the table as in torch."""
    network = (Pool(), Pool(), Pool(), Dense(10))
    assert [step.after for step in walk(network)][2] == (1, 3, 3)
    assert build_network(network)(PATCHES).shape == (3, 10)


def test_every_build_starts_from_other_weights() -> None:
    """Unless torch is seeded before."""
    first, second = (build_network(NETWORKS["e-lenet"])[0].weight for _ in range(2))
    assert not torch.equal(first, second)


def test_an_unknown_network_is_refused_with_the_names_there_are() -> None:
    """So that a typing error takes one look to mend."""
    with pytest.raises(UsageError, match=r"'lenet'.*a-ffnn.*e-lenet.*default"):
        find_network("lenet")
