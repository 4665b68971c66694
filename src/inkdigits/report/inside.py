"""One digit, looked into: its pixels, what the network says, its feature maps, and what the answer rests on."""

from collections.abc import Iterator
from math import ceil

import numpy as np
import numpy.typing as npt
import onnx

from inkdigits.classifier import INPUTS
from inkdigits.graphs import open_graph
from inkdigits.outputs import to_percent
from inkdigits.records import Patch
from inkdigits.report.attribute import Map, attributions
from inkdigits.report.charts import pixel_values as pixel_values_drawing
from inkdigits.report.drawings import Drawing
from inkdigits.report.markup import Html, element, join, paragraph, scroller
from inkdigits.report.models import Model, Specimen
from inkdigits.report.page import Section
from inkdigits.report.pictures import (
    Bytes,
    Tile,
    gallery_drawing,
    montage,
    montage_drawing,
    to_bytes,
    to_image,
)

FOR, AGAINST = (213, 94, 0), (0, 114, 178)
"""Okabe and Ito's vermillion and blue, as RGB."""

Maps = npt.NDArray[np.float32]
"""(channels, height, width) float32."""


def pixel_values(specimen: Specimen) -> Section:
    """Show the patch with the value of every pixel written in."""
    levels = to_bytes(specimen.patch)
    rows = (element("tr", *(_pixel(int(value)) for value in row)) for row in levels)
    name = f"{specimen.title}: the 28x28 values that the network gets, 0 paper to 255 ink"
    grid = element("table", element("caption", name), element("tbody", *rows), class_="pixels")
    return Section("One digit in numbers", scroller(grid, name), (pixel_values_drawing(levels),))


def probabilities(specimen: Specimen) -> Section:
    """Show the ten probabilities as bars."""
    known = "" if specimen.label is None else f" It is a {specimen.label}."
    answer = f"{specimen.read_as} with {to_percent(float(specimen.probabilities.max()))}.{known}"
    if specimen.rejection:
        words = paragraph(f"{specimen.title}. Rejected: {specimen.rejection}. Were it a digit: {answer}")
    else:
        score = f"Its digit score, how much it is a digit at all, is {specimen.digit_score:.2f}."
        words = paragraph(f"{specimen.title}: read as {answer} {score}")
    rows = (_bar(label, float(share), label == specimen.read_as) for label, share in enumerate(specimen.probabilities))
    head = element("tr", element("th", "label", scope="col"), element("th", "probability", scope="col", colspan="2"))
    bars = element("table", element("thead", head), element("tbody", *rows), class_="bars")
    tile = to_image(to_bytes(specimen.patch), specimen.title, "ink big")
    return Section("What the network says", join(words, element("div", tile, bars, class_="beside")))


def feature_maps(model: Model, specimen: Specimen) -> Section | None:
    """Show what every convolution makes of the digit."""
    parts: list[Html] = []
    drawings: list[Drawing] = []
    for n, maps in enumerate(find_maps(model, specimen), start=1):
        channels, height, width = maps.shape
        columns = next(n for n in range(ceil(channels**0.5), channels + 1) if channels % n == 0)  # no row is half full
        title = f"Convolution {n}: {channels} maps of {height}x{width}"
        sheet = montage(maps, columns)
        alt = f"{title}, made of {specimen.title}"
        picture = element("div", to_image(sheet, alt), class_="maps")
        parts.append(element("figure", element("figcaption", title), picture))
        drawings.append(montage_drawing(f"feature-maps-{n}", sheet, title, alt))
    if not parts:
        return None
    words = paragraph(
        "Each map shows where one filter finds what it looks for, after the ReLU: dark blue nothing, yellow the most "
        "in its layer. The first maps still look like the digit; later ones are smaller and say more about less."
    )
    return Section("Feature maps", join(words, element("div", *parts, class_="layers")), tuple(drawings))


def attribution(model: Model, specimen: Specimen) -> Section:
    """Show which pixels the answer rests on, asked in several ways."""
    found = list(attributions(model, specimen))
    figures = (
        element(
            "figure",
            element(
                "div",
                to_image(to_bytes(specimen.patch), "", "ink"),
                to_image(_overlay(each.values), f"{each.name} over {specimen.title}"),
                class_="stack",
            ),
            element("figcaption", element("strong", each.name), " ", each.words),
        )
        for each in found
    )
    article = "an" if specimen.read_as == 8 else "a"
    asked = f"Why rather {article} {specimen.read_as}?" if specimen.rejection else f"Why {specimen.read_as}?"
    words = paragraph(
        f"{asked} Red-orange pixels speak for it, blue ones against it; the stronger, the deeper. "
        "Methods ask different questions and need not agree."
    )
    tiles = [Tile(_blend(specimen.patch, _overlay(each.values)), each.name, each.name) for each in found]
    alt = f"Attribution maps of {specimen.title}"
    drawing = gallery_drawing("attribution", tiles, alt, columns=len(tiles), tile_in=1.8)
    return Section("What the answer rests on", join(words, element("div", *figures, class_="maps-row")), (drawing,))


def find_maps(model: Model, specimen: Specimen) -> Iterator[Maps]:
    """Yield what comes out of each convolution's ReLU, (channels, height, width), from the graph that ships.

    The graph is opened once more with these values as outputs, so that a network needs no weights beside it.
    """
    graph = onnx.load_model_from_string(model.graph.read_bytes())
    shaped = {each.name: each for each in graph.graph.value_info}
    wanted = [
        shaped[node.output[0]] for node in graph.graph.node if node.op_type == "Relu" and node.output[0] in shaped
    ]
    wanted = [value for value in wanted if len(value.type.tensor_type.shape.dim) == 4]
    if not wanted:
        return
    del graph.graph.output[:]
    graph.graph.output.extend(wanted)
    outputs = open_graph(graph.SerializeToString()).run(INPUTS[0], specimen.patch[None, None])
    yield from (output[0] for output in outputs)


def _overlay(values: Map) -> Bytes:
    """Return (28, 28, 4) uint8: colours by sign, and more of them the further from 0."""
    sheet = np.zeros((*values.shape, 4), dtype=np.uint8)
    sheet[..., :3] = np.where(values[..., None] > 0, FOR, AGAINST)
    sheet[..., 3] = to_bytes(np.abs(values) / max(float(np.abs(values).max()), 1e-12))
    return sheet


def _blend(patch: Patch, overlay: Bytes) -> Bytes:
    """Lay colours over a faint digit, on paper: (28, 28, 3) uint8, as style.css does in the page."""
    share = overlay[..., 3:] / 255
    return to_bytes(share * overlay[..., :3] / 255 + (1 - share) * (1 - 0.3 * patch[..., None]))


def _pixel(value: int) -> Html:
    share = f"{value / 255:.2f}".lstrip("0") or "0"
    return element("td", str(value), style=f"--v:{share}" if value else None, class_="deep" if value > 127 else None)


def _bar(label: int, share: float, best: bool) -> Html:
    bar = element("td", element("i", style=f"width:{100 * share:.1f}%"), aria_hidden="true")
    number = element("td", to_percent(share))
    return element("tr", element("th", str(label), scope="row"), bar, number, class_="best" if best else None)
