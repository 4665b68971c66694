"""`read` and `models`: pictures to what they show, and the networks to do it with."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from inkdigits.cli.options import AcceptError, ExpectDigits, LayoutOption, Model, complain
from inkdigits.errors import SourceError, UsageError
from inkdigits.graphs import model_names
from inkdigits.outputs import BINARY, Format, get_writer, open_output, open_whole
from inkdigits.reader import Layout, Reader, open_reader
from inkdigits.records import Image, Reading, Stages
from inkdigits.settings import load_settings

STDIN = "-"
"""The SOURCE that stands for standard input."""

commands = typer.Typer(rich_markup_mode=None)


@commands.command(
    epilog="""Examples:

    \b
      inkdigits read photo.jpg
      inkdigits read amount.png --layout number
      inkdigits read scans/*.png --format csv --out digits.csv
      inkdigits read photo.jpg --show-stages stages.png
      curl -s https://example.org/7.png | inkdigits read -
      inkdigits read photo.jpg --accept-error 0.002"""
)
def read(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE", help='Picture and PDF files; "-" is standard input.', show_default=False),
    ],
    layout: LayoutOption = "auto",
    model: Model = None,
    accept_error: AcceptError = None,
    expect_digits: ExpectDigits = None,
    output_format: Annotated[Format, typer.Option("--format", help="What to print.")] = "text",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file.")] = None,
    show_stages: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw how the picture was read.")] = None,
    annotate: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw what was read over the picture.")] = None,
) -> None:
    """Read the digits in pictures.

    Prints a line for each number, of a picture or a page of a PDF or TIFF; "?" for what is rejected; nothing for a
    blank. Where there are several files, each has its name before it. One that cannot be read does not keep the
    others from being read.
    """
    drawings = {"--show-stages": show_stages, "--annotate": annotate}
    for option, target in drawings.items():
        if target and len(sources) > 1:
            raise UsageError(f"{option} draws one picture, and {len(sources)} were given.")
    for option, target in {"--out": out, **drawings}.items():
        if target and target.exists() and any(target.samefile(each) for each in sources if Path(each).exists()):
            raise UsageError(f"{option} {target} would overwrite the picture that is read. Name another file.")
    reader = open_reader(load_settings({"model": model, "accept_error": accept_error, "expect_digits": expect_digits}))
    failures: list[SourceError] = []
    if output_format in BINARY and not out:
        raise UsageError(f"{output_format} is no text for a terminal. Name a file with --out.")
    opened = (open_whole if output_format in BINARY else open_output)(out) if out else nullcontext(sys.stdout)
    with opened as stream:
        readings = _read_each(reader, sources, layout, show_stages, annotate, failures)
        first = next(readings, None)
        if first is None:  # nothing was read: leave what may be at `out`
            raise typer.Exit(failures[0].exit_code)
        get_writer(output_format)(chain([first], readings), stream, many=len(sources) > 1)
    if failures:
        raise typer.Exit(failures[0].exit_code)


@commands.command()
def models() -> None:
    """List the networks that --model knows by name."""
    for name in model_names(load_settings().models):
        print(name)


def _read_each(
    reader: Reader,
    sources: Sequence[str],
    layout: Layout,
    show_stages: Path | None,
    annotate: Path | None,
    failures: list[SourceError],
) -> Iterator[Reading]:
    """Yield the readings of all pages that can be read; complain of the others, and add them to `failures`."""
    for source, image in _load_each(reader, sources, failures):
        stages = reader.stages(image, layout)
        stages = replace(stages, reading=replace(stages.reading, source=source))
        if image.page == 1:
            _draw(stages, show_stages, annotate)
        yield stages.reading


def _load_each(reader: Reader, sources: Sequence[str], failures: list[SourceError]) -> Iterator[tuple[str, Image]]:
    """Yield all pages that can be loaded, each with the name of its source."""
    for source in sources:
        with _noting(failures), reader.open_pages(sys.stdin.buffer.read() if source == STDIN else source) as pages:
            for number in range(1, pages.n + 1):
                with _noting(failures):
                    yield source, pages.load(number)


@contextmanager
def _noting(failures: list[SourceError]) -> Iterator[None]:
    """Go on after what is wrong with a source or a page, but say it and keep it."""
    try:
        yield
    except SourceError as error:
        complain(error)
        failures.append(error)


def _draw(stages: Stages, show_stages: Path | None, annotate: Path | None) -> None:
    """Draw what was asked for. Fonts and drawing are imported here: hardly any reading needs them."""
    if show_stages:
        from inkdigits.stages import to_stages_picture

        with open_whole(show_stages) as file:
            to_stages_picture(stages).save(file, "png")
    if annotate:
        from inkdigits.outputs.picture import to_annotated_picture

        with open_whole(annotate) as file:
            to_annotated_picture(stages.image, stages.reading).save(file, "png")
