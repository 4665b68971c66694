"""The command line: parse, call, print. What takes long to import is imported by the command that needs it.

    reading.py    read, models
    pile.py       batch
    serving.py    serve
    drawing.py    draw
    data.py       data fetch, data describe, predict
    networks.py   train, export, evaluate
    report.py     report, explain
    compare.py    leaderboard, bench
    options.py    what these share: options, exit codes, extras, complaints
    progress.py   progress bars

Results go to standard output, everything else to standard error. Exit codes: 0; 2 for wrong use; 130 after Ctrl-C; 143
after SIGTERM, where that does not end the process at once; and one for each class of error (docs/errors.md).
"""

import io
import os
import sys
from typing import Annotated

import typer

from inkdigits import __version__
from inkdigits.cli import compare, data, drawing, networks, pile, reading, report, serving
from inkdigits.cli.options import complain
from inkdigits.errors import InkdigitsError

app = typer.Typer(
    add_completion=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would draw boxes around the help, and take 0.2 s for it
)
for part in (reading, pile, drawing, serving, data, networks, report, compare):
    app.add_typer(part.commands)


def main() -> None:
    """Run the command that the arguments of this process ask for, and exit with its code."""
    for stream in (sys.stdout, sys.stderr):  # a file name that cannot be shown is no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app(prog_name="inkdigits")
        finally:
            sys.stdout.flush()
    except InkdigitsError as error:
        complain(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read our output has gone, as `head` does; Python must not flush again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:  # such as a full disk
        complain(error)
        sys.exit(1)


@app.callback(
    invoke_without_command=True,
    epilog="Try:  inkdigits read photo.jpg\n\n`inkdigits COMMAND --help` says more about each command.",
)
def welcome(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Inkdigits reads handwritten digits, says how sure it is, and says so when it sees no digit."""
    if version:
        print(f"inkdigits {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
