"""One picture, or one image of MNIST -> one page: how a network reads it, and why."""

import base64
import io
from pathlib import Path

from PIL import Image

from inkdigits.decode import choose_thresholds
from inkdigits.graphs import find_model
from inkdigits.outputs import open_output
from inkdigits.reader import Reader
from inkdigits.records import Stages
from inkdigits.report import inside
from inkdigits.report.markup import Html, element, join, paragraph, scroller
from inkdigits.report.models import Model, Specimen, load_model, to_specimen
from inkdigits.report.page import Section, to_page
from inkdigits.report.runs import TEST_SET, choose_specimen
from inkdigits.settings import Settings
from inkdigits.stages import CAPTION_PX, GAP_PX, HEADING_PX, PANEL_PX, TITLE_PX, to_stages_picture

ROW_PX = TITLE_PX + PANEL_PX + CAPTION_PX
"""Height of what the stages picture shows of one digit."""


def explain_picture(source: str | Path, settings: Settings) -> str:
    """Return the page about a picture of a digit.

    Raises:
        SourceError: the picture cannot be read.
        ModelError: no such network, or one that does not fit this version.
    """
    model = load_model(find_model(settings.model, settings.models), settings.threads)
    reader = Reader(model.classifier, choose_thresholds(model.classifier.card, settings.accept_error), settings)
    stages = reader.stages(source, "digit")
    name = Path(stages.image.source).name
    sections = [_stages(stages)]
    for patch in stages.patches:
        sections += look_inside(model, to_specimen(model, patch, name, accept_error=settings.accept_error))
    return to_page(f"Reading {name}", _lead(model), sections)


def explain_image(index: int, settings: Settings) -> str:
    """Return the page about one of MNIST's test digits.

    Raises:
        DataError: MNIST's test digits are missing or damaged.
        ModelError: no such network, or one that does not fit this version.
        UsageError: no test digit has this index.
    """
    from inkdigits.datasets import load_dataset

    model = load_model(find_model(settings.model, settings.models), settings.threads)
    test = load_dataset(TEST_SET, "test", settings.data)
    specimen = choose_specimen(model, test, index, settings.accept_error)
    return to_page(f"Reading {specimen.title}", _lead(model), look_inside(model, specimen))


def look_inside(model: Model, specimen: Specimen) -> list[Section]:
    """Make the sections about one patch, those that this network has something to show for."""
    made = (
        inside.probabilities(specimen),
        inside.pixel_values(specimen),
        inside.feature_maps(model, specimen),
        inside.attribution(model, specimen),
    )
    return [section for section in made if section is not None]


def write_page(page: str, out: Path) -> None:
    """Write a page, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    with open_output(out) as file:
        file.write(page)


def _stages(stages: Stages) -> Section:
    """Show the stages picture in two parts, one below the other: in one, the reading would be out of sight."""
    sheet, middle = to_stages_picture(stages), 3 * (PANEL_PX + GAP_PX) + GAP_PX // 2
    parts = (
        ("The picture, its grey, and the ink found in it", (0, HEADING_PX, middle, HEADING_PX + ROW_PX)),
        ("The glyph, the patch, the probabilities and the reading", (middle, HEADING_PX, sheet.width, sheet.height)),
    )
    pictures = join(*(scroller(_to_image(sheet.crop(box), alt), alt) for alt, box in parts))
    words = f"Read as {stages.reading.text}." if stages.digits else "It is blank: there is no digit in it."
    return Section("Stages", join(paragraph(words), pictures))


def _to_image(picture: Image.Image, alt: str) -> Html:
    file = io.BytesIO()
    picture.save(file, "png", optimize=True)
    uri = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    return element("img", src=uri, alt=alt, class_="sheet")


def _lead(model: Model) -> str:
    known = "" if model.weights else " Without its weights, gradients cannot be shown: give the run folder for those."
    return f"How the network {model.classifier.card.name} ({model.classifier.digest}) reads it.{known}"
