"""`leaderboard` and `bench`: networks beside each other, and this machine beside others."""

import json
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated

import typer

from inkdigits import __version__
from inkdigits.cli.options import MODEL_HELP, DataFolder, TableFormat, import_extra
from inkdigits.errors import UsageError
from inkdigits.graphs import find_model, model_names
from inkdigits.outputs import open_whole
from inkdigits.settings import load_settings

PAGE = """# Leaderboard

Made by `inkdigits leaderboard MODEL... --data DIR --out docs --keep` with inkdigits {version}. Networks run as they
ship, from their ONNX files. Of several seeds, each cell shows the mean, and the lowest and highest in brackets. Every
figure of every network, with the digests of data and networks, is in [leaderboard.json](leaderboard.json).

![Accuracy of each network against the number of its parameters](leaderboard.svg)

{tables}"""
"""leaderboard.md."""

commands = typer.Typer(rich_markup_mode=None)


@commands.command(
    epilog="""Examples:

    \b
      inkdigits leaderboard --data DIR
      inkdigits leaderboard default runs/mine --data DIR --out docs
      inkdigits leaderboard runs/other --data DIR --out docs --keep"""
)
def leaderboard(
    models: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL", help=f"{MODEL_HELP} [default: all that have a name]")
    ] = None,
    data: DataFolder = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write leaderboard.md and .json here, and accuracy against size as .png and .svg."
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the other networks of the leaderboard.json that lies in FOLDER.")
    ] = False,
) -> None:
    """Measure networks on every test set and print the tables.

    The test sets are MNIST, the same spoilt in 16 ways, and those of other hands in the data folder. Runs of one
    recipe with different seeds share a row: their mean, and the lowest and highest in brackets.
    """
    from inkdigits.cli.progress import report_bar
    from inkdigits.leaderboard import load_earlier, load_sections, rank

    if keep and not out:
        raise UsageError("--keep needs --out, the folder of the leaderboard to go on with.")
    chart = None
    if out:  # what is missing is better said before the measuring than after it
        chart = import_extra("inkdigits.report.leaderboard_chart", "The chart").leaderboard_chart
        _make_folder(out)
    settings = load_settings({"data": data})
    paths = [find_model(model, settings.models) for model in models or model_names(settings.models)]
    with report_bar() as watch:
        sections = load_sections(settings.data, watch)
        earlier = load_earlier(out / "leaderboard.json", sections) if keep and out else ()
        board = rank(paths, sections, watch, earlier)
    print(board.to_markdown(), end="")
    if out and chart:
        _write(out / "leaderboard.json", board.to_json())
        _write(out / "leaderboard.md", PAGE.format(version=__version__, tables=board.to_markdown()))
        chart(board).save(out)


@commands.command(epilog="Example:  inkdigits bench --data DIR")
def bench(
    data: DataFolder = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few digits: only to see that everything runs.")] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Threads of torch; all cores by default.")
    ] = None,
    output_format: TableFormat = "text",
) -> None:
    """Time training and reading on this machine.

    Training to 99 % and to 99.5 % of MNIST's test digits, beside the plain loop that tutorials teach, takes some
    minutes; then the network's speed, and the start of a new process.
    """
    bench = import_extra("inkdigits.train.bench", "Timing the training").bench
    from inkdigits.cli.progress import report_bar

    with report_bar() as watch:
        found = bench(load_settings({"data": data}).data, quick=quick, threads=threads, watch=watch)
    print(json.dumps(found.to_dict(), indent=2) if output_format == "json" else found.to_text())


def _make_folder(folder: Path) -> None:
    """Make a folder where there is none, and see whether files can be written into it.

    Raises:
        UsageError: they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(
            f"Nothing can be written into {folder}: {error.strerror or error}. Name a folder of your own with --out."
        ) from error


def _write(path: Path, text: str) -> None:
    with open_whole(path) as file:
        file.write(text.encode())
