"""A run -> report.html and its figures. Start here: `SECTIONS` is the page from top to bottom."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from inkdigits.errors import UsageError
from inkdigits.outputs import open_output
from inkdigits.records import Watch
from inkdigits.report import inside
from inkdigits.report.answers import confidence, confusion, predictions, scores, worst_errors
from inkdigits.report.layers import layers
from inkdigits.report.overview import overview
from inkdigits.report.page import Section, to_page
from inkdigits.report.runs import Run, load_run
from inkdigits.report.training import augmentation, curves, normalisation, samples

REPORT, FIGURES = "report.html", "figures"
"""What a report leaves in a run folder."""

Make: TypeAlias = Callable[[Run], Section | None]
"""Makes a section; None where this run has nothing to show for it."""

SECTIONS: tuple[Make, ...] = (
    overview,
    samples,
    normalisation,
    augmentation,
    layers,
    curves,
    predictions,
    confusion,
    worst_errors,
    scores,
    confidence,
    lambda run: inside.pixel_values(run.specimen),
    lambda run: inside.probabilities(run.specimen),
    lambda run: inside.feature_maps(run.model, run.specimen),
    lambda run: inside.attribution(run.model, run.specimen),
)


def write_report(
    folder: Path, root: Path | None, out: Path | None = None, index: int = 0, watch: Watch = lambda *_: None
) -> Path:
    """Write the report of a run: one HTML file that needs nothing else, and its figures as SVG and PNG.

    Args:
        folder: the run folder.
        root: the data folder.
        out: the file to write, with its figures in a folder beside it: NAME-figures for NAME.html; None: report.html
            and figures in the run folder.
        index: the test digit that is looked into.
        watch: told how far it is.

    Returns:
        The file that was written.

    Raises:
        TrainingError, ModelError, DataError, UsageError: see `load_run`; UsageError also where nothing can be written.
    """
    run = load_run(folder, root, index, watch)
    sections = make_sections(run, watch)
    page = to_page(f"Report: {run.record['name']}", _lead(run), sections)
    target = out or folder / REPORT
    with open_output(target) as file:
        file.write(page)
    save_figures(sections, out.with_name(f"{out.stem}-{FIGURES}") if out else folder / FIGURES, watch)
    return target


def make_sections(run: Run, watch: Watch = lambda *_: None) -> list[Section]:
    """Make every section that this run has something to show for."""
    made = []
    for n, make in enumerate(SECTIONS, start=1):
        made.append(make(run))
        watch("drawing", n, len(SECTIONS))
    return [section for section in made if section is not None]


def save_figures(sections: list[Section], folder: Path, watch: Watch = lambda *_: None) -> None:
    """Write every drawing to files of its own.

    Raises:
        UsageError: they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}.") from error
    drawings = [drawing for section in sections for drawing in section.drawings]
    for n, drawing in enumerate(drawings, start=1):
        drawing.save(folder)
        watch("saving figures", n, len(drawings))


def _lead(run: Run) -> str:
    return f"What the network learned, how it went, and how far it can be trusted. Run folder: {run.folder.name}."
