"""What is shown of one digit is what the network computes."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from torch.nn import functional as F

from inkdigits.decode import Thresholds
from inkdigits.report.attribute import attributions
from inkdigits.report.explain import look_inside
from inkdigits.report.inside import attribution, find_maps, pixel_values, probabilities
from inkdigits.report.models import Model, Specimen, Weights, to_specimen
from inkdigits.report.page import to_page
from inkdigits.report.pictures import montage, to_colours
from inkdigits.train.logits import standardise
from inkdigits.train.networks import build_network, find_network
from inkdigits.train.recipes import Recipe
from tests.report.test_page import check_page


def test_feature_maps_are_what_torch_computes(model: Model, specimen: Specimen):
    """Of the weights inside the graph, after the ReLU."""
    graph = onnx.load_model_from_string(model.graph.read_bytes()).graph
    inside = {each.name: torch.tensor(onnx.numpy_helper.to_array(each)) for each in graph.initializer}
    ink = torch.tensor(specimen.patch)[None, None]
    expected = F.conv2d(ink, inside["network.0.weight"], inside["network.0.bias"], padding=2).relu()
    first, second = find_maps(model, specimen)
    assert first == pytest.approx(expected[0].numpy(), abs=1e-5)
    assert second.shape == (16, 10, 10)


def test_a_bundled_network_shows_its_maps_too(bare: Model, specimen: Specimen):
    """No weights lie beside it: they come from the graph."""
    assert [maps.shape[0] for maps in find_maps(bare, specimen)] == [32, 56, 56, 96, 96]


def test_integrated_gradients_are_complete(model: Model, specimen: Specimen):
    """They sum to what the digit's logit has more than that of blank paper (Sundararajan et al. 2017, section 3)."""
    weights, label = model.weights, specimen.read_as
    assert weights is not None
    values = {each.name: each.values for each in attributions(model, specimen)}["Integrated gradients"]
    ink = torch.tensor(specimen.patch)[None, None]
    with torch.no_grad():
        both = weights.network(standardise(torch.cat([ink, torch.zeros_like(ink)]), weights.recipe))
    assert values.sum() == pytest.approx(float(both[0, label] - both[1, label]), rel=1e-3)


def test_occlusion_asks_the_shipped_network(bare: Model, specimen: Specimen):
    """Where a window covers no ink nothing changes; of a graph alone it is the only method."""
    (found,) = attributions(bare, to_specimen(bare, specimen.patch, "a digit"))
    assert found.name == "Occlusion"
    assert found.values.shape == (28, 28)
    assert found.values[0, 0] == 0
    assert np.abs(found.values).max() > 0.01


def test_a_network_without_maps_has_no_grad_cam(model: Model, specimen: Specimen):
    """And its other methods work."""
    flat = Weights(build_network(find_network("c-mlp")).eval(), Recipe("c-mlp"))
    names = [each.name for each in attributions(Model(model.graph, model.classifier, flat), specimen)]
    assert names == ["Saliency", "Integrated gradients", "Occlusion"]
    assert [each.name for each in attributions(model, specimen)] == [*names[:2], "Grad-CAM", names[2]]


def test_every_pixel_has_its_value(specimen: Specimen):
    """784 numbers from 0 to 255."""
    body = pixel_values(specimen).body
    assert body.count("<td") == 784
    assert f">{round(float(specimen.patch.max()) * 255)}</td>" in body


def test_the_answer_is_marked_and_the_truth_is_told(specimen: Specimen):
    """The best bar is named by more than its colour."""
    body = probabilities(specimen).body
    assert body.count('class="best"') == 1
    assert f"It is a {specimen.label}." in body


def test_a_rejected_picture_is_not_called_a_digit(model: Model):
    """What `read` prints as "?" is said to be rejected, and why; here a cross."""
    cross = np.zeros((28, 28), dtype=np.float32)
    for shift in (0, 1):
        np.fill_diagonal(cross[4:24, 4 + shift : 24], 1)
        np.fill_diagonal(np.fliplr(cross)[4:24, 4 + shift : 24], 1)
    found = to_specimen(model, cross, "x.png")
    needed = found.thresholds.digit_score
    said, why = probabilities(found).body, attribution(model, found).body
    assert found.digit_score < needed
    assert f"Rejected: digit score {found.digit_score:.2f}, below {needed:.2f}. Were it a digit: " in said
    assert "read as" not in said
    assert "Why rather a" in why


def test_a_doubtful_picture_is_rejected_too(model: Model, specimen: Specimen):
    """Where no error is accepted that this confidence would bring."""
    sure = replace(specimen, thresholds=Thresholds(0.0, 1.1))
    assert sure.rejection.endswith(" %, below 110.00 %")
    assert not replace(specimen, thresholds=Thresholds(0.0, 0.0)).rejection
    assert "Why rather" not in attribution(model, specimen).body


def test_explaining_makes_a_sound_page(bare: Model, model: Model, specimen: Specimen):
    """With weights and without."""
    for each in (bare, model):
        sections = look_inside(each, specimen)
        check_page(to_page("t", "l", sections))
        assert "Feature maps" in [section.title for section in sections]


def test_maps_share_one_scale_and_leave_gaps_empty():
    """So that a map that found nothing looks like one."""
    maps = np.stack([np.zeros((2, 2)), np.ones((2, 2)), np.full((2, 2), 0.5)]).astype(np.float32)
    sheet = montage(maps, 2)
    assert sheet.shape == (5, 5, 4)
    assert (sheet[:2, :2, :3] == to_colours(np.zeros(1), 0, 1)[0]).all()
    assert (sheet[:2, 3:, :3] == to_colours(np.ones(1), 0, 1)[0]).all()
    assert not sheet[:, 2, 3].any()
    assert not sheet[3:, 3:, 3].any()
