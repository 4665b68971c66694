"""What a network reads right and wrong among the test digits, and how far its confidence can be believed."""

import numpy as np
import numpy.typing as npt

from inkdigits.metrics import N_ECE_BINS, ClassScores
from inkdigits.outputs import to_percent
from inkdigits.records import N_LABELS
from inkdigits.report import charts
from inkdigits.report.markup import Html, element, join, paragraph, scroller, table
from inkdigits.report.page import Section
from inkdigits.report.pictures import Tile, gallery, gallery_drawing
from inkdigits.report.runs import Answers, Run

N_PREDICTIONS = 50
N_WORST = 50
CELL_IMAGES = 24
"""Images that a cell of the confusion matrix shows: a poor network would fill megabytes."""

SEED = 0
"""Of the digits that are drawn."""


def predictions(run: Run) -> Section:
    """Show fifty test digits, drawn at random, with what they are read as."""
    answers = run.answers
    n = min(N_PREDICTIONS, len(answers.labels))
    drawn = np.sort(np.random.default_rng(SEED).choice(len(answers.labels), n, replace=False))
    tiles = [_tile(answers, int(index)) for index in drawn]
    n_wrong = sum(tile.mark == "wrong" for tile in tiles)
    words = paragraph(
        f"{n} digits drawn at random, {n_wrong or 'none'} of them misread: ✓ and green is right, ✗ and red is wrong."
    )
    drawing = gallery_drawing("predictions", tiles, f"{n} test digits with what they are read as")
    return Section("Test predictions", join(words, gallery(tiles, "tens")), (drawing,))


def confusion(run: Run) -> Section:
    """Show which label is taken for which; each cell opens its images."""
    answers = run.answers
    counts = np.array(answers.evaluation.confusion)
    worst = max(1, int((counts - np.diag(np.diag(counts))).max()))
    head = element("tr", element("td"), *(element("th", str(label), scope="col") for label in range(N_LABELS)))
    rows = [
        element(
            "tr", element("th", str(label), scope="row"), *(_cell(label, i, int(n), worst) for i, n in enumerate(row))
        )
        for label, row in enumerate(counts)
    ]
    caption = element("caption", "Rows: what it is. Columns: what it was read as.")
    matrix = element("table", caption, element("thead", head), element("tbody", *rows), class_="confusion")
    opened = [_cell_images(answers, *map(int, place)) for place in np.argwhere(counts)]
    words = paragraph("Choose a cell, by click or by keyboard, to see its images; Escape closes them.")
    body = join(words, scroller(matrix, "Confusion matrix"), *opened)
    return Section("Confusion matrix", body, (charts.confusion(answers.evaluation.confusion),))


def worst_errors(run: Run) -> Section:
    """Show the misread digits with the highest loss."""
    answers, mistakes = run.answers, run.answers.evaluation.mistakes
    n_wrong, n = len(mistakes), min(N_WORST, len(mistakes))
    if not mistakes:
        return Section("Worst errors", paragraph("It misread none of the test digits."))
    tiles = [_tile(answers, each.index, long=True) for each in mistakes[:n]]
    which = "These are all of them" if n == n_wrong else f"These are the {n} with the highest loss"
    words = paragraph(
        f"{n_wrong:,} of {len(answers.labels):,} test digits are misread. {which}, highest first: of those the network "
        "was surest that they are something else. Below each: what it is and was read as, how sure that was, and its "
        "place in the test set."
    )
    drawing = gallery_drawing("worst-errors", tiles, f"The {n} misread digits with the highest loss")
    return Section("Worst errors", join(words, gallery(tiles, "large")), (drawing,))


def scores(run: Run) -> Section:
    """Show precision, recall and F1 of each label."""
    report = run.answers.evaluation.report
    names = [*map(str, range(N_LABELS)), "macro average", "weighted average"]
    rows = [
        _row(name, each) for name, each in zip(names, [*report.classes, report.macro, report.weighted], strict=True)
    ]
    words = paragraph(
        "Precision: of what was read as this label, the share that is. Recall: of this label, the share that was read "
        "as it. F1: their harmonic mean."
    )
    header = ("label", "precision", "recall", "F1", "digits")
    return Section("Scores of each label", join(words, table(header, rows, "Classification report", "numbers")))


def confidence(run: Run) -> Section:
    """Draw calibration, and error against coverage."""
    answers, measured = run.answers, run.answers.evaluation
    correct = answers.read_as == answers.labels
    drawings = (
        charts.reliability(answers.confidences, correct),
        charts.error_against_coverage(answers.confidences, correct),
    )
    words = paragraph(
        "Of answers given with 90 % confidence, nine in ten should be right. The expected calibration error, the mean "
        f"gap over {N_ECE_BINS} bins, weighted by their digits, is {to_percent(measured.ece)}. Bins with few digits "
        "stray: the bars are 95 % intervals. Whoever rejects the unsure answers gets fewer errors among the rest."
    )
    rows = [
        [f"{point.confidence:.4f}", to_percent(point.error), to_percent(point.coverage)]
        for point in measured.reject_table
    ]
    names = ("accept from confidence", "wrong at most", "coverage")
    caption = "Rejecting the unsure; the error holds with 95 % certainty"
    side_by_side = element("div", *(each.to_html(each.alt) for each in drawings), class_="charts")
    return Section("Confidence", join(words, side_by_side, table(names, rows, caption, "numbers")), drawings)


def _tile(answers: Answers, index: int, *, long: bool = False) -> Tile:
    label, read_as = int(answers.labels[index]), int(answers.read_as[index])
    caption = str(read_as) if label == read_as else f"{label} read as {read_as}"
    detail = f"{to_percent(float(answers.confidences[index]))}, #{index}" if long else ""
    alt = f"test digit {index}, a {label}"
    return Tile(answers.patches[index], caption, alt, "right" if label == read_as else "wrong", detail)


def _cell(label: int, read_as: int, n: int, worst: int) -> Html:
    kind = "right" if label == read_as else "wrong"
    if not n:
        return element("td", "·", class_="none")
    words = f"{label} read as {read_as}: {n:,}"
    button = element("button", str(n), type="button", popovertarget=_name(label, read_as), aria_label=words)
    depth = "1" if kind == "right" else f"{0.15 + 0.85 * (n / worst) ** 0.5:.2f}"
    return element("td", button, class_=kind, style=f"--depth:{depth}")


def _cell_images(answers: Answers, label: int, read_as: int) -> Html:
    """Return what a cell opens: its images, the least likely answers first."""
    (of_cell,) = np.nonzero((answers.labels == label) & (answers.read_as == read_as))
    shown = of_cell[np.argsort(-answers.losses[of_cell], kind="stable")][:CELL_IMAGES]
    title = f"{label} read as {read_as}: {len(of_cell):,}"
    rest = f", the {len(shown)} with the highest loss" if len(shown) < len(of_cell) else ""
    close = element("button", "Close", type="button", popovertarget=_name(label, read_as), popovertargetaction="hide")
    head = element("div", element("h3", title, rest), close, class_="bar")
    return element(
        "div",
        head,
        gallery(_numbered(answers, shown)),
        id=_name(label, read_as),
        popover=True,
        role="dialog",
        aria_label=title,
    )


def _numbered(answers: Answers, indices: npt.NDArray[np.intp]) -> list[Tile]:
    sure, patches = answers.confidences, answers.patches
    return [Tile(patches[i], f"{100 * sure[i]:.0f} %", f"test digit {i}", detail=f"#{i}") for i in indices.tolist()]


def _name(label: int, read_as: int) -> str:
    return f"cell-{label}-{read_as}"


def _row(name: str, row: ClassScores) -> list[str]:
    return [name, f"{row.precision:.4f}", f"{row.recall:.4f}", f"{row.f1:.4f}", f"{row.support:,}"]
