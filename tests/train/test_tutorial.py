"""The tutorial's loop learns, and is what tutorials teach."""

import numpy as np
import pytest
import torch

from inkdigits.datasets import Dataset
from inkdigits.train.recipes import MNIST_MEAN, MNIST_STD
from inkdigits.train.tutorial import PictureDataset, train_tutorial, tutorial_network


@pytest.fixture
def pictures(digits: Dataset) -> PictureDataset:
    """Few of them: this network is slow, which is why it is here."""
    return PictureDataset(np.asarray(digits.images[:256]), digits.known_labels()[:256])


def test_a_picture_becomes_a_normalised_tensor(pictures: PictureDataset):
    """By itself, when it is asked for."""
    picture, label = pictures[3]
    assert (picture.shape, picture.dtype, label) == ((1, 28, 28), torch.float32, int(pictures.labels[3]))
    expected = (pictures.pictures[3] / 255 - MNIST_MEAN) / MNIST_STD
    np.testing.assert_allclose(picture[0].numpy(), expected, atol=1e-5)


def test_it_learns(pictures: PictureDataset):
    """Each epoch is timed, and scored on the test digits."""
    first, *_, last = train_tutorial(pictures, pictures, 4)
    assert last.accuracy > max(first.accuracy, 0.6)
    assert min(first.seconds, last.seconds) > 0


def test_a_seed_repeats_it(pictures: PictureDataset):
    """The same accuracy, and another one from another seed."""
    few = PictureDataset(pictures.pictures[:128], pictures.labels[:128])
    one, again, other = (next(train_tutorial(few, pictures, 1, seed)).accuracy for seed in (0, 0, 1))
    assert one == again
    assert one != other


def test_the_network_is_the_usual_one():
    """Logits for ten labels, and the number of weights that every tutorial prints."""
    network = tutorial_network()
    assert network(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    assert sum(weights.numel() for weights in network.parameters()) == 1_199_882
