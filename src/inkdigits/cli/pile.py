"""`batch`: a pile of pictures to one file."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkdigits.cli.options import INTERRUPTED, TERMINATED, AcceptError, ExpectDigits, LayoutOption, Model
from inkdigits.errors import SourceError, UsageError
from inkdigits.outputs import Format
from inkdigits.settings import load_settings

if TYPE_CHECKING:
    from inkdigits.batch.pile import Summary

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
    page_timeout: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Give up a page that takes longer; 60 by default.", show_default=False),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run stopped.")] = False,
) -> None:
    """Read a pile of pictures into one file, a row a page.

    What cannot be read stands there with the reason. A run that was stopped, in whatever way, goes on with --resume.
    Pages that failed and files that have changed are read again then; of files that are gone, what was read stays.
    """
    from inkdigits.batch import Task, find_sources, journal_path, read_pile
    from inkdigits.cli.progress import pile_bar

    output_format, found = _check_out(out), tuple(find_sources(sources, without=(out, journal_path(out))))
    _check_kept(out, found)
    task = Task(found, out, output_format, layout, workers or os.cpu_count() or 1)
    given = {"model": model, "accept_error": accept_error, "expect_digits": expect_digits}
    settings = load_settings(given | {"page_timeout_s": page_timeout})
    with _stopping(), pile_bar() as watch:
        summary = read_pile(task, settings, resume=resume, watch=watch)
    _tell(summary, out)
    raise typer.Exit(SourceError.exit_code if summary.n_failed else 0)


def _tell(summary: "Summary", out: Path) -> None:
    """Say what came of a pile."""
    if summary.n_changed:
        print(f"{summary.n_changed:,} of the files have changed since, and were read again.", file=sys.stderr)
    failed = f", {summary.n_failed:,} of them not readable" if summary.n_failed else ""
    print(f"{out}: {summary.n_pages:,} pages, {summary.n_doubtful:,} to check{failed}")


@contextmanager
def _stopping() -> Iterator[None]:
    """End in good order after Ctrl-C and SIGTERM, and say how to go on."""

    def stop(_number: int, _frame: object) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except (KeyboardInterrupt, _Terminated) as reason:
        print("Stopped. Go on with the same command and --resume.", file=sys.stderr)
        raise typer.Exit(TERMINATED if isinstance(reason, _Terminated) else INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


class _Terminated(BaseException):
    """SIGTERM has come."""


def _check_kept(out: Path, sources: tuple[str, ...]) -> None:
    """Refuse to write over what is read.

    Raises:
        UsageError: the file is one of the sources.
    """
    if out.exists() and any(os.path.exists(each) and out.samefile(each) for each in sources):
        raise UsageError(f"--out {out} would overwrite a picture that is read. Name another file.")


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
