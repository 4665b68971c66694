"""One picture, or one image of MNIST -> one page: how a network reads it, and why."""

import base64
import io
from pathlib import Path

from inkdigits.decode import choose_thresholds
from inkdigits.graphs import find_model
from inkdigits.outputs import open_output
from inkdigits.reader import Reader, Stages
from inkdigits.report import inside
from inkdigits.report.markup import Html, element, join, paragraph, scroller
from inkdigits.report.models import Model, Specimen, load_model, to_specimen
from inkdigits.report.page import Section, to_page
from inkdigits.report.runs import TEST_SET, choose_specimen
from inkdigits.settings import Settings
from inkdigits.stages import to_stages_picture


def explain_picture(source: str | Path, settings: Settings) -> str:
    """Return the page about a picture of a digit.

    Raises:
        SourceError: the picture cannot be read.
        ModelError: no such network, or one that does not fit this version.
    """
    model = load_model(find_model(settings.model, settings.models), settings.threads)
    reader = Reader(model.classifier, choose_thresholds(model.classifier.card, settings.accept_error), settings)
    stages = reader.stages(source)
    name = Path(stages.image.source).name
    sections = [_stages(stages)]
    for patch in stages.patches:
        sections += look_inside(model, to_specimen(model, patch, name))
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
    specimen = choose_specimen(model, load_dataset(TEST_SET, "test", settings.data), index)
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
    file = io.BytesIO()
    to_stages_picture(stages).save(file, "png", optimize=True)
    uri = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    alt = "The picture, its grey, the ink found in it, the glyph, the patch, the probabilities and the reading"
    picture: Html = element("img", src=uri, alt=alt, class_="sheet")
    words = paragraph(
        "From what was sent to what was read." if stages.digits else "It is blank: there is no digit in it."
    )
    return Section("Stages", join(words, scroller(picture, "Stages of the reading")))


def _lead(model: Model) -> str:
    known = "" if model.weights else " Without its weights, gradients cannot be shown: give the run folder for those."
    return f"How the network {model.classifier.card.name} ({model.classifier.digest}) reads it.{known}"
