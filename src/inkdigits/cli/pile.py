"""`batch`: a pile of pictures to one file."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from inkdigits.cli.options import INTERRUPTED, AcceptError, ExpectDigits, LayoutOption, Model
from inkdigits.errors import SourceError, UsageError
from inkdigits.outputs import Format
from inkdigits.settings import load_settings

FORMATS: dict[str, Format] = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".json": "json", ".txt": "text"}
"""How the file is written, by the end of its name."""

commands = typer.Typer(rich_markup_mode=None)


@commands.command(
    epilog="""Examples:

    \b
      inkdigits batch scans --out numbers.xlsx
      inkdigits batch "scans/*.pdf" more/photo.jpg @list.txt --out numbers.csv --layout number
      inkdigits batch scans --out numbers.xlsx --resume"""
)
def batch(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help='Files, folders with all that is in them, patterns, and "@FILE": a list of these, one a line.',
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help=f"Write to this file: {', '.join(FORMATS)}.")],
    layout: LayoutOption = "auto",
    model: Model = None,
    accept_error: AcceptError = None,
    expect_digits: ExpectDigits = None,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes that read; all cores by default.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run stopped.")] = False,
) -> None:
    """Read a pile of pictures into one file, a row a page.

    What cannot be read stands there with the reason. A run that was stopped, in whatever way, goes on with --resume.
    """
    from inkdigits.batch import Task, find_sources, journal_path, read_pile
    from inkdigits.cli.progress import pile_bar

    output_format, found = _check_out(out), tuple(find_sources(sources, without=(out, journal_path(out))))
    if out.exists() and any(os.path.exists(each) and out.samefile(each) for each in found):
        raise UsageError(f"--out {out} would overwrite a picture that is read. Name another file.")
    task = Task(found, out, output_format, layout, workers or os.cpu_count() or 1)
    given = {"model": model, "accept_error": accept_error, "expect_digits": expect_digits}
    try:
        with pile_bar() as watch:
            summary = read_pile(task, load_settings(given), resume=resume, watch=watch)
    except KeyboardInterrupt:
        print("Stopped. Go on with the same command and --resume.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    failed = f", {summary.n_failed:,} of them not readable" if summary.n_failed else ""
    print(f"{out}: {summary.n_pages:,} pages, {summary.n_doubtful:,} to check{failed}")
    raise typer.Exit(SourceError.exit_code if failed else 0)


def _check_out(out: Path) -> Format:
    """Return the format that the name of a file asks for.

    Raises:
        UsageError: it asks for none, or no file can be written there.
    """
    output_format = FORMATS.get(out.suffix.lower())
    if output_format is None:
        raise UsageError(f"--out {out} says no format: let it end in {', '.join(FORMATS)}.")
    if out.is_dir():
        raise UsageError(f"--out {out} is a folder. Name a file.")
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder {out.parent} to write {out.name} into. Make it first.")
    return output_format
