"""`data fetch`, `data describe` and `predict`: data sets, as a whole and one image of them."""

import json
from typing import Annotated

import typer

from inkdigits.classifier import load_classifier
from inkdigits.cli.options import DATASET_HELP, DataFolder, Model, Split, TableFormat
from inkdigits.errors import UsageError
from inkdigits.graphs import find_model
from inkdigits.outputs import to_percent
from inkdigits.records import Box
from inkdigits.settings import load_settings

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


@commands.command(epilog="Example:  inkdigits predict --data DIR --index 30")
def predict(
    index: Annotated[int, typer.Option(min=0, metavar="N", help="The image's place in the data set, counted from 0.")],
    name: Annotated[str, typer.Option(metavar="NAME", help=DATASET_HELP)] = "mnist",
    split: Split = "test",
    data: DataFolder = None,
    model: Model = None,
) -> None:
    """Read one image of a data set, and say what it is."""
    import numpy as np

    from inkdigits.datasets import load_dataset
    from inkdigits.decode import choose_thresholds, to_digit
    from inkdigits.evaluate import classify_dataset

    settings = load_settings({"data": data, "model": model})
    dataset = load_dataset(name, split, settings.data)
    if index >= len(dataset):
        raise UsageError(f"{dataset.name} ({dataset.split}) has no image {index}, only 0 to {len(dataset) - 1}.")
    one = dataset.select(np.array([index]))
    classifier = load_classifier(find_model(settings.model, settings.models), settings.threads)
    probabilities, scores = classify_dataset(classifier.classify, one)
    height, width = one.images[0].shape
    thresholds = choose_thresholds(classifier.card, settings.accept_error)
    digit = to_digit(probabilities[0], float(scores[0]), Box(0, 0, width, height), thresholds)
    print(f"image {index} of {dataset.name} ({dataset.split})")
    print(f"predicted  {digit.text}  ({'rejected' if digit.label is None else to_percent(digit.confidence)})")
    print(f"actual     {'unknown' if one.labels is None else one.labels[0]}")
