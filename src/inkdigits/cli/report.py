"""`report` and `explain`: pages that show what a network learned, and why it reads a picture as it does."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from inkdigits.cli.options import DataFolder, Model, import_extra
from inkdigits.errors import UsageError
from inkdigits.settings import load_settings

N_SHOWN = 4
"""Patches of the batch that `explain shapes` walks through a network."""


class PictureByDefault(TyperGroup):
    """`explain photo.jpg` means `explain picture photo.jpg`: what is no command is a picture, or its options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command before its arguments where it was left out."""
        is_named = bool(args) and args[0] in (*self.commands, *ctx.help_option_names)
        return super().parse_args(ctx, args if is_named or not args else ["picture", *args])


commands = typer.Typer(rich_markup_mode=None)
explain = typer.Typer(
    name="explain",
    help="Show how a network reads a picture, and why.",
    cls=PictureByDefault,
    no_args_is_help=True,
    rich_markup_mode=None,
)
commands.add_typer(explain)

Index = Annotated[int | None, typer.Option(min=0, metavar="N", help="An image of MNIST's test set, counted from 0.")]


@commands.command(epilog="Example:  inkdigits report runs/mine --data DIR")
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder of a training.")],
    data: DataFolder = None,
    index: Index = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write to this file; RUN/report.html by default.")
    ] = None,
) -> None:
    """Write one HTML page about what a network learned.

    Digits, augmentation, layers, curves, errors, confusion matrix, calibration; feature maps and attribution of the
    test digit --index. The figures go into RUN/figures, as SVG and PNG; with --out mine.html, into mine-figures beside
    it.
    """
    write_report = import_extra("inkdigits.report.report", "A report").write_report
    from inkdigits.cli.progress import report_bar

    with report_bar() as watch:
        place = write_report(run, load_settings({"data": data}).data, out, index or 0, watch)
    print(place)


@explain.command(
    epilog="""Examples:

    \b
      inkdigits explain picture photo.jpg
      inkdigits explain photo.jpg --model runs/mine --out why.html
      inkdigits explain --index 30 --data DIR"""
)
def picture(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="A picture of a digit.")] = None,
    index: Index = None,
    data: DataFolder = None,
    model: Model = None,
    out: Annotated[Path, typer.Option(metavar="FILE.html", help="The page to write.")] = Path("explain.html"),
) -> None:
    """Write one HTML page about how a network reads a picture.

    Stages, probabilities, the value of each pixel, feature maps, and what the answer rests on. With --index, of one of
    MNIST's test digits.
    """
    if (source is None) == (index is None):
        raise UsageError("Give a picture, or --index N for one of MNIST's test digits.")
    if source is not None and out.exists() and Path(source).exists() and out.samefile(source):
        raise UsageError(f"--out {out} would overwrite the picture that is read. Name another file.")
    pages = import_extra("inkdigits.report.explain", "An explanation")
    settings = load_settings({"data": data, "model": model})
    page = pages.explain_picture(source, settings) if index is None else pages.explain_image(index, settings)
    pages.write_page(page, out)
    print(out)


@explain.command(epilog="Example:  inkdigits explain shapes e-lenet")
def shapes(
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="A network's name: default, a-ffnn, c-cnn, ...")],
    data: DataFolder = None,
) -> None:
    """Walk one batch through a network that has learned nothing yet.

    Prints its shape after every layer, the size formula, and the predictions. With data, the batch is the first test
    digits of MNIST, else it is noise.
    """
    walked = import_extra("inkdigits.report.layers", "Walking through a network")
    print(walked.shapes_text(network, walked.first_patches(N_SHOWN, load_settings({"data": data}).data)))
