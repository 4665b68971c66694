"""`data fetch`, `data describe` and `predict`: data sets, as a whole and one image of them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkdigits.classifier import Classifier, load_classifier
from inkdigits.cli.options import DATASET_HELP, DataFolder, Model, Split, TableFormat
from inkdigits.errors import UsageError
from inkdigits.graphs import find_model
from inkdigits.outputs import open_output, to_percent
from inkdigits.records import Box
from inkdigits.settings import load_settings

if TYPE_CHECKING:  # reading a picture needs no data sets
    from inkdigits.datasets import Dataset

commands = typer.Typer(rich_markup_mode=None)
data_commands = typer.Typer(
    name="data", help="Fetch and describe data sets.", no_args_is_help=True, rich_markup_mode=None
)
commands.add_typer(data_commands)


@data_commands.command(epilog="Example:  inkdigits data fetch mnist --data DIR")
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to fetch.")] = "mnist", data: DataFolder = None
) -> None:
    """Download a data set and check every byte."""
    from inkdigits.cli.progress import fetch_bar
    from inkdigits.datasets import fetch

    root = load_settings({"data": data}).data
    if root is None:
        raise UsageError("Say where the data sets shall lie: give --data DIR, or set INKDIGITS_DATA.")
    with fetch_bar() as report:
        paths = fetch(name, root, progress=report)
    for path in paths:
        print(path)


@data_commands.command(epilog="Example:  inkdigits data describe mnist --data DIR")
def describe(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help=f"{DATASET_HELP} [default: mnist]")] = None,
    data: DataFolder = None,
    output_format: TableFormat = "text",
) -> None:
    """Count images, writers and labels."""
    from inkdigits.datasets import describe, load_parts

    root = load_settings({"data": data}).data
    descriptions = [describe(load_parts(name, root)) for name in names or ["mnist"]]
    if output_format == "json":
        objects = [each.to_dict() for each in descriptions]
        print(json.dumps(objects if len(objects) > 1 else objects[0], indent=2))
    else:
        print("\n\n".join(each.to_text() for each in descriptions))


@commands.command(
    epilog="""Examples:

    \b
      inkdigits predict --data DIR --index 30
      inkdigits predict --name kaggle/test.csv --submission submission.csv"""
)
def predict(
    index: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="The image's place in the data set, counted from 0.")
    ] = None,
    submission: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Write the labels of all images, as Kaggle takes them.")
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help=DATASET_HELP)] = "mnist",
    split: Split = "test",
    data: DataFolder = None,
    model: Model = None,
) -> None:
    """Read one image of a data set, or all of them into a file.

    The file has a label for every image, also for those that would be rejected.
    """
    from inkdigits.datasets import load_dataset

    if (index is None) == (submission is None):
        raise UsageError("Give either --index N, to read one image, or --submission CSV, to read them all.")
    settings = load_settings({"data": data, "model": model})
    dataset = load_dataset(name, split, settings.data)
    classifier = load_classifier(find_model(settings.model, settings.models), settings.threads)
    if submission is not None:
        _write_submission(submission, dataset, classifier)
    elif index is not None:
        _print_prediction(index, dataset, classifier, settings.accept_error)


def _write_submission(path: Path, dataset: "Dataset", classifier: Classifier) -> None:
    from inkdigits.datasets import to_submission
    from inkdigits.evaluate import classify_dataset

    if path.exists() and any(path.samefile(file) for file in dataset.files):
        raise UsageError(f"--submission {path} would overwrite the data set that is read. Name another file.")
    with open_output(path) as file:
        file.write(to_submission(classify_dataset(classifier.classify, dataset)[0].argmax(axis=1)))
    print(f"{path}: {len(dataset):,} labels of {dataset.name} ({dataset.split})")


def _print_prediction(index: int, dataset: "Dataset", classifier: Classifier, accept_error: float | None) -> None:
    import numpy as np

    from inkdigits.decode import choose_thresholds, to_digit
    from inkdigits.evaluate import classify_dataset

    if index >= len(dataset):
        raise UsageError(f"{dataset.name} ({dataset.split}) has no image {index}, only 0 to {len(dataset) - 1}.")
    one = dataset.select(np.array([index]))
    probabilities, scores = classify_dataset(classifier.classify, one)
    height, width = one.images[0].shape
    thresholds = choose_thresholds(classifier.card, accept_error)
    digit = to_digit(probabilities[0], float(scores[0]), Box(0, 0, width, height), thresholds)
    print(f"image {index} of {dataset.name} ({dataset.split})")
    print(f"predicted  {digit.text}  ({'rejected' if digit.label is None else to_percent(digit.confidence)})")
    print(f"actual     {'unknown' if one.labels is None else one.labels[0]}")
