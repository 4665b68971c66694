"""`serve`: the web application."""

import sys
from functools import partial
from typing import Annotated

import typer

from inkdigits.cli.options import INTERRUPTED, Model, import_extra
from inkdigits.settings import load_settings

commands = typer.Typer(rich_markup_mode=None)


@commands.command(
    epilog="""Examples:

    \b
      inkdigits serve
      inkdigits serve --host 0.0.0.0 --port 80 --retention-days 30
      inkdigits serve --store postgresql://reader@localhost/inkdigits"""
)
def serve(
    host: Annotated[str | None, typer.Option(metavar="HOST", help="Listen here; 127.0.0.1 by default.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="PORT", help="And on this port, 8377; 0: a free one.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Let everybody in, without a token.")] = False,
    store: Annotated[str | None, typer.Option(metavar="URL", help="Keep results in this database, or in none.")] = None,
    retention_days: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Delete results after so many days.")
    ] = None,
    model: Model = None,
) -> None:
    """Serve the web application, and print its address.

    It listens on this machine alone. On any other address it asks for a token, which it prints, or which
    INKDIGITS_TOKEN sets. Ctrl-C stops it.
    """
    web = import_extra("inkdigits.web.server", "Serving", "web")
    given = {"host": host, "port": port, "public": public or None, "store": store, "model": model}
    try:
        web.serve(load_settings({**given, "retention_days": retention_days}), partial(print, flush=True))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
