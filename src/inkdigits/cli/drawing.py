"""`draw`: the desktop window."""

from typing import Annotated

import typer

from inkdigits.cli.options import Model
from inkdigits.desktop.sheet import Theme
from inkdigits.settings import load_settings

commands = typer.Typer(rich_markup_mode=None)


@commands.command(
    epilog="""Examples:

    \b
      inkdigits draw
      inkdigits draw --theme black --model e-lenet
      inkdigits draw --camera 0"""
)
def draw(
    model: Model = None,
    theme: Annotated[Theme, typer.Option(help="The colour of the canvas.")] = "white",
    camera: Annotated[
        str | None,
        typer.Option(metavar="N", help="Begin with this camera, from 0 on; or with a film or stream, by its address."),
    ] = None,
) -> None:
    """Open a window that reads what you draw, or show a camera.

    The left button of the mouse draws, the right one clears, Q quits, F1 shows all keys. What is read stays on this
    machine.
    """
    from inkdigits.desktop.camera import parse_source
    from inkdigits.desktop.run import run

    run(load_settings({"model": model}), theme, None if camera is None else parse_source(camera))
