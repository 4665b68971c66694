"""What commands share: the options that several of them take, exit codes, extras, and how they complain."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal, TypeAlias

import typer

from inkdigits.errors import MissingExtraError
from inkdigits.reader import Layout

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells have it."""

TERMINATED = 143
"""Exit code after SIGTERM, which `kill` and a system that shuts down send: 128 + SIGTERM."""

MODEL_HELP = "The network: a name that `inkdigits models` lists, an .onnx file, or a run folder."
DATASET_HELP = "The data set: a name in the data folder, or a path."

Model: TypeAlias = Annotated[str | None, typer.Option(metavar="MODEL", help=MODEL_HELP)]
LayoutOption: TypeAlias = Annotated[Layout, typer.Option("--layout", help="What each picture shows.")]
AcceptError: TypeAlias = Annotated[
    float | None,
    typer.Option(metavar="E", help='Print "?" for the doubtful, so that at most the share E is wrong.'),
]
ExpectDigits: TypeAlias = Annotated[
    int | None, typer.Option(min=1, max=100, metavar="N", help="Every number has so many digits.")
]
DataFolder: TypeAlias = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="The folder with the data sets; or set INKDIGITS_DATA.")
]
Split: TypeAlias = Annotated[Literal["train", "test", "all"], typer.Option(help="Which part of the data set.")]
TableFormat: TypeAlias = Annotated[Literal["text", "json"], typer.Option("--format", help="What to print.")]


def complain(error: Exception) -> None:
    """Say what went wrong, on standard error."""
    print(f"inkdigits: {error}", file=sys.stderr)


def import_extra(module: str, purpose: str, extra: str = "train") -> ModuleType:
    """Import a module of ours that only an extra can run; `purpose` begins the message where it is missing.

    Raises:
        MissingExtraError: a package of the extra is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("inkdigits"):
            raise
        raise MissingExtraError(extra, purpose) from error
