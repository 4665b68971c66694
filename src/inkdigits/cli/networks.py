"""`train`, `export` and `evaluate`: networks made, written and measured."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from inkdigits import __version__
from inkdigits.classifier import load_classifier
from inkdigits.cli.options import DATASET_HELP, INTERRUPTED, MODEL_HELP, DataFolder, Split, TableFormat
from inkdigits.errors import MissingExtraError
from inkdigits.graphs import find_model
from inkdigits.settings import load_settings

commands = typer.Typer(rich_markup_mode=None)


@commands.command(
    epilog="""Examples:

    \b
      inkdigits train default --data DIR --out runs/mine
      inkdigits train default --data DIR --out runs/mine --resume
      inkdigits train c-cnn --data DIR --out runs/short --set epochs=3 --set seed=1
      inkdigits read photo.jpg --model runs/mine"""
)
def train(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="Which network to train, and how: default, a-ffnn, c-cnn, ...")
    ],
    out: Annotated[Path, typer.Option(metavar="RUN", help="The run folder to make.")],
    data: DataFolder = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change the recipe; may be given often.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the run stopped, with its own recipe: without --set.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Threads of torch; all cores by default.")
    ] = None,
) -> None:
    """Train a network into a run folder.

    --model then reads with it. Ctrl-C stops it after its last whole epoch, and keeps what was learnt until then.
    """
    train = _import_training("Training").train
    from inkdigits.cli.progress import training_bar

    root = load_settings({"data": data}).data
    with training_bar() as watch:
        try:
            record = train(recipe, root, out, changes=changes, resume=resume, threads=threads, tell=print, watch=watch)
        except KeyboardInterrupt:  # before the first step, or while the network was written
            _say_how_to_go_on(recipe, data, out)
            raise typer.Exit(INTERRUPTED) from None
    kept = record[record["recipe"]["keep"]]  # the best epoch, or the last
    print(f"{out}: kept epoch {kept['epoch']} of {record['n_epochs']}, {record['train_seconds']:.0f} s of training")
    print(f"Read with it:  inkdigits read --model {out} FILE")
    if not record["finished"]:
        _say_how_to_go_on(recipe, data, out)
        raise typer.Exit(INTERRUPTED)


def _say_how_to_go_on(recipe: str, data: Path | None, out: Path) -> None:
    where = f" --data {data}" if data else ""
    print(f"Stopped before its end. Go on with:  inkdigits train {recipe}{where} --out {out} --resume", file=sys.stderr)


@commands.command(epilog="Example:  inkdigits export runs/mine digits.onnx --data DIR")
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder of a training.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.onnx", help="The file to write; its card goes beside it.")],
    data: DataFolder = None,
) -> None:
    """Write the network of a run as an ONNX file with its model card.

    It is calibrated anew, for which the run's data sets are needed.
    """
    export_to = _import_training("Exporting").export_to
    export_to(run, out, load_settings({"data": data}).data)
    print(out)
    print(out.with_suffix(".json"))


@commands.command(epilog="Example:  inkdigits evaluate default --data DIR")
def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help=MODEL_HELP)],
    name: Annotated[str, typer.Argument(metavar="NAME", help=DATASET_HELP)] = "mnist",
    split: Split = "test",
    data: DataFolder = None,
    output_format: TableFormat = "text",
) -> None:
    """Measure a network on a data set.

    Prints accuracy, errors, precision and recall of each label, the confusion matrix and the calibration error.
    """
    from inkdigits.datasets import load_dataset
    from inkdigits.evaluate import evaluate

    settings = load_settings({"data": data, "model": model})
    classifier = load_classifier(find_model(settings.model, settings.models), settings.threads)
    dataset = load_dataset(name, split, settings.data)
    evaluation = evaluate(classifier.classify, dataset, classifier.card.digit_score_threshold)
    facts = {"model": classifier.card.name, "model_digest": classifier.digest, "version": __version__}
    if output_format == "json":
        print(json.dumps(facts | evaluation.to_dict(), indent=2))
    else:
        print(
            f"network {facts['model']} ({facts['model_digest']}), inkdigits {__version__}",
            evaluation.to_text(),
            sep="\n",
        )


def _import_training(purpose: str) -> ModuleType:
    """Import what only the extra [train] can run.

    Raises:
        MissingExtraError: a package of it is not installed.
    """
    try:
        from inkdigits.train import run
    except ModuleNotFoundError as error:
        if str(error.name).startswith("inkdigits"):
            raise
        raise MissingExtraError("train", purpose) from error
    return run
