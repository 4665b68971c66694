"""`train`, `export`, `layers`, `onnx-check` and `evaluate`: networks made, written, checked and measured."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from inkdigits import __version__
from inkdigits.classifier import load_classifier
from inkdigits.cli.options import (
    DATASET_HELP,
    INTERRUPTED,
    MODEL_HELP,
    DataFolder,
    Split,
    TableFormat,
    complain,
    import_extra,
)
from inkdigits.graphs import find_model
from inkdigits.settings import load_settings, variable

commands = typer.Typer(rich_markup_mode=None)


@commands.command(
    epilog="""Examples:

    \b
      inkdigits train default --data DIR --out runs/mine
      inkdigits train default --data DIR --out runs/mine --resume
      inkdigits train c-cnn --data DIR --out runs/short --set epochs=3 --set seed=1
      inkdigits train svm --data DIR --out runs/svm --set c=10
      inkdigits read photo.jpg --model runs/mine"""
)
def train(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="Which network to train, and how: default, c-cnn, svm, ...")
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

    --model then reads with it; with the network for lines, the setting line_model does. Ctrl-C stops it after its last
    whole epoch, and keeps what was learnt until then.
    """
    train = import_extra("inkdigits.train.run", "Training").train
    from inkdigits.cli.progress import training_bar

    root = load_settings({"data": data}).data
    with training_bar() as (watch, watch_preparing):
        how = {"changes": changes, "resume": resume, "threads": threads}
        try:
            record = train(recipe, root, out, **how, tell=print, watch=watch, watch_preparing=watch_preparing)
        except KeyboardInterrupt:  # before the first step, or while the network was written
            _say_how_to_go_on(recipe, data, out, changes)
            raise typer.Exit(INTERRUPTED) from None
    print(f"{out}: {_kept(record)}{record['train_seconds']:.0f} s of training")
    reading = f"{variable('line_model')}={out} inkdigits read" if recipe == "lines" else f"inkdigits read --model {out}"
    print(f"Read with it:  {reading} FILE")
    if not record["finished"]:
        _say_how_to_go_on(recipe, data, out, changes)
        raise typer.Exit(INTERRUPTED)


def _kept(record: dict[str, Any]) -> str:
    """Say which epoch's weights were kept: the best one's or the last one's. Classical methods know no epochs."""
    keep = record["recipe"].get("keep")
    return f"kept epoch {record[keep]['epoch']} of {record['n_epochs']}, " if keep else ""


def _say_how_to_go_on(recipe: str, data: Path | None, out: Path, changes: list[str] | None) -> None:
    """Say which command goes on with a run that was stopped, or starts it again where it kept nothing."""
    from inkdigits.train.record import can_go_on

    go_on = can_go_on(recipe, out)
    where = f" --data {data}" if data else ""
    how = " --resume" if go_on else "".join(f" --set {change}" for change in changes or ())
    advice = "Go on" if go_on else "Start it again"
    print(f"Stopped before its end. {advice} with:  inkdigits train {recipe}{where} --out {out}{how}", file=sys.stderr)


@commands.command(epilog="Example:  inkdigits export runs/mine digits.onnx --data DIR")
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder of a training.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.onnx", help="The file to write; its card goes beside it.")],
    data: DataFolder = None,
) -> None:
    """Write the network of a run as an ONNX file with its card.

    It is calibrated anew, for which the run's data sets are needed.
    """
    export_to = import_extra("inkdigits.train.run", "Exporting").export_to
    export_to(run, out, load_settings({"data": data}).data)
    print(out)
    print(out.with_suffix(".json"))


@commands.command(epilog="Example:  inkdigits layers runs/mine")
def layers(models: Annotated[list[str], typer.Argument(metavar="MODEL...", help=MODEL_HELP)]) -> None:
    """Write down what the layers of networks are.

    It goes beside each graph, as NAME.layers.json: with it, the page looks inside the network.
    """
    write_layers = import_extra("inkdigits.train.layers", "Describing layers").write_layers
    for model in models:
        print(write_layers(find_model(model, load_settings().models)))


@commands.command(epilog="Example:  inkdigits onnx-check runs/mine")
def onnx_check(model: Annotated[str, typer.Argument(metavar="FILE", help=MODEL_HELP)]) -> None:
    """Check an ONNX file: its form, its card, its answers.

    These are compared with the weights of its run where it lies in a run folder, else with those of a second runtime.
    """
    check_model = import_extra("inkdigits.train.check", "Checking a network").check_model
    errors = []
    for check in check_model(find_model(model, load_settings().models)):
        print(f"{'failed' if check.error else 'OK':<8}{check.name}", flush=True)
        if check.error:
            complain(check.error)
            errors.append(check.error)
    if errors:
        raise typer.Exit(errors[0].exit_code)


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
